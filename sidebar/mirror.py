"""Takes in what changed in Salesforce: today, a local contact for each Contact that is new there.

Effects and replay position are one transaction, so that a change is neither lost nor taken in by halves; taking it in
again changes nothing. Must not know how events arrive.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import structlog

from sidebar.random import Random, token
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client
from sidebar.salesforce.errors import Refused
from sidebar.salesforce.pubsub import Batch
from sidebar.salesforce.schema import Event, Value
from sidebar.store import connections, contacts, positions, workspaces
from sidebar.store.database import AsyncConnection, Database

CONTACTS = "/data/ContactChangeEvent"
TAG = "Auto-create: Salesforce"

People: TypeAlias = Mapping[str, Mapping[str, Value]]
"""What Salesforce says of each new Contact, by its id, in the order in which they came to be."""

_MOST_AT_ONCE = 200  # ids in one query
_NAME_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")
_PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")
_QUESTION = "SELECT Id, Name, Email, Phone, MobilePhone, HomePhone, OtherPhone FROM Contact WHERE Id IN "

log = structlog.get_logger()


async def apply(
    database: Database,
    org_id: str,
    topic: str,
    batch: Batch,
    *,
    client: Client,
    clock: Callable[[], int],
    random: Random,
) -> list[contacts.Contact]:
    """The local contacts that are new by this batch; they are kept, and so is its position, once this returns. Nothing
    is where the org was disconnected in the meantime: a later connection begins anew (RI-40).

    `client` reads the records of events that came without values, before the transaction; its errors are passed on.
    """
    people = await _new_people(batch, client)
    async with database.write() as connection:
        if not await connections.holds_org(connection, org_id):
            return []
        added = await _add(connection, org_id, people, clock(), random) if people else []
        if batch.latest_replay_id:
            await positions.put(connection, org_id, topic, batch.latest_replay_id, clock())
    return added


async def _new_people(batch: Batch, client: Client) -> People:
    """An undeleted Contact is as good as new: where it is known already, nothing will be added."""
    people: dict[str, Mapping[str, Value]] = {}
    for event in batch.events:
        if event.header.entity == "Contact" and event.header.kind in ("CREATE", "UNDELETE"):
            people.update(dict.fromkeys(_ids(event), event.values))
        elif event.header.entity == "Contact" and event.header.kind == "GAP_CREATE":
            people.update(await _read(client, list(_ids(event))))
    return people


def _ids(event: Event) -> Iterator[str]:
    for id in event.header.record_ids:
        if re.fullmatch("003[0-9A-Za-z]{15}", id):
            yield id
        else:
            log.warning("change event names no record", kind=event.header.kind, record_id=id, event_id=event.id)


async def _read(client: Client, ids: list[str]) -> People:
    """Those that still exist. Where Salesforce refuses the question as such, their ids are all there is to know."""
    people: dict[str, Mapping[str, Value]] = {}
    for start in range(0, len(ids), _MOST_AT_ONCE):
        some = ids[start : start + _MOST_AT_ONCE]
        try:
            found = await client.query(_QUESTION + soql.texts(some))
            people.update({str(each["Id"]): each for each in found})
        except Refused as problem:
            log.warning("new contacts cannot be read", record_ids=some, reason=problem.message)
            people.update((id, {}) for id in some)
    return people


async def _add(
    connection: AsyncConnection, org_id: str, people: People, now: int, random: Random
) -> list[contacts.Contact]:
    added = []
    for workspace_id in await workspaces.auto_creating(connection, org_id):
        for id, values in people.items():
            contact = _contact(token(random), workspace_id, id, values, now)
            if await contacts.add_once(connection, contact):
                added.append(contact)
    return added


def _contact(id: str, workspace_id: str, salesforce_id: str, values: Mapping[str, Value], now: int) -> contacts.Contact:
    email = _text(values.get("Email"))
    phone = next(filter(None, (_text(values.get(name)) for name in _PHONES)), None)
    return contacts.Contact(
        id=id,
        workspace_id=workspace_id,
        salesforce_id=salesforce_id,
        name=_name(values.get("Name")) or email or phone or salesforce_id,
        email=email,
        phone=phone,
        source="salesforce",
        tags=(TAG,),
        created_at=now,
    )


def _name(name: Value) -> str | None:
    """An event carries the parts of a name, a record the whole of it."""
    if isinstance(name, Mapping):
        return " ".join(filter(None, (_text(name.get(part)) for part in _NAME_PARTS))) or None
    return _text(name)


def _text(value: Value) -> str | None:
    """Without the one character PostgreSQL cannot keep: a record that holds it must not stop the stream."""
    return value.replace("\0", "").strip() or None if isinstance(value, str) else None
