"""Local contacts: people in the inbox's world, each perhaps linked to a Salesforce Contact."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store import terms
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import active_contacts, connections, contact_keys, contact_tags, contacts, workspaces

_AT_ONCE = 500  # ids in one question


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    workspace_id: str
    salesforce_id: str | None
    name: str
    email: str | None
    phone: str | None
    source: str
    tags: tuple[str, ...]
    created_at: int
    dormant: bool = False
    evidence: str | None = None


async def add_once(connection: AsyncConnection, contact: Contact) -> bool:
    """Keep the contact unless its workspace already has one for that Salesforce id; says whether it was new."""
    values = {**asdict(contact), "tags": list(contact.tags)}
    new = _insert(connection)(contacts).values(values)
    new = new.on_conflict_do_nothing(index_elements=["workspace_id", "salesforce_id"])
    if (await connection.execute(new.returning(contacts.c.id))).one_or_none() is None:
        return False
    found_by = terms.terms_of(contact.name, contact.email, contact.phone)
    await terms.put(connection, contact.workspace_id, contact.id, found_by)
    await _put_tags(connection, contact, contact.tags)
    return True


async def by_id(connection: AsyncConnection, workspace_id: str, id: str) -> Contact | None:
    return await _one(connection, _mine(workspace_id).where(contacts.c.id == id))


async def locked(connection: AsyncConnection, workspace_id: str, id: str) -> Contact | None:
    """As `by_id`, in a write: whoever else wants to change the contact waits for the end of the transaction."""
    return await _one(connection, _mine(workspace_id).where(contacts.c.id == id).with_for_update())


async def by_record(connection: AsyncConnection, workspace_id: str, salesforce_id: str) -> Contact | None:
    return await _one(connection, _mine(workspace_id).where(contacts.c.salesforce_id == salesforce_id))


async def newest(connection: AsyncConnection, workspace_id: str, limit: int) -> list[Contact]:
    latest_first = (contacts.c.created_at.desc(), contacts.c.id.desc())
    rows = await connection.execute(_mine(workspace_id).order_by(*latest_first).limit(limit))
    return [read(row) for row in rows]


async def linked(connection: AsyncConnection, workspace_id: str, salesforce_ids: Sequence[str]) -> set[str]:
    """Which of these records have a contact."""
    found: set[str] = set()
    for start in range(0, len(salesforce_ids), _AT_ONCE):
        some = contacts.c.salesforce_id.in_(salesforce_ids[start : start + _AT_ONCE])
        mine = select(contacts.c.salesforce_id).where(contacts.c.workspace_id == workspace_id, some)
        found.update((await connection.execute(mine)).scalars())
    return found


async def of_records(
    connection: AsyncConnection, org_id: str, salesforce_ids: Sequence[str]
) -> list[tuple[Contact, str]]:
    """The contacts these records have, in every workspace of the org, each with the country of its workspace."""
    theirs = select(contacts, workspaces.c.region).where(
        connections.c.org_id == org_id,
        contacts.c.workspace_id == connections.c.workspace_id,
        workspaces.c.id == contacts.c.workspace_id,
    )
    found: list[tuple[Contact, str]] = []
    for start in range(0, len(salesforce_ids), _AT_ONCE):
        some = theirs.where(contacts.c.salesforce_id.in_(salesforce_ids[start : start + _AT_ONCE]))
        found += [(read(row), row.region) for row in await connection.execute(some.order_by(contacts.c.id))]
    return found


async def by_keys(connection: AsyncConnection, workspace_id: str, keys: Iterable[str]) -> dict[str, Contact]:
    """The contacts that own these strong keys."""
    joined = contacts.join(contact_keys, contact_keys.c.contact_id == contacts.c.id)
    mine = (contact_keys.c.workspace_id == workspace_id) & contact_keys.c.key.in_(list(keys))
    rows = await connection.execute(select(contact_keys.c.key, contacts).select_from(joined).where(mine))
    return {row.key: read(row) for row in rows}


async def own(connection: AsyncConnection, workspace_id: str, contact_id: str, keys: Iterable[str]) -> None:
    """Give the contact these keys; one that somebody owns already stays where it is. Found by them it is anyway."""
    wanted = list(dict.fromkeys(keys))
    rows = [{"workspace_id": workspace_id, "key": key, "contact_id": contact_id} for key in wanted]
    if rows:
        await connection.execute(_insert(connection)(contact_keys).on_conflict_do_nothing(), rows)
    addresses = [key for key in wanted if key.startswith(("email:", "phone:"))]
    await terms.put(connection, workspace_id, contact_id, addresses)


async def disown(connection: AsyncConnection, contact: Contact, keys: Collection[str]) -> None:
    """Take keys from the contact, which is not found by them any more; who has the same addresses owns them now."""
    if not keys:
        return
    mine = (contact_keys.c.workspace_id == contact.workspace_id) & (contact_keys.c.contact_id == contact.id)
    await connection.execute(delete(contact_keys).where(mine, contact_keys.c.key.in_(keys)))
    await terms.drop(connection, contact.workspace_id, contact.id, keys)
    heirs = _insert(connection)(contact_keys).from_select(
        ["workspace_id", "key", "contact_id"], terms.first_of_each(contact.workspace_id, keys)
    )
    await connection.execute(heirs.on_conflict_do_nothing())


async def call(connection: AsyncConnection, before: Contact, now: Contact) -> None:
    """Give the contact another name, e-mail address or phone number; its keys are another matter."""
    called = {"name": now.name, "email": now.email, "phone": now.phone}
    await connection.execute(update(contacts).where(contacts.c.id == before.id).values(called))
    found_by, further = (terms.terms_of(each.name, each.email, each.phone) for each in (before, now))
    await terms.drop(connection, before.workspace_id, before.id, set(found_by).difference(further))
    await terms.put(connection, before.workspace_id, before.id, further)


async def set_tags(connection: AsyncConnection, contact: Contact, tags: Sequence[str]) -> None:
    """Instead of those the contact has."""
    await connection.execute(update(contacts).where(contacts.c.id == contact.id).values(tags=list(tags)))
    await connection.execute(delete(contact_tags).where(contact_tags.c.contact_id == contact.id))
    await _put_tags(connection, contact, tags)


async def link(connection: AsyncConnection, id: str, salesforce_id: str) -> None:
    await connection.execute(update(contacts).where(contacts.c.id == id).values(salesforce_id=salesforce_id))


async def relink(connection: AsyncConnection, org_id: str, loser: str, winner: str) -> None:
    """In every workspace of the org the contact of a record that was merged goes to the winner; where that one has a
    contact already, the loser's stays without a link."""
    mine = select(connections.c.workspace_id).where(connections.c.org_id == org_id)
    lost = (contacts.c.salesforce_id == loser) & contacts.c.workspace_id.in_(mine)
    taken = select(contacts.c.workspace_id).where(contacts.c.salesforce_id == winner)
    free = update(contacts).where(lost, contacts.c.workspace_id.not_in(taken))
    await connection.execute(free.values(salesforce_id=winner))
    await connection.execute(update(contacts).where(lost).values(salesforce_id=None))


