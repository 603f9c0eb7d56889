"""What each address of the data API does. Rights, rows and queries are decided elsewhere; here they become answers."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from sidebar.twin import bodies, errors, ids, moments
from sidebar.twin.answers import answer, empty
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Actor, Org, Row, User, describe
from sidebar.twin.org.rows import value_of
from sidebar.twin.query import search, soql
from sidebar.twin.query.columns import record

_CURSORS, _CURSOR_LIFE = 100, 2 * moments.DAY
_SEASONS = ("Winter", "Spring", "Summer")
VERSIONS = [f"{number}.0" for number in range(40, 68)]


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request: `args` are the variable parts of its path."""

    org: Org
    user: User
    version: str
    args: tuple[str, ...]
    query: QueryParams
    headers: Headers
    body: bytes
    cursors: "Cursors"

    @property
    def root(self) -> str:
        return f"/services/data/v{self.version}"

    @property
    def actor(self) -> Actor:
        client = re.search(r"client=([^,;\s]+)", self.headers.get("sforce-call-options", ""))
        origin = f"com/salesforce/api/rest/{self.version}"
        return Actor(self.user, f"{origin};client={client[1]}" if client else origin)

    def fields(self) -> Mapping[str, JSON]:
        return bodies.parsed(self.body, self.headers.get("content-type", ""))

    def moment(self, header: str) -> int | None:
        return moments.from_http_date(self.headers.get(header, ""))


Verb = Callable[[Call], Response]


class Cursors:
    """Query results that are still being paged through, by locator. A locator belongs to its user, for two days."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[int, str, soql.Found]] = OrderedDict()
        self._made = 0

    def keep(self, user: User, found: soql.Found) -> str:
        self._made += 1
        locator = ids.new("01g", self._made)
        self._kept[locator] = (self._clock() + _CURSOR_LIFE, user.id, found)
        if len(self._kept) > _CURSORS:
            self._kept.popitem(last=False)
        return locator

    def find(self, user: User, locator: str) -> soql.Found:
        end, owner, found = self._kept.get(locator, (0, "", None))
        if found is None or owner != user.id or end <= self._clock():
            raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return found


def versions() -> list[dict[str, str]]:
    """Winter '26 is 65.0; three releases a year."""
    return [
        {
            "label": f"{_SEASONS[(n - 65) % 3]} '{26 + (n - 65) // 3}",
            "url": f"/services/data/v{n}.0",
            "version": f"{n}.0",
        }
        for n in range(40, 68)
    ]


def list_resources(call: Call) -> Response:
    return answer({name: f"{call.root}/{name}" for name in ("sobjects", "query", "search", "limits")})


