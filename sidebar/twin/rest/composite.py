"""composite: up to 25 requests in one transaction; later ones may quote the answers of earlier ones.
composite/graph: several such transactions, each all or none.

The whole is answered with 200, whatever becomes of the parts, and even when the whole is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from sidebar.twin import bodies
from sidebar.twin.answers import answer, refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Row
from sidebar.twin.rest import parts
from sidebar.twin.rest.call import Call, Resources
from sidebar.twin.rest.references import filled, plain

_MOST_WIDE = 5
_MOST_IN_GRAPHS = 500
_SHOWN_HEADERS = ("ETag", "Last-Modified", "Location")


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: JSON


class _UndoneError(Exception):
    """A part has failed, and it was all or none."""


def composite(call: Call) -> Response:
    body = call.fields()
    wanted, all_or_none = _parts(body), bodies.member(body, "allOrNone", False)
    try:
        _check(wanted)
    except SalesforceError as error:
        return answer({"compositeResponse": [_item(refusal(error), None)]})
    return answer({"compositeResponse": _done(call, wanted, all_or_none)[0]})


def graphs(call: Call) -> Response:
    """Names are freer than in a composite: a recorded one has a hyphen. Source of the limit: REST API guide."""
    entries = bodies.members(call.fields(), "graphs", dict)
    wanted = {bodies.member(entry, "graphId", ""): _parts(entry) for entry in entries}
    if len(wanted) < len(entries):
        raise SalesforceError(400, "INVALID_INPUT", "Each graph needs a graphId of its own.")
    if not wanted or not all(wanted.values()) or sum(map(len, wanted.values())) > _MOST_IN_GRAPHS:
        message = f"Each graph takes a request at least, all together {_MOST_IN_GRAPHS} at most."
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)
    for parts_ in wanted.values():
        _check_alone([part.name for part in parts_])
    return answer({"graphs": [_graph(call, name, parts_) for name, parts_ in wanted.items()]})


def _graph(call: Call, name: str, wanted: list[Part]) -> Row:
    items, stands = _done(call, wanted, all_or_none=True)
    return {"graphId": name, "graphResponse": {"compositeResponse": [*items]}, "isSuccessful": stands}


def _done(call: Call, wanted: list[Part], all_or_none: bool) -> tuple[list[Row], bool]:
    """The items of the parts, and whether what they did stands."""
    items: list[Row] = []
    try:
        with call.org.transaction():
            _run(call, wanted, items, all_or_none)
    except _UndoneError:
        return _undone(wanted, items[-1]), False
    return items, True


def _run(call: Call, wanted: list[Part], items: list[Row], all_or_none: bool) -> None:
    """Appends the item of each part. Raises _UndoneError after that of the first failure when it is all or none."""
    answers: dict[str, JSON] = {}
    for part in wanted:
        response = _answer(call, part, answers)
        items.append(_item(response, part.name))
        if response.status_code < 400:
            answers[part.name] = parts.content(response)
        elif all_or_none:
            raise _UndoneError


def _answer(call: Call, part: Part, answers: Mapping[str, JSON]) -> Response:
    try:
        url, body = str(filled(plain(part.url), answers)), filled(part.body, answers)
    except SalesforceError as error:
        return refusal(error)
    return parts.answered(call, part.method, url, part.headers, body)


def _parts(body: Mapping[str, JSON]) -> list[Part]:
    return [_part(entry) for entry in bodies.members(body, "compositeRequest", dict)]


def _part(entry: Mapping[str, JSON]) -> Part:
    headers: Row = bodies.member(entry, "httpHeaders", {})
    return Part(
        name=bodies.member(entry, "referenceId", ""),
        method=bodies.member(entry, "method", "").upper(),
        url=bodies.member(entry, "url", ""),
        headers={name.lower(): str(value) for name, value in headers.items() if f"{name}{value}".isascii()},
        body=entry.get("body"),
    )


def _check(wanted: list[Part]) -> None:
    """What is refused as a whole. Raises SalesforceError."""
    if not wanted:
        raise SalesforceError(400, "REQUIRED_FIELD_MISSING", "At least 1 request is required")
    if len(wanted) > parts.MOST:
        raise SalesforceError(400, "LIMIT_EXCEEDED", f"The request can’t contain more than {parts.MOST} operations.")
    if sum(parts.is_wide(part.url) for part in wanted) > _MOST_WIDE:
        message = f"The request can’t contain more than {_MOST_WIDE} query and collection operations."
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)
    names = [part.name for part in wanted]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9]\w*", name, re.ASCII):
            rule = (
                "must start with a letter or a number, and it can contain only letters, numbers and underscores ('_')."
            )
            raise SalesforceError(400, "INVALID_REFERENCE_ID", f"Provided referenceId ('{name}') {rule}")
    _check_alone(names)


def _check_alone(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise SalesforceError(400, "DUPLICATE_REFERENCE_ID", f"The referenceId {name} is used more than once.")


def _undone(wanted: list[Part], cause: Row) -> list[Row]:
    message = "The transaction was rolled back since another operation in the same transaction failed."
    halted = refusal(SalesforceError(400, "PROCESSING_HALTED", message))
    return [cause if part.name == cause["referenceId"] else _item(halted, part.name) for part in wanted]


def _item(response: Response, name: str | None) -> Row:
    headers: Row = {header: response.headers[header] for header in _SHOWN_HEADERS if header in response.headers}
    return {
        "body": parts.content(response),
        "httpHeaders": headers,
        "httpStatusCode": response.status_code,
        "referenceId": name,
    }


RESOURCES: Resources = [
    (re.compile(r"/composite"), {"POST": composite}),
    (re.compile(r"/composite/graph"), {"POST": graphs}),
]
