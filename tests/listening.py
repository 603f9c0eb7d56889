"""A workspace that listens to an org, for tests: the worker runs in this process, against a twin."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from sidebar.mirror import CONTACTS
from sidebar.orgs import Orgs
from sidebar.settings import Settings
from sidebar.store import connections, contacts, positions, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from sidebar.twin.org import Actor, Org
from sidebar.twin.org.people import User
from sidebar.twin.run import Twin
from sidebar.vault import Vault
from sidebar.worker import Pace, Worker

VAULT = Vault(["a key for tests that nobody else has"])
LIVELY = 50
QUIET = 3_600_000
PACE = Pace(look=0.02, first_wait=0.01, longest_wait=0.04, glance=0.05, pause=0, settle=0)


def now() -> int:
    return time.time_ns() // 1_000_000


class Clock:
    """The time of day, moved ahead by hand."""

    ahead = 0

    def __call__(self) -> int:
        return now() + self.ahead

    def pass_seconds(self, seconds: int) -> None:
        self.ahead += seconds * 1000


@dataclass
class House:
    """What the tests look at: the worker, and what it keeps."""

    database: Database
    worker: Worker
    org_id: str
    orgs: Orgs

    async def contacts(self, workspace_id: str = "w1") -> list[Contact]:
        async with self.database.read() as connection:
            return await contacts.newest(connection, workspace_id, 1000)

    async def names(self, workspace_id: str = "w1") -> list[str]:
        return sorted(contact.name for contact in await self.contacts(workspace_id))

    async def position(self) -> bytes | None:
        async with self.database.read() as connection:
            return await positions.of(connection, self.org_id, CONTACTS)

    async def set_position(self, replay_id: bytes) -> None:
        async with self.database.write() as connection:
            await positions.put(connection, self.org_id, CONTACTS, replay_id, 0, positions.News())

    async def has(self, count: int, workspace_id: str = "w1") -> bool:
        return len(await self.contacts(workspace_id)) == count

    async def listens(self) -> bool:
        state = self.worker.states().get(self.org_id)
        return state is not None and state.state == "listening" and await self.position() is not None


@asynccontextmanager
async def working(
    database: Database, twin: Twin, *, endpoint: str = "", pace: Pace = PACE, clock: Callable[[], int] = now
) -> AsyncIterator[House]:
    """A worker that runs until the block ends."""
    settings = Settings(salesforce_origins=twin.instance_url)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        orgs = Orgs(database=database, vault=VAULT, http=http, settings=settings, clock=clock)
        worker = Worker(
            database=database,
            orgs=orgs,
            endpoint=endpoint or twin.pubsub_endpoint,
            ca_file=str(twin.ca_file),
            clock=clock,
            random=secrets.token_bytes,
            pace=pace,
        )
        running = asyncio.create_task(worker.run())
        stack.push_async_callback(ended, running)
        yield House(database, worker, twin.org.id, orgs)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def connect(
    database: Database,
    twin: Twin,
    id: str = "w1",
    *,
    auto_create: bool = True,
    clock: Callable[[], int] = now,
    user: User | None = None,
    fields: tuple[str, ...] = (),
) -> None:
    """A workspace whose admin has consented in the org, as its integration user unless told otherwise."""
    org = twin.org
    user = user or org.integration
    grant = org.grants.open(user.id, ["api", "refresh_token"])
    assert grant.refresh
    app = App(twin.instance_url, org.client_id, VAULT.lock(org.client_secret))
    tokens = VAULT.lock(org.grants.access_token(grant)), VAULT.lock(grant.refresh)
    held = Grant(
        twin.instance_url, *tokens, org.id, org.name, org.edition, False, user.id, user.username, "67.0", clock()
    )
    async with database.write() as connection:
        if await workspaces.by_id(connection, id) is None:
            await workspaces.add(connection, Workspace(id, f"key-{id}", id, "FR", fields, False, auto_create), 0)
        await connections.put_app(connection, id, app)
        await connections.put_grant(connection, id, held)


def create(org: Org, last_name: str, **fields: str) -> str:
    return org.create(Actor(org.admin), "Contact", {"LastName": last_name, **fields})


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.02)
