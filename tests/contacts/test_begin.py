"""A conversation begins: a local contact is made or wakes up, once, and nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import structlog

from sidebar.contacts.begin import Beginning, Conversations
from sidebar.identity import Identity
from sidebar.random import Random
from sidebar.salesforce.client import Record
from sidebar.store import contacts, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from tests.conftest import Clock

pytestmark = pytest.mark.anyio

TEAM = Workspace("team", "team", "Team", "US", (), False, False)
AMARA: Record = {
    "Id": "003000000000000001",
    "Name": "Amara Okafor",
    "Email": "amara@brightloom.example",
    "Phone": "(415) 555-0101",
}
ASKED = Beginning("generic", "conversation 1", Identity(("Amara@Brightloom.example",), ("+14155550101",)), AMARA)
NOBODY = replace(ASKED, record=None)


@pytest.fixture
async def team(database: Database) -> AsyncIterator[Database]:
    async with database.write() as connection:
        await workspaces.add(connection, TEAM, 0)
    yield database


async def test_the_first_match_makes_a_contact_linked_to_the_record_and_active(team: Database, clock: Clock) -> None:
    """RI-29"""
    await begin(team, clock, ASKED)
    [contact] = await everybody(team)
    assert (contact.name, contact.email, contact.salesforce_id) == ("Amara Okafor", AMARA["Email"], AMARA["Id"])
    assert (contact.source, contact.tags, contact.dormant) == ("conversation", (), False)
    assert await active(team, "2026-11") == 1


async def test_who_is_not_in_salesforce_is_made_without_a_link_as_the_inbox_names_them(
    team: Database, clock: Clock
) -> None:
    customer = Identity(("amara@brightloom.example",), name="Amara O.")
    await begin(team, clock, Beginning("generic", "1", customer, None))
    [contact] = await everybody(team)
    assert (contact.name, contact.salesforce_id) == ("Amara O.", None)


async def test_who_slept_since_an_import_wakes_and_counts(team: Database, clock: Clock) -> None:
    """RI-29"""
    await keep(team, dormant=True, salesforce_id=str(AMARA["Id"]), evidence="bulk_api")
    assert await active(team, "2026-11") == 0
    await begin(team, clock, ASKED)
    [contact] = await everybody(team)
    assert (contact.dormant, contact.evidence) == (False, "bulk_api")
    assert await active(team, "2026-11") == 1


async def test_who_is_known_by_a_key_is_linked_and_not_doubled(team: Database, clock: Clock) -> None:
    """RI-24"""
    await keep(team, "phone:+14155550101", tags=("VIP",))
    await begin(team, clock, ASKED)
    [contact] = await everybody(team)
    assert (contact.salesforce_id, contact.tags) == (AMARA["Id"], ("VIP",))


async def test_who_is_linked_is_called_as_their_record_says(team: Database, clock: Clock) -> None:
    """As at each change of it from then on."""
    await keep(team, "phone:+14155550101")
    await begin(team, clock, ASKED)
    [contact] = await everybody(team)
    assert (contact.name, contact.email, contact.phone) == (AMARA["Name"], AMARA["Email"], AMARA["Phone"])


async def test_somebody_elses_record_stays_theirs(team: Database, clock: Clock) -> None:
    """An address may have moved from one person to another since."""
    await keep(team, "email:amara@brightloom.example", salesforce_id="003000000000000009")
    await begin(team, clock, ASKED)
    assert {each.salesforce_id for each in await everybody(team)} == {"003000000000000009", AMARA["Id"]}


async def test_who_is_no_longer_found_in_salesforce_is_still_who_they_were(team: Database, clock: Clock) -> None:
    """RI-37"""
    await keep(team, "email:amara@brightloom.example", salesforce_id="003000000000000009")
    await begin(team, clock, NOBODY)
    [contact] = await everybody(team)
    assert contact.salesforce_id == "003000000000000009"


async def test_who_was_not_there_at_first_is_linked_once_there(team: Database, clock: Clock) -> None:
    await begin(team, clock, NOBODY)
    await begin(team, clock, ASKED)
    [contact] = await everybody(team)
    assert contact.salesforce_id == AMARA["Id"]


async def test_a_customer_without_an_address_is_one_contact_however_often_they_come(
    team: Database, clock: Clock
) -> None:
    visitor = Identity(name="Visitor", external_id="17")
    for conversation in ("1", "1", "2"):
        await begin(team, clock, Beginning("generic", conversation, visitor, None))
    await begin(team, clock, Beginning("generic", "3", replace(visitor, external_id=""), None))
    await begin(team, clock, Beginning("generic", "3", replace(visitor, external_id=""), None))
    assert len(await everybody(team)) == 2


async def test_a_conversation_is_written_once_a_month_however_often_it_is_opened(team: Database, clock: Clock) -> None:
    writes = Counting(team)
    conversations = Conversations(writes, clock, numbers())
    for _ in range(50):
        conversations.begin(TEAM, ASKED)
        await conversations.close()
    assert writes.count == 1
    clock.pass_seconds(31 * 24 * 3600)
    conversations.begin(TEAM, ASKED)
    await conversations.close()
    assert writes.count == 2
    assert [await active(team, month) for month in ("2026-11", "2026-12")] == [1, 1]
    assert len(await everybody(team)) == 1


async def test_without_a_conversation_nothing_begins(team: Database, clock: Clock) -> None:
    await begin(team, clock, replace(ASKED, conversation=""))
    assert await everybody(team) == []


async def test_two_processes_that_are_told_at_once_make_one_contact(team: Database, clock: Clock) -> None:
    both = [Conversations(team, clock, numbers(start)) for start in (1, 1000)]
    for number, each in enumerate(both):
        each.begin(TEAM, replace(ASKED, conversation=str(number)))
        each.begin(TEAM, replace(NOBODY, conversation=str(number)))
    await asyncio.gather(*(each.close() for each in both))
    assert len(await everybody(team)) == 1
    assert await active(team, "2026-11") == 1


async def test_a_write_that_fails_is_logged_and_tried_again_at_the_next_match(team: Database, clock: Clock) -> None:
    broken = Counting(team, fail=1)
    conversations = Conversations(broken, clock, numbers())
    with structlog.testing.capture_logs() as logs:
        conversations.begin(TEAM, ASKED)
        await conversations.close()
    assert [each["event"] for each in logs] == ["a conversation that began was not kept"]
    assert "amara" not in str([{**each, "exc_info": None} for each in logs]).lower()
    conversations.begin(TEAM, ASKED)
    await conversations.close()
    assert len(await everybody(team)) == 1


async def test_what_an_inbox_may_send_can_be_kept(team: Database, clock: Clock) -> None:
    wild = Identity(("x" * 900, "nul\0@example.com"), ("1" * 900,), name="N\0ame" * 200, external_id="é" * 1000)
    await begin(team, clock, Beginning("generic", "c" * 1000, wild, None))
    assert len(await everybody(team)) == 1


class Counting(Database):
    """The same database, counting its writes; the first `fail` of them fail."""

    def __init__(self, database: Database, fail: int = 0) -> None:
        self._engine = database._engine
        self._writes = database._writes
        self.count = 0
        self._fail = fail

    def write(self):  # type: ignore[no-untyped-def]
        self.count += 1
        if self.count <= self._fail:
            raise OSError("the disk is full")
        return super().write()


async def begin(database: Database, clock: Clock, beginning: Beginning) -> None:
    """As a process of its own is told."""
    conversations = Conversations(database, clock, numbers(clock() % 1000 + len(await everybody(database)) * 7 + 1))
    conversations.begin(TEAM, beginning)
    await conversations.close()


def numbers(start: int = 1) -> Random:
    counted = iter(range(start, 10**6))
    return lambda size: next(counted).to_bytes(size, "big")


async def keep(database: Database, *keys: str, **more: object) -> None:
    contact = Contact("kept", TEAM.id, None, "Kept", None, None, "salesforce", (), 1)
    async with database.write() as connection:
        await contacts.add_once(connection, replace(contact, **more))  # type: ignore[arg-type]
        await contacts.own(connection, TEAM.id, "kept", keys)


async def everybody(database: Database) -> list[Contact]:
    async with database.read() as connection:
        return await contacts.newest(connection, TEAM.id, 100)


async def active(database: Database, month: str) -> int:
    async with database.read() as connection:
        return await contacts.active(connection, TEAM.id, month)
