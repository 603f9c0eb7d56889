"""What all pages share: who works here, the frame around a page, and how a page says no. Knows no form."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from sidebar.twin import errors, ids
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org, Row
from sidebar.twin.org.describe import SObject
from sidebar.twin.org.people import PAGE
from sidebar.twin.pages import names

Page: TypeAlias = Callable[[Request], Awaitable[Response]]
HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
_FOLDER = Path(__file__).parent


class Site:
    def __init__(self, org: Org) -> None:
        self.org = org
        self.actor = Actor(org.admin, PAGE)
        self._templates = Environment(loader=PackageLoader("sidebar.twin.pages", "templates"), autoescape=True)
        self._templates.globals.update(org=org, objects=names.objects(org))
        self._templates.filters["moment"] = _moment

    def guarded(self, page: Page) -> Page:
        """The page, where a form from elsewhere changes nothing and a refusal of the org is told in its words."""

        async def answer(request: Request) -> Response:
            if request.method == "POST" and not _from_here(request):
                text = "This form was sent from another site, so nothing was changed. Open the record and try again."
                return self.message(403, "Nothing was changed", text)
            try:
                return await page(request)
            except SalesforceError as error:
                if error.status != 404:
                    return self.message(error.status, "Nothing was changed", error.message, request.url.path)
            text = "There is no such record in this org. It may have been deleted, or the link is from another org."
            return self.message(404, "Not found", text)

        return answer

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/lightning/o/Contact/list", 303)

    async def css(self, request: Request) -> Response:
        return FileResponse(_FOLDER / "twin.css", media_type="text/css")

    def sobject(self, request: Request) -> SObject:
        """The object the address names. Raises NOT_FOUND, also for one that has no pages."""
        sobject = self.org.tables[name].sobject if (name := request.path_params["object"]) in self.org.tables else None
        if sobject is None or not sobject.createable:
            raise errors.not_found()
        return sobject

    def row(self, request: Request) -> tuple[SObject, Row]:
        """The record the address names. Raises NOT_FOUND."""
        sobject = self.sobject(request)
        row = self.org.row(sobject.name, ids.full(request.path_params["id"]) or "")
        if row is None:
            raise errors.not_found()
        return sobject, row

    def page(self, template: str, status: int = 200, /, **shown: object) -> Response:
        html = self._templates.get_template(template).render(**shown)
        return HTMLResponse(html.encode("utf-8", "replace"), status, HEADERS)

    def message(self, status: int, title: str, text: str, back: str = "") -> Response:
        return self.page("message.html", status, title=title, text=text, back=back)


def _from_here(request: Request) -> bool:
    """Browsers say where a form comes from. Without a word about it, no form is accepted."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")


def _moment(value: str | int) -> str:
    when = datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
    return when.strftime("%d %b %Y, %H:%M UTC")
