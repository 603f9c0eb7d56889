"""Sidebar's admin side as tests see it: every admin page, a database of its own, a pretend Salesforce to talk to."""

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx
from starlette.applications import Starlette

from sidebar.app import compose
from sidebar.orgs import Orgs
from sidebar.settings import Settings, read
from sidebar.store import admins, connections
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database
from sidebar.vault import Vault
from sidebar.workspaces import Created, NewWorkspace, create_workspace
from tests.conftest import Clock
from tests.org import PretendSalesforce

ADDRESS = "https://sidebar.example"
PASSWORD = "correct horse battery"
FIELDS = ("Name", "Email", "Title")


@dataclass
class Site:
    clock: Clock
    settings: Settings
    database: Database
    vault: Vault
    salesforce: PretendSalesforce
    orgs: Orgs
    app: Starlette
    pages: list[str] = field(default_factory=list)  # every text that was ever sent to a browser

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser on our own pages, with its own cookies."""

        async def keep(response: httpx.Response) -> None:
            await response.aread()
            self.pages.append(response.text + str(response.headers))

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=ADDRESS,
            headers={"sec-fetch-site": "same-origin", **headers},
            event_hooks={"response": [keep]},
        )

    async def workspace(self, email: str = "owner@brightside.example") -> Created:
        wish = NewWorkspace("Brightside Support", "GB", email, PASSWORD, FIELDS)
        return await create_workspace(self.database, self.vault, secrets.token_bytes, self.clock(), wish)

    async def signed_in(self, email: str = "owner@brightside.example") -> httpx.AsyncClient:
        """A browser whose owner has a workspace and is signed in to it."""
        await self.workspace(email)
        return await self.sign_in(email)

    async def sign_in(self, email: str = "owner@brightside.example") -> httpx.AsyncClient:
        browser = self.browser()
        answer = await browser.post("/admin/signin", data={"email": email, "password": PASSWORD})
        assert answer.headers["location"] == "/admin"
        return browser

    def app_form(self, **changes: str) -> dict[str, str]:
        org = self.salesforce.org
        form = {"consumer_key": org.client_id, "consumer_secret": org.client_secret, "where": "production"}
        return {**form, "domain": "", **changes}

    async def with_app(self, email: str = "owner@brightside.example") -> httpx.AsyncClient:
        browser = await self.signed_in(email)
        answer = await browser.post("/admin/salesforce", data=self.app_form())
        assert answer.status_code == 303, answer.text
        return browser

    async def consent(self, browser: httpx.AsyncClient, *, allow: bool = True, replace: bool = False) -> str:
        """Press Connect and decide at Salesforce; the call-back address, not visited yet."""
        asked = await browser.get("/admin/salesforce/consent" + ("?replace=1" if replace else ""))
        assert asked.status_code == 303
        return await self.salesforce.consent(asked.headers["location"], allow=allow)

    async def connected(self, email: str = "owner@brightside.example") -> httpx.AsyncClient:
        browser = await self.with_app(email)
        answer = await browser.get(await self.consent(browser))
        assert answer.headers.get("location") == "/admin/salesforce/connected", answer.text
        return browser

    async def workspace_id(self, email: str = "owner@brightside.example") -> str:
        async with self.database.read() as connection:
            owner = await admins.by_email(connection, email)
        assert owner is not None
        return owner.workspace_id

    async def org_id(self) -> str | None:
        """Whose org the first workspace is connected to."""
        found = await self.connection(await self.workspace_id())
        return found.grant.org_id if found and found.grant else None

    async def connection(self, workspace_id: str) -> Salesforce | None:
        async with self.database.read() as connection:
            return await connections.of(connection, workspace_id)


@asynccontextmanager
async def open_site(folder: Path, clock: Clock, **settings: object) -> AsyncIterator[Site]:
    kept = {
        "database_url": f"sqlite:///{folder / 'site.sqlite'}",
        "secret_key": "a-key-of-the-tests-that-is-long-enough",
    }
    chosen = read(**{"public_url": ADDRESS, **kept, **settings})
    salesforce = PretendSalesforce(clock)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(salesforce.http(*chosen.further_salesforce_origins))
        house = compose(chosen, clock, secrets.token_bytes, http)
        stack.push_async_callback(house.close)
        await house.database.migrate()
        yield Site(clock, chosen, house.database, house.vault, salesforce, house.orgs, house.web())


POSTS = (
    "/admin/setup", "/admin/signin", "/admin/signout", "/admin/switches", "/admin/region", "/admin/origins",
    "/admin/secret", "/admin/salesforce", "/admin/salesforce/disconnect", "/admin/api-key", "/admin/contacts/x/tags",
    "/admin/contacts/x/proof", "/admin/receipts/x",
)  # fmt: skip
PAGES = ("/admin", "/admin/contacts", "/admin/health", "/admin/salesforce", "/admin/salesforce/disconnect")


def words(page: httpx.Response) -> str:
    """What a reader sees of a page's main part, in one line."""
    main = re.search(r"<main.*</main>", page.text, re.DOTALL)
    assert main is not None, page.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def attributes(page: httpx.Response, id: str) -> Mapping[str, str]:
    """The attributes of the element with this id."""
    element = re.search(rf'<[^>]*\bid="{id}"[^>]*>', page.text)
    assert element is not None, page.text
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', element[0])}
