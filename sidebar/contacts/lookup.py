"""Identity → Match: which Salesforce Contact is this, and what does it hold?

Answers are remembered for 60 seconds, and however many ask at once, one of them asks Salesforce (RI-32). That it did
not answer is not the same as "nobody": it is an error of salesforce/errors.py, and nothing is remembered of it.

Notices of changes end what is remembered at once. A workspace that is `live` is told what our own copy holds, and keeps
its matches, for as long as the change stream is provably alive: at no call at all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sidebar.contacts.asking import Asking
from sidebar.contacts.byhand import ByHand
from sidebar.contacts.candidates import Candidate
from sidebar.contacts.clues import inputs_of
from sidebar.contacts.fields import Spec
from sidebar.contacts.gather import Gather
from sidebar.contacts.live import Live, Mirrored
from sidebar.contacts.memory import FRESH_SECONDS, Match, Memory, Question, Scope, Seen
from sidebar.contacts.people import LEAD_PREFIX, People
from sidebar.contacts.pulse import Pulse
from sidebar.contacts.rank import Told
from sidebar.contacts.receipt import Input
from sidebar.contacts.search import Gathered, Search
from sidebar.contacts.trail import Sought, Trail, tried_of
from sidebar.identity import Identity, email_key
from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce.client import Client, Record
from sidebar.store.workspaces import Workspace

__all__ = ["FRESH_SECONDS", "Lookup", "Match", "Mirrored", "Seen"]

_PATIENCE_MS = 2000  # asking again for something this new brings nothing but calls
_NOT_TOLD = Told()


class Lookup:
    """Reads records for the panel. One for the whole house; whose answer it is stands in every key."""

    def __init__(self, orgs: Orgs, clock: Callable[[], int], mirrored: Mirrored | None = None) -> None:
        self._orgs = orgs
        self._clock = clock
        self._asking = Asking(orgs, clock)
        self._live = Live(mirrored, self._asking, orgs, clock) if mirrored else None
        self._memory = Memory(clock, mirrored.database if mirrored else None)
        self._gather: Gathered = Gather()
        orgs.on_disconnect(self.forget)
        if mirrored:
            mirrored.hub.on_notice(self._memory.hear, self._memory.missed)

    async def match(
        self, workspace: Workspace, identity: Identity, told: Told = _NOT_TOLD, *, fresh: bool = False
    ) -> Match:
        """Who this is, given what people `told` by hand; `fresh`: what is remembered does not count. Raises
        SalesforceError, NotConnected."""
        key = (await self._scope(workspace), _essence(identity), told)
        live = await self._is_live(workspace)
        memory = self._memory.lasting if live else self._memory.matches
        known = memory.get(key)
        if known and self._is_stale(known, fresh):
            memory.drop(lambda each: each == key)
        match = await memory.load(key, lambda: self._find(key, at_home=live and not fresh))
        inputs = inputs_of(identity, workspace.region)
        at = self._clock() if live and not match.hangs_on_leads else match.at
        receipt = replace(match.receipt, inputs=_as_written(inputs, match.receipt.inputs), at=at)
        return replace(match, tried=tuple(map(tried_of, inputs)), receipt=receipt, at=at)

    async def by_hand(self, workspace: Workspace, text: str) -> list[Candidate]:
        """Whoever has this name, e-mail address, phone number or company. Raises SalesforceError, NotConnected."""
        asked, scope = self._clock(), await self._scope(workspace)
        leads = await self._asking.leads(workspace) if workspace.policy != "contacts" else None

        async def ask(client: Client, contacts: People) -> tuple[list[Candidate], list[Record]]:
            return await ByHand(client, contacts, leads, workspace.region).find(text)

        candidates, found = await self._asking.ask(workspace, "search", ask)
        await self._keep(scope, found, asked)
        return candidates

    async def see(self, workspace: Workspace, id: str, *, fresh: bool = False) -> Seen:
        """The record of that id; `fresh`: as it is now, not as it was within the last minute."""
        key = (await self._scope(workspace), id)
        if fresh:
            known = self._memory.records.get(key)
            if known and (known.copied or self._clock() - known.at > _PATIENCE_MS):
                self._memory.records.drop(lambda each: each == key)
        if fresh or id.startswith(LEAD_PREFIX) or not await self._is_live(workspace):
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
        """Whether what is shown of a record is true until a notice says otherwise."""
        return await self._live.pulse(await self._scope(workspace)) if self._live else Pulse(False)

    async def specs(self, workspace: Workspace) -> dict[str, Spec]:
        return await self._asking.specs(workspace)

    def forget(self, workspace_id: str) -> None:
        """Nothing of a workspace that has been disconnected stays (RI-40)."""
        self._memory.forget(workspace_id)
        self._asking.forget(workspace_id)
        if self._live:
            self._live.forget(workspace_id)

    def forget_record(self, workspace: Workspace, id: str) -> None:
        """Whatever is remembered of a record that has just been written and could not be read again."""
        self._memory.forget_record(workspace.id, id)

    async def close(self) -> None:
        """Before the database is closed."""
        await self._memory.close()

    def _is_stale(self, known: Match, fresh: bool) -> bool:
        age = self._clock() - known.at
        return (fresh and age > _PATIENCE_MS) or (known.hangs_on_leads and age >= FRESH_SECONDS * 1000)

    async def _is_live(self, workspace: Workspace) -> bool:
        return workspace.live and (await self.pulse(workspace)).alive

    async def _scope(self, workspace: Workspace) -> Scope:
        connected_at = await self._orgs.connected_at(workspace.id)
        held = await self._orgs.connection(workspace.id)
        if held is None or held.grant is None:
            raise NotConnected("never")
        return Scope(workspace, held.grant.org_id, connected_at)

    async def _find(self, question: Question, *, at_home: bool) -> Match:
        """From our own copies where `at_home`; from Salesforce where those cannot tell."""
        scope, identity, told = question
        sought = Sought(identity, told, scope.workspace.policy, scope.workspace.region)
        asked = self._clock()
        trail = Trail.begin(sought)
        if at_home and self._live:
            await self._live.find(scope, trail)
        if not (trail.knows_contacts and trail.is_settled_by_contacts):
            trail = await self._search(scope, trail)
        if self._live and trail.ranking.outcome == "nobody":
            await self._live.near(scope, trail)
        await self._keep(scope, trail.records.values(), asked)
        return trail.match(self._clock())

    async def _search(self, scope: Scope, home: Trail) -> Trail:
        async def ask(client: Client, contacts: People) -> Trail:
            trail = home.again()
            await self._of(scope, client, contacts).find(trail)
            return trail

        return await self._asking.ask(scope.workspace, "match", ask)

    async def _copied(self, scope: Scope, id: str) -> Seen:
        """From our own copy; from Salesforce where that cannot tell, or an edit of ours is not in it yet."""
        record = await self._live.record(scope, id) if self._live and not self._memory.is_ahead(id) else None
        return Seen(record, self._clock(), copied=True) if record else await self._read(scope.workspace, id)

    async def _read(self, workspace: Workspace, id: str) -> Seen:
        scope = await self._scope(workspace)

        async def ask(client: Client, contacts: People) -> Record:
            return await self._of(scope, client, contacts).by_id(id)

        record = await self._asking.ask(workspace, "record", ask)
        await self._learn(scope, [record])
        return Seen(record, self._clock())

    def _of(self, scope: Scope, client: Client, contacts: People) -> Search:
        line = (scope.workspace.id, scope.connected_at)
        return Search(client, contacts, lambda: self._asking.leads(scope.workspace), self._gather, line)

    async def _keep(self, scope: Scope, found: Iterable[Record], asked: int) -> None:
        records = list(found)
        await self._learn(scope, records)
        for record in records:
            self._memory.remember(scope, Seen(record, self._clock()), asked)

    async def _learn(self, scope: Scope, found: Iterable[Record]) -> None:
        contacts = [record for record in found if not str(record["Id"]).startswith(LEAD_PREFIX)]
        if self._live and scope.workspace.live and contacts:
            await self._live.learn(scope, contacts)


def _essence(identity: Identity) -> Identity:
    """What decides who somebody is: neither the name nor the case of an address does."""
    emails = sorted({email_key(raw) or raw for raw in identity.emails})
    return Identity(tuple(emails), tuple(sorted(set(identity.phones))), country=identity.country)


def _as_written(inputs: Sequence[Input], asked: Sequence[Input]) -> tuple[Input, ...]:
    """As this inbox wrote them; with the keys that numbers turned out to have."""
    known = {(each.kind, each.raw): each for each in asked}
    return tuple(known.get((each.kind, each.raw), each) for each in inputs)
