"""Our own database fails under a worker: it goes on, and nothing is lost or doubled."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

import psycopg
import pytest
from psycopg import sql

from sidebar.store.database import Database
from tests.proof.conftest import THOROUGH
from tests.proof.history import History
from tests.proof.house import proof

pytestmark = pytest.mark.anyio

LOCKED = 12 if THOROUGH else 0.5
"""In seconds; SQLite waits for ten."""

ROOM = 10_000
"""In bytes: for a small change, not for a large one."""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_is_gone_for_a_while_is_waited_for(
    database: Database, database_url: str, postgresql: str
) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("gone"))
        await house.agrees()
        for _ in range(2):
            history.go_on(10)
            await asyncio.sleep(0.05)
            async with _gone(postgresql, database_url):
                history.go_on(10)
                await asyncio.sleep(0.4)
            await house.agrees()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_somebody_else_has_locked_is_waited_for(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("locked"))
        await house.agrees()
        with closing(sqlite3.connect(_path(database_url), isolation_level=None)) as other:
            history.go_on(10)
            other.execute("BEGIN IMMEDIATE")
            history.go_on(10)
            await asyncio.sleep(LOCKED)
            other.execute("COMMIT")
        await house.agrees()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_disk_that_is_full_for_a_while_loses_nothing(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.process() as worker:
        history = History(house.twin.org, Random("full"))
        await house.agrees()
        assert worker.pid
        prlimit(worker.pid, RLIMIT_FSIZE, (_size(database_url) + ROOM, RLIM_INFINITY))
        history.load()
        history.go_on(20)
        await asyncio.sleep(0.5)
        prlimit(worker.pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
        await house.agrees()
        assert worker.is_alive()


@asynccontextmanager
async def _gone(server: str, url: str) -> AsyncIterator[None]:
    """As while a server restarts: connections end, and nobody is let in."""
    name = sql.Identifier(url.rpartition("/")[2].partition("?")[0])
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        try:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name._obj[0]])
            yield
        finally:
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def _size(url: str) -> int:
    """Of the largest of the files."""
    return max(Path(_path(url) + end).stat().st_size for end in ("", "-wal"))


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")
