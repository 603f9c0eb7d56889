"""The door of the data API, /services/data: who may come in, what it costs, and that nobody leaves with a 500."""

import asyncio
from dataclasses import replace

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from sidebar.twin import bodies
from sidebar.twin.answers import UNAVAILABLE, answer, from_the_edge, refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User, people
from sidebar.twin.rest import (
    batch,
    bulk,
    collections,
    composite,
    history,
    limits,
    metadata,
    picklists,
    queries,
    rows,
    tooling,
)
from sidebar.twin.rest.call import Call, Cursors, Resources, not_allowed, run, split_version

RESOURCES: Resources = [
    *metadata.RESOURCES,
    *limits.RESOURCES,
    *history.RESOURCES,
    *picklists.RESOURCES,
    *rows.RESOURCES,
    *queries.RESOURCES,
    *collections.RESOURCES,
    *composite.RESOURCES,
    *batch.RESOURCES,
    *bulk.RESOURCES,
    *tooling.RESOURCES,
]
_LONGEST = 16_384


def app(org: Org) -> list[BaseRoute]:
    """The routes of the data API, to be mounted at the root. Instance URLs often end in a slash: hence the second."""
    data, packed = Data(org), [Middleware(GZipMiddleware)]
    starts = ("/services/data", "//services/data")
    return [Route(f"{start}{{path:path}}", endpoint=data, middleware=packed) for start in starts]


class Data:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._cursors = Cursors(org.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        faults = self._org.faults
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        body = await request.body()
        if faults.spend("timeouts_before"):
            await _hang_up(receive)
            return
        response = self._answer(request, body)
        if faults.spend("timeouts_after"):
            await _hang_up(receive)
            return
        if request.method == "HEAD":
            response = Response(status_code=response.status_code, headers=response.headers)
        await response(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        if too_long := _too_long(request):
            return too_long
        if self._org.faults.unavailable:
            return refusal(UNAVAILABLE)
        whole = request.scope["raw_path"].decode("ascii", "replace")
        path = whole.lstrip("/").removeprefix("services/data").rstrip("/")
        try:
            if not path:
                return _versions(request)
            return self._counted(self._call(request, path, body))
        except SalesforceError as error:
            return refusal(error, {"WWW-Authenticate": "Token"} if error.status == 401 else None)

    def _call(self, request: Request, path: str, body: bytes) -> Call:
        user = _user(self._org, request)
        version, rest = split_version(path)
        _check_open(self._org, user)
        return Call(
            org=self._org,
            user=user,
            version=version,
            method=_method(request),
            path=rest,
            query=request.query_params,
            headers=request.headers,
            body=body,
            cursors=self._cursors,
            door=_done,
        )

    def _counted(self, call: Call) -> Response:
        if self._org.count_call():
            response = _done(call)
        else:
            response = refusal(SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        used, allowed = self._org.calls()
        response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{allowed}"
        return response


def _done(call: Call) -> Response:
    """The answer to a call that is already let in, be it a refusal."""
    try:
        call = replace(call, body=bodies.unpacked(call.body, call.headers.get("content-encoding", "")))
        return run(RESOURCES, call)
    except SalesforceError as error:
        return refusal(bodies.located(error, call.body) if error.field else error)
    except RecursionError:
        return refusal(bodies.too_deep())


def _versions(request: Request) -> Response:
    if request.method not in ("GET", "HEAD"):
        raise not_allowed(request.method, ["GET"])
    return answer(metadata.versions())


def _method(request: Request) -> str:
    """What a POST may say it means, for clients that cannot send PATCH or DELETE."""
    return request.query_params.get("_HttpMethod", request.method) if request.method == "POST" else request.method


async def _hang_up(receive: Receive) -> None:
    """No answer, until the client has had enough of waiting."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _too_long(request: Request) -> Response | None:
    uri = len(request.scope.get("raw_path", b"")) + len(request.scope["query_string"]) + 1
    headers = sum(len(name) + len(value) for name, value in request.headers.raw)
    if uri > _LONGEST:
        return from_the_edge(414, "URI Too Long")
    return from_the_edge(431, "Request Header Fields Too Large") if uri + headers > _LONGEST else None


def _check_open(org: Org, user: User) -> None:
    if org.faults.api_disabled:
        raise SalesforceError(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
    if people.listed(org.setup.api_disabled_users, user):
        raise SalesforceError(403, "API_CURRENTLY_DISABLED", "API is disabled for this User")


def _user(org: Org, request: Request) -> User:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() not in ("bearer", "oauth"):
        raise SalesforceError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    user = org.session(token.strip())
    if user is None:
        raise SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")
    return user
