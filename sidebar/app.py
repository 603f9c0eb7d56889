"""The one meeting place: builds every room from settings, clock, random and an HTTP client, and hands out the doors.

`compose(...)` → House; `House.web()` is the Starlette app with the whole route table on one screen, `House.work()` the
worker. Tests build the same house with a twin and a clock of their own; nothing is patched.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from sidebar.contacts.begin import Conversations
from sidebar.contacts.changers import Changers
from sidebar.contacts.copies import Copies
from sidebar.contacts.edit import Editor
from sidebar.contacts.fields import DEFAULT
from sidebar.contacts.here import Here
from sidebar.contacts.lookup import Lookup, Match, Mirrored
from sidebar.contacts.picks import Picks, known_by
from sidebar.contacts.pulse import Pulses
from sidebar.contacts.receipts import Receipts
from sidebar.identity import Identity
from sidebar.mirror import CONTACTS, lease
from sidebar.orgs import Orgs
from sidebar.random import Random
from sidebar.settings import Settings
from sidebar.store import workspaces
from sidebar.store.database import Database
from sidebar.store.notices import Hub
from sidebar.vault import Vault
from sidebar.web.admin import Admin
from sidebar.web.api import Api, refusal
from sidebar.web.budget import BudgetPage
from sidebar.web.cards import Cards
from sidebar.web.connect import Connect
from sidebar.web.contact import OneContact
from sidebar.web.contacts import Contacts
from sidebar.web.context import Contexts
from sidebar.web.desk import Desk
from sidebar.web.doors import Doors
from sidebar.web.edit import Edit
from sidebar.web.entrance import Entrance
from sidebar.web.files import Static
from sidebar.web.guard import Sessions, page_headers
from sidebar.web.hand import Hand
from sidebar.web.health import Health
from sidebar.web.live import Live
from sidebar.web.match import Showing
from sidebar.web.matching import Matching
from sidebar.web.ops import Ops
from sidebar.web.panel import Panel
from sidebar.web.receipts import ReceiptPage
from sidebar.web.render import Pages, pick_language
from sidebar.web.signin import SignIn
from sidebar.web.trouble import Notices
from sidebar.web.watches import Watches
from sidebar.worker import Pace, Worker


class House:
    """Every room, built once. `database`, `vault` and `orgs` are open to the commands in __main__."""

    def __init__(
        self, settings: Settings, clock: Callable[[], int], random: Random, http: httpx.AsyncClient, pace: Pace
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.random = random
        self.database = Database(settings.database)
        self._hub = Hub(self.database)
        self.watches = Watches()
        self.vault = Vault(settings.secret_keys)
        self.pages = Pages()
        self._notices = Notices(self.pages)
        self.orgs = Orgs(database=self.database, vault=self.vault, http=http, settings=settings, clock=clock)
        self._http = http
        self._matches: Counter[str] = Counter()
        self._closing: list[Callable[[], Awaitable[None]]] = [self.orgs.close]
        self._lookup = self._make_lookup()
        self._picks = Picks(self.database, clock, random)
        self.receipts = Receipts(self.database, clock, random)
        self._closing += [self._lookup.close, self.receipts.close]
        self._worker = Worker(
            database=self.database,
            orgs=self.orgs,
            endpoint=settings.pubsub_endpoint,
            ca_file=settings.pubsub_ca_file,
            clock=clock,
            random=random,
            pace=pace,
        )

    async def check(self) -> None:
        """Before anything is served. Raises DatabaseProblem for tables of another version, and VaultProblem where the
        keys do not open what is stored."""
        await self.database.check()
        async with self.database.read() as connection:
            locked = await workspaces.any_secret(connection)
        if locked is not None:
            self.vault.open(locked)

    async def match(self, key: str, customer: Identity) -> Match:
        """Who this is, for the workspace of that key; an empty key takes the only one there is. Raises SalesforceError,
        NotConnected, and LookupError where there is no such workspace."""
        async with self.database.read() as connection:
            workspace = await workspaces.by_key(connection, key) if key else await workspaces.only(connection)
        if workspace is None:
            raise LookupError(key)
        word = await self._picks.word(workspace.id, known_by(customer, workspace.region))
        return await self._lookup.match(workspace, customer, word.told)

    def work(self) -> Worker:
        return self._worker

    def web(self) -> Starlette:
        panel, hand, edit, live = self._panel()
        signin, admin, connect, contacts = self._admin()
        contact = self._contact(admin.desk)
        receipt = ReceiptPage(desk=admin.desk, database=self.database, orgs=self.orgs, lookup=self._lookup)
        api = Api(self.database)
        matching = Matching(self.database, lookup=self._lookup, picks=self._picks, receipts=self.receipts)
        health = self._health(admin.desk)
        budget = BudgetPage(desk=admin.desk, database=self.database, budget=self.orgs.budget, clock=self.clock)
        ops = Ops(
            self.database,
            self._worker.states,
            clock=self.clock,
            calls=self.orgs.outcomes,
            matches=self._matches,
        )
        post = ["POST"]
        routes = [
            Route("/h/{host:text}/{key:text}", panel.shell),
            Route("/h/{host:text}/{key:text}/match", panel.match, methods=post),
            Route("/h/{host:text}/{key:text}/renew", panel.renew, methods=post),
            Route("/h/{host:text}/{key:text}/pick", hand.pick, methods=post),
            Route("/h/{host:text}/{key:text}/unlink", hand.unlink, methods=post),
            Route("/h/{host:text}/{key:text}/revoke", hand.revoke, methods=post),
            Route("/h/{host:text}/{key:text}/search", hand.search, methods=post),
            Route("/h/{host:text}/{key:text}/live", live.stream),
            Route("/h/{host:text}/{key:text}/contact/{id:text}", panel.contact),
            Route("/h/{host:text}/{key:text}/contact/{id:text}/field", edit.line),
            Route("/h/{host:text}/{key:text}/contact/{id:text}/field", edit.save, methods=post),
            Route("/admin", admin.overview),
            Route("/admin/setup", signin.setup_form),
            Route("/admin/setup", signin.set_up, methods=post),
            Route("/admin/signin", signin.form),
            Route("/admin/signin", signin.enter, methods=post),
            Route("/admin/signout", signin.leave, methods=post),
            Route("/admin/switches", admin.set_switches, methods=post),
            Route("/admin/region", admin.set_region, methods=post),
            Route("/admin/policy", admin.set_policy, methods=post),
            Route("/admin/origins", admin.set_origins, methods=post),
            Route("/admin/secret", admin.renew_secret, methods=post),
            Route("/admin/api-key", admin.renew_api_key, methods=post),
            Route("/admin/contacts", contacts.page),
            Route("/admin/contacts.csv", contacts.export),
            Route("/admin/contacts/{id:text}", contact.page),
            Route("/admin/contacts/{id:text}/tags", contact.tag, methods=post),
            Route("/admin/contacts/{id:text}/panel", contact.panel),
            Route("/admin/contacts/{id:text}/proof", contact.proof, methods=post),
            Route("/admin/receipts/{id:text}", receipt.page),
            Route("/admin/receipts/{id:text}", receipt.replay, methods=post),
            Route("/admin/health", health.page),
            Route("/admin/health/now", health.now),
            Route("/admin/calls", budget.page),
            Route("/admin/salesforce", connect.page),
            Route("/admin/salesforce", connect.save, methods=post),
            Route("/admin/salesforce/status", connect.status),
            Route("/admin/salesforce/consent", connect.consent),
            Route("/admin/salesforce/connected", connect.connected),
            Route("/admin/salesforce/disconnect", connect.ask_disconnect),
            Route("/admin/salesforce/disconnect", connect.disconnect, methods=post),
            Route("/oauth/callback", connect.callback),
            Route("/healthz", ops.healthz),
            Route("/readyz", ops.readyz),
            Route("/metrics", ops.metrics),
            Route("/api/v1/openapi.json", api.openapi),
            Route("/api/v1/contacts", api.contacts),
            Route("/api/v1/contacts/{id:text}", api.contact),
            Route("/api/v1/contacts/{id:text}", api.set_tags, methods=["PATCH"]),
            Route("/api/v1/tags", api.tags),
            Route("/api/v1/match", matching.match, methods=post),
            Route("/api/v1/receipts/{id:text}", matching.receipt),
            Route("/", _to_admin),
            Mount("/static", Static()),
        ]
        errors = {HTTPException: self._error, Exception: self._error}
        return Starlette(routes=routes, exception_handlers=errors, lifespan=self._open)

    async def close(self) -> None:
        """After the doors are shut: let what is under way with Salesforce end, then let go of the database."""
        for close in reversed(self._closing):
            await close()
        await self.database.close()

    @asynccontextmanager
    async def _open(self, _app: Starlette) -> AsyncIterator[None]:
        """While the doors are open other processes are heard. Open panels are let go before the server is."""
        async with self._hub.hearing():
            yield
            self.watches.close()

    def _panel(self) -> tuple[Panel, Hand, Edit, Live]:
        contexts = Contexts(self.vault)
        doors = Doors(self.database, self.vault, self.clock)
        entrance = Entrance(doors, contexts, self.clock, self.settings.public_url)
        lookup = self._lookup
        cards = Cards(self.pages, self.clock)
        self.orgs.on_disconnect(cards.forget)
        self._hub.on_notice(self.watches.hear, self.watches.missed)  # after the lookup has forgotten what has changed
        conversations = Conversations(self.database, self.clock, self.random)
        self._closing.append(conversations.close)
        showing = Showing(self.pages, cards, lookup)
        panel = Panel(
            pages=self.pages,
            notices=self._notices,
            cards=cards,
            entrance=entrance,
            contexts=contexts,
            lookup=lookup,
            orgs=self.orgs,
            showing=showing,
            picks=self._picks,
            receipts=self.receipts,
            conversations=conversations,
            clock=self.clock,
            matches=self._matches,
        )
        hand = Hand(
            pages=self.pages,
            notices=self._notices,
            entrance=entrance,
            lookup=lookup,
            orgs=self.orgs,
            picks=self._picks,
            conversations=conversations,
            showing=showing,
        )
        editor = Editor(lookup, self.orgs, self.database, self.clock, self.random)
        self._closing.append(editor.close)
        edit = Edit(notices=self._notices, cards=cards, entrance=entrance, lookup=lookup, orgs=self.orgs, editor=editor)
        live = Live(
            notices=self._notices,
            cards=cards,
            entrance=entrance,
            lookup=lookup,
            orgs=self.orgs,
            watches=self.watches,
            changers=Changers(self.database, self.orgs, self.clock),
            clock=self.clock,
        )
        return panel, hand, edit, live

    def _make_lookup(self) -> Lookup:
        pulses = Pulses(self.database, self._hub, self.clock, CONTACTS, lease)
        copies = Copies(self.database, self.clock)
        return Lookup(self.orgs, self.clock, Mirrored(self.database, self._hub, pulses, copies, Here(self.database)))

    def _admin(self) -> tuple[SignIn, Admin, Connect, Contacts]:
        database, vault = self.database, self.vault
        sessions = Sessions(vault, self.clock, self.settings.public_url)
        desk = Desk(self.pages, sessions, self.settings.public_url)
        signin = SignIn(desk=desk, database=database, vault=vault, clock=self.clock, random=self.random, fields=DEFAULT)
        connect = Connect(
            desk=desk,
            database=database,
            vault=vault,
            orgs=self.orgs,
            settings=self.settings,
            clock=self.clock,
            random=self.random,
            http=self._http,
        )
        admin = Admin(desk=desk, database=database, vault=vault, clock=self.clock, random=self.random)
        return signin, admin, connect, Contacts(desk=desk, database=database, clock=self.clock)

    def _contact(self, desk: Desk) -> OneContact:
        return OneContact(
            desk=desk,
            pages=self.pages,
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            random=self.random,
        )

    def _health(self, desk: Desk) -> Health:
        streams = self._worker.states
        return Health(desk=desk, database=self.database, orgs=self.orgs, streams=streams, clock=self.clock)

    async def _error(self, request: Request, problem: Exception) -> Response:
        """For what has no answer of its own. Details of a failure are in the log, not on the page."""
        if request.url.path.startswith("/api/"):
            return refusal(problem)
        if "hx-request" in request.headers:
            return self._notices.tell(request, problem)
        status = problem.status_code if isinstance(problem, HTTPException) else 500
        language = pick_language([request.headers.get("accept-language", "")])
        return HTMLResponse(self.pages.render("error.html", language, status=status), status, page_headers())


def compose(
    settings: Settings,
    clock: Callable[[], int],
    random: Random,
    http: httpx.AsyncClient,
    pace: Pace = Pace(),  # noqa: B008 - it is frozen
) -> House:
    """`clock`: milliseconds UTC; `random`: as secrets.token_bytes; the caller closes `http`; `pace`: the worker's."""
    return House(settings, clock, random, http, pace)


class _Text(StringConvertor):
    """A part of an address. PostgreSQL takes no NUL, so nothing is at an address that has one."""

    regex = "[^/\0]+"


register_url_convertor("text", _Text())


async def _to_admin(_request: Request) -> Response:
    return RedirectResponse("/admin", 303)
