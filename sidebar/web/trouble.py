"""What goes wrong in a panel, named so that a template can say it in the reader's words, and how it is answered."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sidebar.contacts.edit import NotEditable
from sidebar.hosts import Unproven
from sidebar.orgs import NotConnected
from sidebar.salesforce.errors import (
    ApiDisabled,
    GrantEnded,
    LimitExceeded,
    NotFound,
    Refused,
    SalesforceError,
    Unauthorized,
)
from sidebar.web.guard import fragment_headers
from sidebar.web.render import Pages, pick_language

PROBLEMS = (SalesforceError, NotConnected)
"""What a room below may raise where Salesforce is concerned."""


class Closed(Exception):
    """A request that gets no further than the door. `kind` is one of Trouble's."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` picks the words in panel/_words.html; `detail` is Salesforce's own text, where it helps."""

    kind: str
    status: int
    detail: str = ""


_CLOSED = {"unknown": 404, "foreign": 403, "expired": 401, "other": 403, "large": 413, "malformed": 400, "forged": 403}
_SALESFORCE: tuple[tuple[type[SalesforceError], str, int], ...] = (
    (LimitExceeded, "limit", 503),
    (ApiDisabled, "api", 409),
    (GrantEnded, "ended", 409),
    (Unauthorized, "ended", 409),
    (NotFound, "gone", 404),
    (Refused, "refused", 422),
)


def trouble_of(problem: Exception) -> Trouble:
    """How to tell a Closed, Unproven, NotEditable, NotConnected, any SalesforceError, or what nobody foresaw."""
    if isinstance(problem, Closed):
        return Trouble(problem.kind, _CLOSED[problem.kind])
    if isinstance(problem, Unproven):
        return Trouble(problem.reason, _CLOSED[problem.reason], problem.detail)
    if isinstance(problem, NotEditable):
        return Trouble(f"edit-{problem.reason}", 403)
    if isinstance(problem, NotConnected):
        return Trouble("unconnected" if problem.reason == "never" else "ended", 409)
    for kind, name, status in _SALESFORCE:
        if isinstance(problem, kind):
            return Trouble(name, status, _said(problem) if name == "refused" else "")
    if isinstance(problem, SalesforceError):
        return Trouble("down", 503)
    return Trouble("broken", problem.status_code if isinstance(problem, HTTPException) else 500)


def _said(problem: SalesforceError) -> str:
    """Salesforce's words where they are meant for people; complaints about a query quote it, over several lines."""
    return problem.code if "\n" in problem.message.strip() else problem.message


class Notices:
    """Tells a Trouble in a fragment. It goes to the panel's banner, so that whatever is open and typed stays as it is,
    unless the request was the match itself, which has a place of its own to fill."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def tell(self, request: Request, problem: Exception, language: str = "", *, retry: bool = False) -> HTMLResponse:
        trouble = trouble_of(problem)
        language = language or pick_language([request.headers.get("accept-language", "")])
        html = self._pages.render("panel/_notice.html", language, trouble=trouble, retry=retry)
        headers = fragment_headers()
        if not request.url.path.endswith("/match"):
            headers |= {"HX-Retarget": "#banner", "HX-Reswap": "innerHTML"}
        if trouble.kind == "expired":
            headers |= {"Sidebar-Renew": "1"}
        return HTMLResponse(html, trouble.status, headers)
