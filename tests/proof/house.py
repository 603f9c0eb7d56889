"""A house of ours to be proved: one workspace, connected to a twin, whose workers may be ended in any way."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.context import ForkServerProcess

import psycopg

from sidebar.store import connections, standing, workspaces
from sidebar.store.database import Database
from sidebar.store.workspaces import Switches, Workspace
from sidebar.twin.org import Actor
from sidebar.twin.run import Twin
from sidebar.worker import Pace
from tests.listening import VAULT, Clock, connect, ended, now
from tests.proof.oracle import SHOWN, Oracle
from tests.proof.work import PACE, work
from tests.proof.worker_process import FORKS, live

PATIENCE = 60


def just_before() -> int:
    """Moments in the org are whole seconds: what is made at once shall be newer than the connection."""
    return now() - 1000


@dataclass
class Proof:
    twin: Twin
    database: Database
    oracle: Oracle
    clock: Clock = field(default_factory=Clock)
    _lasts: Iterator[int] = field(default_factory=count)

    async def agrees(self) -> None:
        """Once all is quiet, our database is what the org makes it; a last Contact shows that the stream was read to
        its end."""
        last = {"LastName": f"Last №l{next(self._lasts)}"}
        self.twin.org.create(Actor(self.twin.org.admin), "Contact", last)
        differences = ["not looked yet"]
        end = asyncio.get_running_loop().time() + PATIENCE
        while differences and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
            differences = await asyncio.to_thread(self.oracle.differences)
        assert not differences, "\n".join(differences)

    async def connect(self) -> None:
        """As an admin does, the first time or once more."""
        await connect(self.database, self.twin, clock=just_before)

    async def revoke(self) -> None:
        """As an admin of the org does."""
        async with self.database.read() as connection:
            held = await connections.of(connection, "w1")
        assert held and held.grant
        self.twin.org.grants.revoke(VAULT.open(held.grant.refresh_token))

    async def is_ended(self) -> bool:
        """Whether Salesforce has ended the connection for good."""
        async with self.database.read() as connection:
            return not await standing.orgs(connection)

    def holder(self) -> str | None:
        """Which worker may listen at present."""
        held = self.oracle.query("SELECT holder, until FROM leases")
        return next((holder for holder, until in held if until > self.clock()), None)

    @asynccontextmanager
    async def listening(self, pace: Pace = PACE, endpoint: str = "") -> AsyncIterator[None]:
        given = self._given() | ({"endpoint": endpoint} if endpoint else {})
        worker = asyncio.create_task(work(self.database, given, self.clock, pace))
        try:
            yield
            assert not worker.done(), worker.exception()
        finally:
            await ended(worker)

    @asynccontextmanager
    async def process(self, *, dies_at: float = 0) -> AsyncIterator[ForkServerProcess]:
        """A worker of its own, killed in the end if it lives. `dies_at`: as worker_process has it."""
        process = FORKS.Process(target=live, args=(self.oracle.database_url, self._given(), dies_at))
        process.start()
        try:
            yield process
        finally:
            process.kill()
            await asyncio.to_thread(process.join)

    @asynccontextmanager
    async def frozen(self, process: ForkServerProcess) -> AsyncIterator[None]:
        """As a machine that is asleep, between two transactions: it comes back, and knows nothing of that."""
        assert process.pid
        os.kill(process.pid, signal.SIGSTOP)
        while self._is_locked():
            os.kill(process.pid, signal.SIGCONT)
            await asyncio.sleep(0.01)
            os.kill(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process.pid, signal.SIGCONT)

    def _is_locked(self) -> bool:
        try:
            self.oracle.query("SELECT name FROM leases FOR UPDATE NOWAIT")
        except psycopg.errors.LockNotAvailable:
            return True
        return False

    async def hears(self, worker: ForkServerProcess, former: str | None = None) -> None:
        """Until that worker holds the lease, after the one who had it before."""
        async with asyncio.timeout(PATIENCE):
            while self.holder() in (None, former):
                assert worker.is_alive()
                await asyncio.sleep(0.02)

    def _given(self) -> dict[str, str]:
        twin = self.twin
        return {
            "instance_url": twin.instance_url,
            "endpoint": twin.pubsub_endpoint,
            "ca_file": str(twin.ca_file),
        }


@asynccontextmanager
async def proof(database: Database, database_url: str) -> AsyncIterator[Proof]:
    """An org with some Contacts from before, and a workspace that has just been connected to it."""
    async with Twin(seed="empty", keepalive_ms=100) as twin:
        twin.org.setup.switch({"events_per_response": 7})
        made = {"CreatedDate": "2026-01-01T08:00:00.000+0000", "LastModifiedDate": "2026-01-01T08:00:00.000+0000"}
        older = ({"LastName": f"Before №b{n}", "Email": f"person{n}@house.example", **made} for n in range(30))
        before = frozenset(twin.org.load("Contact", older))
        async with database.write() as connection:
            mine = Workspace("w1", "key-w1", "Proof", "FR", SHOWN, False, True)
            await workspaces.add(connection, mine, 0)
            await workspaces.set_switches(connection, "w1", Switches(False, False, True, True, True), just_before())
        house = Proof(twin, database, Oracle(twin.org, database_url, before))
        await house.connect()
        yield house
