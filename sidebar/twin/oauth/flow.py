"""The OAuth addresses: authorize (sign in, allow or deny), token, revoke; SOAP login; and whose token it is."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sidebar.twin.answers import UNAVAILABLE, refusal
from sidebar.twin.bodies import form_of
from sidebar.twin.oauth import apps, consent, identity, soap
from sidebar.twin.oauth.tokens import Code, Tokens
from sidebar.twin.org import SCOPES, Org, User, people

_COOKIE = "twin_login"
_TICKET_LIFE = 15 * 60 * 1000
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def routes(org: Org) -> list[BaseRoute]:
    """The OAuth and identity routes, to be mounted at the root."""
    flow = Flow(org)
    doors: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/services/oauth2/authorize": flow.authorize,
        "/services/oauth2/token": flow.token,
        "/services/oauth2/revoke": flow.revoke,
        "/services/oauth2/userinfo": partial(identity.userinfo, org),
        "/id/{org}/{user}": partial(identity.identity, org),
        "/services/Soap/{api}/{version}": flow.soap,
        "/services/Soap/{api}/{version}/{rest:path}": flow.soap,
    }
    return [Route(path + end, door, methods=["GET", "POST"]) for path, door in doors.items() for end in ("", "/")]


@dataclass(frozen=True, slots=True)
class Ask:
    """What an app asks for on a person's behalf."""

    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    challenge: str | None
    prompt: frozenset[str]
    login_hint: str

    def back(self, **answer: str) -> RedirectResponse:
        """Back to the app with the answer and its own state."""
        values = answer if self.state is None else {**answer, "state": self.state}
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        url = f"{self.redirect_uri}{joint}{urlencode(values)}"
        return RedirectResponse(url, 302, {"Cache-Control": "no-store"})


@dataclass(slots=True)
class Flow:
    """Tickets and logins live in memory: whoever is half-way through starts again after a restart."""

    org: Org
    tokens: Tokens = field(init=False)
    _tickets: dict[str, tuple[int, User, Ask]] = field(default_factory=dict)
    _logins: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.org)

    async def authorize(self, request: Request) -> Response:
        given = request.query_params
        if problem := _wrong_app(self.org, given.get("client_id", ""), given.get("redirect_uri", "")):
            return consent.error(self.org.name, *problem)
        ask = _ask(given)
        if problem := _wrong_ask(self.org, ask, given):
            return ask.back(error=problem[0], error_description=problem[1])
        if request.method == "POST":
            form = form_of(await request.body())
            return self._decided(form) if "ticket" in form else self._signed_in(ask, form)
        user = self._logins.get(request.cookies.get(_COOKIE, ""))
        if user is None or ask.prompt & {"login", "select_account"}:
            return consent.login(self.org.name, ask.login_hint)
        if "consent" not in ask.prompt and set(ask.scopes) <= self.org.grants.approved(user.id):
            return self._allowed(user, ask)
        return self._asked(user, ask)

    async def token(self, request: Request) -> Response:
        return await self._down() or self.tokens.answer(
            await _form(request), request.headers.get("authorization", ""), request.headers.get("host", "")
        )

    async def revoke(self, request: Request) -> Response:
        given = await _form(request) or request.query_params
        return await self._down() or self.tokens.revoked(given.get("token", ""))

    async def soap(self, request: Request) -> Response:
        api, version = request.path_params["api"], request.path_params["version"]
        return await self._down() or soap.login(self.org, api, version, await request.body())

    async def _down(self) -> Response | None:
        """What is answered instead while the org is down; waits as long as the org is slow."""
        if self.org.faults.latency_ms:
            await asyncio.sleep(self.org.faults.latency_ms / 1000)
        return refusal(UNAVAILABLE) if self.org.faults.unavailable else None

    def _signed_in(self, ask: Ask, form: Mapping[str, str]) -> Response:
        username, password = form.get("username", ""), form.get("password", "")
        user = people.named(self.org.users.values(), username)
        if user is None or not apps.same(password, user.password):
            alert = "Please check your username and password and try again."
            return consent.login(self.org.name, username, alert)
        login = secrets.token_urlsafe(24)
        self._logins[login] = user
        response = self._asked(user, ask)
        response.set_cookie(_COOKIE, login, httponly=True, samesite="lax")
        return response

    def _asked(self, user: User, ask: Ask) -> Response:
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (self.org.clock() + _TICKET_LIFE, user, ask)
        return consent.consent(self.org.name, user, ask.scopes, ticket)

    def _decided(self, form: Mapping[str, str]) -> Response:
        end, user, ask = self._tickets.pop(form["ticket"], (0, None, None))
        if user is None or ask is None or end <= self.org.clock():
            return consent.error(self.org.name, "invalid_request", "this page has expired: start again in the app")
        if form.get("decision") != "allow":
            return ask.back(error="access_denied", error_description="end-user denied authorization")
        return self._allowed(user, ask)

    def _allowed(self, user: User, ask: Ask) -> Response:
        if people.barred(self.org.setup.approved_users, user):
            description = "user is not admin approved to access this app"
            return ask.back(error="OAUTH_APP_ACCESS_DENIED", error_description=description)
        return ask.back(code=self.tokens.code(Code(user.id, ask.redirect_uri, ask.scopes, ask.challenge)))


async def _form(request: Request) -> Mapping[str, str]:
    """What a POST says, in its body or its address."""
    if request.method != "POST":
        return {}
    return dict(request.query_params) | form_of(await request.body())


def _ask(given: Mapping[str, str]) -> Ask:
    return Ask(
        redirect_uri=given["redirect_uri"],
        state=given.get("state"),
        scopes=tuple(given.get("scope", "").split()) or ("refresh_token", "id", "api"),
        challenge=given.get("code_challenge") or None,
        prompt=frozenset(given.get("prompt", "").split()),
        login_hint=given.get("login_hint", ""),
    )


def _wrong_app(org: Org, client_id: str, redirect_uri: str) -> tuple[str, str] | None:
    if client_id != org.client_id:
        return "invalid_client_id", "client identifier invalid"
    if redirect_uri not in org.redirect_uris and not _on_this_machine(redirect_uri):
        return "redirect_uri_mismatch", "redirect_uri must match configuration"
    return None


def _wrong_ask(org: Org, ask: Ask, given: Mapping[str, str]) -> tuple[str, str] | None:
    if given.get("response_type") != "code":
        return "unsupported_response_type", "response type not supported"
    if not set(ask.scopes) <= set(SCOPES):
        return "invalid_scope", "the requested scope is not allowed"
    if ask.challenge is None:
        return ("invalid_request", "missing required code challenge") if org.setup.pkce_required else None
    method = given.get("code_challenge_method", "S256")
    if method != "S256" or not re.fullmatch(r"[A-Za-z0-9_-]{43}", ask.challenge):
        return "invalid_request", "invalid code challenge"
    return None


def _on_this_machine(uri: str) -> bool:
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        return False
    try:
        parts = urlsplit(uri)
        return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK and not parts.fragment
    except ValueError:
        return False
