"""What Lookup remembers of matches and records, and what notices of changes make it forget.

A change of e-mail or phone ends the matches that found the record by it, and those that may find it now; every other
match stays. Must not know how answers come about.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from sidebar.cache import Cache
from sidebar.contacts.candidates import Candidate
from sidebar.contacts.rank import Outcome, Told
from sidebar.contacts.receipt import NONE, Receipt, Tried
from sidebar.identity import Identity, email_keys, ends_of, phone_keys
from sidebar.salesforce.client import Record
from sidebar.store import marks, records
from sidebar.store.database import Database
from sidebar.store.notices import Notice
from sidebar.store.workspaces import Workspace

FRESH_SECONDS = 60
_LASTING_SECONDS = 24 * 3600
_OWN_EMAIL, _OWN_PHONES = "Email", ("Phone", "MobilePhone", "HomePhone", "OtherPhone")


@dataclass(frozen=True, slots=True)
class Match:
    """`ids`: the Contacts to show, best first: nobody, the one, or those to choose from. `rule`: what found them. One
    weak candidate is to be chosen, too: `outcome` tells. `lead`: who it is where a lead is it, or, under a policy of
    contacts only, the lead that is all there is."""

    ids: tuple[str, ...]
    rule: str
    tried: tuple[Tried, ...]
    at: int
    outcome: Outcome = "found"
    receipt: Receipt = NONE
    lead: Candidate | None = None

    @property
    def hangs_on_leads(self) -> bool:
        """No event tells of them: in a workspace that is `live`, too, this is true for a minute only."""
        asked = any(each.what.startswith("lead ") for each in self.receipt.asked)
        return asked or any(each.candidate.kind == "Lead" for each in self.receipt.judged)

    @property
    def concerned(self) -> frozenset[str]:
        """Whose addresses had a say in it."""
        return frozenset((*self.ids, *(each.candidate.id for each in self.receipt.judged)))


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as it was read at a moment (ms). `copied`: from our own copy, not at Salesforce."""

    record: Record
    at: int
    copied: bool = False

    @property
    def id(self) -> str:
        return str(self.record["Id"])


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose answer it is: the workspace as it is set up, its org, and since when it is connected."""

    workspace: Workspace
    org_id: str
    connected_at: int


Question: TypeAlias = tuple[Scope, Identity, Told]


class Memory:
    """`matches` and `records` for a minute; `lasting` are matches of workspaces that hear of every change."""

    def __init__(self, clock: Callable[[], int], database: Database | None = None) -> None:
        self._clock = clock
        self._database = database
        self.matches: Cache[Question, Match] = Cache(seconds=FRESH_SECONDS, size=20_000, clock=clock)
        self.lasting: Cache[Question, Match] = Cache(seconds=_LASTING_SECONDS, size=20_000, clock=clock)
        self.records: Cache[tuple[Scope, str], Seen] = Cache(seconds=FRESH_SECONDS, size=20_000, clock=clock)
        self._heard: Cache[str, int] = Cache(seconds=FRESH_SECONDS, size=50_000, clock=clock)
        self._ahead: Cache[str, bool] = Cache(seconds=FRESH_SECONDS, size=50_000, clock=clock)
        self._looking: set[asyncio.Task[None]] = set()

    def remember(self, scope: Scope, seen: Seen, asked: int) -> None:
        """Unless it was read, written or changed since we `asked` (ms): this answer was long on its way."""
        known = self.records.get((scope, seen.id))
        if (known is None or known.at <= asked) and (self._heard.get(seen.id) or 0) <= asked:
            self.records.put((scope, seen.id), seen)

    def is_ahead(self, id: str) -> bool:
        """Whether an edit of ours is newer than our copy: its event is still on the way."""
        return self._ahead.get(id) is True

    def hear(self, notice: Notice) -> None:
        ids = frozenset(notice.record_ids)
        if not ids:
            self._forget_org(notice.org_id)
        now = self._clock()
        for id in ids:
            self._heard.put(id, now)
            self._ahead.put(id, bool(notice.entry))
        self.records.drop(lambda key: key[1] in ids and not self._is_newer(key, notice))
        if _finds(notice.fields):
            self._forget_matches(lambda _scope, _who, match: match is not None and not ids.isdisjoint(match.concerned))
            self._look(notice)

    def missed(self) -> None:
        """Some notices may not have been heard: nothing is sure any more."""
        for cache in (self.matches, self.lasting, self.records):
            cache.drop(lambda _key: True)

    def forget(self, workspace_id: str) -> None:
        for cache in (self.matches, self.lasting, self.records):
            cache.drop(lambda key: key[0].workspace.id == workspace_id)

    def forget_record(self, workspace_id: str, id: str) -> None:
        self.records.drop(lambda key: key[0].workspace.id == workspace_id and key[1] == id)

    async def close(self) -> None:
        """Before the database is closed."""
        await asyncio.gather(*self._looking, return_exceptions=True)

    def _forget_org(self, org_id: str) -> None:
        for cache in (self.matches, self.lasting, self.records):
            cache.drop(lambda key: key[0].org_id == org_id)

    def _forget_matches(self, unwanted: Callable[[Scope, Identity, Match | None], bool]) -> None:
        for cache in (self.matches, self.lasting):
            gone = {key for key in cache.keys() if unwanted(key[0], key[1], cache.get(key))}  # noqa: SIM118 - no mapping
            cache.drop(gone.__contains__)

    def _is_newer(self, key: tuple[Scope, str], notice: Notice) -> bool:
        """Read after an edit of ours. Of what others changed only Salesforce's clock tells when."""
        known = self.records.get(key)
        return bool(notice.entry) and known is not None and known.at >= notice.at

    def _look(self, notice: Notice) -> None:
        task = asyncio.get_running_loop().create_task(self._forget_found(notice))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _forget_found(self, notice: Notice) -> None:
        """The matches that may find somebody else, now that these records have other addresses."""
        copies = await self._copies(notice)
        unknown = any(id not in copies or copies[id].dirty for id in notice.record_ids)
        theirs = {mark for copy in copies.values() for mark in marks.of_values(copy.values)}

        def concerned(scope: Scope, identity: Identity, _match: Match | None) -> bool:
            return scope.org_id == notice.org_id and (unknown or not theirs.isdisjoint(_marks(identity)))

        self._forget_matches(concerned)

    async def _copies(self, notice: Notice) -> dict[str, records.Record]:
        if self._database is None:
            return {}
        with suppress(Exception):  # whatever keeps the database from telling: then any match may be another
            async with self._database.read() as connection:
                return await records.of(connection, notice.org_id, notice.record_ids)
        return {}


def _finds(fields: Iterable[str]) -> bool:
    """Whether people are found by any of these; none given are all. Custom fields may hold addresses, too."""
    named = tuple(fields)
    return not named or any(name == _OWN_EMAIL or name in _OWN_PHONES or name.endswith("__c") for name in named)


def _marks(identity: Identity) -> set[str]:
    keys = (*map(email_keys, identity.emails), *(phone_keys(raw, [identity.country]) for raw in identity.phones))
    ends = {f"p:{end}" for raw in identity.phones for end in ends_of(raw)}
    return marks.of_keys(key for each in keys for key in each) | ends
