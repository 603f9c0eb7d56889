"""The overview an admin starts from: connection, embedding, switches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast, get_args
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from sidebar.contacts.tags import SYSTEM
from sidebar.random import Random
from sidebar.settings import origin
from sidebar.store import connections, workspaces
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database
from sidebar.store.workspaces import Install, Policy, Switches, Workspace
from sidebar.vault import Vault
from sidebar.web.countries import REGIONS, countries
from sidebar.web.desk import Desk, for_admins, language
from sidebar.web.forms import read_form
from sidebar.web.guard import Session
from sidebar.workspaces import HOST, api_key_hash, new_api_key, new_host_secret

_MOST_ORIGINS = 20
_HERE = frozenset({"localhost", "127.0.0.1"})


@dataclass(frozen=True, slots=True)
class _Held:
    workspace: Workspace
    install: Install
    salesforce: Salesforce | None
    has_api_key: bool


class Admin:
    def __init__(
        self, *, desk: Desk, database: Database, vault: Vault, clock: Callable[[], int], random: Random
    ) -> None:
        self.desk = desk
        self._database = database
        self._vault = vault
        self._clock = clock
        self._random = random

    @for_admins
    async def overview(self, request: Request, session: Session) -> Response:
        return await self._overview(request, session)

    @for_admins
    async def set_switches(self, request: Request, session: Session) -> Response:
        """POST with the switches that are on, and `was`, those that were when the form was made: what others switched
        since then stays. Those that depend on auto-create come with `within`, or not at all, and then stay, too."""
        sent = await read_form(request)
        async with self._database.write() as connection:
            before = await workspaces.by_id(connection, session.workspace_id)
            assert before is not None
            await workspaces.set_switches(connection, session.workspace_id, _switched(before, sent), self._clock())
        return self.desk.go("/admin?saved=switches")

    @for_admins
    async def set_region(self, request: Request, session: Session) -> Response:
        region = (await read_form(request)).get("region", "")
        if region not in REGIONS:
            return await self._overview(request, session, status=422, problem="region")
        async with self._database.write() as connection:
            await workspaces.set_region(connection, session.workspace_id, region)
        return self.desk.go("/admin?saved=region")

    @for_admins
    async def set_policy(self, request: Request, session: Session) -> Response:
        policy = (await read_form(request)).get("policy", "")
        if policy not in get_args(Policy):
            return self.desk.go("/admin")  # no form of ours sends this
        async with self._database.write() as connection:
            await workspaces.set_policy(connection, session.workspace_id, cast("Policy", policy))
        return self.desk.go("/admin?saved=policy")

    @for_admins
    async def set_origins(self, request: Request, session: Session) -> Response:
        typed = (await read_form(request)).get("origins", "")
        origins, bad = read_origins(typed)
        if bad or len(origins) > _MOST_ORIGINS:
            problem = "origins" if bad else "many"
            return await self._overview(request, session, status=422, problem=problem, bad=bad, typed=typed)
        async with self._database.write() as connection:
            await workspaces.set_origins(connection, session.workspace_id, HOST, origins)
        return self.desk.go("/admin?saved=origins")

    @for_admins
    async def renew_secret(self, request: Request, session: Session) -> Response:
        """The one time the new secret is seen; panels whose inbox still signs with the former one stop."""
        secret = new_host_secret(self._random)
        async with self._database.write() as connection:
            await workspaces.put_install(connection, session.workspace_id, HOST, self._vault.lock(secret))
        held = await self._held(session.workspace_id)
        if held is None:
            return self._lost()
        return self.desk.page(
            request,
            "secret.html",
            fresh=False,
            name=held.workspace.name,
            secret=secret,
            panel_url=self._panel_url(held.workspace),
        )

    @for_admins
    async def renew_api_key(self, request: Request, session: Session) -> Response:
        """The one time the new key is seen; who still uses the former one is refused."""
        key = new_api_key(self._random)
        async with self._database.write() as connection:
            await workspaces.set_api_key(connection, session.workspace_id, api_key_hash(key))
        return self.desk.page(request, "api_key.html", key=key, api_url=self._api_url)

    async def _overview(
        self,
        request: Request,
        session: Session,
        *,
        status: int = 200,
        problem: str | None = None,
        bad: Sequence[str] = (),
        typed: str | None = None,
    ) -> Response:
        held = await self._held(session.workspace_id)
        if held is None:
            return self._lost()
        return self.desk.page(
            request,
            "overview.html",
            status=status,
            workspace=held.workspace,
            on=[name for name in Switches.__dataclass_fields__ if getattr(held.workspace, name)],
            salesforce=held.salesforce,
            panel_url=self._panel_url(held.workspace),
            origins="\n".join(held.install.origins) if typed is None else typed,
            problem=problem,
            bad=bad,
            saved=request.query_params.get("saved"),
            countries=countries(language(request)),
            tag=SYSTEM,
            has_api_key=held.has_api_key,
            api_url=self._api_url,
        )

    def _lost(self) -> Response:
        """A session of a workspace that is gone."""
        response = self.desk.go("/admin/signin")
        self.desk.sessions.end(response)
        return response

    @property
    def _api_url(self) -> str:
        return f"{self.desk.public_url}/api/v1"

    def _panel_url(self, workspace: Workspace) -> str:
        return f"{self.desk.public_url}/h/{HOST}/{workspace.key}"

    async def _held(self, workspace_id: str) -> _Held | None:
        async with self._database.read() as connection:
            workspace = await workspaces.by_id(connection, workspace_id)
            install = await workspaces.install(connection, workspace_id, HOST)
            salesforce = await connections.of(connection, workspace_id)
            has_api_key = await workspaces.has_api_key(connection, workspace_id)
        return _Held(workspace, install, salesforce, has_api_key) if workspace and install else None


def _switched(before: Workspace, sent: Mapping[str, str]) -> Switches:
    """A box that is not ticked is not sent."""
    was = sent.get("was")

    def now(name: str, kept: bool) -> bool:
        touched = was is None or (name in sent) != (name in was.split())
        return name in sent if touched else kept

    return Switches(
        editing=now("editing", before.editing),
        live=now("live", before.live),
        auto_create=now("auto_create", before.auto_create),
        tag_created=now("tag_created", before.tag_created) if "within" in sent else before.tag_created,
        include_bulk=now("include_bulk", before.include_bulk) if "within" in sent else before.include_bulk,
    )


def read_origins(typed: str) -> tuple[list[str], list[str]]:
    """Origins one a line: (good ones, once each; bad lines). Without TLS only this very machine may frame a panel."""
    good: dict[str, None] = {}
    bad = []
    for line in filter(None, map(str.strip, typed.splitlines())):
        try:
            found = urlsplit(origin(line))
        except ValueError:
            bad.append(line)
            continue
        if found.scheme == "https" or found.hostname in _HERE:
            good[found.geturl()] = None
        else:
            bad.append(line)
    return list(good), bad