def list_sobjects(call: Call) -> Response:
    entries = [describe.summary(sobject, call.version) for sobject in call.org.schema.values()]
    return _unless_known(call, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": entries})


def show_sobject(call: Call) -> Response:
    return answer({"objectDescribe": describe.summary(call.org.sobject(call.args[0]), call.version), "recentItems": []})


def describe_sobject(call: Call) -> Response:
    return _unless_known(call, call.org.describe(call.user, call.args[0], call.version))


def create_row(call: Call) -> Response:
    sobject = call.org.sobject(call.args[0])
    id_ = call.org.create(call.actor, sobject.name, call.fields())
    location = f"{call.root}/sobjects/{sobject.name}/{id_}"
    return answer({"id": id_, "success": True, "errors": []}, 201, {"Location": location})


def show_row(call: Call) -> Response:
    try:
        name, id_ = call.args
        sobject, table, row = call.org.locate(name, id_)
    except SalesforceError as error:
        raise errors.not_found() if error.code == "ENTITY_IS_DELETED" else error from None
    modified = moments.from_stamp(str(row["LastModifiedDate"]))
    headers = {"Last-Modified": moments.http_date(modified)}
    if (since := call.moment("if-modified-since")) is not None and modified <= since:
        return empty(304, headers)
    bare = record([], row, table, call.version)
    return answer(bare | {name: value_of(sobject, row, name) for name in _wanted(call)}, headers=headers)


def update_row(call: Call) -> Response:
    _check_unmodified(call)
    name, id_ = call.args
    call.org.update(call.actor, name, id_, call.fields())
    return empty()


def delete_row(call: Call) -> Response:
    name, id_ = call.args
    call.org.delete(call.actor, name, id_)
    return empty()


def query(call: Call) -> Response:
    text = call.query.get("q", "")
    if not text.strip():
        raise SalesforceError(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    found = soql.run(call.org, call.user, text)
    locator = call.cursors.keep(call.user, found) if len(found.rows) > _page(call) else ""
    return answer(_one_page(call, found, locator, 0))


def more(call: Call) -> Response:
    locator, _, start = call.args[0].partition("-")
    found = call.cursors.find(call.user, locator)
    if not (start.isdecimal() and len(start) < 9 and int(start) < len(found.rows)):
        raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return answer(_one_page(call, found, locator, int(start)))


def find(call: Call) -> Response:
    return answer({"searchRecords": search.run(call.org, call.user, call.query.get("q", ""), call.version)})


def limits(call: Call) -> Response:
    used, allowed = call.org.calls()
    return answer({"DailyApiRequests": {"Max": allowed, "Remaining": allowed - used}})


RESOURCES: list[tuple[re.Pattern[str], dict[str, Verb]]] = [
    (re.compile(r""), {"GET": list_resources}),
    (re.compile(r"/sobjects"), {"GET": list_sobjects}),
    (re.compile(r"/sobjects/([^/]+)"), {"GET": show_sobject, "POST": create_row}),
    (re.compile(r"/sobjects/([^/]+)/describe"), {"GET": describe_sobject}),
    (re.compile(r"/sobjects/([^/]+)/([^/]+)"), {"GET": show_row, "PATCH": update_row, "DELETE": delete_row}),
    (re.compile(r"/query"), {"GET": query}),
    (re.compile(r"/query/([^/]+)"), {"GET": more}),
    (re.compile(r"/search"), {"GET": find}),
    (re.compile(r"/limits"), {"GET": limits}),
]


def _unless_known(call: Call, content: object) -> Response:
    """Metadata stand still while the org runs: 304 for who has seen them since it started."""
    headers = {"Last-Modified": moments.http_date(call.org.started)}
    since = call.moment("if-modified-since")
    known = since is not None and call.org.started // 1000 <= since // 1000
    return empty(304, headers) if known else answer(content, headers=headers)


def _wanted(call: Call) -> list[str]:
    sobject = call.org.sobject(call.args[0])
    visible = call.org.fields(call.user, sobject)
    names = call.query.get("fields")
    if names is None:
        return [field.name for field in visible.values()]
    asked = [name.strip() for name in names.split(",")]
    for name in asked:
        if name.lower() not in visible:
            raise errors.no_such_column(name, sobject.name)
    return [visible[name.lower()].name for name in [*asked, "Id"]]


def _check_unmodified(call: Call) -> None:
    header = call.headers.get("if-unmodified-since")
    if header is None:
        return
    until = moments.from_http_date(header)
    if until is None:
        raise SalesforceError(400, "MALFORMED_HEADER", f"If-Unmodified-Since is not an HTTP date: {header}")
    name, id_ = call.args
    _, _, row = call.org.locate(name, id_)
    if moments.from_stamp(str(row["LastModifiedDate"])) > until:
        message = "The record was modified after the date in If-Unmodified-Since"
        raise SalesforceError(412, "PRECONDITION_FAILED", message)


def _page(call: Call) -> int:
    asked = re.search(r"batchSize\s*=\s*(\d{1,6})", call.headers.get("sforce-query-options", ""), re.IGNORECASE)
    return min(max(int(asked[1]), 200), 2_000, call.org.largest_page) if asked else call.org.largest_page


def _one_page(call: Call, found: soql.Found, locator: str, start: int) -> Row:
    end = start + _page(call)
    done = end >= len(found.rows)
    following: Row = {} if done else {"nextRecordsUrl": f"{call.root}/query/{locator}-{end}"}
    rows = soql.shown(found, start, end, call.version)
    return {"totalSize": found.total, "done": done, **following, "records": list(rows)}
