"""Becoming the owner of a fresh installation, signing in and signing out."""

import hmac
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from sidebar.passwords import LONGEST, SHORTEST, is_password
from sidebar.random import Random
from sidebar.store import admins
from sidebar.store.admins import Admin
from sidebar.store.database import Database
from sidebar.vault import Vault
from sidebar.web.attempts import MINUTES, Attempts
from sidebar.web.countries import REGIONS, countries, country_of
from sidebar.web.desk import Desk, from_our_pages, language
from sidebar.web.forms import read_form
from sidebar.web.guard import Session
from sidebar.workspaces import NewWorkspace, OwnerExists, create_workspace, normal_email

_LONGEST_EMAIL = 254


class SignIn:
    """`fields`: the Contact fields that a new workspace shows."""

    def __init__(
        self,
        *,
        desk: Desk,
        database: Database,
        vault: Vault,
        clock: Callable[[], int],
        random: Random,
        fields: Sequence[str],
    ) -> None:
        self.desk = desk
        self._database = database
        self._vault = vault
        self._clock = clock
        self._random = random
        self._fields = fields
        self._attempts = Attempts(clock)

    async def form(self, request: Request) -> Response:
        if not await self._owned():
            return self.desk.refuse(request, "unowned", status=404)
        return self.desk.page(request, "signin.html", email="", problem=None, minutes=MINUTES)

    @from_our_pages
    async def enter(self, request: Request) -> Response:
        sent = await read_form(request)
        email = normal_email(sent.get("email", ""))[:_LONGEST_EMAIL]
        address = request.client.host if request.client else ""
        if not self._attempts.begin(email, address):
            return self._again(request, email, "slow", 429)
        admin = await self._admin(email, sent.get("password", ""))
        if admin is None:
            return self._again(request, email, "wrong", 401)
        self._attempts.succeed(email, address)
        return self._admit(self.desk.go("/admin"), admin)

    @from_our_pages
    async def leave(self, request: Request) -> Response:
        response = self.desk.go("/admin/signin")
        self.desk.sessions.end(response)
        return response

    async def setup_form(self, request: Request) -> Response:
        code = request.query_params.get("code", "")
        here = country_of(request.headers.get("accept-language", ""))
        return await self._setup_refused(request, code) or self._setup(
            request, code, NewWorkspace("", here, "", "", ())
        )

    @from_our_pages
    async def set_up(self, request: Request) -> Response:
        sent = await read_form(request)
        refused = await self._setup_refused(request, sent.get("code", ""))
        if refused is not None:
            return refused
        wanted = NewWorkspace(
            name=sent.get("name", "").strip(),
            region=sent.get("region", ""),
            email=sent.get("email", "").strip(),
            password=sent.get("password", ""),
            fields=self._fields,
        )
        problems = _problems(wanted)
        return self._setup(request, sent["code"], wanted, problems) if problems else await self._found(request, wanted)

    async def _found(self, request: Request, wanted: NewWorkspace) -> Response:
        try:
            made = await create_workspace(self._database, self._vault, self._random, self._clock(), wanted, first=True)
        except OwnerExists:
            return self.desk.refuse(request, "owned")
        panel_url = f"{self.desk.public_url}/h/generic/{made.workspace.key}"
        page = self.desk.page(
            request, "secret.html", fresh=True, name=wanted.name, secret=made.host_secret, panel_url=panel_url
        )
        return self._admit(page, made.owner)

    def _setup(self, request: Request, code: str, wanted: NewWorkspace, problems: Sequence[str] = ()) -> Response:
        return self.desk.page(
            request,
            "setup.html",
            status=422 if problems else 200,
            code=code,
            typed=wanted,
            problems=problems,
            shortest=SHORTEST,
            countries=countries(language(request)),
        )

    async def _setup_refused(self, request: Request, code: str) -> Response | None:
        if await self._owned():
            return self.desk.refuse(request, "owned")
        if not hmac.compare_digest(code.encode(), self._vault.code("setup").encode()):
            return self.desk.refuse(request, "code")
        return None

    def _again(self, request: Request, email: str, problem: str, status: int) -> Response:
        page = self.desk.page(request, "signin.html", status=status, email=email, problem=problem, minutes=MINUTES)
        if status == 429:
            page.headers["Retry-After"] = str(MINUTES * 60)
        return page

    def _admit(self, response: Response, admin: Admin) -> Response:
        self.desk.sessions.start(response, Session(admin.id, admin.workspace_id, admin.email, admin.role))
        return response

    async def _admin(self, email: str, password: str) -> Admin | None:
        async with self._database.read() as connection:
            admin = await admins.by_email(connection, email)
        known = admin is not None and len(password) <= LONGEST
        right = await is_password(password[:LONGEST], admin.password_hash if admin and known else None)
        return admin if right else None

    async def _owned(self) -> bool:
        async with self._database.read() as connection:
            return await admins.any_at_all(connection)


def _problems(wanted: NewWorkspace) -> list[str]:
    """The names of the fields that cannot stay as they are."""
    good = {
        "name": 0 < len(wanted.name) <= 80,
        "region": wanted.region in REGIONS,
        "email": _is_email(wanted.email),
        "password": SHORTEST <= len(wanted.password) <= LONGEST,
    }
    return [name for name, fine in good.items() if not fine]


def _is_email(typed: str) -> bool:
    """Enough to catch a slip of the hand; it is a name to sign in with, and nothing is sent to it."""
    name, at, domain = typed.rpartition("@")
    return bool(name and at and domain) and len(typed) <= _LONGEST_EMAIL and not any(each.isspace() for each in typed)
