"""The page that tells how Salesforce is heard: the stream, the walks through all Contacts, what was made, and what is
left of Salesforce's allowances. It refreshes itself; Salesforce is asked only when it is opened."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from sidebar.cache import Cache
from sidebar.mirror import CONTACTS, lease
from sidebar.mirror.reading import PERIOD
from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce.errors import SalesforceError
from sidebar.salesforce.probe import Allowances, allowances
from sidebar.store import connections, standing, workspaces
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database
from sidebar.store.standing import Made, Standing
from sidebar.store.workspaces import Workspace
from sidebar.web.desk import Desk, for_admins, language
from sidebar.web.guard import Session, page_headers
from sidebar.web.streams import KEPT, OLD, Condition, Listening, Remedy, condition, position_age, remedy
from sidebar.web.words import Words

_UNKNOWN = Allowances(None, None)
_PATIENCE = 3  # seconds the page waits for Salesforce
_ALLOWANCES_SECONDS = 60

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows of one org at the moment `now` (ms)."""

    now: int
    workspace: Workspace
    standing: Standing
    made: Made
    condition: Condition
    problem: str | None
    remedy: Remedy | None

    @property
    def position_age(self) -> int:
        return position_age(self.standing, self.now)

    @property
    def position_state(self) -> str:
        """ "fine", "old" or "lost"."""
        return "lost" if self.position_age >= KEPT else "old" if self.position_age >= OLD else "fine"

    @property
    def next_walk(self) -> int | None:
        """When (ms) every Contact is read again; None while that happens, and before the first time."""
        sweep = self.standing.sweep
        return sweep.ended_at + PERIOD if sweep and sweep.ended_at is not None else None


class Health:
    """`streams`: by org id, the change streams this process hears."""

    def __init__(
        self,
        *,
        desk: Desk,
        database: Database,
        orgs: Orgs,
        streams: Callable[[], Mapping[str, Listening]],
        clock: Callable[[], int],
    ) -> None:
        self.desk = desk
        self._database = database
        self._orgs = orgs
        self._streams = streams
        self._clock = clock
        self._allowances: Cache[str, Allowances] = Cache(seconds=_ALLOWANCES_SECONDS, size=1000, clock=clock)
        orgs.on_disconnect(self._forget)

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        salesforce, report = await self._read(session.workspace_id)
        left = await self._left(session.workspace_id) if report else _UNKNOWN
        words = Words(report.now if report else self._clock(), language(request))
        return self.desk.page(request, "health.html", salesforce=salesforce, report=report, left=left, words=words)

    @for_admins
    async def now(self, request: Request, session: Session) -> Response:
        """What changes by itself, for the open page. Where the connection has changed, the whole page is taken anew."""
        _, report = await self._read(session.workspace_id)
        if report is None:
            return Response(None, 204, page_headers() | {"HX-Redirect": "/admin/health"})
        words = Words(report.now, language(request))
        return self.desk.page(request, "_health.html", report=report, words=words)

    async def _read(self, workspace_id: str) -> tuple[Salesforce | None, Report | None]:
        async with self._database.read() as connection:
            workspace = await workspaces.by_id(connection, workspace_id)
            salesforce = await connections.of(connection, workspace_id)
            if workspace is None or salesforce is None or salesforce.grant is None or salesforce.problem is not None:
                return salesforce, None
            org_id = salesforce.grant.org_id
            found = await standing.of(connection, org_id, CONTACTS, lease(org_id))
            made = await standing.made(connection, workspace_id)
        heard, now = self._streams().get(org_id), self._clock()
        problem = heard.problem if heard else None
        helps = remedy(problem) if problem else None
        return salesforce, Report(now, workspace, found, made, condition(heard, found, now), problem, helps)

    async def _left(self, workspace_id: str) -> Allowances:
        """At most once a minute; what Salesforce does not tell soon is unknown."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._allowances.load(workspace_id, lambda: self._ask(workspace_id))
        except (SalesforceError, NotConnected, TimeoutError) as problem:
            log.info("allowances cannot be read", workspace=workspace_id, reason=type(problem).__name__)
            return _UNKNOWN

    async def _ask(self, workspace_id: str) -> Allowances:
        return await allowances(await self._orgs.client(workspace_id, "check"))

    def _forget(self, workspace_id: str) -> None:
        self._allowances.drop(lambda key: key == workspace_id)
