"""What a response changes, it changes together with the position, and only where this process listens."""

import asyncio
from collections.abc import Iterator

import pytest
import structlog

from sidebar.mirror import Lost
from sidebar.orgs.leaving import leave
from sidebar.store import connections, leases, marks, sweeps
from sidebar.store.database import Database
from sidebar.store.notices import Hub, Notice
from tests.mirror.events import (
    INES,
    NOW,
    ORG,
    OWEN,
    USER,
    VALUES,
    event,
    kept,
    mirror,
    position,
    record,
    take_in,
    workspace,
)

pytestmark = pytest.mark.anyio


async def walk(database: Database) -> sweeps.Sweep | None:
    async with database.read() as connection:
        return await sweeps.of(connection, ORG)


async def test_switched_off_only_our_copy_and_the_position_move(database: Database) -> None:
    await workspace(database, auto_create=False)
    assert (await take_in(database, event(INES, **VALUES), to=b"\7")).made == []
    assert await kept(database) == []
    assert (await record(database, INES)) is not None
    assert await position(database) == b"\7"


async def test_a_response_without_a_replay_id_keeps_the_former_one(database: Database) -> None:
    await workspace(database)
    await take_in(database, to=b"\3")
    await take_in(database, to=b"")
    assert await position(database) == b"\3"


async def test_what_arrives_after_the_org_was_disconnected_leaves_nothing(database: Database) -> None:
    """RI-40: disconnecting drops the position, and a response on its way must not bring it back."""
    await workspace(database)
    async with database.write() as connection:
        await connections.drop_grant(connection, "w1")
    with pytest.raises(Lost, match="disconnected"):
        await take_in(database, event(INES, **VALUES))
    assert (await position(database), await record(database, INES), await kept(database)) == (None, None, [])


async def test_whose_lease_was_taken_over_keeps_nothing(database: Database) -> None:
    await workspace(database)
    async with database.write() as connection:
        await leases.take(connection, f"listen to {ORG}", "another", 10**16, 10**17)
    with pytest.raises(Lost):
        await take_in(database, event(INES, **VALUES))
    assert (await position(database), await kept(database)) == (None, [])


async def test_the_position_moves_only_with_its_effect(database: Database) -> None:
    """The process dies between the first and the second contact: nothing of it is left, and it comes again."""
    await workspace(database)
    await take_in(database, to=b"\3")

    def dying() -> Iterator[bytes]:
        yield b"\1" * 16
        raise RuntimeError("killed")

    ids = dying()
    with pytest.raises(RuntimeError, match="killed"):
        dies = mirror(database, lambda _: next(ids))
        await take_in(database, event(INES, **VALUES), event(OWEN), to=b"\4", by=dies)
    assert (await kept(database), await record(database, INES), await position(database)) == ([], None, b"\3")
    await take_in(database, event(INES, **VALUES), event(OWEN), to=b"\4")
    assert len(await kept(database)) == 2


@pytest.mark.parametrize("kind", ["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE"])
async def test_a_gap_is_to_be_read(database: Database, kind: str) -> None:
    await workspace(database)
    outcome = await take_in(database, event(INES, kind=kind))
    assert (outcome.unread, outcome.made) == (True, [])
    copy = await record(database, INES)
    assert copy is not None
    assert copy.dirty


@pytest.mark.parametrize(
    ("kind", "id", "reason"),
    [
        ("GAP_OVERFLOW", "000000000000000AAA", "overflow"),
        ("GAP_UPDATE", "003*", "wildcard"),
        ("CREATE", "", "wildcard"),
        ("CREATE", "0015e0000000001AAA", "wildcard"),
        ("CREATE", "003" + "'" * 15, "wildcard"),
    ],
)
async def test_changes_that_name_no_record_make_all_be_read(
    database: Database, kind: str, id: str, reason: str
) -> None:
    """In the same transaction as the position, or it would be forgotten by who dies in between."""
    await workspace(database)
    async with database.write() as connection:
        await sweeps.put(connection, ORG, sweeps.Sweep(4, "periodic", 1, (), ended_at=2))
    with structlog.testing.capture_logs() as logged:
        outcome = await take_in(database, event(id, kind=kind, **VALUES), event(OWEN))
    found = await walk(database)
    assert found is not None
    assert (found.number, found.reason, found.runs, outcome.unread) == (5, reason, True, True)
    assert [contact.salesforce_id for contact in await kept(database)] == [OWEN]
    assert [(each["log_level"], each["org"], each["why"]) for each in logged] == [("warning", ORG, reason)]
    assert "Lefèvre" not in str(logged)


