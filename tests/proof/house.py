"""A house of ours to be proved: one workspace, connected to a twin, whose worker may be ended in any way."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sidebar.mirror import CONTACTS, lease
from sidebar.store import standing, workspaces
from sidebar.store.database import Database
from sidebar.store.workspaces import Switches, Workspace
from sidebar.twin.org import Actor
from sidebar.twin.run import Twin
from sidebar.worker import Pace
from tests.listening import connect, now, working
from tests.proof.oracle import SHOWN, Oracle

PACE = Pace(
    look=0.05, lease=0.6, first_wait=0.01, longest_wait=0.2, spent=0.2, silence=0.6, glance=0.1, pause=0, settle=0
)
PATIENCE = 8


def just_before() -> int:
    """Moments in the org are whole seconds: what is made at once shall be newer than the connection."""
    return now() - 1000


@dataclass
class Proof:
    twin: Twin
    database: Database
    oracle: Oracle

    async def agrees(self) -> None:
        """Once all is quiet, our database is what the org makes it; a last Contact shows that the stream was read to
        its end."""
        self.twin.org.create(Actor(self.twin.org.admin), "Contact", {"LastName": "Last"})
        differences = ["not looked yet"]
        end = asyncio.get_running_loop().time() + PATIENCE
        while differences and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
            differences = await asyncio.to_thread(self.oracle.differences)
        assert not differences, "\n".join(differences)

    async def hears(self, worker: Process) -> None:
        """Until that worker holds the lease."""
        async with asyncio.timeout(PATIENCE):
            while not await self._is_held():
                assert worker.returncode is None
                await asyncio.sleep(0.02)

    async def _is_held(self) -> bool:
        async with self.database.read() as connection:
            held = await standing.of(connection, self.twin.org.id, CONTACTS, lease(self.twin.org.id))
        return held.held_until > now()

    @asynccontextmanager
    async def listening(self, pace: Pace = PACE) -> AsyncIterator[None]:
        async with working(self.database, self.twin, pace=pace):
            yield

    async def process(self) -> Process:
        """A worker of its own, to be killed."""
        given = {
            "database": self.oracle.database_url,
            "instance_url": self.twin.instance_url,
            "endpoint": self.twin.pubsub_endpoint,
            "ca_file": str(self.twin.ca_file),
        }
        root = Path(__file__).parent.parent.parent
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.proof.worker_process", json.dumps(given), cwd=root, stdout=DEVNULL
        )


@asynccontextmanager
async def proof(database: Database, database_url: str) -> AsyncIterator[Proof]:
    """An org with some Contacts from before, and a workspace that has just been connected to it."""
    async with Twin(seed="empty", keepalive_ms=100) as twin:
        twin.org.setup.switch({"events_per_response": 7})
        made = {"CreatedDate": "2026-01-01T08:00:00.000+0000", "LastModifiedDate": "2026-01-01T08:00:00.000+0000"}
        older = [{"LastName": "Before", "Email": f"person{number}@house.example", **made} for number in range(30)]
        before = frozenset(twin.org.load("Contact", older))
        async with database.write() as connection:
            mine = Workspace("w1", "key-w1", "Proof", "FR", SHOWN, False, True)
            await workspaces.add(connection, mine, 0)
            await workspaces.set_switches(connection, "w1", Switches(False, False, True, True, True), just_before())
        await connect(database, twin, clock=just_before)
        yield Proof(twin, database, Oracle(twin.org, database_url, before))
