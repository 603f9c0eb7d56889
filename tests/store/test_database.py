"""One set of tables, two databases."""

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
            await connection.execute(text("INSERT INTO positions VALUES ('00D', 't', '', 1)"))
            raise RuntimeError
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM positions"))).scalar() == 0


async def test_an_unknown_kind_of_database_is_named() -> None:
    with pytest.raises(DatabaseProblem, match="mysql"):
        Database("mysql://localhost/x")


async def test_a_database_that_cannot_be_opened_says_where_to_look() -> None:
    with pytest.raises(DatabaseProblem, match="DATABASE_URL"):
        await Database("postgresql://nobody@127.0.0.1:1/none").migrate()
