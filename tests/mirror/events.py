"""Change events as they come off the stream, and a mirror that takes them in, for tests."""

import itertools
from collections.abc import Callable, Collection
from secrets import token_bytes

from sidebar.mirror import CONTACTS, Mirror, Outcome, lease
from sidebar.salesforce.pubsub import Batch
from sidebar.salesforce.schema import ChangeHeader, Event, Value
from sidebar.store import connections, contacts, leases, positions, records, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.records import Record
from sidebar.store.workspaces import Switches, Workspace

ORG, OTHER_ORG = "00D5e000000TEST1AA", "00D5e000000TEST2AA"
INES, OWEN, AMARA = (f"0035e000000000{number}AAA" for number in (1, 2, 3))
NOW = 1_795_000_000_000
USER = "0055e000000Admin"
KEPT = (
    "FirstName",
    "MiddleName",
    "LastName",
    "Suffix",
    "Email",
    "Phone",
    "MobilePhone",
    "Title",
    "MailingCity",
    "MailingCountry",
)
VALUES: dict[str, Value] = {
    "Name": {"Salutation": "Ms.", "FirstName": "Inès", "LastName": "Lefèvre"},
    "Email": "ines.lefevre@atelierlumen.example",
    "Phone": "+33 6 39 98 12 34",
}


def numbers() -> Callable[[int], bytes]:
    counter = itertools.count(1)
    return lambda size: next(counter).to_bytes(size, "big")


def event(
    *record_ids: str,
    kind: str = "CREATE",
    entity: str = "Contact",
    at: int = NOW,
    origin: str = "",
    user: str = USER,
    changed: Collection[str] = (),
    nulled: Collection[str] = (),
    diffed: Collection[str] = (),
    **values: Value,
) -> Event:
    header = ChangeHeader(entity, record_ids, kind, origin, at, user)
    return Event("e", b"\1", header, values, frozenset(changed), frozenset(nulled), frozenset(diffed))


async def workspace(
    database: Database,
    id: str = "w1",
    *,
    org: str = ORG,
    auto_create: bool = True,
    tag_created: bool = True,
    include_bulk: bool = False,
    connected_at: int = 1,
) -> None:
    """Connected to the org, and this process listens to it."""
    async with database.write() as connection:
        await workspaces.add(connection, Workspace(id, f"key-{id}", id, "FR", (), False, False), 0)
        switches = Switches(False, False, auto_create, tag_created, include_bulk)
        await workspaces.set_switches(connection, id, switches, 0)
        await connections.put_app(connection, id, App("https://login.example", "key", "secret"))
        held = Grant("https://org.example", "a", "r", org, "Org", "Developer", False, "005", "u", "67.0", connected_at)
        await connections.put_grant(connection, id, held)
        await leases.take(connection, lease(ORG), "me", 0, 10**15)


def mirror(database: Database, random: Callable[[int], bytes] | None = None, holder: str = "me") -> Mirror:
    return Mirror(database, ORG, holder, lambda: NOW, random or token_bytes)


async def take_in(
    database: Database, *events: Event, to: bytes = b"\1", by: Mirror | None = None, unreadable: tuple[str, ...] = ()
) -> Outcome:
    return await (by or mirror(database)).apply(Batch(events, to, unreadable), KEPT)


async def kept(database: Database, workspace_id: str = "w1") -> list[Contact]:
    async with database.read() as connection:
        return await contacts.newest(connection, workspace_id, 100)


async def record(database: Database, id: str) -> Record | None:
    async with database.read() as connection:
        return (await records.of(connection, ORG, [id])).get(id)


async def position(database: Database) -> bytes | None:
    async with database.read() as connection:
        return await positions.of(connection, ORG, CONTACTS)
