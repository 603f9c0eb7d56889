"""Local contacts: people in the inbox's world, each perhaps linked to a Salesforce Contact."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store import terms
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import active_contacts, connections, contact_keys, contact_tags, contacts


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


async def linked(connection: AsyncConnection, workspace_id: str, salesforce_ids: Iterable[str]) -> dict[str, str]:
    """Which local contact (its id) each of these records has."""
    mine = select(contacts.c.salesforce_id, contacts.c.id).where(
        contacts.c.workspace_id == workspace_id, contacts.c.salesforce_id.in_(list(salesforce_ids))
    )
    return {row.salesforce_id: row.id for row in await connection.execute(mine)}


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


async def set_tags(connection: AsyncConnection, contact: Contact, tags: Sequence[str]) -> None:
    """Instead of those the contact has."""
    await connection.execute(update(contacts).where(contacts.c.id == contact.id).values(tags=list(tags)))
    await connection.execute(delete(contact_tags).where(contact_tags.c.contact_id == contact.id))
    await _put_tags(connection, contact, tags)


async def link(connection: AsyncConnection, id: str, salesforce_id: str | None) -> None:
    await connection.execute(update(contacts).where(contacts.c.id == id).values(salesforce_id=salesforce_id))


async def relink(connection: AsyncConnection, org_id: str, loser: str, winner: str | None) -> None:
    """In every workspace of the org: the contact of a record that was merged goes to the winner, where that one has no
    contact yet; of a record that was deleted it stays, without a link."""
    mine = select(connections.c.workspace_id).where(connections.c.org_id == org_id)
    lost = (contacts.c.salesforce_id == loser) & contacts.c.workspace_id.in_(mine)
    if winner is not None:
        taken = select(contacts.c.workspace_id).where(contacts.c.salesforce_id == winner)
        await connection.execute(
            update(contacts).where(lost, contacts.c.workspace_id.not_in(taken)).values(salesforce_id=winner)
        )
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
    values = {name: value for name, value in row._mapping.items() if name != "key"}
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
