"""The door to the database: connections, transactions, and the few ways in which SQLite and PostgreSQL differ."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from sidebar.files import own_folder
from sidebar.store import sqlite

__all__ = ["AsyncConnection", "Database", "DatabaseProblem"]


_MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseProblem(Exception):
    """The database cannot be used; the text says why and what to do."""


class Database:
    """`url` as people write it: `sqlite:///var/sidebar.sqlite` or `postgresql://user:password@host/name`."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._writes = self._engine.execution_options(sidebar_writes=True)
        self._on_commit: list[Callable[[Iterable[object]], None]] = []

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed, and on disk, when the block ends; undone when it raises."""
        news: list[object] = []
        async with self._writes.begin() as connection:
            await connection.execution_options(sidebar_told=news)
            yield connection
        for hear in self._on_commit if news else ():
            hear(news)

    def on_commit(self, hear: Callable[[Iterable[object]], None]) -> None:
        """`hear` is given what was told in a write (store/notices.py), once it is committed."""
        self._on_commit.append(hear)

    async def listen(self, channel: str, quiet: float) -> AsyncIterator[str | None]:
        """PostgreSQL's notifications, after one None once it listens. A connection that says nothing for `quiet`
        seconds is tried. Ends by raising what broke it."""
        async with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            wire: Any = (await connection.get_raw_connection()).driver_connection
            await wire.execute(f"LISTEN {channel}")
            try:
                yield None
                while True:
                    async for heard in wire.notifies(timeout=quiet):
                        yield heard.payload
                    await wire.execute("SELECT 1")
            finally:
                await connection.invalidate()  # nobody else shall be given a connection that listens

    async def migrate(self) -> None:
        """Bring the tables to this version. Raises DatabaseProblem where the database does not let us."""
        try:
            async with self.write() as connection:
                await connection.run_sync(_upgrade)
        except DBAPIError as problem:
            raise DatabaseProblem(
                f"The database cannot be brought up to date: {problem.orig}. Look at DATABASE_URL."
            ) from None

    async def check(self) -> None:
        """Raises DatabaseProblem unless the tables are those of this version."""
        try:
            async with self.read() as connection:
                current = await connection.run_sync(
                    lambda each: MigrationContext.configure(each).get_current_revision()
                )
        except (DBAPIError, OSError) as problem:
            raise DatabaseProblem(
                f"The database cannot be opened ({type(problem).__name__}). Look at DATABASE_URL."
            ) from None
        if current != ScriptDirectory(str(_MIGRATIONS)).get_current_head():
            raise DatabaseProblem("The database's tables are not those of this version. Run `sidebar migrate` first.")

    async def ping(self) -> None:
        """Raises DatabaseProblem where the database does not answer."""
        try:
            async with self.read() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError) as problem:
            raise DatabaseProblem(f"The database does not answer ({type(problem).__name__})") from None

    async def close(self) -> None:
        await self._engine.dispose()


def told(connection: AsyncConnection) -> list[object]:
    """What this write tells where it is committed."""
    assert connection.sync_connection is not None
    news: list[object] = connection.sync_connection.get_execution_options()["sidebar_told"]
    return news


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseProblem("DATABASE_URL is no address such as postgresql://user:password@host/name.") from None
    if parsed.get_backend_name() == "sqlite":
        _make_file(parsed)
        engine = create_async_engine(
            parsed.set(drivername="sqlite+aiosqlite"),
            hide_parameters=True,
            connect_args={"async_creator_fn": sqlite.connect},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseProblem(f"DATABASE_URL names {parsed.get_backend_name()!r}; Sidebar knows sqlite and postgresql.")
    try:
        return create_async_engine(
            parsed.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True
        )
    except ModuleNotFoundError:
        raise DatabaseProblem("For PostgreSQL install the extra: pip install 'sidebar[postgres]'.") from None


def _make_file(url: URL) -> None:
    """Made before SQLite does, which would let everybody read it. Its side files take over who may."""
    name = url.database or ":memory:"
    if name == ":memory:" or name.startswith("file:"):
        raise DatabaseProblem("DATABASE_URL names no file, such as sqlite:////var/lib/sidebar/sidebar.sqlite.")
    path = Path(name)
    try:
        own_folder(path.parent)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as problem:
        raise DatabaseProblem(
            f"{path} cannot be made: {problem.strerror}. Look at DATABASE_URL and SIDEBAR_VAR_DIR."
        ) from None


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver shall not begin transactions by itself: _begin_sqlite does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once: a read that later turns into a write would lose concurrent updates."""
    writes = connection.get_execution_options().get("sidebar_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


assert sqlite3.sqlite_version_info >= (3, 35), "SQLite 3.35 or newer is needed"  # RETURNING