async def test_what_nobody_can_read_makes_all_be_read(database: Database) -> None:
    await workspace(database)
    await take_in(database, event(INES), unreadable=("e7",))
    found = await walk(database)
    assert found is not None
    assert found.reason == "first"  # which none has been yet


async def test_a_walk_that_is_under_way_comes_to_its_end_and_another_follows(database: Database) -> None:
    await workspace(database)
    async with database.write() as connection:
        await sweeps.put(connection, ORG, sweeps.Sweep(4, "periodic", 1, (), cursor=OWEN))
    await take_in(database, event("003*", kind="GAP_UPDATE"))
    found = await walk(database)
    assert found is not None
    assert (found.number, found.cursor, found.then) == (4, OWEN, "wildcard")


async def test_a_walk_that_has_not_begun_looks_for_what_was_missed_too(database: Database) -> None:
    """Until it is done nobody may take our copy for current."""
    await workspace(database)
    async with database.write() as connection:
        await sweeps.put(connection, ORG, sweeps.Sweep(4, "periodic", 1, ()))
    await take_in(database, event("003*", kind="GAP_UPDATE"))
    found = await walk(database)
    assert found is not None
    assert (found.number, found.reason, found.then) == (4, "wildcard", "")


async def test_who_was_created_deleted_and_entered_anew_stays_one_when_all_of_it_comes_again(
    database: Database,
) -> None:
    """Within a second, in several responses, and from the earliest on after a position was lost."""
    await workspace(database)
    history = event(INES, **VALUES), event(INES, kind="DELETE"), event(OWEN, **VALUES)
    for each in (*history, *history):
        await take_in(database, each)
    assert [contact.salesforce_id for contact in await kept(database)] == [OWEN]


async def test_the_last_workspace_that_leaves_an_org_takes_all_we_know_of_it_along(database: Database) -> None:
    """RI-40: local contacts stay."""
    await workspace(database, "w1")
    await workspace(database, "w2", auto_create=False)
    await take_in(database, event(INES, **VALUES), event("003*", kind="GAP_UPDATE"))
    await left(database, "w1")
    assert await record(database, INES) is not None
    await left(database, "w2")
    assert (await record(database, INES), await position(database), await walk(database)) == (None, None, None)
    async with database.read() as connection:
        assert await marks.find(connection, ORG, ["e:ines.lefevre@atelierlumen.example"]) == []
    assert [contact.salesforce_id for contact in await kept(database)] == [INES]


async def left(database: Database, workspace_id: str) -> None:
    async with database.write() as connection:
        held = await connections.locked_with_org(connection, workspace_id)
        assert held and held.grant
        await leave(connection, workspace_id, held.grant)


async def test_others_are_told_what_changed_and_by_whom(database: Database) -> None:
    await workspace(database)
    heard: list[Notice] = []
    hub = Hub(database)
    hub.on_notice(heard.append, lambda: None)
    async with hub.hearing():
        while not hub.hears:
            await asyncio.sleep(0.01)
        await take_in(database, event(INES, **VALUES))
        marks = {"Email", "Name.LastName", "LastModifiedDate"}
        new = {"Name": {"LastName": "Okafor"}, "Email": "i@lumen.example"}
        await take_in(database, event(INES, kind="UPDATE", changed=marks, **new))
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    assert heard == [
        Notice(ORG, (INES,), (), NOW, USER),
        Notice(ORG, (INES,), ("Email", "LastName"), NOW, USER),
    ]


async def test_what_a_walk_was_faster_to_see_is_told_all_the_same(database: Database) -> None:
    """Who shows the record has not heard of it; nor where the copy is to be read again anyway."""
    await workspace(database)
    seen = event(INES, **VALUES)
    soiled = event(OWEN, kind="UPDATE", changed={"Title"}, Title="Wholesaler")
    for each in (seen, soiled):
        await take_in(database, each)
    heard: list[Notice] = []
    hub = Hub(database)
    hub.on_notice(heard.append, lambda: None)
    async with hub.hearing():
        while not hub.hears:
            await asyncio.sleep(0.01)
        for each in (seen, soiled):
            await take_in(database, each)
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    assert [each.record_ids for each in heard] == [(INES,), (OWEN,)]
