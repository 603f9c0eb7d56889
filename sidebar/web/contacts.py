"""The page of local contacts: searched, filtered, counted, newest first; and the same as a CSV file."""

import csv
import re
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from io import StringIO

from babel.numbers import format_decimal
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sidebar.contacts.tags import SYSTEM
from sidebar.store import connections, contacts, listing, workspaces
from sidebar.store.connections import Salesforce
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.listing import Place, Wanted
from sidebar.store.workspaces import Workspace
from sidebar.web.desk import Desk, for_admins, language
from sidebar.web.filters import SOURCES, read_filters, read_place, write_place
from sidebar.web.guard import Session, page_headers

PER_PAGE = 50
_AT_ONCE = 1000
_COLUMNS = ("id", "name", "email", "phone", "salesforce_id", "source", "tags", "dormant", "evidence", "created_at")
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"\+[\d ()./-]+", re.ASCII)


class Contacts:
    def __init__(self, *, desk: Desk, database: Database, clock: Callable[[], int]) -> None:
        self.desk = desk
        self._database = database
        self._clock = clock

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        """GET /admin/contacts: `q`, `tag`, `source`, `dormant`, `linked` choose, `after` goes on."""
        filters = read_filters(request.query_params)
        after = read_place(request.query_params.get("after", ""))
        month = moment(self._clock()).strftime("%Y-%m")
        async with self._database.read() as connection:
            workspace = await workspaces.by_id(connection, session.workspace_id)
            wanted = filters.wanted(workspace.region if workspace else "")
            found = await listing.page(connection, session.workspace_id, wanted, after, PER_PAGE + 1)
            salesforce = await connections.of(connection, session.workspace_id)
            counts = await listing.counts(connection, session.workspace_id)
            active = await contacts.active(connection, session.workspace_id, month)
            tags = await listing.tags(connection, session.workspace_id)
        shown = found[:PER_PAGE]
        return self.desk.page(
            request,
            "contacts.html",
            contacts=shown,
            older=write_place(Place(shown[-1].created_at, shown[-1].id)) if len(found) > PER_PAGE else None,
            first=after is None,
            filters=filters,
            counts=counts,
            active=active,
            tags=sorted({SYSTEM: 0, **tags}.items()),
            system_tag=SYSTEM,
            sources=SOURCES,
            instance_url=salesforce.grant.instance_url if salesforce and salesforce.grant else None,
            lesson=_lesson(workspace, salesforce),
            moment=moment,
            number=partial(format_decimal, locale=language(request)),
        )

    @for_admins
    async def export(self, request: Request, session: Session) -> Response:
        """GET /admin/contacts.csv: all that the same filters choose, sent while it is read."""
        async with self._database.read() as connection:
            workspace = await workspaces.by_id(connection, session.workspace_id)
        wanted = read_filters(request.query_params).wanted(workspace.region if workspace else "")
        name = f"contacts-{moment(self._clock()):%Y-%m-%d}.csv"
        headers = page_headers() | {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(self._csv(session.workspace_id, wanted), headers=headers, media_type="text/csv")

    async def _csv(self, workspace_id: str, wanted: Wanted) -> AsyncIterator[str]:
        yield "\ufeff" + _lines([_COLUMNS])  # the mark by which Excel knows UTF-8
        after = None
        while True:
            async with self._database.read() as connection:
                found = await listing.page(connection, workspace_id, wanted, after, _AT_ONCE)
            if found:
                yield _lines(map(_cells, found))
            if len(found) < _AT_ONCE:
                return
            after = Place(found[-1].created_at, found[-1].id)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _lesson(workspace: Workspace | None, salesforce: Salesforce | None) -> str:
    """What stands between an empty page and its first contact: "connect", "switch" or "wait"."""
    if salesforce is None or salesforce.grant is None or salesforce.problem is not None:
        return "connect"
    return "wait" if workspace is not None and workspace.auto_create else "switch"


def _cells(contact: Contact) -> list[str]:
    return [
        contact.id,
        contact.name,
        contact.email or "",
        contact.phone or "",
        contact.salesforce_id or "",
        contact.source,
        "; ".join(contact.tags),
        "yes" if contact.dormant else "no",
        contact.evidence or "",
        moment(contact.created_at).isoformat(timespec="seconds"),
    ]


def _lines(rows: Iterable[Iterable[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(map(_harmless, row) for row in rows)
    return written.getvalue()


def _harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe, which makes it text; not so a telephone number,
    which would be found by it nowhere any more."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
