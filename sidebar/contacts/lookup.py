"""Identity → Match: which Salesforce Contact is this, and what does it hold?

Answers are remembered for 60 seconds, and however many ask at once, one of them asks Salesforce (RI-32). That it did
not answer is not the same as "nobody": it is an error of salesforce/errors.py, and nothing is remembered of it.

Notices of changes end what is remembered at once. A workspace that is `live` is told what our own copy holds, and keeps
its matches, for as long as the change stream is provably alive: at no call at all.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from sidebar.cache import Cache
from sidebar.contacts.copies import RELATED_SECONDS, Copies, Wanted
from sidebar.contacts.fields import Spec, columns, specs
from sidebar.contacts.here import Here
from sidebar.contacts.memory import FRESH_SECONDS, Match, Memory, Scope, Seen
from sidebar.contacts.pulse import Pulse, Pulses
from sidebar.contacts.search import Search, tried
from sidebar.identity import Identity, email_key
from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import Refused, SalesforceError
from sidebar.store.database import Database
from sidebar.store.notices import Hub
from sidebar.store.workspaces import Workspace

__all__ = ["FRESH_SECONDS", "Lookup", "Match", "Mirrored", "Seen"]

T = TypeVar("T")
_MANY = 2000  # rows in one answer
_PATIENCE_MS = 2000  # asking again for something this new brings nothing but calls


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What the mirror brings: notices of changes, whether the stream is alive, and our copies of records."""

    database: Database
    hub: Hub
    pulses: Pulses
    copies: Copies
    here: Here


