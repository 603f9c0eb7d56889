"""Takes in what changed in Salesforce: today, a local contact for each Contact that is new there.

Effects and replay position are one transaction, so that a change is neither lost nor taken in by halves; taking it in
again changes nothing. Must not know how events arrive.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

SLACK = 60_000
"""In ms: how far the org's clock may be from ours. What is older than a connection by more predates it."""


@dataclass(frozen=True, slots=True)
class Person:
    """What Salesforce says of a new Contact, and when its event was committed (ms, in whole seconds)."""

    at: int
    values: Mapping[str, Value]


People: TypeAlias = Mapping[str, Person]
"""By Salesforce id, in the order in which they came to be."""

_TOLD = ("CREATE", "UNDELETE")
_UNTOLD = ("GAP_CREATE", "GAP_UNDELETE")
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
    is where the org was disconnected in the meantime: a later connection begins anew (RI-40). However far back the
    stream was started, no workspace gets a Contact that was there before it was connected.

    `client` reads the records of events that came without values, before the transaction; its errors are passed on.
    """
    people = await _new_people(batch, org_id, client)
    async with database.write() as connection:
        if not await connections.holds_org(connection, org_id):
            return []
        added = await _add(connection, org_id, people, clock(), random) if people else []
        if batch.latest_replay_id:
            await positions.put(connection, org_id, topic, batch.latest_replay_id, clock())
    return added


async def _new_people(batch: Batch, org_id: str, client: Client) -> People:
    """An undeleted Contact is as good as new: where it is known already, nothing will be added."""
    people: dict[str, Person] = {}
    for event in batch.events:
        if event.header.entity != "Contact":
            continue
        ids, kind, at = _ids(event, org_id), event.header.kind, event.header.at_ms
        if kind in _TOLD:
            people.update(dict.fromkeys(ids, Person(at, event.values)))
        elif kind in _UNTOLD:
            people.update({id: Person(at, values) for id, values in (await _read(client, ids)).items()})
    return people


def _ids(event: Event, org_id: str) -> list[str]:
    """Of the records it names. Some events stand for more than they name; those stay unknown, and whoever runs this is
    told."""
    ids = [id for id in event.header.record_ids if re.fullmatch("003[0-9A-Za-z]{15}", id)]
    others = [id for id in event.header.record_ids if id not in ids]
    if others or event.header.kind == "GAP_OVERFLOW":
        log.warning(
            "change event does not name all its records, new Contacts among them are not taken in",
            org=org_id,
            kind=event.header.kind,
            record_ids=others,
            event_id=event.id,
        )
    return ids


async def _read(client: Client, ids: list[str]) -> Mapping[str, Mapping[str, Value]]:
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
    for workspace_id, connected_at in await workspaces.auto_creating(connection, org_id):
        newer = ((id, person.values) for id, person in people.items() if person.at >= connected_at - SLACK)
        for id, values in newer:
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
