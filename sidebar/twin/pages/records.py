"""Looking through the records of an object, and looking at, changing and creating one. Knows no deed but saving."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import Stored, Table
from sidebar.twin.pages import names
from sidebar.twin.pages.forms import Form, text_of
from sidebar.twin.pages.site import Site

PER_PAGE = 50
_COLUMNS = {
    "Account": ["BillingCity", "Industry", "Phone", "Website"],
    "Case": ["Subject", "ContactId", "Status", "Priority"],
    "Contact": ["AccountId", "Title", "Phone", "MobilePhone", "Email"],
    "Lead": ["Company", "Status", "Phone", "Email"],
    "Opportunity": ["AccountId", "StageName", "Amount", "CloseDate"],
    "Subscription__c": ["Contact__c", "Plan__c", "Started_On__c"],
    "Task": ["WhoId", "Status", "Priority", "ActivityDate"],
}


class RecordPages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._org = site.org

    async def search(self, request: Request) -> Response:
        sobject = self._site.sobject(request)
        query = request.query_params.get("q", "").strip()
        all_rows = found(self._org.tables[sobject.name], query)
        pages = max(1, -(-len(all_rows) // PER_PAGE))
        page = min(_whole(request.query_params.get("page", "1")), pages)
        rows = sorted(all_rows, key=_order)[(page - 1) * PER_PAGE : page * PER_PAGE]
        columns = [sobject.fields[key] for name in _COLUMNS[sobject.name] if (key := name.lower()) in sobject.fields]
        shown = {
            "sobject": sobject,
            "columns": [field.label.removesuffix(" ID") for field in columns],
            "rows": [(names.link(sobject, row), self._cells(row, columns)) for row in rows],
            "deleted": "deleted" in request.query_params,
        }
        return self._site.page("list.html", q=query, total=len(all_rows), page=page, pages=pages, **shown)

    async def new(self, request: Request) -> Response:
        sobject = self._site.sobject(request)
        form = Form(self._org, sobject, {})
        if request.method != "POST":
            return self._new(form, _prefilled(request.query_params.get("defaultFieldValues", "")))
        typed = form.typed(body := await request.body())
        try:
            fields = form.changes(typed)
            id_ = self._org.create(self._site.actor, sobject.name, fields, allow_duplicates=_anyway(body))
        except SalesforceError as error:
            return self._new(form, typed, error)
        return RedirectResponse(f"/lightning/r/{sobject.name}/{id_}/view?saved=1", 303)

    async def record(self, request: Request) -> Response:
        sobject, row = self._site.row(request)
        form = Form(self._org, sobject, row)
        if request.method != "POST":
            return self._record(form, {}, saved="saved" in request.query_params)
        typed = form.typed(body := await request.body())
        try:
            if changed := form.changes(typed):
                anyway, id_ = _anyway(body), str(row["Id"])
                self._org.update(self._site.actor, sobject.name, id_, changed, allow_duplicates=anyway)
        except SalesforceError as error:
            return self._record(form, typed, error)
        return RedirectResponse(f"{request.url.path}?saved=1", 303)

    def _record(
        self, form: Form, typed: Mapping[str, str], error: SalesforceError | None = None, *, saved: bool = False
    ) -> Response:
        sobject, row = form.sobject, form.row
        shown = {
            "row": row,
            "link": names.link(sobject, row),
            "parents": list(names.parents(self._org, sobject, row)),
            "children": list(names.children(self._org, sobject, row)),
            "history": [change for change in self._org.changes if row["Id"] in change.ids][:-9:-1],
            "users": self._org.users,
        }
        return self._form("record.html", form, typed, error, saved=saved, **shown)

    def _new(self, form: Form, typed: Mapping[str, str], error: SalesforceError | None = None) -> Response:
        return self._form("new.html", form, typed, error)

    def _form(
        self, template: str, form: Form, typed: Mapping[str, str], error: SalesforceError | None, **shown: object
    ) -> Response:
        sections = form.sections(typed, error)
        at_fields = any(field.error for fields in sections.values() for field in fields)
        shown |= {"sobject": form.sobject, "sections": sections, "failed": error is not None}
        shown |= {"problem": str(error.message) if error and not at_fields else "", "twins": self._duplicates(error)}
        return self._site.page(template, 400 if error else 200, **shown)

    def _duplicates(self, error: SalesforceError | None) -> list[names.Link | None]:
        """The records a duplicate rule alerts to; none where it does not let anybody save."""
        result = error.extra.get("duplicateResut") if error else None
        if not isinstance(result, dict) or not result["allowSave"]:
            return []
        matches = [match for matches in result["matchResults"] for match in matches["matchRecords"]]
        return [names.linked(self._org, match["record"]["Id"]) for match in matches]

    def _cells(self, row: Stored, columns: Iterable[Field]) -> list[str]:
        return [text_of(self._org, field, row.get(field.name)) for field in columns]


def found(table: Table, query: str) -> list[Stored]:
    """The live records in which every word stands somewhere, and the one whose id it is."""
    words = query.casefold().split()
    return [row for row in table.live.values() if not words or row["Id"] == query or _holds(row, words)]


def _holds(row: Stored, words: list[str]) -> bool:
    text = "\n".join(str(value) for name, value in row.items() if name not in names.SYSTEM).casefold()
    return all(word in text for word in words)


def _order(row: Stored) -> str:
    return next(
        (str(row[name]).casefold() for name in ("LastName", "Name", "CaseNumber", "Subject") if name in row), ""
    )


def _anyway(body: bytes) -> bool:
    return b"allow_duplicates=" in body


def _prefilled(text: str) -> dict[str, str]:
    """`Email=a@b.example,LastName=Doe`, values encoded twice, as Salesforce's own links to a new record."""
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {name: unquote(value) for name, _, value in pairs}


def _whole(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1
