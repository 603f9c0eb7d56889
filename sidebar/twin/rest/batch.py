"""composite/batch: requests that travel together and are otherwise strangers. Each is its own call and its own commit.

Source: "Batch Request Body" of the REST API guide, v67.
"""

import re
from collections.abc import Mapping

from starlette.responses import Response

from sidebar.twin import bodies
from sidebar.twin.answers import answer, refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Row
from sidebar.twin.rest import parts
from sidebar.twin.rest.call import Call, Resources

_KNOWN = {"method", "url", "richInput", "binaryPartName", "binaryPartNameAlias"}


def batch(call: Call) -> Response:
    """A broken part refuses the whole before anything is done; a failing one only fails, unless it halts the rest."""
    body = call.fields()
    entries = bodies.members(body, "batchRequests", dict)
    halting = bodies.member(body, "haltOnError", False)
    if not 0 < len(entries) <= parts.MOST:
        raise SalesforceError(400, "LIMIT_EXCEEDED", f"A batch takes 1 to {parts.MOST} requests.")
    urls = [_url(call, entry) for entry in entries]
    results: list[Row] = []
    failed = False
    for number, (entry, url) in enumerate(zip(entries, urls, strict=True)):
        response = _halted() if failed and halting else _answer(call, entry, url, counted=number == 0)
        failed = failed or response.status_code >= 400
        results.append({"statusCode": response.status_code, "result": parts.content(response)})
    return answer({"hasErrors": failed, "results": results})


def _url(call: Call, entry: Mapping[str, JSON]) -> str:
    """The part's whole path. Raises SalesforceError for a part that cannot be read, or is newer than its batch."""
    bodies.check_known(entry, _KNOWN)
    url = re.sub(r"^/?(services/data/)?", "/services/data/", bodies.member(entry, "url", ""))
    if not bodies.member(entry, "method", "") or (parts.version(url) or 0) > float(call.version):
        message = f"Each request of a batch needs a method and a url of version {call.version} at most."
        raise SalesforceError(400, "INVALID_REQUEST", message)
    return url


def _answer(call: Call, entry: Mapping[str, JSON], url: str, *, counted: bool) -> Response:
    """The first part was counted at the door."""
    if not counted and not call.org.count_call():
        return refusal(SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    headers = {name: value for name, value in call.headers.items() if name.startswith("sforce-")}
    return parts.answered(call, bodies.member(entry, "method", "").upper(), url, headers, entry.get("richInput"))


def _halted() -> Response:
    return refusal(SalesforceError(412, "BATCH_PROCESSING_HALTED", "Batch processing halted per request"))


RESOURCES: Resources = [(re.compile(r"/composite/batch"), {"POST": batch})]
