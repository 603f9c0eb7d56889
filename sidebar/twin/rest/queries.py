"""SOQL and SOSL over HTTP: statements in, pages of records out."""

import re

from starlette.responses import Response

from sidebar.twin.answers import answer
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Row
from sidebar.twin.query import parameterized, search, soql
from sidebar.twin.query.columns import not_spoken
from sidebar.twin.rest.call import Call, Resources

_NUMBERS = ("defaultLimit", "limit", "offset", "overallLimit")


def query(call: Call) -> Response:
    return _first_page(call, deleted=False)


def query_all(call: Call) -> Response:
    """The same with the deleted records of the bin."""
    return _first_page(call, deleted=True)


def more(call: Call) -> Response:
    locator, _, start = call.args[0].partition("-")
    found = call.cursors.find(call.user, locator)
    if not (start.isdecimal() and len(start) < 9 and int(start) < len(found.rows)):
        raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return answer(_one_page(call, found, locator, int(start)))


def find(call: Call) -> Response:
    return answer({"searchRecords": search.run(call.org, call.user, call.query.get("q", ""), call.version)})


def find_by_parameters(call: Call) -> Response:
    """The parameters come in the address, or as the JSON they stand for."""
    given = call.fields() if call.method == "POST" else _parameters(call)
    return answer({"searchRecords": parameterized.run(call.org, call.user, given, call.version)})


def _parameters(call: Call) -> Row:
    """q=…&sobject=Contact&Contact.fields=Id,Name&Contact.limit=5 as the body of the same search by POST."""
    names = [name.strip() for value in call.query.getlist("sobject") for name in value.split(",")]
    own = {f"{name}.{key}": (name, key) for name in names for key in ("fields", "where", "limit", "orderBy")}
    general: Row = {key: _parameter(key, value) for key, value in call.query.items() if key not in {"sobject", *own}}
    objects: dict[str, Row] = {name: {"name": name} for name in names}
    for key, (name, part) in own.items():
        if key in call.query:
            objects[name][part] = _parameter(part, call.query[key])
    return general | {"sobjects": list(objects.values())}


def _parameter(name: str, value: str) -> JSON:
    if name == "fields":
        return [field.strip() for field in value.split(",")]
    return int(value) if name in _NUMBERS and re.fullmatch(r"\d{1,9}", value, re.ASCII) else value


def _first_page(call: Call, *, deleted: bool) -> Response:
    for other in ("columns", "explain"):  # would be answered with the columns or the plan, not with records
        if other in call.query:
            raise not_spoken(other)
    found = soql.run(call.org, call.user, call.query.get("q", ""), deleted=deleted)
    whole = soql.page_end(found, 0, _page(call)) >= len(found.rows)
    return answer(_one_page(call, found, "" if whole else call.cursors.keep(call.user, found), 0))


def _page(call: Call) -> int:
    asked = re.search(r"batchSize\s*=\s*(\d{1,6})", call.headers.get("sforce-query-options", ""), re.IGNORECASE)
    return min(max(int(asked[1]), 200), 2_000, call.org.setup.largest_page) if asked else call.org.setup.largest_page


def _one_page(call: Call, found: soql.Found, locator: str, start: int) -> Row:
    end = soql.page_end(found, start, _page(call))
    done = end >= len(found.rows)
    following: Row = {} if done else {"nextRecordsUrl": f"{call.root}/query/{locator}-{end}"}
    rows = soql.shown(found, start, end, call.version)
    return {"totalSize": found.total, "done": done, **following, "records": list(rows)}


RESOURCES: Resources = [
    (re.compile(r"/query"), {"GET": query}),
    (re.compile(r"/queryAll"), {"GET": query_all}),
    (re.compile(r"/(?:query|queryAll)/([^/]+)"), {"GET": more}),
    (re.compile(r"/search"), {"GET": find}),
    (re.compile(r"/parameterizedSearch"), {"GET": find_by_parameters, "POST": find_by_parameters}),
]
