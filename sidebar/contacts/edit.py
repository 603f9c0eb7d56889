"""One field of one Contact, corrected: allowed? still what it was on screen? → Salesforce, journal, cache.

What is written replaces exactly the value the agent saw, or nothing is written. Salesforce's own guard is a header that
knows whole seconds (If-Unmodified-Since): two changes within one second can slip through, and the read that follows
every write shows which of them stayed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sidebar.contacts.fields import Spec, may_edit, modified, parse, same
from sidebar.contacts.lookup import Lookup, Seen
from sidebar.hosts import Agent
from sidebar.orgs import NotConnected, Orgs
from sidebar.random import Random, token
from sidebar.salesforce.client import JSON
from sidebar.salesforce.errors import Changed, SalesforceError, Unreachable
from sidebar.store import journal, notices
from sidebar.store.database import Database
from sidebar.store.notices import Notice
from sidebar.store.workspaces import Workspace

_TRIES = 3  # other fields of the record may change while we write ours


class NotEditable(Exception):
    """`reason`: "switch" (editing is off), "hidden" (not a shown field), "kind" (its type never is), "rights"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Conflict(Exception):
    """Somebody was faster: the field no longer holds what the agent saw. Nothing was written."""

    def __init__(self, seen: Seen, theirs: JSON) -> None:
        super().__init__("somebody else changed this field")
        self.seen = seen
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and from where."""

    agent: Agent
    host: str
    conversation: str


@dataclass(frozen=True, slots=True)
class Correction:
    """`typed` is the form's text, `saw` the value that was on screen."""

    record_id: str
    field: str
    typed: str
    saw: JSON


class Editor:
    def __init__(
        self, lookup: Lookup, orgs: Orgs, database: Database, clock: Callable[[], int], random: Random
    ) -> None:
        self._lookup = lookup
        self._orgs = orgs
        self._database = database
        self._clock = clock
        self._random = random
        self._writing: set[asyncio.Task[Seen]] = set()

    async def save(self, workspace: Workspace, author: Author, correction: Correction) -> Seen:
        """The record after the write. Raises NotEditable, Invalid, Conflict, NotConnected and SalesforceError."""
        spec = await self.permitted(workspace, correction.field)
        new = parse(spec, correction.typed)
        seen = await self._lookup.see(workspace, correction.record_id)
        if seen.copied or not same(seen.record.get(spec.name), correction.saw):
            seen = await self._lookup.read_now(workspace, correction.record_id)
        _check_still(correction, seen, new)
        if same(seen.record.get(spec.name), new):
            return seen
        task = asyncio.create_task(self._commit(workspace, author, correction, seen, new))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)  # a tab that is closed does not stop a write half way

    async def permitted(self, workspace: Workspace, name: str) -> Spec:
        """The field, if this workspace lets its agents edit it (RI-16 to RI-18)."""
        if not workspace.editing:
            raise NotEditable("switch")
        spec = (await self._lookup.specs(workspace)).get(name) if name in workspace.fields else None
        if spec is None:
            raise NotEditable("hidden")
        if not may_edit(spec):
            raise NotEditable("kind" if spec.writable else "rights")
        return spec

    async def close(self) -> None:
        """Wait until what is being written is written, and in the journal."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _commit(
        self, workspace: Workspace, author: Author, correction: Correction, seen: Seen, new: JSON
    ) -> Seen:
        entry = self._entry(workspace, author, correction, new)
        async with self._database.write() as connection:
            await journal.add(connection, entry)
        try:
            seen = await self._write(workspace, correction, seen, new)
        except Unreachable:
            raise  # nobody knows what became of it, and the journal says so
        except (Conflict, SalesforceError, NotConnected):
            await self._settle(entry, "refused")
            raise
        await self._settle(entry, "written", await self._notice(workspace, entry))
        return await self._after(workspace, seen, correction.field, new)

    async def _write(self, workspace: Workspace, correction: Correction, seen: Seen, new: JSON) -> Seen:
        """The record as it was read before the write that succeeded."""
        client = await self._orgs.client(workspace.id, "edit")
        for _ in range(_TRIES):
            try:
                await client.update("Contact", seen.id, {correction.field: new}, modified(seen.record))
                return seen
            except Changed:
                seen = await self._lookup.read_now(workspace, seen.id)
                _check_still(correction, seen, new)
            except Unreachable as lost:
                return await self._taken(workspace, correction, seen, new, lost)
        raise Conflict(seen, seen.record.get(correction.field))

    async def _taken(
        self, workspace: Workspace, correction: Correction, seen: Seen, new: JSON, lost: Unreachable
    ) -> Seen:
        """The answer was lost: was the write taken all the same?"""
        try:
            now = await self._lookup.read_now(workspace, seen.id)
        except (SalesforceError, NotConnected):
            raise lost from None
        if not same(now.record.get(correction.field), new):
            raise lost
        return now

    async def _settle(self, entry: journal.Entry, outcome: str, *news: Notice) -> None:
        async with self._database.write() as connection:
            await journal.settle(connection, entry.id, outcome)
            await notices.tell(connection, *news)

    async def _notice(self, workspace: Workspace, entry: journal.Entry) -> Notice:
        """The panels of colleagues hear of an edit at once, without waiting for the change stream."""
        held = await self._orgs.connection(workspace.id)
        org_id = held.grant.org_id if held and held.grant else ""
        return Notice(org_id, (entry.record_id,), (entry.field,), self._clock(), entry=entry.id)

    async def _after(self, workspace: Workspace, seen: Seen, name: str, new: JSON) -> Seen:
        """What Salesforce made of it: automation may have had its say. It is written even if this cannot be read."""
        try:
            return await self._lookup.read_now(workspace, seen.id)
        except (SalesforceError, NotConnected):
            self._lookup.forget_record(workspace, seen.id)
            return Seen({**seen.record, name: new}, seen.at)

    def _entry(self, workspace: Workspace, author: Author, correction: Correction, new: JSON) -> journal.Entry:
        return journal.Entry(
            id=token(self._random),
            workspace_id=workspace.id,
            at=self._clock(),
            agent_id=author.agent.id,
            agent_email=author.agent.email,
            agent_name=author.agent.name,
            host=author.host,
            conversation=author.conversation,
            record_id=correction.record_id,
            field=correction.field,
            old=correction.saw,
            new=new,
        )


def _check_still(correction: Correction, seen: Seen, new: JSON) -> None:
    """The field holds what the agent saw, or already what he wants; else Conflict."""
    theirs = seen.record.get(correction.field)
    if not same(theirs, correction.saw) and not same(theirs, new):
        raise Conflict(seen, theirs)
