"""New Contacts become local contacts, exactly once, in every workspace that wants them (RI-24 to RI-30)."""

import pytest

from sidebar.mirror import TAG
from sidebar.salesforce.schema import Event, Value
from sidebar.store import connections, contacts, listing, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.listing import Wanted
from sidebar.store.workspaces import Switches
from tests.mirror.events import AMARA, INES, NOW, OTHER_ORG, OWEN, VALUES, event, kept, mirror, take_in, workspace

pytestmark = pytest.mark.anyio


async def somebody(database: Database, *keys: str, id: str = "here", salesforce_id: str | None = None) -> None:
    """A local contact with these keys, who came in some other way."""
    async with database.write() as connection:
        person = Contact(id, "w1", salesforce_id, "Somebody", None, None, "conversation", ("vip",), 0)
        await contacts.add_once(connection, person)
        await contacts.own(connection, "w1", id, keys)


async def test_a_new_contact_becomes_one_tagged_local_contact(database: Database) -> None:
    """RI-24, RI-25"""
    await workspace(database)
    made = (await take_in(database, event(INES, **VALUES))).made
    assert list(made) == await kept(database)
    [contact] = made
    assert (contact.salesforce_id, contact.source, contact.tags) == (INES, "salesforce", (TAG,))
    assert (contact.name, contact.email) == ("Inès Lefèvre", "ines.lefevre@atelierlumen.example")
    assert (contact.phone, contact.dormant, contact.evidence) == ("+33 6 39 98 12 34", False, None)


async def test_the_tag_is_an_option(database: Database) -> None:
    """RI-25"""
    await workspace(database, tag_created=False)
    [contact] = (await take_in(database, event(INES, **VALUES))).made
    assert contact.tags == ()


async def test_the_same_event_again_changes_nothing(database: Database) -> None:
    await workspace(database)
    first = await take_in(database, event(INES, **VALUES))
    assert (await take_in(database, event(INES, **VALUES), event(INES, **VALUES))).made == []
    assert await kept(database) == list(first.made)


@pytest.mark.parametrize("key", ["email:ines.lefevre@atelierlumen.example", "phone:+33639981234"])
async def test_who_is_here_already_is_linked_and_neither_doubled_nor_tagged(database: Database, key: str) -> None:
    """RI-24, RI-25"""
    await workspace(database)
    await somebody(database, key)
    assert (await take_in(database, event(INES, **VALUES))).made == []
    [contact] = await kept(database)
    assert (contact.id, contact.salesforce_id, contact.tags) == ("here", INES, ("vip",))


async def test_a_number_is_read_as_in_the_country_of_its_owner(database: Database) -> None:
    """06 1234 5678 is a landline in Rome, and was a mobile in France, where the workspace is."""
    await workspace(database)
    await somebody(database, "phone:+33612345678")
    rome = event(INES, Phone="06 1234 5678", MailingAddress={"Country": "Italia"})
    assert len((await take_in(database, rome)).made) == 1
    assert len((await take_in(database, event(OWEN, Phone="06 1234 5678"))).made) == 0


async def test_a_number_several_records_share_links_nobody(database: Database) -> None:
    await workspace(database, auto_create=False)
    await take_in(database, event(INES, Name={"LastName": "Lefèvre"}, Phone="+33 6 39 98 12 34"))
    async with database.write() as connection:
        await workspaces.set_switches(connection, "w1", Switches(False, False, True, True, False), 0)
    await somebody(database, "phone:+33639981234")
    [made] = (await take_in(database, event(OWEN, Name={"LastName": "Byrne"}, HomePhone="06 39 98 12 34"))).made
    assert (made.salesforce_id, made.name) == (OWEN, "Byrne")


async def test_two_people_who_are_here_are_not_taken_for_one(database: Database) -> None:
    await workspace(database)
    await somebody(database, "email:ines.lefevre@atelierlumen.example", id="one")
    await somebody(database, "phone:+33639981234", id="two")
    assert len((await take_in(database, event(INES, **VALUES))).made) == 1


async def test_a_second_contact_with_the_same_address_is_somebody_of_its_own(database: Database) -> None:
    await workspace(database)
    assert len((await take_in(database, event(INES, **VALUES), event(OWEN, **VALUES))).made) == 2


