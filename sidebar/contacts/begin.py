"""A conversation begins: whoever it is with becomes a local contact, or wakes up, and counts as active this month.

The panel tells; nobody waits for this, and its failure spoils nothing. What was told is remembered, so that a panel
opened a hundred times writes once a month. Must not know panels, and is told nothing where Salesforce did not answer.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from sidebar.cache import Cache
from sidebar.contacts import keys
from sidebar.contacts.following import Step, take_over
from sidebar.contacts.keys import text
from sidebar.identity import Identity
from sidebar.random import Random, token
from sidebar.salesforce.client import Record
from sidebar.store import connections, contacts, records, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.workspaces import Workspace

SOURCE = "conversation"
_SECONDS = 32 * 24 * 3600  # longer than a month
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Beginning:
    """Whom a conversation is with: as the inbox (`host`) names them, and their record where one was found, or
    chosen among several."""

    host: str
    conversation: str
    customer: Identity
    record: Record | None


class Conversations:
    def __init__(self, database: Database, clock: Callable[[], int], random: Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._told: Cache[tuple[str, str, str, str], bool] = Cache(seconds=_SECONDS, size=50_000, clock=clock)
        self._writing: set[asyncio.Task[None]] = set()

    def begin(self, workspace: Workspace, beginning: Beginning) -> None:
        """Say that a conversation was matched; without a conversation nothing has begun. Returns at once."""
        month = datetime.fromtimestamp(self._clock() / 1000, UTC).strftime("%Y-%m")
        record = str(beginning.record["Id"]) if beginning.record else ""
        told = workspace.id, keys.in_inbox("conversation", beginning.host, beginning.conversation), record, month
        if not beginning.conversation or self._told.get(told):
            return
        self._told.put(told, True)
        task = asyncio.create_task(self._write(workspace, beginning, told))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def linked(self, workspace: Workspace, host: str, conversation: str, customer: Identity) -> str:
        """The record of whom this conversation was with before, or the customer of that id; empty where that is not
        known. It outlives a change of their addresses (RI-37), of which none says any more whose it is."""
        owned = _in_inbox(Beginning(host, conversation, customer, None))
        async with self._database.read() as connection:
            found = await contacts.by_keys(connection, workspace.id, owned)
        return next((id for key in owned if key in found and (id := found[key].salesforce_id)), "")

    async def part(self, workspace: Workspace, host: str, conversation: str) -> None:
        """Somebody said that this conversation is not with whom it was: that contact keeps its own addresses only, and
        one that a conversation made loses its record."""
        await self.close()
        key = keys.in_inbox("conversation", host, conversation)
        self._told.drop(lambda each: each[:2] == (workspace.id, key))
        async with self._database.write() as connection:
            await workspaces.lock(connection, workspace.id)
            for contact in (await contacts.by_keys(connection, workspace.id, [key])).values():
                theirs = await _addresses(connection, workspace, contact)
                foreign = (await contacts.keys_of(connection, contact)) - theirs
                await contacts.disown_all(connection, [(contact, foreign)])
                if contact.source == SOURCE:
                    await contacts.link(connection, contact.id, None)

    async def close(self) -> None:
        """Wait until what was told is written."""
        await asyncio.gather(*self._writing)

    async def _write(self, workspace: Workspace, beginning: Beginning, told: tuple[str, str, str, str]) -> None:
        try:
            async with self._database.write() as connection:
                await workspaces.lock(connection, workspace.id)
                contact = await self._contact(connection, workspace, beginning)
                await contacts.begin(connection, contact, told[-1])
        except Exception:
            self._told.drop(lambda each: each == told)  # the next match tells again
            log.exception("a conversation that began was not kept", workspace=workspace.id)

    async def _contact(self, connection: AsyncConnection, workspace: Workspace, beginning: Beginning) -> Contact:
        owned = list(dict.fromkeys(_keys(beginning, workspace.region)))
        contact = await _known(connection, workspace, beginning.record, owned)
        if contact is None:
            contact = _new(workspace, beginning, token(self._random), self._clock())
            await contacts.add_once(connection, contact)
        await contacts.own(connection, workspace.id, contact.id, owned)
        return contact


async def _known(
    connection: AsyncConnection, workspace: Workspace, record: Record | None, owned: Sequence[str]
) -> Contact | None:
    """The contact of that record; else the first who has one of these keys and is not somebody else's record, which
    becomes theirs: what it says of them they take over."""
    id = str(record["Id"]) if record else None
    if id and (linked := await contacts.by_record(connection, workspace.id, id)):
        return linked
    found = await contacts.by_keys(connection, workspace.id, owned)
    fits = (found[key] for key in owned if key in found and (id is None or found[key].salesforce_id is None))
    contact = next(fits, None)
    if contact and record and id:
        await contacts.link(connection, contact.id, id)
        await take_over(connection, [Step(contact, {}, record, workspace.region)])
    return contact


async def _addresses(connection: AsyncConnection, workspace: Workspace, contact: Contact) -> set[str]:
    """What is known to be the contact's own: as it is kept here, and as our copy of its record has it."""
    theirs = set(keys.of_record({"Email": contact.email, "Phone": contact.phone}, workspace.region))
    held = await connections.of(connection, workspace.id)
    if held and held.grant and contact.salesforce_id and contact.source != SOURCE:
        copies = await records.of(connection, held.grant.org_id, [contact.salesforce_id])
        theirs.update(key for copy in copies.values() for key in keys.of_record(copy.values, workspace.region))
    return theirs


def _keys(beginning: Beginning, region: str) -> Sequence[str]:
    """The strongest first: who had this conversation before is who has it now."""
    return (
        *_in_inbox(beginning),
        *keys.of_customer(beginning.customer, region),
        *(keys.of_record(beginning.record, region) if beginning.record else ()),
    )


def _in_inbox(beginning: Beginning) -> list[str]:
    known = (("conversation", beginning.conversation), ("customer", beginning.customer.external_id))
    return [keys.in_inbox(kind, beginning.host, id) for kind, id in known if id]


def _new(workspace: Workspace, beginning: Beginning, id: str, now: int) -> Contact:
    """As Salesforce has it, else as the inbox names it."""
    record, customer = beginning.record or {}, beginning.customer
    phones = [text(record.get(name)) for name in keys.PHONES]
    email = _first(text(record.get("Email")), *map(text, customer.emails))
    phone = _first(*phones, *map(text, customer.phones))
    return Contact(
        id=id,
        workspace_id=workspace.id,
        salesforce_id=str(record["Id"]) if record else None,
        name=_first(text(record.get("Name")), text(customer.name), email, phone) or "?",
        email=email,
        phone=phone,
        source=SOURCE,
        tags=(),
        created_at=now,
    )


def _first(*texts: str | None) -> str | None:
    return next(filter(None, texts), None)
