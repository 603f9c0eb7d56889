"""Local contacts: people in the inbox's world, each perhaps linked to a Salesforce Contact."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store import rows, terms
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


async def add(connection: AsyncConnection, some: Sequence[Contact]) -> list[Contact]:
    """Keep them, but those for whose Salesforce id their workspace has a contact already; says who was new."""
    await rows.insert(connection, contacts, [asdict(each) for each in some])
    there: set[str] = set()
    for start in range(0, len(some), _AT_ONCE):
        ids = [each.id for each in some[start : start + _AT_ONCE]]
        there.update((await connection.execute(select(contacts.c.id).where(contacts.c.id.in_(ids)))).scalars())
    new = [each for each in some if each.id in there]
    await terms.put(connection, [(each.workspace_id, each.id, _terms(each)) for each in new])
    await _put_tags(connection, new)
    return new


async def add_once(connection: AsyncConnection, contact: Contact) -> bool:
    """As `add`, for one."""
    return bool(await add(connection, [contact]))


async def by_id(connection: AsyncConnection, workspace_id: str, id: str) -> Contact | None:
    return await _one(connection, _mine(workspace_id).where(contacts.c.id == id))


async def locked(connection: AsyncConnection, workspace_id: str, id: str) -> Contact | None:
    """As `by_id`, in a write: whoever else wants to change the contact waits for the end of the transaction."""
    return await _one(connection, _mine(workspace_id).where(contacts.c.id == id).with_for_update())


async def by_record(connection: AsyncConnection, workspace_id: str, salesforce_id: str) -> Contact | None:
    return await _one(connection, _mine(workspace_id).where(contacts.c.salesforce_id == salesforce_id))


async def newest(connection: AsyncConnection, workspace_id: str, limit: int) -> list[Contact]:
    latest_first = (contacts.c.created_at.desc(), contacts.c.id.desc())
    mine = _mine(workspace_id).order_by(*latest_first).limit(limit)
    return [read(row) for row in await connection.execute(mine)]


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
    wanted = list(keys)
    joined = contacts.join(contact_keys, contact_keys.c.contact_id == contacts.c.id)
    theirs = select(contact_keys.c.key, contacts).select_from(joined).where(contact_keys.c.workspace_id == workspace_id)
    found: dict[str, Contact] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = theirs.where(contact_keys.c.key.in_(wanted[start : start + _AT_ONCE]))
        found |= {row.key: read(row) for row in await connection.execute(some)}
    return found


async def keys_of(connection: AsyncConnection, contact: Contact) -> set[str]:
    mine = (contact_keys.c.workspace_id == contact.workspace_id) & (contact_keys.c.contact_id == contact.id)
    return set((await connection.execute(select(contact_keys.c.key).where(mine))).scalars())


async def own(connection: AsyncConnection, workspace_id: str, contact_id: str, keys: Iterable[str]) -> None:
    """Give the contact these keys; one that somebody owns already stays where it is. Found by them it is anyway."""
    await own_all(connection, [(workspace_id, contact_id, keys)])


async def own_all(connection: AsyncConnection, owned: Iterable[terms.Had]) -> None:
    """As `own`, for many: who comes first owns what several are given."""
    each = [(workspace, contact, list(dict.fromkeys(keys))) for workspace, contact, keys in owned]
    await rows.insert(connection, contact_keys, list(_keys(each)))
    await terms.put(connection, [(workspace, contact, _addresses(keys)) for workspace, contact, keys in each])


async def disown_all(connection: AsyncConnection, lost: Iterable[tuple[Contact, Collection[str]]]) -> None:
    """Take keys from contacts, which are not found by them any more; who has the same addresses owns them now."""
    each = [(contact.workspace_id, contact.id, keys) for contact, keys in lost if keys]
    await rows.remove(connection, contact_keys, list(_keys(each)))
    await terms.drop(connection, each)
    for workspace_id in {workspace for workspace, _, _ in each}:
        theirs = {key for workspace, _, keys in each if workspace == workspace_id for key in keys}
        heirs = _insert(connection)(contact_keys).from_select(
            ["workspace_id", "key", "contact_id"], terms.first_of_each(workspace_id, theirs)
        )
        await connection.execute(heirs.on_conflict_do_nothing())


async def call_all(connection: AsyncConnection, called: Sequence[tuple[Contact, Contact]]) -> None:
    """Give contacts, as they are and shall be, another name, e-mail address or phone number; their keys are another
    matter."""
    if not called:
        return
    mine = update(contacts).where(contacts.c.id == bindparam("its_id"))
    changed = mine.values({name: bindparam(f"its_{name}") for name in ("name", "email", "phone")})
    given = [
        {"its_id": now.id, "its_name": now.name, "its_email": now.email, "its_phone": now.phone} for _, now in called
    ]
    await connection.execute(changed, given)
    lost = [(now.workspace_id, now.id, set(_terms(before)).difference(_terms(now))) for before, now in called]
    await terms.drop(connection, lost)
    await terms.put(connection, [(now.workspace_id, now.id, _terms(now)) for _, now in called])


async def set_tags(connection: AsyncConnection, contact: Contact, tags: Sequence[str]) -> None:
    """Instead of those the contact has."""
    await connection.execute(update(contacts).where(contacts.c.id == contact.id).values(tags=list(tags)))
    await connection.execute(delete(contact_tags).where(contact_tags.c.contact_id == contact.id))
    await _put_tags(connection, [replace(contact, tags=tuple(tags))])


async def link(connection: AsyncConnection, id: str, salesforce_id: str | None) -> None:
    await connection.execute(update(contacts).where(contacts.c.id == id).values(salesforce_id=salesforce_id))


async def link_all(connection: AsyncConnection, linked: Sequence[tuple[str, str]]) -> None:
    """As `link`, for many: contacts, and the Salesforce id of each."""
    if linked:
        mine = update(contacts).where(contacts.c.id == bindparam("its_id"))
        given = [{"its_id": id, "its_record": salesforce_id} for id, salesforce_id in linked]
        await connection.execute(mine.values(salesforce_id=bindparam("its_record")), given)


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


async def untouched(connection: AsyncConnection, workspace_id: str, salesforce_ids: Sequence[str]) -> list[Contact]:
    """The contacts of these records that are awake, though no conversation with them ever began."""
    begun = select(active_contacts.c.contact_id).where(active_contacts.c.workspace_id == workspace_id)
    awake = _mine(workspace_id).where(~contacts.c.dormant, contacts.c.id.not_in(begun))
    found: list[Contact] = []
    for start in range(0, len(salesforce_ids), _AT_ONCE):
        some = awake.where(contacts.c.salesforce_id.in_(salesforce_ids[start : start + _AT_ONCE]))
        found += [read(row) for row in await connection.execute(some.order_by(contacts.c.id))]
    return found


async def put_to_rest(connection: AsyncConnection, evidence: Mapping[str, str]) -> None:
    """Until a conversation begins. `evidence` of an import by id."""
    if evidence:
        mine = update(contacts).where(contacts.c.id == bindparam("its_id"))
        given = [{"its_id": id, "why": why} for id, why in evidence.items()]
        await connection.execute(mine.values(dormant=True, evidence=bindparam("why")), given)


async def remove(connection: AsyncConnection, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        await connection.execute(delete(contacts).where(contacts.c.id.in_(ids[start : start + _AT_ONCE])))


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


async def _put_tags(connection: AsyncConnection, some: Iterable[Contact]) -> None:
    tagged = [
        {"workspace_id": each.workspace_id, "tag": tag, "created_at": each.created_at, "contact_id": each.id}
        for each in some
        for tag in each.tags
    ]
    await rows.insert(connection, contact_tags, tagged)


def _terms(contact: Contact) -> list[str]:
    return terms.terms_of(contact.name, contact.email, contact.phone)


def _keys(owned: Iterable[terms.Had]) -> Iterator[dict[str, str]]:
    for workspace_id, contact_id, keys in owned:
        yield from ({"workspace_id": workspace_id, "key": key, "contact_id": contact_id} for key in keys)


def _addresses(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.startswith(("email:", "phone:"))]


def _insert(connection: AsyncConnection) -> Callable[[Table], sqlite.Insert | postgresql.Insert]:
    """Both know ON CONFLICT DO NOTHING."""
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
