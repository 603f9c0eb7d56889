"""A local contact follows the record it has, in the transaction of the event that tells of it."""

import pytest

from sidebar.salesforce.schema import Value
from sidebar.store import contacts, listing, records, terms
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.listing import Wanted
from tests.mirror.events import INES, NOW, ORG, OWEN, VALUES, event, kept, take_in, workspace

pytestmark = pytest.mark.anyio


async def changed(database: Database, id: str = INES, nulled: tuple[str, ...] = (), **values: Value) -> None:
    marks = [f"{name}.{part}" for name, value in values.items() if isinstance(value, dict) for part in value]
    marks += [name for name, value in values.items() if not isinstance(value, dict)]
    await take_in(database, event(id, kind="UPDATE", at=NOW + 60_000, changed=marks, nulled=nulled, **values))


async def found(database: Database, *, word: str = "", key: str = "") -> list[str]:
    wanted = Wanted(words=tuple(terms.words_of(word)), keys=(key,) if key else ())
    async with database.read() as connection:
        return [contact.id for contact in await listing.page(connection, "w1", wanted, None, 10)]


async def owner(database: Database, key: str) -> str | None:
    async with database.read() as connection:
        owned = await contacts.by_keys(connection, "w1", [key])
    return owned[key].id if key in owned else None


async def somebody(database: Database, name: str, *keys: str, record: str | None = None) -> None:
    async with database.write() as connection:
        person = Contact("here", "w1", record, name, "told@inbox.example", None, "conversation", (), 0)
        await contacts.add_once(connection, person)
        await contacts.own(connection, "w1", "here", keys)


async def test_a_new_name_address_and_number_are_taken_over_and_found_by(database: Database) -> None:
    await workspace(database)
    [contact] = (await take_in(database, event(INES, **VALUES))).made
    await changed(database, Name={"LastName": "Okafor"}, Email="ines@brightloom.example", Phone="+33 6 39 98 56 78")
    [now] = await kept(database)
    assert (now.name, now.email, now.phone) == ("Inès Okafor", "ines@brightloom.example", "+33 6 39 98 56 78")
    for word in ("okafor", "ines", "brightloom"):
        assert await found(database, word=word) == [contact.id]
    for key in ("email:ines@brightloom.example", "phone:+33639985678"):
        assert (await found(database, key=key), await owner(database, key)) == ([contact.id], contact.id)


async def test_what_the_record_says_no_more_finds_nobody(database: Database) -> None:
    """Whoever gets the address next is not taken for who had it."""
    await workspace(database)
    await take_in(database, event(INES, **VALUES))
    await changed(database, nulled=("Email",), Name={"LastName": "Okafor"}, Email=None)
    [contact] = await kept(database)
    assert (contact.email, contact.phone) == (None, "+33 6 39 98 12 34")
    gone = "email:ines.lefevre@atelierlumen.example"
    assert (await found(database, word="lefevre"), await found(database, key=gone)) == ([], [])
    assert await owner(database, gone) is None
    assert await found(database, key="phone:+33639981234") == [contact.id]


async def test_it_follows_in_every_workspace_of_the_org_whether_it_creates_or_not(database: Database) -> None:
    await workspace(database, "w1")
    await workspace(database, "w2", auto_create=False)
    await take_in(database, event(INES, **VALUES))
    async with database.write() as connection:
        theirs = Contact("theirs", "w2", INES, "ines", None, None, "conversation", (), 0)
        await contacts.add_once(connection, theirs)
    await changed(database, Name={"LastName": "Okafor"})
    assert [contact.name for id in ("w1", "w2") for contact in await kept(database, id)] == ["Inès Okafor"] * 2


async def test_what_only_the_inbox_told_stays(database: Database) -> None:
    await workspace(database)
    await somebody(database, "Inès Lefèvre", "email:told@inbox.example", record=INES)
    await take_in(database, event(INES, Name=VALUES["Name"], Email=None, Phone="+33 6 39 98 12 34"))
    [contact] = await kept(database)
    assert (contact.email, contact.phone) == ("told@inbox.example", "+33 6 39 98 12 34")
    assert await owner(database, "email:told@inbox.example") == "here"


async def test_who_is_linked_is_called_as_the_record_is_from_then_on(database: Database) -> None:
    await workspace(database)
    await somebody(database, "ines l.", "phone:+33639981234")
    await take_in(database, event(INES, **VALUES))
    [contact] = await kept(database)
    assert (contact.id, contact.name, contact.email) == ("here", "Inès Lefèvre", "ines.lefevre@atelierlumen.example")


async def test_a_name_keeps_the_order_in_which_salesforce_writes_it(database: Database) -> None:
    await workspace(database)
    await somebody(database, "山田 花子", record=INES)
    await take_in(database, event(INES, Name={"FirstName": "花子", "LastName": "山田"}, Title="営業"))
    assert [contact.name for contact in await kept(database)] == ["山田 花子"]


async def test_another_field_changes_nothing_here(database: Database) -> None:
    await workspace(database)
    before = (await take_in(database, event(INES, **VALUES))).made
    await changed(database, Title="Owner")
    assert await kept(database) == list(before)


async def test_fields_that_are_hidden_by_now_are_not_taken_for_empty(database: Database) -> None:
    await workspace(database)
    before = (await take_in(database, event(INES, **VALUES))).made
    async with database.write() as connection:
        [known] = (await records.of(connection, ORG, [INES])).values()
        bare = {name: value for name, value in known.values.items() if name not in ("Email", "Phone")}
        await records.put(connection, ORG, [records.Record(INES, bare, known.modified_at, NOW, arrival="done")])
    await changed(database, Title="Owner")
    assert await kept(database) == list(before)


async def test_an_address_two_records_share_stays_with_who_had_it_first_until_that_changes(database: Database) -> None:
    await workspace(database)
    await take_in(database, event(INES, **VALUES))
    await take_in(database, event(OWEN, Name={"LastName": "Byrne"}))
    await changed(database, OWEN, Email="ines.lefevre@atelierlumen.example")
    by_name = {contact.name: contact for contact in await kept(database)}
    assert by_name["Byrne"].email == "ines.lefevre@atelierlumen.example"
    assert await owner(database, "email:ines.lefevre@atelierlumen.example") == by_name["Inès Lefèvre"].id
    assert len(await found(database, key="email:ines.lefevre@atelierlumen.example")) == 2
    await changed(database, Email="ines@brightloom.example")
    assert await owner(database, "email:ines.lefevre@atelierlumen.example") == by_name["Byrne"].id


async def test_an_address_that_changes_hands_in_one_response_is_the_new_owners(database: Database) -> None:
    await workspace(database)
    await take_in(database, event(INES, **VALUES))
    leaves = event(INES, kind="UPDATE", at=NOW + 1000, changed=["Email"], nulled=["Email"], Email=None)
    moves_in = event(OWEN, at=NOW + 1000, Name={"LastName": "Byrne"}, Email=VALUES["Email"])
    [made] = (await take_in(database, leaves, moves_in)).made
    assert await owner(database, "email:ines.lefevre@atelierlumen.example") == made.id
