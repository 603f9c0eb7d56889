"""HTTP answers as the data API gives them: compact UTF-8 JSON, and errors as an array."""

import json
from collections.abc import Mapping

from starlette.responses import Response

from sidebar.twin.errors import SalesforceError

UNAVAILABLE = SalesforceError(503, "SERVER_UNAVAILABLE", "Server Unavailable")
_JSON = "application/json;charset=UTF-8"
_EVERYDAY = {
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "none",
}


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(body, status, {**_EVERYDAY, **(headers or {})}, media_type=_JSON)


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status_code=status, headers={**_EVERYDAY, **(headers or {})})


def refusal(error: SalesforceError, headers: Mapping[str, str] | None = None) -> Response:
    return answer(error.body(), error.status, headers)


def from_the_edge(status: int, words: str) -> Response:
    """What never reached the org is answered by the machine before it, in HTML."""
    page = f"<html><head><title>{status} {words}</title></head><body><h1>{status} {words}</h1></body></html>"
    return Response(page, status, media_type="text/html")
