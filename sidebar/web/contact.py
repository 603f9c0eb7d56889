"""The page of one local contact: what is known here, its tags, and the same panel as beside a conversation (RI-02)."""

from collections.abc import Callable, Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from sidebar.contacts import tags
from sidebar.hosts import desk as host
from sidebar.hosts.desk import Word, sign
from sidebar.random import Random
from sidebar.store import connections, contacts, journal, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.journal import Entry
from sidebar.vault import Vault
from sidebar.web.contacts import moment
from sidebar.web.desk import Desk, for_admins, language
from sidebar.web.doors import Door
from sidebar.web.forms import read_form
from sidebar.web.guard import Session, panel_headers
from sidebar.web.panel import shell
from sidebar.web.render import Pages
from sidebar.workspaces import new_host_secret

_LATEST = 10


class OneContact:
    def __init__(
        self,
        *,
        desk: Desk,
        pages: Pages,
        database: Database,
        vault: Vault,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self.desk = desk
        self._pages = pages
        self._database = database
        self._vault = vault
        self._clock = clock
        self._random = random

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        """GET /admin/contacts/{id}"""
        return await self._page(request, session)

    @for_admins
    async def tag(self, request: Request, session: Session) -> Response:
        """POST …/tags with `add` or `remove`. What is refused changes nothing, and says why."""
        sent = await read_form(request)
        async with self._database.write() as connection:
            contact = _found(await contacts.locked(connection, session.workspace_id, request.path_params["id"]))
            try:
                now = _tagged(contact.tags, sent)
            except tags.Refused as problem:
                refused = problem.reason
            else:
                await contacts.set_tags(connection, contact, now)
                return self.desk.go(f"/admin/contacts/{contact.id}?saved=tags")
        return await self._page(request, session, status=422, refused=refused, typed=sent.get("add", ""))

    @for_admins
    async def panel(self, request: Request, session: Session) -> Response:
        """GET …/panel: the panel's shell, framed by the page above and by nobody else."""
        async with self._database.read() as connection:
            await self._contact(connection, request, session)
            workspace = await workspaces.by_id(connection, session.workspace_id)
        assert workspace is not None
        door = Door(workspace, host.HOST, (), "")
        return HTMLResponse(shell(self._pages, door, language(request)), headers=panel_headers(["'self'"]))

    @for_admins
    async def proof(self, request: Request, session: Session) -> Response:
        """POST …/proof: our own word for the panel, who looks at whom; for this session only, and for minutes."""
        async with self._database.write() as connection:
            contact = await self._contact(connection, request, session)
            workspace = await workspaces.by_id(connection, session.workspace_id)
            assert workspace is not None
            secret = await self._secret(connection, session.workspace_id)
        word = Word(
            admin_id=session.admin_id,
            admin_email=session.email,
            name=contact.name,
            emails=[contact.email] if contact.email else [],
            phones=[contact.phone] if contact.phone else [],
            record=contact.salesforce_id or "",
            locale=language(request),
        )
        token = sign(word, workspace.key, secret, self._clock())
        return JSONResponse({"token": token}, headers=panel_headers([]))

    async def _page(
        self, request: Request, session: Session, *, status: int = 200, refused: str | None = None, typed: str = ""
    ) -> Response:
        async with self._database.read() as connection:
            contact = await self._contact(connection, request, session)
            salesforce = await connections.of(connection, session.workspace_id)
            months = await contacts.months(connection, contact)
            edits = await _edits(connection, contact)
        response = self.desk.page(
            request,
            "contact.html",
            status=status,
            contact=contact,
            system_tag=tags.SYSTEM,
            most=tags.MOST,
            longest=tags.LONGEST,
            refused=refused,
            typed=typed,
            saved=request.query_params.get("saved"),
            months=months[:_LATEST],
            edits=edits,
            connected=bool(salesforce and salesforce.grant),
            moment=moment,
        )
        response.headers["Content-Security-Policy"] += "; frame-src 'self'"  # the panel's shell
        return response

    async def _contact(self, connection: AsyncConnection, request: Request, session: Session) -> Contact:
        return _found(await contacts.by_id(connection, session.workspace_id, request.path_params["id"]))

    async def _secret(self, connection: AsyncConnection, workspace_id: str) -> str:
        """What our own word is signed with: made at its first use, shown to nobody."""
        await workspaces.lock(connection, workspace_id)
        install = await workspaces.install(connection, workspace_id, host.HOST.kind)
        if install is not None:
            return self._vault.open(install.secret)
        secret = new_host_secret(self._random)
        await workspaces.put_install(connection, workspace_id, host.HOST.kind, self._vault.lock(secret))
        return secret


def _tagged(before: Sequence[str], sent: Mapping[str, str]) -> Sequence[str]:
    """Raises Refused, also where they have a tag already that is to be added."""
    if "remove" in sent:
        return tags.removed(before, sent["remove"])
    now = tags.added(before, sent.get("add", ""))
    if now == tuple(before):
        raise tags.Refused("there")
    return now


async def _edits(connection: AsyncConnection, contact: Contact) -> list[Entry]:
    """The latest corrections of its record, the last first."""
    if contact.salesforce_id is None:
        return []
    return (await journal.of_record(connection, contact.workspace_id, contact.salesforce_id))[: -_LATEST - 1 : -1]


def _found(contact: Contact | None) -> Contact:
    if contact is None:
        raise HTTPException(404)
    return contact
