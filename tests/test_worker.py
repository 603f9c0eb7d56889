"""Listening from end to end: an org's change stream over gRPC, local contacts in the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import structlog

from sidebar.mirror import TAG, lease
from sidebar.store import connections, leases, records, sweeps, workspaces
from sidebar.store.database import Database
from sidebar.store.workspaces import Switches
from sidebar.twin.run import Twin
from sidebar.worker import Pace
from tests.listening import LIVELY, QUIET, VAULT, Clock, House, connect, create, now, until, working

pytestmark = pytest.mark.anyio


@pytest.fixture
async def twin() -> AsyncIterator[Twin]:
    async with Twin(seed="empty", keepalive_ms=LIVELY) as twin:
        yield twin


async def test_a_contact_made_in_the_org_becomes_exactly_one_tagged_local_contact(
    database: Database, twin: Twin
) -> None:
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
        id = create(twin.org, "Lefèvre", FirstName="Inès", Email="ines.lefevre@atelierlumen.example")
        await until(lambda: house.has(1))
    [contact] = await house.contacts()
    assert (contact.name, contact.email) == ("Inès Lefèvre", "ines.lefevre@atelierlumen.example")
    assert (contact.salesforce_id, contact.source, contact.tags) == (id, "salesforce", (TAG,))


async def test_contacts_from_before_the_first_connection_are_not_imported(database: Database, twin: Twin) -> None:
    create(twin.org, "Before")
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
        create(twin.org, "After")
        await until(lambda: house.has(1))
        assert await house.names() == ["After"]


async def test_events_that_come_again_double_nobody(database: Database, twin: Twin) -> None:
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
        anchor = await house.position()
        assert anchor
        create(twin.org, "One")
        create(twin.org, "Two")
        await until(lambda: house.has(2))
    await house.set_position(anchor)
    async with working(database, twin) as house:
        await until(house.listens)
        create(twin.org, "Three")
        await until(lambda: house.has(3))
        assert await house.names() == ["One", "Three", "Two"]


async def test_switched_off_nobody_is_made_and_the_position_moves_on(database: Database, twin: Twin) -> None:
    await connect(database, twin, auto_create=False)
    async with working(database, twin) as house:
        await until(house.listens)
        create(twin.org, "Unwanted")
        await until(lambda: heard(house))
        async with database.write() as connection:
            await workspaces.set_switches(connection, "w1", Switches(False, False, True, True, False), now())
        create(twin.org, "Wanted")
        await until(lambda: house.has(1))
        assert await house.names() == ["Wanted"]


async def heard(house: House) -> bool:
    return house.worker.states()[house.org_id].last_event_at is not None


async def test_a_quiet_org_has_a_position_from_the_first_sign_of_life(database: Database, twin: Twin) -> None:
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
    create(twin.org, "Made while down")
    async with working(database, twin) as house:
        await until(lambda: house.has(1))
        assert await house.names() == ["Made while down"]


async def test_what_was_made_before_the_first_sign_of_life_arrives_after_a_restart(database: Database) -> None:
    """Salesforce may take minutes to say where a quiet stream stands; a process may end before it has."""
    clock = Clock()
    async with Twin(seed="empty", keepalive_ms=QUIET, clock=clock) as twin:
        create(twin.org, "Before the connection")
        clock.pass_seconds(120)
        await connect(database, twin, clock=clock)
        async with working(database, twin, clock=clock) as house:
            await until(lambda: asyncio.sleep(0, len(house.worker.states()) == 1))
            assert await house.position() is None
        create(twin.org, "Made while down")
        clock.pass_seconds(20)
        async with working(database, twin, clock=clock) as house:
            await until(house.listens)
            create(twin.org, "Made later")
            await until(lambda: house.has(2))
            assert await house.names() == ["Made later", "Made while down"]


async def test_what_was_made_before_the_first_sign_of_life_arrives_after_a_break(database: Database) -> None:
    async with Twin(seed="empty", keepalive_ms=QUIET) as twin:
        await connect(database, twin)
        async with working(database, twin) as house:
            await until(lambda: asyncio.sleep(0, len(house.worker.states()) == 1))
            twin.org.faults.switch({"unavailable": True})
            await until(lambda: waits(house))
            assert await house.position() is None
            create(twin.org, "Made meanwhile")
            twin.org.faults.switch({"unavailable": False})
            await until(lambda: house.has(1))
            assert await house.names() == ["Made meanwhile"]


async def test_a_spent_token_is_renewed_and_nothing_is_missed(database: Database, twin: Twin) -> None:
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
    create(twin.org, "Made meanwhile")
    twin.org.faults.switch({"expire_sessions": True})
    async with working(database, twin) as house:
        await until(lambda: house.has(1))


async def test_a_stream_that_is_cut_goes_on_where_it_was(database: Database, tmp_path: Path) -> None:
    """The org goes down and comes back at the same address."""
    async with AsyncExitStack() as stack:
        async with Twin(seed="empty", keepalive_ms=LIVELY, folder=tmp_path) as first:
            await connect(database, first)
            house = await stack.enter_async_context(working(database, first))
            await until(house.listens)
            create(first.org, "One")
            await until(lambda: house.has(1))
        await until(lambda: waits(house))
        http_port, grpc_port = (int(each.rsplit(":", 1)[1]) for each in (first.instance_url, first.pubsub_endpoint))
        again = Twin(seed="empty", keepalive_ms=LIVELY, folder=tmp_path, http_port=http_port, grpc_port=grpc_port)
        async with again as second:
            create(second.org, "Two")
            await until(lambda: house.has(2))
            assert await house.names() == ["One", "Two"]
            await stack.aclose()


async def waits(house: House) -> bool:
    return house.worker.states()[house.org_id].state == "waiting"


async def has_moved(house: House) -> bool:
    return await house.position() not in (None, b"\xff" * 10)


async def test_a_lost_position_starts_from_the_earliest_and_doubles_nobody(database: Database, twin: Twin) -> None:
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
        create(twin.org, "One")
        await until(lambda: house.has(1))
    create(twin.org, "Two")
    await house.set_position(b"\xff" * 10)
    with structlog.testing.capture_logs() as logged:
        async with working(database, twin) as house:
            await until(lambda: house.has(2))
            await until(lambda: has_moved(house))
    assert await house.names() == ["One", "Two"]
    assert logged[0]["event"] == "replay position refused, going back to the earliest"
    assert "subscription.fetch.replayid.corrupted" in logged[1]["reason"]


async def test_a_lost_position_brings_nobody_from_before_the_connection(database: Database) -> None:
    clock = Clock()
    async with Twin(seed="empty", keepalive_ms=LIVELY, clock=clock) as twin:
        create(twin.org, "Before the connection")
        clock.pass_seconds(120)
        await connect(database, twin, clock=clock)
        async with working(database, twin, clock=clock) as house:
            await until(house.listens)
        create(twin.org, "After")
        await house.set_position(b"\xff" * 10)
        async with working(database, twin, clock=clock) as house:
            await until(lambda: house.has(1))
            assert await house.names() == ["After"]


async def test_two_workspaces_of_one_org_each_get_theirs(database: Database, twin: Twin) -> None:
    await connect(database, twin, "w1")
    await connect(database, twin, "w2")
    async with working(database, twin) as house:
        await until(house.listens)
        create(twin.org, "Shared")
        await until(lambda: house.has(1, "w1"))
        await until(lambda: house.has(1, "w2"))
        assert list(house.worker.states()) == [twin.org.id]


async def test_another_workspace_lends_its_access_when_a_grant_has_ended(database: Database, twin: Twin) -> None:
    await connect(database, twin, "w1")
    await connect(database, twin, "w2")
    async with database.read() as connection:
        first = await connections.of(connection, "w1")
    assert first and first.grant
    twin.org.grants.revoke(VAULT.open(first.grant.refresh_token))
    async with working(database, twin) as house:
        await until(house.listens)
        create(twin.org, "Heard")
        await until(lambda: house.has(1, "w2"))
        assert await house.contacts("w1") == []


async def test_an_org_connected_anew_is_listened_to_as_its_new_user(database: Database, twin: Twin) -> None:
    """A stream outlives the consent it was opened with, and shows what that one's user may see."""
    await connect(database, twin, user=twin.org.colleague, fields=("Birthdate",))
    async with working(database, twin) as house:
        await until(house.listens)
        await connect(database, twin, fields=("Birthdate",))
        await until(lambda: is_walked(house, "Birthdate"))
        id = create(twin.org, "Lefèvre", Birthdate="1990-05-04")
        await until(lambda: house.has(1))
        async with database.read() as connection:
            assert (await records.of(connection, house.org_id, [id]))[id].values["Birthdate"] == "1990-05-04"