async def test_who_was_deleted_and_entered_again_stays_one_person(database: Database) -> None:
    await workspace(database)
    await take_in(database, event(INES, **VALUES))
    await take_in(database, event(INES, kind="DELETE", at=NOW + 1000))
    assert (await take_in(database, event(OWEN, at=NOW + 2000, **VALUES))).made == []
    assert [contact.salesforce_id for contact in await kept(database)] == [OWEN]


async def test_who_comes_back_from_the_bin_is_the_same_person(database: Database) -> None:
    await workspace(database)
    await take_in(database, event(INES, **VALUES), event(INES, kind="DELETE", at=NOW + 1000))
    await take_in(database, event(INES, kind="UNDELETE", at=NOW + 2000, **VALUES))
    await take_in(database, event(INES, kind="DELETE", at=NOW + 3000))
    await take_in(database, event(INES, kind="UNDELETE", at=NOW + 4000, **VALUES))
    assert [contact.salesforce_id for contact in await kept(database)] == [INES]


async def test_each_workspace_of_the_org_that_wants_them_gets_its_own(database: Database) -> None:
    await workspace(database, "w1")
    await workspace(database, "w2")
    await workspace(database, "off", auto_create=False)
    await workspace(database, "elsewhere", org=OTHER_ORG)
    made = (await take_in(database, event(INES, **VALUES))).made
    assert sorted(contact.workspace_id for contact in made) == ["w1", "w2"]
    assert len({contact.id for contact in made}) == 2


async def test_a_workspace_whose_grant_ended_is_told_nothing(database: Database) -> None:
    await workspace(database)
    async with database.write() as connection:
        await connections.put_problem(connection, "w1", "ended")
    assert (await take_in(database, event(INES, **VALUES))).made == []


async def test_nobody_is_made_of_a_contact_older_than_the_connection(database: Database) -> None:
    """Events say when they were committed in whole seconds, by another clock: a minute is granted."""
    await workspace(database, connected_at=NOW)
    before, just_before = event(INES, at=NOW - 61_000, **VALUES), event(OWEN, at=NOW - 60_000)
    assert [contact.salesforce_id for contact in (await take_in(database, before, just_before)).made] == [OWEN]


async def test_each_workspace_counts_from_its_own_connection(database: Database) -> None:
    await workspace(database, "w1", connected_at=NOW - 3_600_000)
    await workspace(database, "w2", connected_at=NOW)
    made = (await take_in(database, event(INES, at=NOW - 600_000), event(OWEN))).made
    assert [(each.workspace_id, each.salesforce_id) for each in made] == [("w1", INES), ("w1", OWEN), ("w2", OWEN)]


async def test_a_contact_from_before_is_new_when_it_is_undeleted_after_the_connection(database: Database) -> None:
    await workspace(database, connected_at=NOW)
    events = event(INES, at=NOW - 600_000, **VALUES), event(INES, kind="UNDELETE", at=NOW, **VALUES)
    await take_in(database, events[0], event(INES, kind="DELETE", at=NOW - 500_000))
    assert [contact.salesforce_id for contact in (await take_in(database, events[1])).made] == [INES]


@pytest.mark.parametrize(
    "origin", ["com/salesforce/api/bulkapi/68.0", "com/salesforce/api/soap/68.0;client=DataLoader"]
)
async def test_a_bulk_import_makes_nobody(database: Database, origin: str) -> None:
    """RI-28: off by default."""
    await workspace(database)
    assert (await take_in(database, event(INES, origin=origin, **VALUES))).made == []


async def test_with_bulk_imports_they_rest_and_say_why(database: Database) -> None:
    """RI-28, RI-29"""
    await workspace(database, include_bulk=True)
    [contact] = (await take_in(database, event(INES, origin="com/salesforce/api/bulkapi/68.0", **VALUES))).made
    assert (contact.dormant, contact.evidence) == (True, "bulk_api")


async def test_a_bulk_import_that_comes_again_still_makes_nobody(database: Database) -> None:
    """Of many made at once some may come again alone, after a restart."""
    await workspace(database)
    many = [event(f"0035e0000000{number:03}AAA") for number in range(100, 130)]
    assert (await take_in(database, *many)).made == []
    assert (await take_in(database, many[0])).made == []


