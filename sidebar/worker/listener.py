"""One org's change stream, kept going however often it breaks.

Knows when to start, wait, renew and give a position up. Must not know what the changes mean (that is mirror's), nor
how they travel (that is salesforce/pubsub's).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from sidebar.mirror import CONTACTS, Lost, Mirror
from sidebar.orgs import NotConnected, Orgs
from sidebar.random import Random
from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import SalesforceError, Unauthorized, Unreachable
from sidebar.salesforce.pubsub import Batch, Start, Stream
from sidebar.store import positions
from sidebar.worker.ahead import ahead
from sidebar.worker.pace import Listening, Pace
from sidebar.worker.recovery import Recovery, told
from sidebar.worker.turns import Turns

FRESH = 10_000
"""In ms: an older connection may have been listened to before, by a process that ended before it had a position."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, order=True)
class Lender:
    """The workspace whose access an org is listened to with, all that are connected to it share what is heard. It is
    another one once it is connected anew (ms)."""

    connected_at: int
    workspace_id: str


class Listener:
    def __init__(
        self, *, lender: Lender, stream: Stream, mirror: Mirror, orgs: Orgs, random: Random, pace: Pace
    ) -> None:
        self.lender = lender
        self.state = Listening("connecting", mirror.clock())
        self._stream = stream
        self._mirror = mirror
        self._orgs = orgs
        self._recovery = Recovery(pace, random)
        self._turns = Turns(mirror, orgs, random, pace)
        self._settle = pace.settle
        self._tried = False

    async def run(self) -> None:
        """Until another process listens, or nobody is connected to the org any more."""
        try:
            while True:
                await self._rest(await self._try())
        except Lost as end:
            log.info("a change stream is left", org=self._mirror.org_id, why=str(end))

    async def _try(self) -> float:
        """Listen until that breaks; seconds to wait before the next try. Nothing but Lost may end listening: what was
        not taken in comes again."""
        try:
            await self._listen()
        except Lost:
            raise
        except Exception as problem:
            await self._say_lost()
            return self._recover(problem)
        raise AssertionError("a stream never ends but by an error")

    async def _say_lost(self) -> None:
        """So that open panels say within seconds that they are no longer live; unless another listens, who is."""
        with suppress(Exception):  # they notice by themselves, later
            async with self._mirror.writing() as connection:
                await positions.lose(connection, self._mirror.org_id, CONTACTS, self._mirror.clock())

    async def _rest(self, seconds: float) -> None:
        resting = asyncio.ensure_future(asyncio.sleep(seconds))
        try:
            await self._turns.until(resting)
        finally:
            resting.cancel()

    async def _listen(self) -> None:
        first, self._tried = not self._tried, True
        position = await self._position()
        if position:
            self._turns.allow()
        reading = await self._turns.begin(self.lender.workspace_id)
        if position and self._recovery.position_lost:
            await reading.give_up_position(self._turns.kept)
            position = None
        async with self._responses(position, first) as responses, ahead(responses) as waiting:
            while True:
                coming = asyncio.ensure_future(waiting.next())
                try:
                    await self._turns.until(coming)
                    await self._take_in(await coming)
                finally:
                    coming.cancel()

    async def _position(self) -> bytes | None:
        async with self._mirror.database.read() as connection:
            return await positions.of(connection, self._mirror.org_id, CONTACTS)

    @asynccontextmanager
    async def _responses(self, position: bytes | None, first: bool) -> AsyncIterator[AsyncIterator[Batch]]:
        async def renew(refused: Access) -> Access:
            return await self._orgs.access(self.lender.workspace_id, refused)

        self._recovery.access = await self._access(self.lender.workspace_id)
        start = self._start(first)
        async with aclosing(self._stream.subscribe(self._recovery.access, position, start, renew)) as batches:
            yield batches

    async def _access(self, workspace_id: str) -> Access:
        """Where it was renewed a moment ago and cannot be again, the same once more: the service may be at fault."""
        try:
            return await self._orgs.access(workspace_id, self._recovery.refused)
        except (Unauthorized, Unreachable):
            return await self._orgs.access(workspace_id)

    def _start(self, first: bool) -> Start:
        """Where to begin without a position. Until the first response, which may take minutes, there is none: whoever
        tries again goes back to the earliest, lest what came since the first try be missed."""
        age = self._mirror.clock() - self.lender.connected_at
        return "latest" if first and age < FRESH else "earliest"

    async def _take_in(self, batch: Batch) -> None:
        outcome = await self._mirror.apply(batch, self._turns.kept)
        self._say_listening(bool(batch.events))
        if batch.latest_replay_id:
            self._turns.allow(self._settle)
        self._recovery.worked()
        if outcome.unread:
            self._turns.hurry()

    def _say_listening(self, has_events: bool) -> None:
        now, before = self._mirror.clock(), self.state
        if before.state != "listening":
            self._turns.encourage()
        since = before.since if before.state == "listening" else now
        self.state = Listening("listening", since, now if has_events else before.last_event_at)

    def _recover(self, problem: Exception) -> float:
        """Seconds to wait before the next try."""
        self.state = Listening("waiting", self._mirror.clock(), self.state.last_event_at, told(problem))
        wait = self._recovery.failed(problem)
        unexpected = not isinstance(problem, SalesforceError | NotConnected)
        if self._recovery.position_lost:
            log.warning("replay position refused, going back to the earliest", org=self._mirror.org_id)
        log.warning(
            "change stream broke", org=self._mirror.org_id, reason=told(problem), wait=wait, exc_info=unexpected
        )
        return wait