class Lookup:
    """Reads records for the panel. One for the whole house; whose answer it is stands in every key."""

    def __init__(self, orgs: Orgs, clock: Callable[[], int], mirrored: Mirrored | None = None) -> None:
        self._orgs = orgs
        self._clock = clock
        self._mirrored = mirrored
        self._memory = Memory(clock, mirrored.database if mirrored else None)
        self._learnt: Cache[Scope, bool] = Cache(seconds=RELATED_SECONDS, size=1_000, clock=clock)
        self._specs: dict[str, tuple[Record, dict[str, Spec]]] = {}
        orgs.on_disconnect(self.forget)
        if mirrored:
            mirrored.hub.on_notice(self._memory.hear, self._memory.missed)

    async def match(self, workspace: Workspace, identity: Identity, *, fresh: bool = False) -> Match:
        """Who this is; `fresh`: what is remembered does not count. Raises SalesforceError, NotConnected."""
        key = (await self._scope(workspace), _essence(identity))
        live = await self._is_live(workspace)
        memory = self._memory.lasting if live else self._memory.matches
        known = memory.get(key)
        if fresh and known and self._clock() - known.at > _PATIENCE_MS:
            memory.drop(lambda each: each == key)
        here = live and not fresh
        match = await memory.load(
            key, lambda: self._find_here(key[0], identity) if here else self._find(workspace, identity)
        )
        return replace(match, tried=tried(identity, workspace.region), at=self._clock() if live else match.at)

    async def see(self, workspace: Workspace, id: str, *, fresh: bool = False) -> Seen:
        """The record of that id; `fresh`: as it is now, not as it was within the last minute."""
        key = (await self._scope(workspace), id)
        if fresh:
            known = self._memory.records.get(key)
            if known and (known.copied or self._clock() - known.at > _PATIENCE_MS):
                self._memory.records.drop(lambda each: each == key)
        if fresh or not await self._is_live(workspace):
            return await self._memory.records.load(key, lambda: self._read(workspace, id))
        seen = await self._memory.records.load(key, lambda: self._copied(key[0], id))
        return replace(seen, at=self._clock())

    async def read_now(self, workspace: Workspace, id: str) -> Seen:
        """The record straight from Salesforce, remembered for the others: what a compare before a write needs."""
        asked = self._clock()
        seen = await self._read(workspace, id)
        self._memory.remember(await self._scope(workspace), seen, asked)
        return seen

    async def pulse(self, workspace: Workspace) -> Pulse:
        """Whether what is shown of a record is true until a notice says otherwise. No event tells of a formula."""
        if self._mirrored is None:
            return Pulse(False)
        pulse = await self._mirrored.pulses.of((await self._scope(workspace)).org_id)
        known = await self.specs(workspace) if pulse.alive else {}
        hidden = any(known[name].calculated for name in workspace.fields if name in known)
        return replace(pulse, alive=pulse.alive and not hidden)

    async def specs(self, workspace: Workspace) -> dict[str, Spec]:
        describe = await self._orgs.describe(workspace.id, "Contact")
        known = self._specs.get(workspace.id)
        if known is None or known[0] is not describe:
            known = self._specs[workspace.id] = (describe, specs(describe))
        return known[1]

    def forget(self, workspace_id: str) -> None:
        """Nothing of a workspace that has been disconnected stays (RI-40)."""
        self._memory.forget(workspace_id)
        self._specs.pop(workspace_id, None)
        self._learnt.drop(lambda scope: scope.workspace.id == workspace_id)
        if self._mirrored:
            self._mirrored.copies.forget(workspace_id)

    def forget_record(self, workspace: Workspace, id: str) -> None:
        """Whatever is remembered of a record that has just been written and could not be read again."""
        self._memory.forget_record(workspace.id, id)

    async def close(self) -> None:
        """Before the database is closed."""
        await self._memory.close()

    async def _is_live(self, workspace: Workspace) -> bool:
        return workspace.live and (await self.pulse(workspace)).alive

    async def _scope(self, workspace: Workspace) -> Scope:
        connected_at = await self._orgs.connected_at(workspace.id)
        held = await self._orgs.connection(workspace.id)
        if held is None or held.grant is None:
            raise NotConnected("never")
        return Scope(workspace, held.grant.org_id, connected_at)

    async def _copied(self, scope: Scope, id: str) -> Seen:
        """From our own copy; from Salesforce where that cannot tell, or an edit of ours is not in it yet."""
        workspace = scope.workspace
        if self._mirrored and not self._memory.is_ahead(id):
            wanted = Wanted(workspace.id, await self.specs(workspace), workspace.fields)
            record = await self._mirrored.copies.record(scope.org_id, id, wanted)
            if record is None and await self._have_learnt(scope, wanted):
                record = await self._mirrored.copies.record(scope.org_id, id, wanted)
            if record:
                return Seen(record, self._clock(), copied=True)
        return await self._read(workspace, id)

    async def _have_learnt(self, scope: Scope, wanted: Wanted) -> bool:
        """One call that tells the names of many accounts, instead of one for each."""
        try:
            return await self._learnt.load(scope, lambda: self._learn_names(scope, wanted))
        except (SalesforceError, NotConnected):
            return False  # a reading of the record itself tells what is wrong

    async def _learn_names(self, scope: Scope, wanted: Wanted) -> bool:
        related = [spec for name in wanted.shown if (spec := wanted.known.get(name)) and spec.relationship]
        names = ", ".join(
            ["Id, Name, LastModifiedDate", *(f"{each.name}, {each.relationship}.Name" for each in related)]
        )
        client = await self._orgs.client(scope.workspace.id)
        found = await client.query(f"SELECT {names} FROM Contact ORDER BY LastModifiedDate DESC LIMIT {_MANY}")  # noqa: S608 - names from describe
        await self._learn(scope.workspace, found)
        return True

    async def _read(self, workspace: Workspace, id: str) -> Seen:
        async def ask(client: Client, known: dict[str, Spec]) -> Record:
            return await Search(client, known, columns(known, workspace.fields), workspace.region).by_id(id)

        record = await self._ask(workspace, ask)
        await self._learn(workspace, [record])
        return Seen(record, self._clock())

    async def _find_here(self, scope: Scope, identity: Identity) -> Match:
        """From our own copies; from Salesforce where those cannot tell."""
        workspace = scope.workspace
        addresses = tried(identity, workspace.region)
        assert self._mirrored is not None
        known = await self.specs(workspace)
        found = await self._mirrored.here.find(scope.org_id, known, workspace.region, addresses)
        if found is None:
            return await self._find(workspace, identity)
        rule, ids = found
        return Match(tuple(ids), rule, addresses, self._clock())

    async def _find(self, workspace: Workspace, identity: Identity) -> Match:
        addresses = tried(identity, workspace.region)

        async def ask(client: Client, known: dict[str, Spec]) -> tuple[str, list[Record]]:
            return await Search(client, known, columns(known, workspace.fields), workspace.region).find(addresses)

        asked, scope = self._clock(), await self._scope(workspace)
        rule, found = await self._ask(workspace, ask)
        await self._learn(workspace, found)
        for record in found:
            self._memory.remember(scope, Seen(record, self._clock()), asked)
        return Match(tuple(str(record["Id"]) for record in found), rule, addresses, self._clock())

    async def _learn(self, workspace: Workspace, found: list[Record]) -> None:
        if self._mirrored and workspace.live:
            scope, known = await self._scope(workspace), await self.specs(workspace)
            await self._mirrored.copies.learn(scope.org_id, Wanted(workspace.id, known, workspace.fields), found)

    async def _ask(self, workspace: Workspace, question: Callable[[Client, dict[str, Spec]], Awaitable[T]]) -> T:
        """INVALID_FIELD means that something has been hidden from us since we asked for describe: ask for it again, and
        then without the names of related records, whose own describe we do not know."""
        client = await self._orgs.client(workspace.id)
        try:
            return await question(client, await self.specs(workspace))
        except Refused as problem:
            _check_hidden(problem)
        self._orgs.forget_describe(workspace.id)
        known = await self.specs(workspace)
        try:
            return await question(client, known)
        except Refused as problem:
            _check_hidden(problem)
        return await question(client, {name: replace(spec, relationship="") for name, spec in known.items()})


def _check_hidden(problem: Refused) -> None:
    if problem.code != "INVALID_FIELD":
        raise problem


def _essence(identity: Identity) -> Identity:
    """What decides who somebody is: neither the name nor the case of an address does."""
    emails = sorted({email_key(raw) or raw for raw in identity.emails})
    return Identity(tuple(emails), tuple(sorted(set(identity.phones))), country=identity.country)
