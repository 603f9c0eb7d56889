"""One org's REST data API, as far as Sidebar needs it. Every call is counted, and a spent token is renewed once.

REST API Developer Guide: sObject Rows, Query, Search, Describe, Limit Info Header.
"""

import copy
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Protocol, Self, TypeAlias, cast
from urllib.parse import quote

import httpx

from sidebar.salesforce.errors import SalesforceError, Unauthorized, Unreachable, from_response, from_transport

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Record: TypeAlias = dict[str, JSON]

_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
_STRANGE = "Something other than Salesforce answered"
CLIENT_NAME = "sidebar"  # shows up in the org's logs and as `client=` in the origin of change events


@dataclass(frozen=True, slots=True)
class Usage:
    """The org's API requests of the last 24 hours, as the latest answer told: a gauge, not a counter."""

    used: int
    allowed: int


class Meter(Protocol):
    """Whoever keeps count of what calls are spent on."""

    def admit(self, purpose: str) -> None:
        """Before each call. Raises LimitExceeded where this purpose has to leave what is left to others."""

    def count(self, purpose: str, usage: Usage | None) -> None:
        """After each call that Salesforce answered."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a call needs: where the org lives, and a token for it."""

    instance_url: str
    token: str = field(repr=False)


Accessor: TypeAlias = Callable[[Access | None], Awaitable[Access]]
"""Gives the current access; told the access that has just been refused, it gives a newer one."""


class Client:
    """`version` such as "67.0". Raises the errors of errors.py and nothing else; `outcomes`: how often each of them, or
    "ok", came of a call."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        version: str,
        access: Accessor,
        outcomes: Counter[str] | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._http = http
        self._version = version
        self._access = access
        self._outcomes = Counter() if outcomes is None else outcomes
        self._meter = meter
        self._purpose = ""
        self.calls = 0
        self.usage: Usage | None = None

    def on(self, purpose: str) -> Self:
        """The same client; its calls are counted as made for this purpose."""
        other = copy.copy(self)
        other._purpose = purpose
        return other

    async def query(self, soql: str, *, deleted: bool = False) -> list[Record]:
        """All records, over as many pages as there are; with `deleted` also those in the bin."""
        page = await self._json("GET", f"/{'queryAll' if deleted else 'query'}?q={quote(soql)}")
        records = _records(page, "records")
        while page.get("done") is False:
            locator = str(page.get("nextRecordsUrl")).rsplit("/", 1)[-1]
            page = await self._json("GET", f"/query/{locator}")
            records += _records(page, "records")
        return records

    async def count(self, object: str) -> int:
        page = await self._json("GET", f"/query?q={quote(f'SELECT COUNT() FROM {object}')}")  # noqa: S608 - a name of ours
        total = page.get("totalSize")
        return total if isinstance(total, int) else 0

    async def search(self, sosl: str) -> list[Record]:
        return _records(await self._json("GET", f"/search?q={quote(sosl)}"), "searchRecords")

    async def update(self, object: str, id: str, values: Mapping[str, JSON], unmodified_since: datetime) -> None:
        """Changed (412) where the record was modified after that moment; the wire knows whole seconds only."""
        since = {"If-Unmodified-Since": format_datetime(unmodified_since.astimezone(UTC), usegmt=True)}
        await self._send("PATCH", f"/sobjects/{object}/{id}", values, since)

    async def describe(self, object: str) -> Record:
        return await self._json("GET", f"/sobjects/{object}/describe")

    async def read(self, path: str) -> Record:
        """What stands at a path below the version, such as `/limits`."""
        return await self._json("GET", path)

    async def _json(self, method: str, path: str) -> Record:
        response = await self._send(method, path)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(_STRANGE, status=response.status_code)
        return answer

    async def _send(
        self, method: str, path: str, body: Mapping[str, JSON] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        access = await self._access(None)
        try:
            return await self._counted(access, method, path, body, headers)
        except Unauthorized:
            return await self._counted(await self._access(access), method, path, body, headers)

    async def _counted(
        self,
        access: Access,
        method: str,
        path: str,
        body: Mapping[str, JSON] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        try:
            response = await self._try(access, method, path, body, headers)
        except SalesforceError as problem:
            self._outcomes[type(problem).__name__] += 1
            raise
        self._outcomes["ok"] += 1
        return response

    async def _try(
        self,
        access: Access,
        method: str,
        path: str,
        body: Mapping[str, JSON] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        if self._meter:
            self._meter.admit(self._purpose)
        self.calls += 1
        url = f"{access.instance_url}/services/data/v{self._version}{path}"
        sent = {
            "Authorization": f"Bearer {access.token}",
            "Sforce-Call-Options": f"client={CLIENT_NAME}",
            **(headers or {}),
        }
        try:
            response = await self._http.request(method, url, json=body, headers=sent)
        except httpx.HTTPError as problem:
            raise from_transport(problem) from problem
        self.usage = _usage(response) or self.usage
        if self._meter:
            self._meter.count(self._purpose, _usage(response))
        if not response.is_success:
            raise from_response(response)
        return response


async def newest_version(http: httpx.AsyncClient, instance_url: str, at_most: str) -> str:
    """The newest API version the org lists, `at_most` ("67.0") or older. This call needs no token and costs nothing."""
    try:
        response = await http.get(f"{instance_url}/services/data/")
        listed = [str(each["version"]) for each in response.raise_for_status().json()]
        usable = [each for each in listed if float(each) <= float(at_most)]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
        raise Unreachable(f"The org's list of API versions could not be read ({type(problem).__name__})") from problem
    if not usable:
        raise Unreachable(f"The org lists no API version up to {at_most}")
    return max(usable, key=float)


def _usage(response: httpx.Response) -> Usage | None:
    """Limit Info Header; the app's own allowance may stand before or after the org's."""
    found = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
    return Usage(int(found[1]), int(found[2])) if found else None


def _records(page: Record, name: str) -> list[Record]:
    records = page.get(name)
    if not isinstance(records, list):
        raise Unreachable(_STRANGE)
    return cast("list[Record]", records)


def moment(value: str) -> datetime:
    """`2026-11-22T08:00:00.000+0000`, or an HTTP date, as an aware datetime."""
    return parsedate_to_datetime(value) if "," in value else datetime.fromisoformat(value)
