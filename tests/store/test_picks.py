"""What people said of a customer by hand, on both databases: it follows the records it was said of."""

from dataclasses import replace

import pytest

from sidebar.store import connections, picks, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.database import Database
from sidebar.store.picks import Pick
from sidebar.store.workspaces import Workspace

pytestmark = pytest.mark.anyio

ANN, BOB = "003000000000001AAA", "003000000000002AAA"


async def test_what_was_said_of_a_merged_record_is_said_of_the_winner(database: Database) -> None:
    """requirements.md section 3, 19 and 21: remembered ids do not go stale."""
    await keep(database, pick("p1", ANN), replace(pick("p2", ANN, customer="c2"), picked=False))
    await relink(database, ANN, BOB)
    assert [(each.record_id, each.was) for each in await holding(database)] == [(BOB, ANN)]
    assert [(each.record_id, each.picked) for each in await holding(database, "c2")] == [(BOB, False)]


async def test_what_was_said_of_the_winner_itself_stands(database: Database) -> None:
    await keep(database, pick("p1", ANN), replace(pick("p2", BOB), picked=False))
    await relink(database, ANN, BOB)
    assert [each.id for each in await holding(database)] == ["p2"]
    assert [(each.id, each.ended_why) for each in await everything(database)] == [("p1", "merged"), ("p2", None)]


async def test_a_pick_of_a_deleted_record_ends_and_an_unlink_does_not(database: Database) -> None:
    await keep(database, pick("p1", ANN), replace(pick("p2", ANN, customer="c2"), picked=False))
    await relink(database, ANN, None)
    assert await holding(database) == []
    assert [each.ended_why for each in await everything(database)] == ["deleted"]
    assert [each.id for each in await holding(database, "c2")] == ["p2"]


async def test_another_orgs_records_move_nothing(database: Database) -> None:
    await keep(database, pick("p1", ANN))
    async with database.write() as connection:
        await picks.relink(connection, "00DOTHER", ANN, BOB, 9)
    assert [each.record_id for each in await holding(database)] == [ANN]


async def test_what_has_ended_keeps_its_first_end(database: Database) -> None:
    await keep(database, pick("p1", ANN))
    async with database.write() as connection:
        await picks.end(connection, ["p1"], 5, "revoked", "Robin")
        await picks.end(connection, ["p1"], 6, "replaced", "Kim")
    [ended] = await everything(database)
    assert (ended.ended_at, ended.ended_why, ended.ended_by) == (5, "revoked", "Robin")


def pick(id: str, record_id: str, customer: str = "c1") -> Pick:
    return Pick(
        id, "team", customer, record_id, True, 1, "agent-7", "kim@x.example", "Kim", "generic", "conversation-1"
    )


async def keep(database: Database, *said: Pick) -> None:
    async with database.write() as connection:
        team = Workspace("team", "key", "Team", "GB", (), False, False)
        await workspaces.add(connection, team, 1)
        await connections.put_app(connection, "team", App("https://login.example", "k", "s"))
        grant = Grant("https://org.example", "a", "r", "00DOURS", "Org", "Developer", False, "005", "u", "67.0", 1)
        await connections.put_grant(connection, "team", grant)
        for each in said:
            await picks.add(connection, each)


async def relink(database: Database, loser: str, winner: str | None) -> None:
    async with database.write() as connection:
        await picks.relink(connection, "00DOURS", loser, winner, 9)


async def holding(database: Database, customer: str = "c1") -> list[Pick]:
    async with database.read() as connection:
        return await picks.holding(connection, "team", customer)


async def everything(database: Database, customer: str = "c1") -> list[Pick]:
    async with database.read() as connection:
        return await picks.of_customer(connection, "team", customer)
