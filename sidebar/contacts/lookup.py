"""Identity → Match: which Salesforce Contact is this, and what does it hold?

Answers are remembered for 60 seconds, and however many ask at once, one of them asks Salesforce (RI-32). That it did
not answer is not the same as "nobody": it is an error of salesforce/errors.py, and nothing is remembered of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from sidebar.cache import Cache
from sidebar.contacts.fields import Spec, columns, specs
from sidebar.contacts.search import Search, Tried, tried
from sidebar.identity import Identity, email_key
from sidebar.orgs import Orgs
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import Refused
from sidebar.store.workspaces import Workspace

FRESH_SECONDS = 60
T = TypeVar("T")
_Scope: TypeAlias = tuple[Workspace, int]
"""Whose answer it is: the workspace as it is set up, and since when it is connected; later it may be another org's."""
_PATIENCE_MS = 2000  # asking again for something this new brings nothing but calls


@dataclass(frozen=True, slots=True)
class Match:
    """`ids`: nobody, the one, or several to choose from, latest changed first. `rule`: what found them."""

    ids: tuple[str, ...]
    rule: str
    tried: tuple[Tried, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as it was read at a moment (ms)."""

    record: Record
    at: int

    @property
    def id(self) -> str:
        return str(self.record["Id"])


class Lookup:
    """Reads records for the panel. One for the whole house; whose answer it is stands in every key."""

    def __init__(self, orgs: Orgs, clock: Callable[[], int]) -> None:
        self._orgs = orgs
        self._clock = clock
        self._matches: Cache[tuple[_Scope, Identity], Match] = Cache(seconds=FRESH_SECONDS, size=20_000, clock=clock)
        self._records: Cache[tuple[_Scope, str], Seen] = Cache(seconds=FRESH_SECONDS, size=20_000, clock=clock)
        self._specs: dict[str, tuple[Record, dict[str, Spec]]] = {}
        orgs.on_disconnect(self.forget)

    async def match(self, workspace: Workspace, identity: Identity, *, fresh: bool = False) -> Match:
        """Who this is; `fresh`: what is remembered does not count. Raises SalesforceError, NotConnected."""
        key = (await self._scope(workspace), _essence(identity))
        known = self._matches.get(key)
        if fresh and known and self._clock() - known.at > _PATIENCE_MS:
            self._matches.drop(lambda each: each == key)
        match = await self._matches.load(key, lambda: self._find(workspace, identity))
        return replace(match, tried=tried(identity, workspace.region))

    async def see(self, workspace: Workspace, id: str, *, fresh: bool = False) -> Seen:
        """The record of that id; `fresh`: as it is now, not as it was within the last minute."""
        key = (await self._scope(workspace), id)
        known = self._records.get(key)
        if fresh and known and self._clock() - known.at > _PATIENCE_MS:
            self._records.drop(lambda each: each == key)
        return await self._records.load(key, lambda: self._read(workspace, id))

    async def read_now(self, workspace: Workspace, id: str) -> Seen:
        """The record straight from Salesforce, remembered for the others: what a compare before a write needs."""
        asked = self._clock()
        seen = await self._read(workspace, id)
        await self._remember(workspace, seen, asked)
        return seen

    async def specs(self, workspace: Workspace) -> dict[str, Spec]:
        describe = await self._orgs.describe(workspace.id, "Contact")
        known = self._specs.get(workspace.id)
        if known is None or known[0] is not describe:
            known = self._specs[workspace.id] = (describe, specs(describe))
        return known[1]

    def forget(self, workspace_id: str) -> None:
        """Nothing of a workspace that has been disconnected stays (RI-40)."""
        self._matches.drop(lambda key: key[0][0].id == workspace_id)
        self._records.drop(lambda key: key[0][0].id == workspace_id)
        self._specs.pop(workspace_id, None)

    def forget_record(self, workspace: Workspace, id: str) -> None:
        """Whatever is remembered of a record that has just been written and could not be read again."""
        self._records.drop(lambda key: key[0][0].id == workspace.id and key[1] == id)

    async def _remember(self, workspace: Workspace, seen: Seen, asked: int) -> None:
        """Unless something was read or written since we `asked` (ms): this answer was long on its way."""
        key = (await self._scope(workspace), seen.id)
        known = self._records.get(key)
        if known is None or known.at <= asked:
            self._records.put(key, seen)

    async def _scope(self, workspace: Workspace) -> _Scope:
        return workspace, await self._orgs.connected_at(workspace.id)

    async def _read(self, workspace: Workspace, id: str) -> Seen:
        async def ask(client: Client, known: dict[str, Spec]) -> Record:
            return await Search(client, known, columns(known, workspace.fields), workspace.region).by_id(id)

        return Seen(await self._ask(workspace, ask), self._clock())

    async def _find(self, workspace: Workspace, identity: Identity) -> Match:
        addresses = tried(identity, workspace.region)

        async def ask(client: Client, known: dict[str, Spec]) -> tuple[str, list[Record]]:
            return await Search(client, known, columns(known, workspace.fields), workspace.region).find(addresses)

        asked = self._clock()
        rule, found = await self._ask(workspace, ask)
        for record in found:
            await self._remember(workspace, Seen(record, self._clock()), asked)
        return Match(tuple(str(record["Id"]) for record in found), rule, addresses, self._clock())

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
