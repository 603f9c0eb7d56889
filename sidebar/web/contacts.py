"""The page of local contacts: who has come over from Salesforce, newest first."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from sidebar.store import connections, contacts, workspaces
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from sidebar.web.desk import Desk, for_admins
from sidebar.web.guard import Session

PER_PAGE = 50


class Contacts:
    def __init__(self, *, desk: Desk, database: Database) -> None:
        self.desk = desk
        self._database = database

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        async with self._database.read() as connection:
            workspace = await workspaces.by_id(connection, session.workspace_id)
            salesforce = await connections.of(connection, session.workspace_id)
            total = await contacts.count(connection, session.workspace_id)
            pages = max(1, -(-total // PER_PAGE))
            number = _number(request.query_params.get("page", ""), pages)
            found = await contacts.newest(connection, session.workspace_id, PER_PAGE, (number - 1) * PER_PAGE)
        return self.desk.page(
            request,
            "contacts.html",
            contacts=found,
            total=total,
            number=number,
            pages=pages,
            instance_url=salesforce.grant.instance_url if salesforce and salesforce.grant else None,
            lesson=_lesson(workspace, salesforce),
            moment=_moment,
        )


def _lesson(workspace: Workspace | None, salesforce: Salesforce | None) -> str:
    """What stands between an empty page and its first contact: "connect", "switch" or "wait"."""
    if salesforce is None or salesforce.grant is None or salesforce.problem is not None:
        return "connect"
    return "wait" if workspace is not None and workspace.auto_create else "switch"


def _number(typed: str, pages: int) -> int:
    return min(max(int(typed), 1), pages) if typed.isdecimal() and len(typed) < 7 else 1


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
