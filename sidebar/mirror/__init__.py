"""Takes in what changed in Salesforce: our copy of each Contact, and local contacts for new ones.

Effects and replay position are one transaction, so that a change is neither lost nor taken in by halves; taking it in
again changes nothing. One process at a time does this for an org. Must not know how events arrive.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from sidebar.mirror import record, walks
from sidebar.mirror.arrivals import SLACK, TAG, Arrival, Door
from sidebar.mirror.bulk import Imports, Made
from sidebar.mirror.following import follow
from sidebar.mirror.news import notices
from sidebar.random import Random
from sidebar.salesforce.pubsub import Batch
from sidebar.salesforce.schema import Event
from sidebar.store import connections, leases, positions, records
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.notices import tell
from sidebar.store.positions import News
from sidebar.store.records import Record

__all__ = ["CONTACTS", "TAG", "Lost", "Mirror", "Outcome", "lease"]

CONTACTS = "/data/ContactChangeEvent"

log = structlog.get_logger()


class Lost(Exception):
    """Another process has taken over the org, or it was disconnected: nothing was kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was taken in: local contacts that were made, and whether there is something to be read."""

    made: Sequence[Contact] = ()
    unread: bool = False


class Mirror:
    """One org's copy. `holder`: whose lease guards each write."""

    def __init__(self, database: Database, org_id: str, holder: str, clock: Callable[[], int], random: Random) -> None:
        self.database = database
        self.org_id = org_id
        self.clock = clock
        self._holder = holder
        self._random = random
        self._imports = Imports()

    async def apply(self, batch: Batch, kept: Collection[str]) -> Outcome:
        """Take in what came; its position is kept with it. Raises Lost."""
        events = [event for event in batch.events if event.header.entity == record.CONTACT]
        named = [(id, event) for event in events for id in event.header.record_ids if _is_record(id)]
        evidence = self._imports.judge([_made(id, event) for id, event in named if event.header.kind == "CREATE"])
        reason = _reason(batch, events)
        async with self.writing() as connection:
            before = await records.of(connection, self.org_id, {id for id, _ in named}) if named else {}
            now = _taken_in(before, named, kept)
            changed = {id: each for id, each in now.items() if each != before.get(id)}
            made = await self.put(connection, before, changed.values(), evidence)
            await self._door(connection).take_back({id: why for id, why in evidence.items() if id not in now})
            # Also of what a walk has seen already, or is to be read anyway: who shows the record may not know it yet.
            heard = {id for id, each in now.items() if each is not before.get(id)}
            await tell(connection, *notices(self.org_id, heard, events))
            if reason:
                await walks.want(connection, self.org_id, reason, kept, self.clock())
            news = self._news(batch, events)
            await positions.put(connection, self.org_id, CONTACTS, batch.latest_replay_id, self.clock(), news)
        self._imports.settle(evidence)
        if reason:
            log.warning("change events do not name all their records, all are read again", org=self.org_id, why=reason)
        return Outcome(made, bool(reason) or any(each.dirty for each in changed.values()))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in which nobody else listens to the org. Raises Lost."""
        async with self.database.write() as connection:
            if not await leases.holds(connection, lease(self.org_id), self._holder):
                raise Lost("another process listens now")
            if not await connections.holds_org(connection, self.org_id):
                raise Lost("the org was disconnected")
            yield connection

    async def put(
        self,
        connection: AsyncConnection,
        before: Mapping[str, Record],
        now: Iterable[Record],
        evidence: Mapping[str, str],
        *,
        slack: Callable[[Record], int] = lambda _: SLACK,
        then: records.Arrival = "done",
    ) -> list[Contact]:
        """Keep these records, and let in whom they show to be new, who are not any more afterwards, but as `then` says.
        Who is here already follows. `evidence` of bulk imports by record id."""
        all_of_them = list(now)
        kept = [replace(each, arrival=then) if _is_new(each) else each for each in all_of_them]
        await records.put(connection, self.org_id, kept, before)
        new = filter(_is_new, all_of_them)
        made = await self._door(connection).welcome([Arrival(each, evidence.get(each.id), slack(each)) for each in new])
        await follow(connection, self.org_id, before, all_of_them, but={contact.id for contact in made})
        return made

    def _door(self, connection: AsyncConnection) -> Door:
        return Door(connection, self.org_id, self.clock(), self._random)

    def _news(self, batch: Batch, events: Sequence[Event]) -> News:
        gaps = sum(event.header.kind.startswith("GAP_") for event in events) + len(batch.unreadable)
        if not events:
            return News(len(batch.unreadable), gaps)
        at = events[-1].header.at_ms
        return News(len(events) + len(batch.unreadable), gaps, at, max(0, self.clock() - at))


def lease(org_id: str) -> str:
    return f"listen to {org_id}"


def _taken_in(
    before: Mapping[str, Record], named: Sequence[tuple[str, Event]], kept: Collection[str]
) -> dict[str, Record]:
    now = dict(before)
    for id, event in named:
        now[id] = record.after(now.get(id), event, id, kept)
    return now


def _is_new(each: Record) -> bool:
    return each.counts and each.arrival == "due"


def _made(id: str, event: Event) -> Made:
    return Made(id, event.header.user, event.header.at_ms, event.header.origin)


def _reason(batch: Batch, events: Sequence[Event]) -> str:
    """Why all records have to be read: some events stand for more than they name. Empty where none does."""
    if batch.unreadable:
        return "unreadable"
    if any(event.header.kind == "GAP_OVERFLOW" for event in events):
        return "overflow"
    return "wildcard" if any(not _is_record(id) for event in events for id in event.header.record_ids) else ""


def _is_record(id: str) -> bool:
    return len(id) == 18 and id.isalnum() and id.isascii() and id.startswith("003")
