"""The door of the data API, /services/data: who may come in, what it costs, and that nobody leaves with a 500."""

import asyncio
import json
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from sidebar.twin import bodies, errors
from sidebar.twin.answers import UNAVAILABLE, answer, from_the_edge, refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User
from sidebar.twin.org.faults import UnknownFault
from sidebar.twin.rest.resources import RESOURCES, VERSIONS, Call, Cursors, Verb, versions

_LONGEST = 16_384


def app(org: Org) -> list[BaseRoute]:
    """The routes of the data API and of the fault switches, to be mounted at the root."""
    return [
        Route("/services/data{path:path}", endpoint=Data(org)),
        Route("/twin/faults", endpoint=Switchboard(org)),
    ]


class Data:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._cursors = Cursors(org.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self._org.faults.latency_ms:
            await asyncio.sleep(self._org.faults.latency_ms / 1000)
        response = self._answer(request, await request.body())
        if request.method == "HEAD":
            response = Response(status_code=response.status_code, headers=response.headers)
        await response(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        if too_long := _too_long(request):
            return too_long
        if self._org.faults.unavailable:
            return refusal(UNAVAILABLE)
        path = request.path_params["path"].rstrip("/")
        if not path:
            return answer(versions()) if request.method in ("GET", "HEAD") else refusal(_not_allowed(request, ["GET"]))
        try:
            return self._inside(request, path, _user(self._org, request), body)
        except SalesforceError as error:
            return refusal(error, {"WWW-Authenticate": "Token"} if error.status == 401 else None)

    def _inside(self, request: Request, path: str, user: User, body: bytes) -> Response:
        version, rest = _version(path)
        if self._org.faults.api_disabled:
            message = "The REST API is not enabled for this Organization."
            raise SalesforceError(403, "API_DISABLED_FOR_ORG", message)
        counted = self._org.count_call()
        used, allowed = self._org.calls()
        headers = {"Sforce-Limit-Info": f"api-usage={used}/{allowed}"}
        if not counted:
            return refusal(SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), headers)
        try:
            verb, args = _resource(request, rest)
            call = Call(self._org, user, version, args, request.query_params, request.headers, body, self._cursors)
            response = verb(call)
        except SalesforceError as error:
            response = refusal(bodies.located(error, body) if error.field else error)
        response.headers.update(headers)
        return response


class Switchboard:
    """GET shows the fault switches, POST with a JSON object sets some of them."""

    def __init__(self, org: Org) -> None:
        self._faults = org.faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = self._answer(request.method, await request.body())
        await response(scope, receive, send)

    def _answer(self, method: str, body: bytes) -> Response:
        if method not in ("GET", "HEAD", "POST"):
            return JSONResponse({"error": "Faults are shown by GET and set by POST."}, 405, {"Allow": "GET, POST"})
        try:
            if method == "POST":
                self._faults.switch(_switches(body))
        except UnknownFault as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(self._faults.shown())


def _switches(body: bytes) -> Mapping[str, bool | int]:
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        wanted = None
    if not isinstance(wanted, dict):
        raise UnknownFault('Send a JSON object such as {"unavailable": true}.')
    return wanted


def _too_long(request: Request) -> Response | None:
    uri = len(request.scope.get("raw_path", b"")) + len(request.scope["query_string"]) + 1
    headers = sum(len(name) + len(value) for name, value in request.headers.raw)
    if uri > _LONGEST:
        return from_the_edge(414, "URI Too Long")
    return from_the_edge(431, "Request Header Fields Too Large") if uri + headers > _LONGEST else None


def _user(org: Org, request: Request) -> User:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() not in ("bearer", "oauth"):
        raise SalesforceError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    user = org.session(token.strip())
    if user is None:
        raise SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")
    return user


def _version(path: str) -> tuple[str, str]:
    found = re.fullmatch(r"/v(\d{1,3}\.0)(/.*)?", path, re.DOTALL)
    if not found or found[1] not in VERSIONS:
        raise errors.not_found()
    return found[1], found[2] or ""


def _resource(request: Request, path: str) -> tuple[Verb, tuple[str, ...]]:
    for pattern, verbs in RESOURCES:
        if found := pattern.fullmatch(path):
            verb = verbs.get("GET" if request.method == "HEAD" else request.method)
            if verb is None:
                raise _not_allowed(request, verbs)
            return verb, found.groups()
    raise errors.not_found()


def _not_allowed(request: Request, verbs: Mapping[str, Verb] | list[str]) -> SalesforceError:
    allowed = ",".join([*verbs, "HEAD"] if "GET" in verbs else verbs)
    message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
    return SalesforceError(405, "METHOD_NOT_ALLOWED", message)
