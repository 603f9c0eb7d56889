"""What all admin pages have in common: the reader's language, strict headers, and who is let in."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sidebar.web.guard import Session, Sessions, from_our_page, page_headers
from sidebar.web.render import Pages, pick_language

ADMINS = frozenset({"owner", "admin"})


class Desk:
    def __init__(self, pages: Pages, sessions: Sessions, public_url: str) -> None:
        self._pages = pages
        self.sessions = sessions
        self.public_url = public_url

    def page(self, request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """`template` below templates/admin. The page knows who is signed in, if anybody."""
        text = self._pages.render(
            f"admin/{template}", language(request), session=self.sessions.of(request), path=request.url.path, **context
        )
        return HTMLResponse(text, status, page_headers())

    def refuse(self, request: Request, reason: str, *, status: int = 403) -> HTMLResponse:
        """A page that says what happened and what to do; `reason` is one that templates/admin/refused.html knows."""
        return self.page(request, "refused.html", status=status, reason=reason)

    def ask_to_sign_in(self, request: Request) -> Response:
        """A fragment cannot show the form, so htmx is told to take the whole page there."""
        if "hx-request" in request.headers:
            return Response(None, 401, page_headers() | {"HX-Redirect": "/admin/signin"})
        return self.go("/admin/signin")

    def go(self, path: str) -> RedirectResponse:
        return RedirectResponse(path, 303, page_headers())


class HasDesk(Protocol):
    desk: Desk


T = TypeVar("T", bound=HasDesk)


def from_our_pages(
    endpoint: Callable[[T, Request], Awaitable[Response]],
) -> Callable[[T, Request], Awaitable[Response]]:
    """Let an endpoint answer only what a page of ours sent, where it changes something."""

    @wraps(endpoint)
    async def guarded(self: T, request: Request) -> Response:
        if request.method == "POST" and not from_our_page(request, self.desk.public_url):
            return self.desk.refuse(request, "elsewhere")
        return await endpoint(self, request)

    return guarded


def for_admins(
    endpoint: Callable[[T, Request, Session], Awaitable[Response]],
) -> Callable[[T, Request], Awaitable[Response]]:
    """As `from_our_pages`, and give the endpoint the session of an owner or admin; all others go to sign in."""

    @from_our_pages
    @wraps(endpoint)
    async def guarded(self: T, request: Request) -> Response:
        session = self.desk.sessions.of(request)
        if session is None or session.role not in ADMINS:
            return self.desk.ask_to_sign_in(request)
        return await endpoint(self, request, session)

    return guarded


def language(request: Request) -> str:
    """The reader's, as the browser tells."""
    return pick_language([request.headers.get("accept-language", "")])
