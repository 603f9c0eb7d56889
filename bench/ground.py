"""Where everything is measured: the demo's org and workspace, the product in a process of its own, and a bare server.

The demo sets the workspace up and connects it; its own panel then stands idle, so that the measured process holds the
product and nothing else: no org, no inbox.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt

from bench.clock import Clock
from bench.people import Person
from bench.process import Process, running
from sidebar.demo.inbox import Surroundings
from sidebar.demo.inbox import app as inbox
from sidebar.process import client, listen, serving
from sidebar.stage import Stage, stage
from sidebar.store import workspaces
from sidebar.workspaces import HOST

_LIFETIME_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Ground:
    stage: Stage
    product: Process
    bare: Process
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
        product = await stack.enter_async_context(running("product", _environment(ready)))
        bare = await stack.enter_async_context(running("bare"))
        clock = Clock()
        http = await stack.enter_async_context(client())
        around = _surroundings(ready, f"http://localhost:{product.port}", clock, http)
        await stack.enter_async_context(serving(inbox(around), listener))
        yield Ground(ready, product, bare, clock, inbox_url)


async def _let_frame(ready: Stage, inbox_url: str) -> None:
    async with ready.house.database.write() as connection:
        await workspaces.set_origins(connection, ready.workspace.id, HOST, [inbox_url])


def _environment(ready: Stage) -> dict[str, str]:
    settings = ready.house.settings
    return {
        "DATABASE_URL": settings.database,
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
