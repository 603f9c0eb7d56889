"""Who reads what events do not tell, and when: in the turns between two responses of the stream, a little at a time.

Must not know what is read, nor how the stream is kept.
"""

import asyncio
import math
from collections.abc import Collection

import structlog

from sidebar.mirror import Lost, Mirror
from sidebar.mirror.keeping import kept
from sidebar.mirror.reading import Reading
from sidebar.orgs import NotConnected, Orgs
from sidebar.random import Random
from sidebar.salesforce.errors import Refused, SalesforceError
from sidebar.salesforce.pubsub import Batch
from sidebar.store import sweeps
from sidebar.worker.pace import Pace
from sidebar.worker.recovery import Waits, told

log = structlog.get_logger()


class Turns:
    """`kept`: the fields our copy keeps at present."""

    def __init__(self, mirror: Mirror, orgs: Orgs, random: Random, pace: Pace) -> None:
        self.kept: Collection[str] = ()
        self._mirror = mirror
        self._orgs = orgs
        self._pace = pace
        self._waits = Waits(pace, random)
        self._workspace_id = ""
        self._reading: Reading | None = None
        self._looks_at = self._steps_at = self._stepped_at = 0.0
        self._safe_at = math.inf

    async def begin(self, workspace_id: str) -> Reading:
        """With the access of this workspace. Raises what a client does."""
        client = await self._orgs.client(workspace_id, "refresh")
        self.kept = await self._choose(workspace_id)
        self._workspace_id, self._reading = workspace_id, Reading(self._mirror, client)
        self._looks_at = 0
        return self._reading

    def allow(self, after: float = 0) -> None:
        """In so many seconds whatever happens while something is read will be told, too: there is a position."""
        self._safe_at = min(self._safe_at, asyncio.get_running_loop().time() + after)

    def encourage(self) -> None:
        """Salesforce answers again: what failed is tried at once."""
        self._steps_at = 0
        self._waits.reset()

    def hurry(self) -> None:
        """There is something to read."""
        if self._reading:
            self._reading.idle = False

    async def until(self, coming: "asyncio.Future[Batch] | asyncio.Future[None]") -> None:
        """Read while nothing comes; once in a while also while much comes, or it would wait for ever. Raises Lost."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            starved = now >= self._stepped_at + self._pace.glance
            if self._reading and now >= self._next() and (starved or not coming.done()):
                await self._turn(self._reading, now)
            if coming.done():
                return
            wait = self._next() - loop.time()
            await asyncio.wait([coming], timeout=None if wait == math.inf else max(0, wait))

    def _next(self) -> float:
        if self._reading is None:
            return math.inf
        wanted = self._looks_at if self._reading.idle else min(self._looks_at, self._steps_at)
        return max(self._safe_at, wanted)

    async def _turn(self, reading: Reading, now: float) -> None:
        """What fails is tried again later; the stream goes on. Raises Lost."""
        try:
            if now >= self._looks_at:
                self._looks_at = now + self._pace.glance
                self.kept = await self._choose(self._workspace_id)
                await reading.look(self.kept)
            if now >= self._steps_at and not reading.idle:
                self._stepped_at, self._steps_at = now, now + self._pace.pause
                await reading.step(self.kept)
                self._waits.reset()
        except Lost:
            raise
        except Exception as problem:  # whatever it is, change events need not wait for it
            if isinstance(problem, Refused):  # most likely a field that is there no more, or hidden from us by now
                self._orgs.forget_describe(self._workspace_id)
                self._looks_at = 0
            self._put_off(now, problem)

    def _put_off(self, now: float, problem: Exception) -> None:
        self._steps_at = now + self._waits.after(problem)
        unexpected = not isinstance(problem, SalesforceError | NotConnected)
        log.warning("records cannot be read", org=self._mirror.org_id, reason=told(problem), exc_info=unexpected)

    async def _choose(self, workspace_id: str) -> Collection[str]:
        """Where Salesforce cannot be asked which fields there are, those read last: a stream needs no other call."""
        try:
            return await kept(self._mirror.database, self._orgs, self._mirror.org_id, workspace_id)
        except SalesforceError:
            async with self._mirror.database.read() as connection:
                last = await sweeps.of(connection, self._mirror.org_id)
            if last is None:
                raise
            return last.columns
