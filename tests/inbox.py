"""A whole house with a pretend Salesforce behind it, and an inbox that frames its panel: what panel tests lean on."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import httpx
import jwt

from sidebar.app import House, compose
from sidebar.contacts.fields import DEFAULT
from sidebar.settings import read
from sidebar.store import connections, workspaces
from sidebar.store.workspaces import Switches
from sidebar.twin.seed import seed
from sidebar.workspaces import HOST, Created, NewWorkspace, create_workspace
from tests.conftest import Clock
from tests.org import MY_DOMAIN, PretendSalesforce

PANEL = "https://sidebar.example"
INBOX = "https://inbox.example"
OWNER = "owner@brightside.example"
PASSWORD = "correct horse battery"


@dataclass
class Inbox:
    """Signs as the generic host does and speaks to the panel's routes as the panel's own page would."""

    house: House
    clock: Clock
    salesforce: PretendSalesforce
    created: Created
    browser: httpx.AsyncClient
    context: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"/h/{HOST}/{self.created.workspace.key}"

    def token(self, **claims: object) -> str:
        now = self.clock() // 1000
        base = {
            "aud": self.created.workspace.key,
            "iat": now,
            "exp": now + 300,
            "sub": "agent-7",
            "email": "robin@inbox.example",
            "name": "Robin Keller",
            "conversation": "c-1",
            "customer": {},
        }
        return jwt.encode({**base, **claims}, self.created.host_secret, algorithm="HS256")

    async def open(self, *, path: str = "/match", **claims: object) -> httpx.Response:
        """A conversation is opened; keeps the context that comes back."""
        return self._keep(await self.post(path, token=self.token(**claims)))

    async def open_with(self, *emails: str, phones: tuple[str, ...] = (), **claims: object) -> httpx.Response:
        return await self.open(customer={"emails": emails, "phones": phones}, **claims)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.browser.post(self.url + path, data=fields, headers=self._headers())

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.browser.get(self.url + path, headers={**self._headers(), **headers})

    def contact_id(self, email: str) -> str:
        return next(str(row["Id"]) for row in self.salesforce.org.rows("Contact") if row["Email"] == email)

    def asked(self) -> int:
        """How many data requests Salesforce has been sent."""
        return len(self.salesforce.tokens_used())

    async def switch(self, **on: bool) -> None:
        """Set the workspace's switches, and let the panel's short memory of them pass."""
        async with self.house.database.write() as connection:
            now = {**dict.fromkeys(Switches.__dataclass_fields__, False), **on}
            await workspaces.set_switches(connection, self.created.workspace.id, Switches(**now), self.clock())
        self.clock.pass_seconds(2)

    def _headers(self) -> dict[str, str]:
        context = {"Sidebar-Context": self.context} if self.context else {}
        return {"HX-Request": "true", "Sec-Fetch-Site": "same-origin", **context, **self.headers}

    def _keep(self, response: httpx.Response) -> httpx.Response:
        self.context = response.headers.get("Sidebar-Context", self.context)
        return response


@asynccontextmanager
async def open_inbox(database_url: str, clock: Clock, *, connected: bool = True) -> AsyncIterator[Inbox]:
    settings = read(database_url=database_url, public_url=PANEL, secret_key="a-key-of-the-tests-that-is-long-enough")
    salesforce = PretendSalesforce(clock)
    seed(salesforce.org, 40)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(salesforce.http())
        house = compose(settings, clock, secrets.token_bytes, http)
        stack.push_async_callback(house.close)
        await house.database.migrate()
        wish = NewWorkspace("Brightside", "US", OWNER, PASSWORD, DEFAULT)
        created = await create_workspace(house.database, house.vault, house.random, clock(), wish)
        browser = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(house.web()), base_url=PANEL)
        )
        async with house.database.write() as connection:
            await workspaces.set_origins(connection, created.workspace.id, HOST, [INBOX])
        inbox = Inbox(house, clock, salesforce, created, browser)
        if connected:
            await connect(inbox)
        yield inbox


async def connect(inbox: Inbox) -> None:
    """As an admin does, through the pages and Salesforce's consent."""
    org, form = inbox.salesforce.org, {"Sec-Fetch-Site": "same-origin"}
    app = {"consumer_key": org.client_id, "consumer_secret": org.client_secret, "where": "production", "domain": ""}
    await inbox.browser.post("/admin/signin", data={"email": OWNER, "password": PASSWORD}, headers=form)
    await inbox.browser.post("/admin/salesforce", data=app, headers=form)
    asked = await inbox.browser.get("/admin/salesforce/consent", headers=form)
    answer = await inbox.browser.get(await inbox.salesforce.consent(asked.headers["location"]))
    assert answer.headers["location"] == "/admin/salesforce/connected", answer.text
    async with inbox.house.database.read() as connection:
        held = await connections.of(connection, inbox.created.workspace.id)
    assert held and held.grant and held.grant.instance_url == MY_DOMAIN


def words(response: httpx.Response) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<template.*?</template>|<style.*?</style>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
