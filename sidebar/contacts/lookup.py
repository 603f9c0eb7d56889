"""Identity → Match: which Salesforce Contact is this, and what does it hold?

Answers are remembered for 60 seconds, and however many ask at once, one of them asks Salesforce (RI-32). That it did
not answer is not the same as "nobody": it is an error of salesforce/errors.py, and nothing is remembered of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sidebar.cache import Cache
from sidebar.contacts.fields import Spec, columns, specs
from sidebar.contacts.search import Search, Tried, tried
from sidebar.identity import Identity
from sidebar.orgs import Orgs
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import Refused
from sidebar.store.workspaces import Workspace

FRESH_SECONDS = 60
T = TypeVar("T")
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
    """Reads records for the panel. One for the whole house; every key has its workspace in it."""

    def __init__(self, orgs: Orgs, clock: Callable[[], int]) -> None:
        self._orgs = orgs
        self._clock = clock
        self._matches: Cache[tuple[str, str, Identity], Match] = Cache(seconds=FRESH_SECONDS, size=20_000, clock=clock)
        self._records: Cache[tuple[str, tuple[str, ...], str], Seen] = Cache(
            seconds=FRESH_SECONDS, size=20_000, clock=clock
        )
        self._specs: dict[str, tuple[Record, dict[str, Spec]]] = {}
        orgs.on_disconnect(self.forget)

    async def match(self, workspace: Workspace, identity: Identity, *, fresh: bool = False) -> Match:
        """Who this is; `fresh`: what is remembered does not count. Raises SalesforceError, NotConnected."""
        key = (workspace.id, workspace.region, identity)
        known = self._matches.get(key)
        if fresh and known and self._clock() - known.at > _PATIENCE_MS:
            self._matches.drop(lambda each: each == key)
        return await self._matches.load(key, lambda: self._find(workspace, identity))

    async def see(self, workspace: Workspace, id: str, *, fresh: bool = False) -> Seen:
        """The record of that id; `fresh`: as it is now, not as it was within the last minute."""
        key = _key(workspace, id)
        known = self._records.get(key)
        if fresh and known and self._clock() - known.at > _PATIENCE_MS:
            self._records.drop(lambda each: each == key)
        return await self._records.load(key, lambda: self._read(workspace, id))

    async def read_now(self, workspace: Workspace, id: str) -> Seen:
        """The record straight from Salesforce, remembered for the others: what a compare before a write needs."""
        asked = self._clock()
        seen = await self._read(workspace, id)
        self._remember_unless_older(workspace, seen, asked)
        return seen

    async def specs(self, workspace: Workspace) -> dict[str, Spec]:
        describe = await self._orgs.describe(workspace.id, "Contact")
        known = self._specs.get(workspace.id)
        if known is None or known[0] is not describe:
            known = self._specs[workspace.id] = (describe, specs(describe))
        return known[1]

    def remember(self, workspace: Workspace, seen: Seen) -> None:
        self._records.put(_key(workspace, seen.id), seen)

    def forget(self, workspace_id: str) -> None:
        """Nothing of a workspace that has been disconnected stays (RI-40)."""
        self._matches.drop(lambda key: key[0] == workspace_id)
        self._records.drop(lambda key: key[0] == workspace_id)
        self._specs.pop(workspace_id, None)

    def _remember_unless_older(self, workspace: Workspace, seen: Seen, asked: int) -> None:
        """What was read or written since we `asked` (ms) is newer than this answer, which was long on its way."""
        known = self._records.get(_key(workspace, seen.id))
        if known is None or known.at <= asked:
            self.remember(workspace, seen)

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
            self._remember_unless_older(workspace, Seen(record, self._clock()), asked)
        return Match(tuple(str(record["Id"]) for record in found), rule, addresses, self._clock())

    async def _ask(self, workspace: Workspace, question: Callable[[Client, dict[str, Spec]], Awaitable[T]]) -> T:
        """A field that has just been hidden from us is INVALID_FIELD: describe again, and ask without it."""
        client = await self._orgs.client(workspace.id)
        try:
            return await question(client, await self.specs(workspace))
        except Refused as problem:
            if problem.code != "INVALID_FIELD":
                raise
            self._orgs.forget_describe(workspace.id)
            return await question(client, await self.specs(workspace))


def _key(workspace: Workspace, id: str) -> tuple[str, tuple[str, ...], str]:
    """What a record is remembered under: other fields are another answer."""
    return workspace.id, workspace.fields, id
