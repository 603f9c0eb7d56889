"""Requests inside requests: how a part is sent through the door, and what its answer holds."""

import json
import re
from collections.abc import Mapping

from starlette.responses import Response

from sidebar.twin.answers import refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON
from sidebar.twin.rest.call import Call

MOST = 25
_ROOT = re.compile(r"/services/data/v(\d{1,3})\.0(?=/)", re.ASCII)
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD")
_NESTED = re.compile(r"/(composite(?!/sobjects)|jobs)([/?].*)?", re.DOTALL)
_WIDE = re.compile(r"/(query|queryAll|composite/sobjects)([/?].*)?", re.DOTALL)


def answered(call: Call, method: str, url: str, headers: Mapping[str, str], body: JSON) -> Response:
    """The part's answer, which may be a refusal; `headers` by lower-case name."""
    if method not in _METHODS or not _ROOT.match(url) or _NESTED.fullmatch(below_version(url)):
        return refusal(SalesforceError(400, "INVALID_REQUEST", f"{method} {url} cannot be part of another request."))
    named = {"content-type": "application/json", **headers}
    if client := call.headers.get("sforce-call-options"):
        named.setdefault("sforce-call-options", client)
    return call.inner(method, url, named, b"" if body is None else json.dumps(body).encode())


def content(response: Response) -> JSON:
    """What the answer says; None when it says nothing."""
    value: JSON = json.loads(bytes(response.body)) if response.body else None
    return value


def version(url: str) -> int | None:
    found = _ROOT.match(url)
    return int(found[1]) if found else None


def below_version(url: str) -> str:
    return _ROOT.sub("", url, count=1)


def is_wide(url: str) -> bool:
    """Whether this part is a query or a collection, of which a request takes fewer."""
    return bool(_WIDE.fullmatch(below_version(url)))