async def is_walked(house: House, field: str) -> bool:
    async with house.database.read() as connection:
        sweep = await sweeps.of(connection, house.org_id)
    return sweep is not None and field in sweep.columns and not sweep.runs


async def test_a_second_process_takes_over_where_the_first_ends_and_nothing_is_missed_or_doubled(
    database: Database, twin: Twin
) -> None:
    await connect(database, twin)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(working(database, twin))
        await until(first.listens)
        async with working(database, twin) as second:
            create(twin.org, "One")
            await until(lambda: first.has(1))
            assert second.worker.states() == {}
            create(twin.org, "Two")
            await stack.aclose()
            create(twin.org, "Three")
            await until(second.listens)
            await until(lambda: second.has(3))
            assert await second.names() == ["One", "Three", "Two"]


async def test_a_lease_that_changes_hands_under_two_processes_loses_and_doubles_nobody(
    database: Database, twin: Twin
) -> None:
    """As where a machine sleeps, and wakes up: who listened is told of everything, and keeps nothing more."""
    await connect(database, twin)
    async with working(database, twin) as one, working(database, twin) as other:
        for number in range(1, 5):
            await until(lambda: asyncio.sleep(0, one.worker.states() != {} or other.worker.states() != {}))
            listens = one if one.worker.states() else other
            await until(listens.listens)
            async with database.write() as connection:
                await leases.take(connection, lease(one.org_id), "nobody", 10**15, 0)
            create(twin.org, f"Person {number}")
            await until(lambda: one.has(number))  # noqa: B023 - at once
        assert await one.names() == [f"Person {number}" for number in range(1, 5)]


