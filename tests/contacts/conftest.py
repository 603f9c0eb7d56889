"""A workspace that is connected to the demo's org, and everything that was ever sent there."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from sidebar.contacts.edit import Author, Correction, Editor
from sidebar.contacts.fields import DEFAULT
from sidebar.contacts.lookup import Lookup, Match, Seen
from sidebar.hosts import Agent
from sidebar.identity import Identity
from sidebar.orgs import Orgs
from sidebar.settings import read
from sidebar.store import connections, journal, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.database import Database
from sidebar.store.journal import Entry
from sidebar.store.workspaces import Workspace
from sidebar.twin.org import JSON, Actor, Row
from sidebar.twin.seed import seed
from sidebar.vault import Vault
from tests.conftest import Clock
from tests.org import LOGIN, MY_DOMAIN, PretendSalesforce

KIM = Author(Agent("agent-7", "kim@brightside.example", "Kim Doe"), "generic", "conversation-1")
FIELDS = (*DEFAULT, "Department")


@dataclass
class Desk:
    """`sent`: every request to Salesforce, as "GET /services/data/v67.0/query?q=…"."""

    clock: Clock
    salesforce: PretendSalesforce
    http: httpx.AsyncClient
    vault: Vault
    database: Database
    orgs: Orgs
    lookup: Lookup
    editor: Editor
    workspace: Workspace
    sent: list[str]

    async def match(self, *, emails: tuple[str, ...] = (), phones: tuple[str, ...] = (), country: str = "") -> Match:
        return await self.lookup.match(self.workspace, Identity(emails, phones, country=country))

    async def see(self, id: str) -> Seen:
        return await self.lookup.see(self.workspace, id)

    async def names(self, match: Match) -> list[str]:
        return [str((await self.see(id)).record["Name"]) for id in match.ids]

    async def save(self, id: str, field: str, typed: str, saw: JSON) -> Seen:
        return await self.editor.save(self.workspace, KIM, Correction(id, field, typed, saw))

    async def journal(self, id: str) -> list[Entry]:
        async with self.database.read() as connection:
            return await journal.of_record(connection, self.workspace.id, id)

    def person(self, name: str) -> Row:
        [found] = [row for row in self.salesforce.org.rows("Contact") if row["Name"] == name]
        return found

    def id_of(self, name: str) -> str:
        return str(self.person(name)["Id"])

    def add(self, **fields: JSON) -> str:
        """A contact made in Salesforce."""
        org = self.salesforce.org
        return org.create(Actor(org.colleague), "Contact", {"LastName": "Somebody", **fields})

    def change(self, id: str, **fields: JSON) -> None:
        """What somebody else does in Salesforce, a second later: its clock knows whole ones only."""
        self.clock.pass_seconds(1)
        org = self.salesforce.org
        org.update(Actor(org.admin), "Contact", id, fields)

    def held(self, id: str, field: str) -> JSON:
        """What the org holds now."""
        row = self.salesforce.org.row("Contact", id)
        assert row is not None
        return row[field]

    def hide(self, *fields: str) -> None:
        """The connected user may no longer read these fields of Contact, or of another object ("Account.Name")."""
        org = self.salesforce.org
        profile = org.profiles[org.integration.profile]
        hidden = frozenset(field if "." in field else f"Contact.{field}" for field in fields)
        org.profiles[profile.name] = replace(profile, hidden=profile.hidden | hidden)

    def lock(self, *fields: str) -> None:
        """The connected user may no longer write these fields of Contact."""
        org = self.salesforce.org
        profile = org.profiles[org.integration.profile]
        org.profiles[profile.name] = replace(profile, read_only=frozenset(f"Contact.{field}" for field in fields))

    @contextmanager
    def on_the_way_back(self, meddle: Callable[[httpx.Request], Awaitable[None]]) -> Iterator[None]:
        """While an answer is on its way: Salesforce has done what it was asked, and we have not heard of it yet."""

        async def hook(response: httpx.Response) -> None:
            await meddle(response.request)

        self.http.event_hooks["response"] = [hook]
        try:
            yield
        finally:
            self.http.event_hooks["response"] = []

    async def another_workspace(self) -> Workspace:
        """Of the same org."""
        return await _connect(self.database, self.vault, self.salesforce, f"workspace-{secrets.token_hex(4)}")


@asynccontextmanager
async def open_desk(clock: Clock, database: Database) -> AsyncIterator[Desk]:
    salesforce = PretendSalesforce(clock)
    seed(salesforce.org)
    salesforce.org.remove_field("Contact", "Second_Email__c")  # each field for e-mail is a query of its own
    sent: list[str] = []

    async def note(request: httpx.Request) -> None:
        sent.append(f"{request.method} {request.url.raw_path.decode()}")

    vault = Vault(["a key of the tests, long enough to be one"])
    async with salesforce.http() as http:
        http.event_hooks["request"] = [note]
        workspace = await _connect(database, vault, salesforce, "workspace-1")
        settings = read(public_url="https://sidebar.example")
        orgs = Orgs(database=database, vault=vault, http=http, settings=settings, clock=clock)
        lookup = Lookup(orgs, clock)
        editor = Editor(lookup, orgs, database, clock, secrets.token_bytes)
        yield Desk(clock, salesforce, http, vault, database, orgs, lookup, editor, workspace, sent)
        await orgs.close()


async def _connect(database: Database, vault: Vault, salesforce: PretendSalesforce, id: str) -> Workspace:
    """What setting up and consenting leave behind."""
    org = salesforce.org
    workspace = Workspace(id, f"key-{id}", "Brightside", "GB", FIELDS, editing=True, auto_create=False)
    opened = org.grants.open(org.integration.id, ["api", "refresh_token"])
    grant = Grant(
        MY_DOMAIN, vault.lock(org.grants.access_token(opened)), vault.lock(str(opened.refresh)), org.id, org.name,
        org.edition, False, org.integration.id, org.integration.username, "67.0", 1,
    )  # fmt: skip
    async with database.write() as connection:
        await workspaces.add(connection, workspace, 0)
        await connections.put_app(connection, id, App(LOGIN, org.client_id, vault.lock(org.client_secret)))
        await connections.put_grant(connection, id, grant)
    return workspace


@pytest.fixture
async def desk(clock: Clock, tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    await database.migrate()
    async with open_desk(clock, database) as desk:
        yield desk
    await database.close()
