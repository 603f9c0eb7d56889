"""The org's own pages: a person looks at, changes and creates records here, signed in as the administrator.

Every page refuses to be framed, as Salesforce's do. Writes go through the org like any other; nothing here knows
of events. No script runs on these pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sidebar.twin import ids
from sidebar.twin.bodies import form_of
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Actor, Org
from sidebar.twin.org.people import PAGE

PER_PAGE = 50
HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
SECTIONS = {
    "Contact": {
        "Person": [
            "Salutation",
            "FirstName",
            "LastName",
            "AccountId",
            "Title",
            "Department",
            "LeadSource",
            "Birthdate",
        ],
        "Phone and e-mail": ["Email", "Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Fax"],
        "Mailing address": ["MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry"],
        "Notes": ["Description"],
    },
    "Account": {
        "Company": ["Name", "Type", "Industry", "Website", "Phone", "Fax"],
        "Billing address": ["BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry"],
        "Notes": ["Description"],
    },
}
_SEARCHED = [
    "Name",
    "Email",
    "Title",
    "Phone",
    "MobilePhone",
    "HomePhone",
    "OtherPhone",
    "AssistantPhone",
    "Website",
    "BillingCity",
]
_INPUTS = {
    "email": "email",
    "phone": "tel",
    "date": "date",
    "url": "url",
    "textarea": "textarea",
    "boolean": "checkbox",
}
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    label: str
    kind: str  # an input type, or "textarea" or "select"
    value: str
    options: tuple[tuple[str, str], ...]
    required: bool
    error: str


def routes(org: Org) -> list[Route]:
    pages = Pages(org)
    return [
        Route("/", pages.home),
        Route("/twin/static/twin.css", pages.css),
        Route("/lightning/o/{object}/list", pages.search),
        Route("/lightning/o/{object}/new", pages.new, methods=["GET", "POST"]),
        Route("/lightning/r/{object}/{id}/view", pages.record, methods=["GET", "POST"]),
    ]


class Pages:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._actor = Actor(org.admin, PAGE)
        self._templates = Environment(loader=PackageLoader("sidebar.twin.pages", "templates"), autoescape=True)
        self._templates.globals.update(org=org)
        self._templates.filters["moment"] = _moment

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/lightning/o/Contact/list", 303)

    async def css(self, request: Request) -> Response:
        return FileResponse(_FOLDER / "twin.css", media_type="text/css")

    async def search(self, request: Request) -> Response:
        object_name = request.path_params["object"]
        if object_name not in SECTIONS:
            return self._missing()
        query = request.query_params.get("q", "").strip()
        found = self._found(object_name, query)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(_whole(request.query_params.get("page", "1")), pages)
        rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        shown = {"object": object_name, "q": query, "total": len(found), "rows": rows, "page": page, "pages": pages}
        return self._page("list.html", **shown, accounts=self._org.tables["Account"].live)

    async def new(self, request: Request) -> Response:
        object_name = request.path_params["object"]
        if object_name not in SECTIONS:
            return self._missing()
        if request.method == "GET":
            return self._blank(object_name, _prefilled(request.query_params.get("defaultFieldValues", "")))
        if not _from_here(request):
            return self._foreign()
        typed = await self._typed(request, object_name)
        try:
            id_ = self._org.create(self._actor, object_name, {name: value for name, value in typed.items() if value})
        except SalesforceError as error:
            return self._blank(object_name, typed, error)
        return RedirectResponse(f"/lightning/r/{object_name}/{id_}/view?saved=1", 303)

    async def record(self, request: Request) -> Response:
        object_name, id_ = request.path_params["object"], ids.full(request.path_params["id"]) or ""
        row = self._org.row(object_name, id_) if object_name in SECTIONS else None
        if row is None:
            return self._missing()
        if request.method == "GET":
            return self._record(object_name, row, row, saved="saved" in request.query_params)
        if not _from_here(request):
            return self._foreign()
        typed = await self._typed(request, object_name)
        try:
            if changed := {name: value for name, value in typed.items() if value != (row[name] or None)}:
                self._org.update(self._actor, object_name, id_, changed)
        except SalesforceError as error:
            return self._record(object_name, row, {**row, **typed}, error)
        return RedirectResponse(f"{request.url.path}?saved=1", 303)

    def _found(self, object_name: str, query: str) -> list[Mapping[str, JSON]]:
        rows = [row for row in self._org.tables[object_name].live.values() if _holds(row, query)]
        return sorted(rows, key=lambda row: str(row.get("LastName", row.get("Name", ""))).casefold())

    def _record(
        self,
        object_name: str,
        row: Mapping[str, JSON],
        typed: Mapping[str, JSON],
        error: SalesforceError | None = None,
        *,
        saved: bool = False,
    ) -> Response:
        history = [change for change in self._org.changes if row["Id"] in change.ids][:-9:-1]
        account = self._org.row("Account", str(row.get("AccountId")))
        shown = {"row": row, "history": history, "account": account, "users": self._org.users, "saved": saved}
        return self._form("record.html", object_name, typed, error, **shown)

    def _blank(self, object_name: str, typed: Mapping[str, JSON], error: SalesforceError | None = None) -> Response:
        return self._form("new.html", object_name, typed, error)

    def _form(
        self,
        template: str,
        object_name: str,
        typed: Mapping[str, JSON],
        error: SalesforceError | None,
        **shown: object,
    ) -> Response:
        at = _fields_at_fault(error)
        sections = {
            title: [self._input(object_name, name, typed.get(name), at.get(name, "")) for name in names]
            for title, names in SECTIONS[object_name].items()
        }
        elsewhere = str(error.message) if error and not at.keys() & _names(object_name) else ""
        shown |= {"object": object_name, "sections": sections, "failed": error is not None, "problem": elsewhere}
        return self._page(template, status=400 if error else 200, **shown)

    def _input(self, object_name: str, name: str, value: JSON, error: str) -> Input:
        field = self._org.sobject(object_name).fields[name.lower()]
        options = self._options(field.raw, value)
        return Input(
            name=name,
            label=field.label.removesuffix(" ID"),
            kind="select" if options else _INPUTS.get(field.type, "text"),
            value="" if value is None else str(value),
            options=options,
            required=not field.nillable and not field.defaulted,
            error=error,
        )

    def _options(self, field: Mapping[str, Any], value: JSON) -> tuple[tuple[str, str], ...]:
        """(value, label) pairs; a value that is not among them is kept, or saving would lose it."""
        if field["name"] == "AccountId":
            accounts = self._org.tables["Account"].live
            found = sorted(
                ((id_, str(row["Name"])) for id_, row in accounts.items()), key=lambda pair: pair[1].casefold()
            )
        else:
            found = [(entry["value"], entry["label"]) for entry in field["picklistValues"]]
        if found and value and value not in dict(found):
            found.append((str(value), str(value)))
        return tuple(found)

    async def _typed(self, request: Request, object_name: str) -> dict[str, JSON]:
        """What stands in the form's fields, by API name; None for an empty one."""
        form = form_of(await request.body())
        sent = {name: form[name].replace("\r\n", "\n") for name in _names(object_name) if name in form}
        return {name: value or None for name, value in sent.items()}

    def _missing(self) -> Response:
        text = "There is no such record in this org. It may have been deleted, or the link is from another org."
        return self._page("message.html", status=404, title="Not found", text=text)

    def _foreign(self) -> Response:
        text = "This form was sent from another site, so nothing was changed. Open the record here and try again."
        return self._page("message.html", status=403, title="Nothing was changed", text=text)

    def _page(self, template: str, *, status: int = 200, **shown: object) -> Response:
        html = self._templates.get_template(template).render(**shown)
        return HTMLResponse(html, status, HEADERS)


def _names(object_name: str) -> set[str]:
    return {name for names in SECTIONS[object_name].values() for name in names}


def _holds(row: Mapping[str, JSON], query: str) -> bool:
    texts = [str(row.get(name, "")).casefold() for name in _SEARCHED] if query else []
    return all(any(word in text for text in texts) for word in query.casefold().split())


def _fields_at_fault(error: SalesforceError | None) -> dict[str, str]:
    if error is None:
        return {}
    names: Iterable[str] = error.fields or ([error.field] if error.field else [])
    return dict.fromkeys(names, error.message)


def _from_here(request: Request) -> bool:
    """Browsers say where a form comes from. Without a word about it, no form is accepted."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")


def _prefilled(text: str) -> dict[str, JSON]:
    """`Email=a@b.example,LastName=Doe`, values encoded twice, as Salesforce's own links to a new record."""
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {name: unquote(value) for name, _, value in pairs}


def _whole(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _moment(value: str | int) -> str:
    when = datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
    return when.strftime("%d %b %Y, %H:%M UTC")