async def test_a_disconnected_org_is_no_longer_listened_to(database: Database, twin: Twin) -> None:
    """RI-40: a later connection begins anew."""
    await connect(database, twin)
    async with working(database, twin) as house:
        await until(house.listens)
        await house.orgs.disconnect("w1")
        house.worker.wake()
        await until(lambda: asyncio.sleep(0, house.worker.states() == {}))
        assert await house.position() is None


async def test_a_new_connection_is_found_when_the_worker_is_woken(database: Database, twin: Twin) -> None:
    async with working(database, twin, pace=Pace(look=3600)) as house:
        await asyncio.sleep(0.1)
        await connect(database, twin)
        house.worker.wake()
        await until(house.listens)


async def test_waiting_grows_to_its_bound_and_says_why(database: Database, twin: Twin) -> None:
    await connect(database, twin)
    pace = Pace(look=10, first_wait=0.01, longest_wait=0.04)
    with structlog.testing.capture_logs() as logged:
        async with working(database, twin, endpoint="localhost:1", pace=pace) as house:
            await until(lambda: asyncio.sleep(0, len(logged) >= 5))
            state = house.worker.states()[twin.org.id]
    assert (state.state, state.last_event_at) == ("waiting", None)
    assert state.problem and "connect" in state.problem
    waits = [each["wait"] for each in logged]
    for wait, most in zip(waits, (0.01, 0.02, 0.04, 0.04, 0.04), strict=False):
        assert most / 2 <= wait <= most
