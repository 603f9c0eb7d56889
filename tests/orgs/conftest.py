"""A connected workspace, as a process of ours needs it, on both databases."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import pytest

from sidebar.orgs import Orgs
from sidebar.orgs.consent import Asker, Consents
from sidebar.settings import Settings, read
from sidebar.store import connections
from sidebar.store.connections import App, Grant, Salesforce
from sidebar.store.database import Database
from sidebar.vault import Vault
from sidebar.workspaces import NewWorkspace, create_workspace
from tests.conftest import Clock
from tests.org import LOGIN, PretendSalesforce, query

QUESTION = "SELECT Username FROM User"


@dataclass
class Connected:
    """A connected workspace, and what a process of ours needs to work for it."""

    workspace_id: str
    salesforce: PretendSalesforce
    http: httpx.AsyncClient
    database: Database
    vault: Vault
    settings: Settings
    clock: Clock
    processes: list[Orgs] = field(default_factory=list)

    def orgs(self) -> Orgs:
        """As another process would have them."""
        orgs = Orgs(database=self.database, vault=self.vault, http=self.http, settings=self.settings, clock=self.clock)
        self.processes.append(orgs)
        return orgs

    async def connect(self, orgs: Orgs) -> Grant:
        consents = Consents(
            database=self.database,
            vault=self.vault,
            http=self.http,
            orgs=orgs,
            settings=self.settings,
            clock=self.clock,
            random=secrets.token_bytes,
        )
        asker = Asker(self.workspace_id, "an admin")
        answer = query(await self.salesforce.consent(await consents.ask(asker, replace=False)))
        consent = await consents.claim(asker, answer["state"])
        return await consents.keep(consent, answer["code"])

    def when_refreshing(
        self, *, asked: Callable[[], Awaitable[None]] | None = None, told: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Do something while a refresh is on its way: once it has been `asked` for, or when its answer was `told`."""

        async def on_request(request: httpx.Request) -> None:
            if asked is not None and request.url.path.endswith("/token"):
                await asked()

        async def on_response(response: httpx.Response) -> None:
            if told is not None and response.url.path.endswith("/token"):
                await told()

        self.http.event_hooks = {"request": [on_request], "response": [on_response]}

    async def stored(self) -> Salesforce:
        async with self.database.read() as connection:
            found = await connections.of(connection, self.workspace_id)
        assert found is not None
        return found

    async def stored_tokens(self) -> tuple[str, str]:
        grant = (await self.stored()).grant
        assert grant is not None
        return self.vault.open(grant.access_token), self.vault.open(grant.refresh_token)


@pytest.fixture
async def connected(database: Database, clock: Clock) -> AsyncIterator[Connected]:
    salesforce, vault = PretendSalesforce(clock), Vault(["a key of the tests, long enough to be one"])
    settings = read(public_url="https://sidebar.example")
    wish = NewWorkspace("Brightside", "GB", "owner@brightside.example", "a long password", ("Name",))
    made = await create_workspace(database, vault, secrets.token_bytes, clock(), wish)
    app = App(LOGIN, salesforce.org.client_id, vault.lock(salesforce.org.client_secret))
    async with database.write() as connection:
        await connections.put_app(connection, made.workspace.id, app)
    async with salesforce.http() as http:
        connected = Connected(made.workspace.id, salesforce, http, database, vault, settings, clock)
        await connected.connect(connected.orgs())
        yield connected
        for orgs in connected.processes:
            await orgs.close()
