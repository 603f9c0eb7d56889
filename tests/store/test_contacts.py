"""Local contacts: kept, tagged, found, listed and counted, on both databases."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

import sidebar.store.database as door
from sidebar.store import contacts, listing, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.listing import Counts, Place, Wanted
from sidebar.store.terms import terms_of
from sidebar.store.workspaces import Workspace

pytestmark = pytest.mark.anyio

TEAM = "team"


async def test_a_contact_is_found_by_the_beginning_of_each_word_of_its_name(database: Database) -> None:
    await keep(database, person("Anne-Marie Łukasiewicz"), person("Inès Lefèvre"), person("山田 太郎"))
    for typed in ("ann", "anne-m", "marie", "luka"):
        assert await names(database, Wanted(words=(typed,))) == ["Anne-Marie Łukasiewicz"], typed
    assert await names(database, Wanted(words=("ines", "lef"))) == ["Inès Lefèvre"]
    assert await names(database, Wanted(words=("山",))) == ["山田 太郎"]
    assert await names(database, Wanted(words=("ines", "luka"))) == []
    assert await names(database, Wanted(words=("nnes",))) == []


async def test_a_contact_is_found_by_each_part_of_its_email_but_not_by_com(database: Database) -> None:
    await keep(database, person("Amara", email="Amara.Okafor@mail.Brightloom.com"))
    for typed in ("amara.okafor@mail", "okafor@", "mail.bright", "brightloom.com"):
        assert await names(database, Wanted(words=(typed,))) == ["Amara"], typed
    assert await names(database, Wanted(words=("com",))) == []


@pytest.mark.parametrize("typed", ["%", "_", "a%", "\\", "'"])
async def test_signs_that_mean_something_to_databases_are_only_signs(database: Database, typed: str) -> None:
    await keep(database, person("Amara"))
    assert await names(database, Wanted(words=(typed,))) == []


async def test_addresses_are_found_whole_even_where_somebody_else_owns_them(database: Database) -> None:
    """Two people may share an address; who had it first owns it, and both are found by it."""
    first, second = person("First"), person("Second")
    await keep(database, first, second)
    async with database.write() as connection:
        for each in (first, second):
            await contacts.own(connection, TEAM, each.id, ["email:shared@example.com", "phone:+442079460123"])
        owners = await contacts.by_keys(connection, TEAM, ["email:shared@example.com"])
    assert [each.name for each in owners.values()] == ["First"]
    assert await names(database, Wanted(keys=("email:shared@example.com",))) == ["Second", "First"]
    assert await names(database, Wanted(keys=("email:hared@example.com",))) == []
    assert await names(database, Wanted(phones=("phone:+442079", "0"))) == ["Second", "First"]


async def test_filters_can_be_combined(database: Database) -> None:
    await keep(
        database,
        person("A", tags=("VIP",), source="conversation"),
        person("B", tags=("VIP",), record="003000000000000001"),
        person("C", tags=("Other",), dormant=True, record="003000000000000002"),
    )
    for wanted, expected in [
        (Wanted(tag="VIP"), ["B", "A"]),
        (Wanted(tag="vip"), []),
        (Wanted(tag="VIP", source="conversation"), ["A"]),
        (Wanted(tag="VIP", words=("b",)), ["B"]),
        (Wanted(dormant=True), ["C"]),
        (Wanted(dormant=False), ["B", "A"]),
        (Wanted(linked=False), ["A"]),
        (Wanted(linked=True, dormant=False), ["B"]),
        (Wanted(record="003000000000000002"), ["C"]),
    ]:
        assert await names(database, wanted) == expected, wanted


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(tag="VIP"), Wanted(tag="VIP", words=("c",))])
async def test_pages_go_through_everybody_once_even_where_many_came_at_the_same_moment(
    database: Database, wanted: Wanted
) -> None:
    everybody = [person(f"C {number}", tags=("VIP",), at=number // 10) for number in range(45)]
    await keep(database, *everybody)
    met: list[Contact] = []
    after = None
    while True:
        async with database.read() as connection:
            page = await listing.page(connection, TEAM, wanted, after, 7)
        met += page
        if len(page) < 7:
            break
        after = Place(page[-1].created_at, page[-1].id)
    assert [each.id for each in met] == [
        each.id for each in sorted(everybody, key=lambda each: (each.created_at, each.id), reverse=True)
    ]


async def test_tags_are_replaced_as_a_whole_wherever_they_are_kept(database: Database) -> None:
    contact = person("A", tags=("Old", "Kept"))
    await keep(database, contact, person("B", tags=("Old",)))
    async with database.write() as connection:
        await contacts.set_tags(connection, contact, ["Kept", "New"])
    assert await names(database, Wanted(tag="Old")) == ["B"]
    async with database.read() as connection:
        now = await contacts.by_id(connection, TEAM, contact.id)
        assert await listing.tags(connection, TEAM) == {"Old": 1, "Kept": 1, "New": 1}
    assert now is not None and now.tags == ("Kept", "New")


async def test_all_and_dormant_ones_are_counted(database: Database) -> None:
    async with database.read() as connection:
        assert await listing.counts(connection, TEAM) == Counts(0, 0)
    await keep(database, person("A"), person("B", dormant=True))
    async with database.read() as connection:
        assert await listing.counts(connection, TEAM) == Counts(2, 1)


async def test_another_workspaces_contacts_are_never_met(database: Database) -> None:
    """RI-07"""
    contact = person("A", tags=("VIP",), record="003000000000000001")
    await keep(database, contact)
    async with database.write() as connection:
        await workspaces.add(connection, Workspace("other", "other", "Other", "US", (), False, False), 0)
        await contacts.own(connection, TEAM, contact.id, ["email:a@example.com"])
    for wanted in (Wanted(), Wanted(words=("a",)), Wanted(tag="VIP"), Wanted(keys=("email:a@example.com",))):
        assert await names(database, wanted, "other") == []
    async with database.read() as connection:
        assert await contacts.by_id(connection, "other", contact.id) is None
        assert await contacts.by_record(connection, "other", "003000000000000001") is None
        assert await listing.tags(connection, "other") == {}


async def test_a_second_contact_of_one_record_leaves_no_trace(database: Database) -> None:
    await keep(database, person("First", record="003000000000000001"))
    async with database.write() as connection:
        second = person("Second", record="003000000000000001", tags=("VIP",))
        assert not await contacts.add_once(connection, second)
    assert await names(database, Wanted(words=("sec",))) == await names(database, Wanted(tag="VIP")) == []


def test_a_very_long_name_is_found_by_its_beginning_and_no_index_bursts() -> None:
    terms = terms_of("x" * 5000 + " " + " ".join(f"w{number}" for number in range(50)), None, "1" * 4000)
    assert max(map(len, terms)) == 100
    assert len(terms) < 12


async def test_contacts_of_the_first_release_are_found_after_the_migration(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(_migrate, "0001")
        await connection.execute(text(_OLD_WORKSPACE))
        await connection.execute(text(_OLD_CONTACT))
    await database.migrate()
    for wanted in (
        Wanted(words=("lef",)),
        Wanted(tag="Auto-create: Salesforce"),
        Wanted(keys=("email:ines@lumen.example",)),
        Wanted(keys=("phone:+33639981234",)),
    ):
        assert await names(database, wanted) == ["Inès Lefèvre"]
    async with database.read() as connection:
        assert list(await contacts.by_keys(connection, TEAM, ["email:ines@lumen.example"])) == [
            "email:ines@lumen.example"
        ]
    await database.close()


_OLD_WORKSPACE = (
    "INSERT INTO workspaces (id, key, name, region, fields, editing, auto_create, created_at)"
    " VALUES ('team', 'key', 'Team', 'FR', '[]', false, true, 1)"
)
_OLD_CONTACT = (
    "INSERT INTO contacts (id, workspace_id, salesforce_id, name, email, phone, source, tags, created_at)"
    " VALUES ('c', 'team', NULL, 'Inès Lefèvre', 'Ines@lumen.example', '06 39 98 12 34', 'salesforce',"
    " '[\"Auto-create\\: Salesforce\"]', 1)"
)


def _migrate(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(door.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


_NUMBERS = iter(range(10**6))


def person(
    name: str,
    *,
    email: str | None = None,
    tags: Iterable[str] = (),
    source: str = "salesforce",
    dormant: bool = False,
    record: str | None = None,
    at: int | None = None,
) -> Contact:
    """Each is newer than the one before, unless it is told when (`at`)."""
    number = next(_NUMBERS)
    return Contact(
        id=f"contact-{number:06d}",
        workspace_id=TEAM,
        salesforce_id=record,
        name=name,
        email=email,
        phone=None,
        source=source,
        tags=tuple(tags),
        created_at=number if at is None else at,
        dormant=dormant,
    )


async def keep(database: Database, *people: Contact) -> None:
    async with database.write() as connection:
        if await workspaces.by_id(connection, TEAM) is None:
            await workspaces.add(connection, Workspace(TEAM, TEAM, "Team", "US", (), False, False), 0)
        for each in people:
            assert await contacts.add_once(connection, each)


async def names(database: Database, wanted: Wanted, workspace_id: str = TEAM) -> list[str]:
    async with database.read() as connection:
        return [each.name for each in await listing.page(connection, workspace_id, wanted, None, 50)]
