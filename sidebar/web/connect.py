"""Connecting a workspace to Salesforce: the app's key, the consent round trip, and the way out again."""

from collections.abc import Callable, Sequence

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sidebar.orgs import Orgs
from sidebar.orgs.consent import Asker, ConsentProblem, Consents, OtherOrg
from sidebar.random import Random
from sidebar.salesforce.errors import ApiDisabled, SalesforceError, SignInRefused, Unreachable
from sidebar.settings import Settings
from sidebar.store import connections
from sidebar.store.connections import App, Salesforce
from sidebar.store.database import Database
from sidebar.vault import Vault
from sidebar.web.app_form import AppForm, read_app, shown
from sidebar.web.desk import Desk, for_admins
from sidebar.web.forms import read_form
from sidebar.web.guard import Session

_REFUSALS = {
    "invalid_grant": "expired",
    "invalid_client": "client",
    "invalid_client_id": "client",
    "redirect_uri_mismatch": "redirect",
    "access_denied": "denied",
    "access-denied": "denied",  # as one page of Salesforce's help prints it
}
_LONGEST_MESSAGE = 300


class Connect:
    def __init__(
        self,
        *,
        desk: Desk,
        database: Database,
        vault: Vault,
        orgs: Orgs,
        settings: Settings,
        clock: Callable[[], int],
        random: Random,
        http: httpx.AsyncClient,
    ) -> None:
        self.desk = desk
        self._database = database
        self._vault = vault
        self._orgs = orgs
        self._further = settings.further_salesforce_origins
        self._consents = Consents(
            database=database, vault=vault, http=http, orgs=orgs, settings=settings, clock=clock, random=random
        )

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        found = await self._found(session)
        return self._page(request, found, shown(found.app if found else None, self._further))

    @for_admins
    async def save(self, request: Request, session: Session) -> Response:
        typed = read_app(await read_form(request))
        found = await self._found(session)
        problems = typed.problems(found.app if found else None, self._further)
        if not problems and _works(found) and not typed.is_same(found.app if found else None, self._further):
            problems = ["connected"]
        if problems:
            return self._page(request, found, typed, problems)
        await self._store(session.workspace_id, typed, found)
        return self.desk.go("/admin/salesforce?saved=app")

    @for_admins
    async def status(self, request: Request, session: Session) -> Response:
        """What the page asks for every two seconds while it waits; nothing as long as nothing has changed, since a
        swap would take the keyboard's focus away."""
        found = await self._found(session)
        return self.desk.page(request, "_connection.html", salesforce=found) if _works(found) else Response(None, 204)

    @for_admins
    async def consent(self, request: Request, session: Session) -> Response:
        """A link, not a form: the policy of our pages lets no form end at Salesforce."""
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return self.desk.refuse(request, "elsewhere")
        try:
            url = await self._consents.ask(_asker(session), replace=request.query_params.get("replace") == "1")
        except ConsentProblem:
            return self.desk.go("/admin/salesforce")
        return self.desk.go(url)

    async def callback(self, request: Request) -> Response:
        """Where Salesforce sends the admin back to, with a code or with a refusal."""
        session = self.desk.sessions.of(request)
        if session is None:
            return self._problem(request, "signed-out", 403)
        answer = request.query_params
        try:
            return await self._take(request, session, answer.get("state", ""), answer.get("code", ""))
        except ConsentProblem as problem:
            return self._problem(request, problem.reason, 400)
        except OtherOrg as other:
            return self.desk.page(request, "other_org.html", status=409, present=other.present, offered=other.offered)
        except SalesforceError as problem:
            status = 502 if isinstance(problem, Unreachable) else 400
            return self._problem(request, _reason(problem), status, code=problem.code, message=problem.message)

    @for_admins
    async def connected(self, request: Request, session: Session) -> Response:
        """The end of the round trip (RI-05); its address holds neither code nor state."""
        found = await self._found(session)
        if found is None or found.grant is None:
            return self.desk.go("/admin/salesforce")
        return self.desk.page(request, "connected.html", grant=found.grant)

    @for_admins
    async def ask_disconnect(self, request: Request, session: Session) -> Response:
        found = await self._found(session)
        if found is None or found.grant is None:
            return self.desk.go("/admin/salesforce")
        return self.desk.page(request, "disconnect.html", grant=found.grant)

    @for_admins
    async def disconnect(self, request: Request, session: Session) -> Response:
        told = await self._orgs.disconnect(session.workspace_id)
        return self.desk.go(f"/admin/salesforce?saved={'disconnected' if told else 'untold'}")

    async def _take(self, request: Request, session: Session, state: str, code: str) -> Response:
        consent = await self._consents.claim(_asker(session), state)
        error = request.query_params.get("error")
        if error is not None:
            message = request.query_params.get("error_description", "")[:_LONGEST_MESSAGE]
            raise SignInRefused(message, code=error[:80])
        if not code:
            raise ConsentProblem("state")
        await self._consents.keep(consent, code)
        return self.desk.go("/admin/salesforce/connected")

    async def _store(self, workspace_id: str, typed: AppForm, found: Salesforce | None) -> None:
        same = typed.is_same(found.app if found else None, self._further)
        if not same:
            await self._orgs.disconnect(workspace_id)  # nothing of a former org outlives its app
        secret = self._vault.lock(typed.consumer_secret) if typed.consumer_secret else None
        async with self._database.write() as connection:
            if not same:
                kept = secret or (found.app.consumer_secret if found else "")
                app = App(typed.login_origin(self._further) or "", typed.consumer_key, kept)
                await connections.put_app(connection, workspace_id, app)
            elif secret is not None:
                await connections.put_secret(connection, workspace_id, secret)
        self._orgs.forget(workspace_id)

    def _page(
        self, request: Request, found: Salesforce | None, typed: AppForm, problems: Sequence[str] = ()
    ) -> Response:
        return self.desk.page(
            request,
            "salesforce.html",
            status=422 if problems else 200,
            salesforce=found,
            typed=typed,
            problems=problems,
            further=sorted(self._further),
            callback_url=self._consents.callback_url,
            saved=request.query_params.get("saved"),
        )

    def _problem(
        self, request: Request, reason: str, status: int, *, code: str = "", message: str = ""
    ) -> HTMLResponse:
        return self.desk.page(
            request,
            "connect_problem.html",
            status=status,
            reason=reason,
            code=code,
            message=message,
            callback_url=self._consents.callback_url,
        )

    async def _found(self, session: Session) -> Salesforce | None:
        async with self._database.read() as connection:
            return await connections.of(connection, session.workspace_id)


def _asker(session: Session) -> Asker:
    return Asker(session.workspace_id, session.admin_id)


def _works(found: Salesforce | None) -> bool:
    return found is not None and found.grant is not None and found.problem is None


def _reason(problem: SalesforceError) -> str:
    """Which text templates/admin/connect_problem.html shows."""
    if isinstance(problem, Unreachable):
        return "unreachable"
    if isinstance(problem, ApiDisabled):
        return "api-org" if problem.code == "API_DISABLED_FOR_ORG" else "api-user"
    if problem.code == "invalid_grant" and "ip restricted" in problem.message.lower():
        return "address"
    return _REFUSALS.get(problem.code, "refused")
