"""Listens to Salesforce: one change stream per connected org, in one process at a time.

Knows which orgs are connected, and whose turn it is. How a stream is kept going is listener's.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

import structlog

from sidebar.contacts import receipts
from sidebar.mirror import CONTACTS, Mirror, lease
from sidebar.orgs import Orgs
from sidebar.random import Random, token
from sidebar.salesforce.pubsub import Stream
from sidebar.store import connections, leases
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database
from sidebar.worker.listener import Lender, Listener
from sidebar.worker.pace import Listening, Pace

__all__ = ["Listening", "Pace", "Worker"]

_HOUR = 60 * 60 * 1000
log = structlog.get_logger()


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
        pace: Pace = Pace(),  # noqa: B008 - it is frozen
    ) -> None:
        self._database = database
        self._orgs = orgs
        self._pace = pace
        self._clock = clock
        self._name = token(random)
        self._listener = partial(Listener, orgs=orgs, random=random, pace=pace)
        self._mirror = partial(Mirror, database, holder=self._name, clock=clock, random=random)
        self._stream = partial(Stream, endpoint, ca_file or None, topic=CONTACTS, silence=pace.silence)
        self._running: dict[str, tuple[Listener, asyncio.Task[None]]] = {}
        self._leases: dict[str, int] = {}  # org → until when (ms) nobody else may listen to it
        self._woken = asyncio.Event()
        self._tidied_at = 0

    async def run(self) -> None:
        try:
            while True:
                await self._look()
                await self._tidy()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.look):
                        await self._woken.wait()
                self._woken.clear()
        finally:
            await self._leave(list(self._running))

    def wake(self) -> None:
        """Look for new and ended connections now."""
        self._woken.set()

    def states(self) -> dict[str, Listening]:
        """By org id, for every org that is listened to or should be."""
        return {org_id: listener.state for org_id, (listener, _) in self._running.items()}

    async def _look(self) -> None:
        await self._leave([org_id for org_id, (_, task) in self._running.items() if task.done()])
        try:
            async with self._database.read() as connection:
                lenders = _lenders(await connections.granted(connection))
            wanted = {org_id: lender for org_id, lender in lenders.items() if await self._lease(org_id)}
        except Exception:  # whatever keeps the database from answering: streams go on, and the next look comes
            log.exception("connections cannot be read")
            return
        await self._leave([org_id for org_id in self._running if org_id not in wanted])
        # A stream outlives the access it was opened with, and tells what that one's user may see.
        await self._stop(
            [org_id for org_id, (listener, _) in self._running.items() if listener.lender != wanted[org_id]]
        )
        for org_id, lender in wanted.items():
            if org_id not in self._running:
                self._start(org_id, lender)

    async def _tidy(self) -> None:
        """Receipts that grow old are masked, and forgotten. It does no harm where several processes do."""
        now = self._clock()
        if now < self._tidied_at + _HOUR:
            return
        self._tidied_at = now
        try:
            await receipts.tidy(self._database, now)
        except Exception:  # the next hour comes
            log.exception("old receipts could not be tidied")

    async def _lease(self, org_id: str) -> bool:
        """One process listens to an org. A lease is renewed when a third of it is over, and when the clock was put
        back."""
        now, term = self._clock(), round(self._pace.lease * 1000)
        if term * 2 // 3 < self._leases.get(org_id, 0) - now <= term:
            return True
        async with self._database.write() as connection:
            taken = await leases.take(connection, lease(org_id), self._name, now, now + term)
        if taken:
            self._leases[org_id] = now + term
        return taken

    def _start(self, org_id: str, lender: Lender) -> None:
        self._orgs.forget(lender.workspace_id)  # it may have been connected by another process
        listener = self._listener(lender=lender, stream=self._stream(org_id), mirror=self._mirror(org_id))
        self._running[org_id] = listener, asyncio.create_task(listener.run(), name=f"listen to {org_id}")

    async def _stop(self, org_ids: Sequence[str]) -> None:
        tasks = [self._running.pop(org_id)[1] for org_id in org_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _leave(self, org_ids: Sequence[str]) -> None:
        """Let others listen at once."""
        await self._stop(org_ids)
        for org_id in org_ids:
            if self._leases.pop(org_id, None):
                with suppress(Exception):  # it runs out by itself, too
                    async with self._database.write() as connection:
                        await leases.release(connection, lease(org_id), self._name)


def _lenders(granted: Iterable[Salesforce]) -> dict[str, Lender]:
    """For each org the workspace that was connected first, of those whose grants hold."""
    lenders: dict[str, Lender] = {}
    for each in granted:
        if each.grant is not None and each.problem is None:
            lender = Lender(each.grant.connected_at, each.workspace_id)
            lenders[each.grant.org_id] = min(lender, lenders.get(each.grant.org_id, lender))
    return lenders
