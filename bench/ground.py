"""Where everything is measured: the demo's org and workspace, the product in a process of its own, and a bare server.

The demo sets the workspace up and connects it. The measured process takes over a copy of its database and holds the
product and nothing else: no org, no inbox. The demo's own house then stands idle and no longer listens.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt

from bench.clock import Clock
from bench.people import Person
from bench.process import Process, running
from bench.product import LOOK
from sidebar.contacts.pulse import is_alive
from sidebar.demo.inbox import Surroundings
from sidebar.demo.inbox import app as inbox
from sidebar.mirror import CONTACTS, lease
from sidebar.process import client, listen, serving
from sidebar.stage import Stage, stage
from sidebar.store import connections, leases, standing, workspaces
from sidebar.store.database import Database
from sidebar.store.standing import Standing
from sidebar.store.workspaces import Switches
from sidebar.workspaces import HOST

_LIFETIME_SECONDS = 300
_DOORS_SECONDS = 3  # so long the product may go on with a workspace as it was
_GLANCE = 0.004
_PATIENCE = 30
_FAR = 2**53  # ms: by then every lease has run out


@dataclass(frozen=True, slots=True)
class Ground:
    stage: Stage
    product: Process
    bare: Process
    database: Database
    clock: Clock
    inbox_url: str

    @property
    def panel(self) -> str:
        """The path below which the panel answers."""
        return f"/h/{HOST}/{self.stage.workspace.key}"

    async def be_ahead(self, ms: int) -> None:
        """Inbox and product go on together, so that what one signs is valid for the other."""
        self.clock.ahead = max(self.clock.ahead, ms)
        await self.product.tell(str(self.clock.ahead))

    async def pass_seconds(self, seconds: float) -> None:
        await self.be_ahead(self.clock.ahead + int(seconds * 1000))

    async def standing(self) -> Standing:
        """How the product's change stream stands."""
        org_id = self.stage.twin.org.id
        async with self.database.read() as connection:
            return await standing.of(connection, org_id, CONTACTS, lease(org_id))

    async def be_heard(self) -> None:
        """Until the product is sure of what it knows, as it is all day where no clock is sent ahead."""
        async with asyncio.timeout(_PATIENCE):
            while not is_alive(await self.standing(), self.clock()):
                await self.product.tell(LOOK)
                await asyncio.sleep(_GLANCE)

    async def switch_live(self, *, on: bool) -> None:
        async with self.database.write() as connection:
            switches = Switches(editing=True, live=on, auto_create=True, tag_created=True, include_bulk=False)
            await workspaces.set_switches(connection, self.stage.workspace.id, switches, self.clock())
        await self.pass_seconds(_DOORS_SECONDS)

    def salesforce_calls(self) -> int:
        """As the org has counted them: what it tells in Sforce-Limit-Info."""
        return self.stage.twin.org.calls()[0]

    def visit(self, agent: int, person: Person) -> str:
        """The inbox's word that this agent has a conversation with this person open."""
        now = self.clock() // 1000
        claims = {
            "aud": self.stage.workspace.key,
            "iat": now,
            "exp": now + _LIFETIME_SECONDS,
            "sub": f"agent-{agent}",
            "email": f"agent{agent}@lindenlark.example",
            "name": f"Agent {agent}",
            "conversation": f"conversation with {person.id}",
            "customer": {"emails": person.emails, "phones": person.phones, "country": person.country},
            "locale": "en",
        }
        return jwt.encode(claims, self.stage.host_secret, algorithm="HS256")


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    async with AsyncExitStack() as stack:
        ready = await stack.enter_async_context(stage(port=0, fresh=True, folder=folder))
        listener = stack.enter_context(listen("127.0.0.1", 0))
        inbox_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await _let_frame(ready, inbox_url)
        url = f"sqlite:///{folder / 'product.sqlite'}"
        database = Database(url)
        stack.push_async_callback(database.close)
        await _hand_over(ready, folder / "sidebar.sqlite", folder / "product.sqlite", database)
        product = await stack.enter_async_context(running("product", {**_environment(ready), "DATABASE_URL": url}))
        bare = await stack.enter_async_context(running("bare"))
        clock = Clock()
        http = await stack.enter_async_context(client())
        around = _surroundings(ready, f"http://localhost:{product.port}", clock, http)
        await stack.enter_async_context(serving(inbox(around), listener))
        yield Ground(ready, product, bare, database, clock, inbox_url)


async def _let_frame(ready: Stage, inbox_url: str) -> None:
    async with ready.house.database.write() as connection:
        await workspaces.set_origins(connection, ready.workspace.id, HOST, [inbox_url])


async def _hand_over(ready: Stage, of_demo: Path, of_product: Path, database: Database) -> None:
    """One process hears an org: from now on whoever works on the copy."""
    with sqlite3.connect(of_demo) as source, sqlite3.connect(of_product) as copy:
        source.backup(copy)
    async with ready.house.database.write() as connection:
        await connections.drop_grant(connection, ready.workspace.id)
    ready.house.work().wake()
    async with database.write() as connection:
        await leases.take(connection, lease(ready.twin.org.id), "the demo, which has ended", _FAR, 0)


def _environment(ready: Stage) -> dict[str, str]:
    settings = ready.house.settings
    return {
        "SIDEBAR_SECRET_KEY": settings.secret_key,
        "SIDEBAR_VAR_DIR": str(settings.var_dir),
        "SIDEBAR_SALESFORCE_ORIGINS": settings.salesforce_origins,
        "SIDEBAR_PUBSUB_ENDPOINT": settings.pubsub_endpoint,
        "SIDEBAR_PUBSUB_CA_FILE": settings.pubsub_ca_file,
    }


def _surroundings(ready: Stage, public_url: str, clock: Clock, http: httpx.AsyncClient) -> Surroundings:
    """The demo inbox once more, framing the measured product; its tour is not played here."""
    org = ready.twin.org

    async def token() -> str:
        return org.grant(org.colleague)

    return Surroundings(
        panel_origin=public_url,
        workspace_key=ready.workspace.key,
        host_secret=ready.host_secret,
        admin_url=f"{public_url}/admin",
        admin_email="",
        admin_password="",
        contacts_url=f"{public_url}/admin/contacts",
        org_url=ready.twin.instance_url,
        org_token=token,
        http=http,
        clock=clock,
    )
