"""Whom an agent picked or unlinked by hand: remembered for that customer and no other, replaced, and revoked."""

import secrets
from dataclasses import replace

import pytest

from sidebar.contacts.edit import Author
from sidebar.contacts.picks import Picks, Word, known_by
from sidebar.contacts.rank import Told
from sidebar.hosts import Agent
from sidebar.identity import Identity
from sidebar.store import picks, workspaces
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from tests.conftest import Clock

pytestmark = pytest.mark.anyio

ANN, BOB = "003000000000001AAA", "003000000000002AAA"
TEAM = Workspace("team", "key", "Team", "GB", (), False, False)
KIM = Author(Agent("agent-7", "kim@x.example", "Kim Doe"), "generic", "conversation-1")


class TestCustomer:
    def test_the_inboxs_own_id_decides_before_any_address(self) -> None:
        mine = Identity(("family@x.example",), external_id="1")
        assert known(mine) == known(Identity(("another@x.example",), external_id="1"))
        assert known(mine) != known(replace(mine, external_id="2"))
        assert known(mine) != known_by(mine, "GB", "chatwoot", "")

    def test_an_address_is_the_same_however_it_is_written(self) -> None:
        assert known(Identity((" Ann@X.example",))) == known(Identity(("ann@x.EXAMPLE", "ann@x.example")))
        assert known(Identity(phones=("020 7946 0123",))) == known(Identity(phones=("+44 (0)20 7946-0123",)))

    def test_two_who_share_a_switchboard_but_no_email_are_two(self) -> None:
        """requirements.md section 3, 9."""
        phones = ("+442079460123",)
        ann, bob = (Identity((f"{name}@x.example",), phones) for name in ("ann", "bob"))
        assert len({known(ann), known(bob), known(Identity(phones=phones))}) == 3
        assert known(ann) == known(Identity(ann.emails))

    def test_without_an_address_the_conversation_is_remembered_and_without_that_nothing(self) -> None:
        nobody = Identity(("not an address",))
        assert known(nobody) == ""
        first, second = (known_by(nobody, "GB", "generic", id) for id in ("c-1", "c-2"))
        assert first and second and first != second


async def test_a_pick_holds_until_another_one_and_all_are_kept(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    await room.pick(TEAM, KIM, "c1", ANN)
    clock.pass_seconds(1)
    await room.pick(TEAM, replace(KIM, agent=Agent("agent-8", "", "Robin")), "c1", BOB)
    assert (await room.word("team", "c1")).told == Told(BOB)
    assert await room.word("team", "c2") == Word()
    assert await room.word("team", "") == Word()
    async with database.read() as connection:
        first, second = await picks.of_customer(connection, "team", "c1")
    assert (first.agent_name, first.at, first.host, first.conversation) == (
        "Kim Doe", clock() - 1000, "generic", "conversation-1",
    )  # fmt: skip
    assert (first.ended_at, first.ended_why, first.ended_by) == (clock(), "replaced", "Robin")
    assert second.ended_at is None


async def test_what_is_said_twice_is_kept_once(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    for _ in range(2):
        await room.pick(TEAM, KIM, "c1", ANN)
        await room.unlink(TEAM, KIM, "c1", BOB)
    async with database.read() as connection:
        assert len(await picks.of_customer(connection, "team", "c1")) == 2


async def test_unlinking_whom_somebody_picked_ends_the_pick_and_picking_ends_the_unlink(
    database: Database, clock: Clock
) -> None:
    """requirements.md section 3, 50."""
    room = await open_room(database, clock)
    await room.pick(TEAM, KIM, "c1", ANN)
    await room.unlink(TEAM, KIM, "c1", ANN)
    await room.unlink(TEAM, KIM, "c1", BOB)
    assert (await room.word("team", "c1")).told == Told("", frozenset((ANN, BOB)))
    await room.pick(TEAM, KIM, "c1", ANN)
    assert (await room.word("team", "c1")).told == Told(ANN, frozenset((BOB,)))


async def test_what_is_revoked_no_longer_holds_and_only_for_its_own_customer(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    await room.pick(TEAM, KIM, "c1", ANN)
    pick = (await room.word("team", "c1")).pick
    assert pick is not None
    await room.revoke(TEAM, KIM, "c2", pick.id)
    assert (await room.word("team", "c1")).told == Told(ANN)
    await room.revoke(TEAM, KIM, "c1", pick.id)
    assert await room.word("team", "c1") == Word()


async def test_a_lead_that_was_picked_and_converted_is_its_contact_from_then_on(
    database: Database, clock: Clock
) -> None:
    room = await open_room(database, clock)
    await room.pick(TEAM, KIM, "c1", "00Q000000000001AAA")
    await room.follow(TEAM, "c1", "00Q000000000001AAA", ANN)
    pick = (await room.word("team", "c1")).pick
    assert pick is not None
    assert (pick.record_id, pick.was) == (ANN, "00Q000000000001AAA")


def known(customer: Identity) -> str:
    return known_by(customer, "GB", "generic", "")


async def open_room(database: Database, clock: Clock) -> Picks:
    async with database.write() as connection:
        await workspaces.add(connection, TEAM, clock())
    return Picks(database, clock, secrets.token_bytes)