async def begin(connection: AsyncConnection, contact: Contact, month: str) -> None:
    """A conversation with this contact has begun: it wakes up, and counts as active in that month (2026-11)."""
    asleep = (contacts.c.id == contact.id) & contacts.c.dormant
    await connection.execute(update(contacts).where(asleep).values(dormant=False))
    mine = {"workspace_id": contact.workspace_id, "month": month, "contact_id": contact.id}
    await connection.execute(_insert(connection)(active_contacts).values(mine).on_conflict_do_nothing())


async def months(connection: AsyncConnection, contact: Contact) -> list[str]:
    """In which months a conversation with this contact began, the latest first."""
    mine = select(active_contacts.c.month).where(
        active_contacts.c.workspace_id == contact.workspace_id, active_contacts.c.contact_id == contact.id
    )
    return list((await connection.execute(mine.order_by(active_contacts.c.month.desc()))).scalars())


async def active(connection: AsyncConnection, workspace_id: str, month: str) -> int:
    mine = (active_contacts.c.workspace_id == workspace_id) & (active_contacts.c.month == month)
    return (await connection.execute(select(func.count()).select_from(active_contacts).where(mine))).scalar_one()


def read(row: Row[*tuple[Any, ...]]) -> Contact:
    values = {name: row._mapping[name] for name in Contact.__dataclass_fields__}
    return Contact(**values | {"tags": tuple(row.tags)})


def _mine(workspace_id: str) -> Select[*tuple[Any, ...]]:
    return select(contacts).where(contacts.c.workspace_id == workspace_id)


async def _one(connection: AsyncConnection, wanted: Select[*tuple[Any, ...]]) -> Contact | None:
    row = (await connection.execute(wanted)).one_or_none()
    return read(row) if row else None


async def _put_tags(connection: AsyncConnection, contact: Contact, tags: Iterable[str]) -> None:
    mine = {"workspace_id": contact.workspace_id, "created_at": contact.created_at, "contact_id": contact.id}
    rows = [{"tag": tag, **mine} for tag in tags]
    if rows:
        await connection.execute(insert(contact_tags), rows)


def _insert(connection: AsyncConnection) -> Callable[[Table], sqlite.Insert | postgresql.Insert]:
    """Both know ON CONFLICT DO NOTHING."""
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
