"""What a caller lets its request depend on: dates for every record, entity tags for accounts only.

Source: "Conditional Request Headers" of the REST API guide, v67.
"""

import base64
import hashlib
import re

from sidebar.twin import moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.describe import SObject
from sidebar.twin.org.rows import Stored
from sidebar.twin.rest.call import Call

_TAGS = re.compile(r'\*|(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*')


def validators(sobject: SObject, row: Stored) -> dict[str, str]:
    """The headers by which a caller can ask about this state of the record later."""
    dated = {"Last-Modified": moments.http_date(_modified(row))}
    return dated | {"ETag": _tag(row)} if sobject.name == "Account" else dated


def unchanged(call: Call, sobject: SObject, row: Stored) -> bool:
    """Whether the caller has this state already: If-None-Match, else If-Modified-Since in whole seconds."""
    tags = call.headers.get("if-none-match")
    if tags is not None and sobject.name == "Account":
        return _named(tags, row)
    since = call.moment("if-modified-since")
    return since is not None and _modified(row) <= since


def given(call: Call) -> bool:
    """Whether a writer wants the record to be in some state."""
    return any(name in call.headers for name in ("if-unmodified-since", "if-match", "if-none-match"))


def check(call: Call, sobject: SObject, row: Stored) -> None:
    """Raises PRECONDITION_FAILED (412) when the record is not as the writer wants it, 400 for a malformed header."""
    if "if-unmodified-since" in call.headers:
        until = call.moment("if-unmodified-since")
        if until is None:
            raise _malformed(call, "If-Unmodified-Since")
        if _modified(row) > until:
            raise _failed("The record was modified after the date in If-Unmodified-Since")
    if sobject.name == "Account":
        _check_tag(call, "If-Match", row, wanted=True)
        _check_tag(call, "If-None-Match", row, wanted=False)


def _check_tag(call: Call, header: str, row: Stored, *, wanted: bool) -> None:
    tags = call.headers.get(header)
    if tags is None:
        return
    if not _TAGS.fullmatch(tags.strip()):
        raise _malformed(call, header)
    if _named(tags, row) != wanted:
        raise _failed(f"The record does not meet {header}")


def _named(tags: str, row: Stored) -> bool:
    return tags.strip() == "*" or _tag(row) in tags.replace("-gzip", "")


def _tag(row: Stored) -> str:
    state = f"{row['Id']} {row['SystemModstamp']}".encode()
    return f'"{base64.b64encode(hashlib.sha1(state, usedforsecurity=False).digest()).decode()}"'


def _modified(row: Stored) -> int:
    return moments.from_stamp(str(row["LastModifiedDate"])) // 1000 * 1000


def _malformed(call: Call, header: str) -> SalesforceError:
    return SalesforceError(400, "MALFORMED_HEADER", f"{header} cannot be understood: {call.headers[header]}")


def _failed(message: str) -> SalesforceError:
    return SalesforceError(412, "PRECONDITION_FAILED", message)
