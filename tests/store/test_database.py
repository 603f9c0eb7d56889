"""One set of tables, two databases."""

import asyncio
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from sidebar.store.database import Database, DatabaseProblem
from sidebar.store.tables import metadata

pytestmark = pytest.mark.anyio


async def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    def difference(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.read() as connection:
        assert await connection.run_sync(difference) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.migrate()
    await database.ping()


async def test_a_write_that_raises_is_undone(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO leases VALUES ('a lease', 'me', 1)"))
            raise RuntimeError
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM leases"))).scalar() == 0


async def test_a_write_that_is_cancelled_lets_others_write(database: Database) -> None:
    """At whatever moment: with a statement running, or a result half read."""

    async def write() -> None:
        async with database.write() as connection:
            for _ in range(3):
                await connection.execute(text("UPDATE leases SET until = until + 1"))
                await connection.execute(text("SELECT 1"))

    for number in range(40):
        writers = [asyncio.create_task(write()) for _ in range(2)]
        await asyncio.sleep(number / 5000)
        for each in writers:
            each.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
        async with asyncio.timeout(3):
            await write()


async def test_an_unknown_kind_of_database_is_named() -> None:
    with pytest.raises(DatabaseProblem, match="mysql"):
        Database("mysql://localhost/x")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
async def test_a_database_that_would_forget_everything_is_refused(url: str) -> None:
    with pytest.raises(DatabaseProblem, match="names no file"):
        Database(url)


async def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    """Nor the journals beside it, which hold the same."""
    path = tmp_path / "new" / "folder" / "sidebar.sqlite"
    database = Database(f"sqlite:///{path}")
    await database.migrate()
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"sidebar.sqlite", "sidebar.sqlite-wal"} <= set(modes)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path.parent.parent)} == {0o700}
    await database.close()


async def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "sidebar.sqlite"
    path.touch(mode=0o640)
    path.chmod(0o640)
    Database(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("path", ["/proc/x/y.sqlite", "/proc/y.sqlite"])
async def test_a_file_that_cannot_be_made_says_where_to_look(path: str) -> None:
    with pytest.raises(DatabaseProblem, match=f"{path} cannot be made: .*DATABASE_URL"):
        Database(f"sqlite:///{path}")


async def test_a_file_that_is_no_database_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    database = Database(f"sqlite:///{tmp_path / 'letter.txt'}")
    with pytest.raises(DatabaseProblem, match=r"not a database.*DATABASE_URL"):
        await database.migrate()
    await database.close()


async def test_a_database_that_cannot_be_opened_says_where_to_look() -> None:
    with pytest.raises(DatabaseProblem, match="DATABASE_URL"):
        await Database("postgresql://nobody@127.0.0.1:1/none").migrate()


async def test_tables_of_another_version_are_told_before_anything_is_served(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(DatabaseProblem, match="sidebar migrate"):
        await database.check()
    await database.migrate()
    await database.check()
    await database.close()
