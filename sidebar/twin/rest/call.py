"""One authorised request of the data API, and what a resource is: an address and its verbs. Knows no resource."""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from sidebar.twin import bodies, errors, ids, moments
from sidebar.twin.answers import refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Actor, Org, User
from sidebar.twin.query import soql

NUMBERS = range(40, 69)
_RETIRED = range(7, 31)
_ALLOW_SAVE = re.compile(r"allowSave\s*=\s*true", re.IGNORECASE)
_CURSORS, _CURSOR_LIFE = 100, 2 * moments.DAY


@dataclass(frozen=True, slots=True)
class Call:
    """`path` is what follows the version, as it was sent; `args` are its variable parts, decoded.

    `door` answers another call as if it had come by itself: that is how composite requests do their parts."""

    org: Org
    user: User
    version: str
    method: str
    path: str
    query: QueryParams
    headers: Headers
    body: bytes
    cursors: "Cursors"
    door: Callable[["Call"], Response]
    args: tuple[str, ...] = ()
    api: str = "rest"  # as change events name the door their writes came through

    @property
    def root(self) -> str:
        return f"/services/data/v{self.version}"

    @property
    def actor(self) -> Actor:
        client = re.search(r"client=([^,;\s]+)", self.headers.get("sforce-call-options", ""))
        origin = f"com/salesforce/api/{self.api}/{self.version}"
        return Actor(self.user, f"{origin};client={client[1]}" if client else origin)

    @property
    def allows_duplicates(self) -> bool:
        """Whether the caller wants to save what a duplicate rule only alerts to."""
        return bool(_ALLOW_SAVE.search(self.headers.get("sforce-duplicate-rule-header", "")))

    def fields(self) -> Mapping[str, JSON]:
        return bodies.parsed(self.body, self.headers.get("content-type", ""))

    def moment(self, header: str) -> int | None:
        return moments.from_http_date(self.headers.get(header, ""))

    def inner(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer to another request of the same user: errors, too, are answers. `url` begins at /services/data."""
        parts = urlsplit(url)
        try:
            version, path = split_version(parts.path.removeprefix("/services/data"))
        except SalesforceError as error:
            return refusal(error)
        query = QueryParams(parts.query)
        return self.door(
            replace(self, version=version, method=method, path=path, query=query, headers=Headers(headers), body=body)
        )


Verb: TypeAlias = Callable[[Call], Response]
Resources: TypeAlias = list[tuple[re.Pattern[str], dict[str, Verb]]]


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


def split_version(path: str) -> tuple[str, str]:
    """/v60.0/sobjects/ is ("60.0", "/sobjects"). Raises NOT_FOUND for an unknown version, GONE for a retired one."""
    found = re.fullmatch(r"/v([1-9]\d{0,2})\.0(/.*)?", path.rstrip("/"), re.ASCII | re.DOTALL)
    if found and int(found[1]) in _RETIRED:
        raise SalesforceError(410, "GONE", f"API version {found[1]}.0 is retired")
    if not found or int(found[1]) not in NUMBERS:
        raise errors.not_found()
    return f"{found[1]}.0", found[2] or ""


def run(resources: Resources, call: Call) -> Response:
    """Do what the call's address is for. Raises SalesforceError, among them NOT_FOUND and METHOD_NOT_ALLOWED."""
    for pattern, verbs in resources:
        if found := pattern.fullmatch(call.path):
            verb = verbs.get("GET" if call.method == "HEAD" else call.method)
            if verb is None:
                raise not_allowed(call.method, verbs)
            return verb(replace(call, args=tuple(unquote(part or "") for part in found.groups())))
    raise errors.not_found()


def not_allowed(method: str, verbs: Iterable[str]) -> SalesforceError:
    names = list(verbs)
    allowed = ",".join([*names, "HEAD"] if "GET" in names else names)
    return SalesforceError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}")
