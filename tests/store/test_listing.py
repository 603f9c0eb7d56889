"""Lists stay quick where many share what is asked for: how PostgreSQL goes about it, not how long it takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from sidebar.store import contacts, listing, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.listing import Wanted
from sidebar.store.workspaces import Workspace

pytestmark = pytest.mark.anyio

TEAM, MANY = "team", 4000
LONDON = Wanted(phones=("phone:+4420",))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_beginning_that_many_share_is_looked_up_in_one_pass(database: Database) -> None:
    """However little memory the server gives a query by itself: the list's own room makes the difference."""
    async with crowd(database) as connection:
        asked: list[tuple[str, Any]] = []
        await connection.execute(text("SET LOCAL work_mem = '64kB'"))
        event.listen(connection.sync_connection, "before_cursor_execute", lambda *of: asked.append((of[2], of[3])))
        assert len(await listing.page(connection, TEAM, LONDON, None, 50)) == 50
        question = next(each for each in asked if "contact_terms" in each[0])
        assert "hashed SubPlan" in await plan(connection, question)
        await connection.execute(text("SET LOCAL work_mem = '64kB'"))
        assert "hashed SubPlan" not in await plan(connection, question)


@asynccontextmanager
async def crowd(database: Database) -> AsyncIterator[AsyncConnection]:
    """So many people in one town."""
    people = [
        Contact(f"{number:022}", TEAM, None, f"P{number}", None, None, "salesforce", (), number)
        for number in range(MANY)
    ]
    async with database.write() as connection:
        await workspaces.add(connection, Workspace(TEAM, TEAM, TEAM, "GB", (), False, False), 0)
        await contacts.add(connection, people)
        await contacts.own_all(connection, [(TEAM, each.id, [f"phone:+44207946{each.id[-4:]}"]) for each in people])
        await connection.execute(text("ANALYZE"))
        yield connection


async def plan(connection: AsyncConnection, question: tuple[str, Any]) -> str:
    found = await connection.exec_driver_sql(f"EXPLAIN {question[0]}", question[1])
    return "\n".join(row[0] for row in found)
