"""Listens to Salesforce: one change stream per connected org, kept going however often it breaks.

Knows when to start, wait, renew and give a position up. Must not know what the changes mean (that is mirror's), nor
how they travel (that is salesforce/pubsub's).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

import structlog

from sidebar import mirror
from sidebar.orgs import NotConnected, Orgs
from sidebar.random import Random
from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import LimitExceeded, SalesforceError, StreamRefused, Unauthorized
from sidebar.salesforce.pubsub import CORRUPTED, Batch, Start, Stream
from sidebar.store import connections, positions
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database

TOPIC = mirror.CONTACTS
FRESH = 10_000
"""In ms: an older connection may have been listened to before, by a process that ended before it had a position."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: how often to look for connections, the first and the longest wait after a failure, and how long a
    stream may stay silent."""

    look: float = 2
    first_wait: float = 1
    longest_wait: float = 60
    silence: float = 300


@dataclass(frozen=True, slots=True)
class Listening:
    """How one org's stream is: "connecting" until the first response, "listening", or "waiting" to try again.
    `since` and `last_event_at` in ms; `problem` is what broke it last, None while it listens."""

    state: Literal["connecting", "listening", "waiting"]
    since: int
    last_event_at: int | None = None
    problem: str | None = None


class Worker:
    """`endpoint` and `ca_file` as in the settings. `run` it as a task, and cancel that to end it."""

    def __init__(
        self,
        *,
        database: Database,
        orgs: Orgs,
        endpoint: str,
        ca_file: str,
        clock: Callable[[], int],
        random: Random,
        pace: Pace = Pace(),
    ) -> None:
        self._database = database
        self._pace = pace
        self._listener = partial(Listener, database=database, orgs=orgs, clock=clock, random=random, pace=pace)
        self._stream = partial(Stream, endpoint, ca_file or None, topic=TOPIC, silence=pace.silence)
        self._running: dict[str, tuple[Listener, asyncio.Task[None]]] = {}
        self._woken = asyncio.Event()

    async def run(self) -> None:
        try:
            while True:
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.look):
                        await self._woken.wait()
                self._woken.clear()
        finally:
            await self._stop(list(self._running))

    def wake(self) -> None:
        """Look for new and ended connections now."""
        self._woken.set()

    def states(self) -> dict[str, Listening]:
        """By org id, for every org that is listened to or should be."""
        return {org_id: listener.state for org_id, (listener, _) in self._running.items()}

    async def _look(self) -> None:
        try:
            async with self._database.read() as connection:
                wanted = _by_org(await connections.granted(connection))
        except Exception:  # whatever keeps the database from answering: streams go on, and the next look comes
            log.exception("connections cannot be read")
            return
        await self._stop([org_id for org_id in self._running if org_id not in wanted])
        for org_id, workspaces in wanted.items():
            if org_id in self._running:
                self._running[org_id][0].workspaces = workspaces
            else:
                self._start(org_id, workspaces)

    def _start(self, org_id: str, workspaces: Sequence[str]) -> None:
        listener = self._listener(org_id=org_id, workspaces=workspaces, stream=self._stream(org_id))
        self._running[org_id] = listener, asyncio.create_task(listener.run(), name=f"listen to {org_id}")

    async def _stop(self, org_ids: Sequence[str]) -> None:
        tasks = [self._running.pop(org_id)[1] for org_id in org_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Listener:
    """One org's change stream. `workspaces` (never none) may be replaced at any time; the first lends its access, and
    all of them share what is heard."""

    def __init__(
        self,
        *,
        org_id: str,
        workspaces: Sequence[str],
        stream: Stream,
        database: Database,
        orgs: Orgs,
        clock: Callable[[], int],
        random: Random,
        pace: Pace,
    ) -> None:
        self.workspaces = workspaces
        self.state = Listening("connecting", clock())
        self._org_id = org_id
        self._stream = stream
        self._database = database
        self._orgs = orgs
        self._clock = clock
        self._random = random
        self._pace = pace
        self._access: Access | None = None
        self._refused: Access | None = None
        self._position_lost = False
        self._tried = False
        self._failures = 0

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as problem:  # nothing may end listening but its own end: what was not applied comes again
                wait = self._recover(problem)
                unexpected = not isinstance(problem, SalesforceError | NotConnected)
                log.warning(
                    "change stream broke", org=self._org_id, reason=_told(problem), wait=wait, exc_info=unexpected
                )
                await asyncio.sleep(wait)

    async def _listen(self) -> None:
        workspace_id = self.workspaces[0]
        first, self._tried = not self._tried, True
        client = await self._orgs.client(workspace_id)
        self._access = await self._orgs.access(workspace_id, self._refused)
        position = None if self._position_lost else await self._position()
        start = await self._start(workspace_id, first)
        async with aclosing(self._stream.subscribe(self._access, position, start)) as batches:
            async for batch in batches:
                await mirror.apply(
                    self._database, self._org_id, TOPIC, batch, client=client, clock=self._clock, random=self._random
                )
                self._note(batch)

    async def _position(self) -> bytes | None:
        async with self._database.read() as connection:
            return await positions.of(connection, self._org_id, TOPIC)

    async def _start(self, workspace_id: str, first: bool) -> Start:
        """Where to begin without a position. Until the first response, which may take minutes, there is none: whoever
        tries again goes back to the earliest, lest what came since the first try be missed."""
        age = self._clock() - await self._orgs.connected_at(workspace_id)
        return "latest" if first and age < FRESH else "earliest"

    def _note(self, batch: Batch) -> None:
        """Only a response proves that a stream works: one that is opened and fails at once shall not look healthy."""
        now = self._clock()
        since = self.state.since if self.state.state == "listening" else now
        self.state = Listening("listening", since, now if batch.events else self.state.last_event_at)
        self._failures = 0
        self._refused = None
        self._position_lost = self._position_lost and not batch.latest_replay_id

    def _recover(self, problem: Exception) -> float:
        """Do what may help, and say how many seconds to wait before the next try."""
        self.state = Listening("waiting", self._clock(), self.state.last_event_at, _told(problem))
        if not self._mended(problem):
            self._failures += 1
            return self._wait(problem)
        return 0

    def _mended(self, problem: Exception) -> bool:
        """True where trying at once may well succeed; never twice for the same reason without a response between."""
        if isinstance(problem, Unauthorized):
            before, self._refused = self._refused, self._access
            return before is None
        if isinstance(problem, StreamRefused) and problem.code == CORRUPTED:
            log.warning("replay position refused, going back to the earliest", org=self._org_id)
            before_lost, self._position_lost = self._position_lost, True
            return not before_lost
        return False

    def _wait(self, problem: Exception) -> float:
        """From half the time to the whole of it, so that many who failed together do not come back together."""
        longest, tries = self._pace.longest_wait, min(self._failures - 1, 30)
        wait = longest if _is_permanent(problem) else min(longest, self._pace.first_wait * 2**tries)
        jittered = wait * (1 + int.from_bytes(self._random(4), "big") / 2**32) / 2
        return max(jittered, problem.retry_after) if isinstance(problem, LimitExceeded) else jittered


def _by_org(granted: Iterable[Salesforce]) -> dict[str, Sequence[str]]:
    """The workspaces of each org whose grants hold, those connected first in front."""
    workspaces: dict[str, list[tuple[int, str]]] = {}
    for each in granted:
        if each.grant is not None and each.problem is None:
            workspaces.setdefault(each.grant.org_id, []).append((each.grant.connected_at, each.workspace_id))
    return {org_id: [id for _, id in sorted(found)] for org_id, found in workspaces.items()}


def _is_permanent(problem: Exception) -> bool:
    return isinstance(problem, SalesforceError) and problem.permanent


def _told(problem: Exception) -> str:
    """What a page may show: texts of our own and of Salesforce. Others may quote a customer's values."""
    known = isinstance(problem, SalesforceError | NotConnected)
    return str(problem) if known else f"An unexpected error ({type(problem).__name__})"
