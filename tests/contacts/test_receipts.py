"""Receipts are kept behind whoever waits, masked after a day, forgotten after thirty, and come back as they were."""

import secrets
from dataclasses import replace

import pytest

from sidebar.contacts.candidates import Candidate, Clue
from sidebar.contacts.rank import Judged
from sidebar.contacts.receipt import Asked, Input, Near, Receipt
from sidebar.contacts.receipts import DAY, Receipts, masked, read, tidy, written
from sidebar.identity import Key
from sidebar.store import receipts, workspaces
from sidebar.store.database import Database
from sidebar.store.receipts import Kept
from sidebar.store.workspaces import Workspace
from tests.conftest import Clock

pytestmark = pytest.mark.anyio

EMAIL = Key("email", "amara@brightloom.example")
PHONE = Key("phone", "2079460123", strong=False)
CLUES = (Clue(EMAIL, "Email", "Amara@Brightloom.example"), Clue(PHONE, "Phone", "020 7946 0123", "GB"))
AMARA = Candidate("003000000000001AAA", "Contact", "Amara Okafor", 1_795_000_000_000, CLUES)
LEAD = Candidate("00Q000000000001AAA", "Lead", "Amara Okafor", 1, CLUES[:1], AMARA.id)
RECEIPT = Receipt(
    inputs=(Input("email", "Amara@Brightloom.example", (EMAIL,)), Input("phone", "x", ())),
    country="",
    region="GB",
    policy="contacts",
    outcome="found",
    rule="email",
    judged=(Judged(AMARA), Judged(LEAD, "converted")),
    asked=(Asked("copy", 0, 0), Asked("email", 1, 2)),
    nearest=(Near(AMARA.id, "Contact", "MobilePhone", "11 98765 4321", "BR"),),
    picked="",
    unlinked=(LEAD.id,),
    at=7,
)


def test_a_receipt_comes_back_as_it_was_written() -> None:
    assert read(written(RECEIPT)) == RECEIPT


def test_a_masked_receipt_names_nobody_and_still_says_what_decided() -> None:
    text = str(written(masked(RECEIPT)))
    for secret in ("Okafor", "brightloom", "Amara", "7946", "98765"):
        assert secret.lower() not in text.lower()
    kept = masked(RECEIPT)
    assert (kept.outcome, kept.rule, kept.asked) == ("found", "email", RECEIPT.asked)
    assert [each.candidate.id for each in kept.judged] == [AMARA.id, LEAD.id]
    assert kept.judged[0].candidate.clues[0].key == Key("email", "a…e")


async def test_one_is_kept_under_the_id_that_was_given_at_once(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    ids = [room.keep("team", customer, RECEIPT) for customer in ("c1", "c2", "c3")]
    await room.close()
    assert len(set(ids)) == 3
    kept = await found(database, ids[1])
    assert kept is not None
    assert (kept.customer, kept.at, kept.masked, read(kept.receipt)) == ("c2", clock(), False, RECEIPT)
    assert await found(database, ids[1], "others") is None


async def test_a_receipt_that_says_the_same_again_is_the_same(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    id = room.keep("team", "c1", RECEIPT)
    assert room.keep("team", "c1", replace(RECEIPT, at=8)) == id
    assert room.keep("team", "c2", RECEIPT) != id
    assert room.keep("team", "c1", replace(RECEIPT, picked=AMARA.id)) != id
    clock.pass_seconds(3601)
    assert room.keep("team", "c1", RECEIPT) != id
    await room.close()


async def test_a_failure_to_keep_one_spoils_nothing(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    lost = room.keep("no such workspace", "c1", RECEIPT)
    await room.close()
    assert await found(database, lost, "no such workspace") is None
    assert room.keep("no such workspace", "c1", RECEIPT) != lost
    await room.close()


async def test_one_that_cannot_be_kept_takes_no_other_with_it(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    ids = [room.keep(workspace, "c1", RECEIPT) for workspace in ("team", "no such workspace")]
    await room.close()
    assert await found(database, ids[0])
    assert room.keep("team", "c1", RECEIPT) == ids[0]


async def test_addresses_can_be_read_for_a_day_and_the_rest_for_thirty(database: Database, clock: Clock) -> None:
    room = await open_room(database, clock)
    id = room.keep("team", "c1", RECEIPT)
    await room.close()
    await tidy(database, clock() + DAY)
    kept = await found(database, id)
    assert kept and not kept.masked
    await tidy(database, clock() + DAY + 1)
    kept = await found(database, id)
    assert kept and kept.masked
    assert read(kept.receipt) == masked(RECEIPT)
    await tidy(database, clock() + 30 * DAY)
    assert await found(database, id)
    await tidy(database, clock() + 30 * DAY + 1)
    assert await found(database, id) is None


async def test_what_another_version_wrote_is_masked_whole(database: Database, clock: Clock) -> None:
    await open_room(database, clock)
    async with database.write() as connection:
        await receipts.add(connection, [Kept("r1", "team", "", 1, {"inputs": "amara@brightloom.example"})])
    await tidy(database, 1 + 2 * DAY)
    kept = await found(database, "r1")
    assert kept and kept.masked
    assert kept.receipt is None


async def open_room(database: Database, clock: Clock) -> Receipts:
    async with database.write() as connection:
        await workspaces.add(connection, Workspace("team", "key", "Team", "GB", (), False, False), clock())
    return Receipts(database, clock, secrets.token_bytes)


async def found(database: Database, id: str, workspace_id: str = "team") -> Kept | None:
    async with database.read() as connection:
        return await receipts.by_id(connection, workspace_id, id)