def some(*numbers: int) -> list[Event]:
    return [event(f"0035e0000000{number:03}AAA", Name={"LastName": str(number)}) for number in numbers]


async def test_who_came_before_an_import_was_known_for_one_goes_again(database: Database) -> None:
    """RI-28: its first events look like anybody's."""
    await workspace(database)
    hears = mirror(database)
    assert len((await take_in(database, *some(*range(19)), by=hears)).made) == 19
    assert (await take_in(database, *some(19, 20), by=hears)).made == []
    assert await kept(database) == []
    assert (await take_in(database, *some(*range(21)), by=hears)).made == []


async def test_with_bulk_imports_the_first_rest_like_those_after_them(database: Database) -> None:
    """RI-28, RI-29"""
    await workspace(database, include_bulk=True)
    hears = mirror(database)
    await take_in(database, *some(*range(19)), by=hears)
    await take_in(database, *some(*range(19, 22)), by=hears)
    assert {(each.dormant, each.evidence) for each in await kept(database)} == {(True, "burst:22")}
    assert len(await kept(database)) == 22


async def test_who_is_somebody_to_us_stays_though_an_import_brought_them(database: Database) -> None:
    """A conversation has begun, somebody has tagged them, or they were here before."""
    await workspace(database)
    await somebody(database, "email:here@lumen.example")
    hears = mirror(database)
    here = event(INES, Name={"LastName": "Here"}, Email="here@lumen.example")
    made = (await take_in(database, here, *some(*range(101, 119)), by=hears)).made
    async with database.write() as connection:
        await contacts.begin(connection, made[0], "2026-11")
        await contacts.set_tags(connection, made[1], [*made[1].tags, "vip"])
    await take_in(database, *some(119), by=hears)
    assert {each.id for each in await kept(database)} == {"here", made[0].id, made[1].id}
    assert not any(each.dormant for each in await kept(database))


async def test_of_two_who_arrive_at_once_with_one_address_one_is_who_is_here(database: Database) -> None:
    await workspace(database)
    await somebody(database, "email:ines.lefevre@atelierlumen.example")
    [made] = (await take_in(database, event(INES, **VALUES), event(OWEN, **VALUES))).made
    assert {each.salesforce_id: each.id for each in await kept(database)} == {INES: "here", OWEN: made.id}


async def test_those_who_arrive_at_once_are_all_found_by_their_names_and_addresses(database: Database) -> None:
    await workspace(database)
    many = [(f"0035e0000000{number:03}AAA", f"person{number}@lumen.example") for number in range(100, 120)]
    events = [event(id, user=id, Name={"LastName": email.split("@")[0]}, Email=email) for id, email in many]
    assert len((await take_in(database, *events)).made) == 20
    async with database.read() as connection:
        owners = await contacts.by_keys(connection, "w1", [f"email:{email}" for _, email in many])
        found = await listing.page(connection, "w1", Wanted(words=("person107",), tag=TAG), None, 10)
    assert {str(each.salesforce_id): key for key, each in owners.items()} == {id: f"email:{it}" for id, it in many}
    assert [each.email for each in found] == ["person107@lumen.example"]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"Name": {"FirstName": "花子", "LastName": "山田"}, "Email": "h@minato.example"}, "花子 山田"),
        ({"Name": {"FirstName": None, "LastName": "Ribeiro"}}, "Ribeiro"),
        ({"Name": {"FirstName": "Ada", "MiddleName": "B.", "LastName": "Cole", "Suffix": "Jr."}}, "Ada B. Cole Jr."),
        ({"Name": {"FirstName": "Ama\0ra", "LastName": "\0"}}, "Amara"),
        ({"Name": {"FirstName": None, "LastName": " "}, "Email": "h@minato.example", "Phone": "1"}, "h@minato.example"),
        ({"Name": None, "MobilePhone": "+351 22 555 0199"}, "+351 22 555 0199"),
        ({}, AMARA),
    ],
)
async def test_a_person_is_called_by_what_is_known(database: Database, values: dict[str, Value], name: str) -> None:
    await workspace(database)
    [contact] = (await take_in(database, event(AMARA, **values))).made
    assert contact.name == name
