"""Request bodies: JSON objects, with the parser's complaints about everything else, and forms."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.rows import JSON

_EXPECTED = {
    "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
    "Expecting ',' delimiter": "was expecting comma to separate OBJECT entries",
    "Expecting property name enclosed in double quotes": "was expecting double-quote to start field name",
}
_VALUE = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a URL-encoded form, the last of each name."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def parsed(body: bytes, content_type: str) -> Mapping[str, JSON]:
    """The fields of a JSON object. Raises SalesforceError: 415, or 400 JSON_PARSER_ERROR."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        message = f"Content-Type header specified in HTTP request is not supported: {content_type}"
        raise SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", message)
    if not body.strip():
        raise _refused("The HTTP entity body is required, but this request has no entity body.")
    fields = _json(body)
    if not isinstance(fields, dict):
        raise _refused("Cannot deserialize instance of sobject from a value that is no object at [line:1, column:1]")
    return fields


def located(error: SalesforceError, body: bytes) -> SalesforceError:
    """A complaint about one field's value, with the place of the field in the body."""
    text = body.decode("utf-8", "replace")
    key = re.search(re.escape(json.dumps(error.field)), text, re.IGNORECASE)
    before = text[: key.end()] if key else ""
    column = len(before) - (before.rfind("\n") + 1) + 1
    return _refused(f"{error.message} at [line:{before.count(chr(10)) + 1}, column:{column}]")


def _json(body: bytes) -> JSON:
    try:
        value: JSON = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise _refused(f"Invalid UTF-8 start byte 0x{body[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        raise _refused(_complaint(error)) from None
    except (ValueError, RecursionError):
        raise _refused("The JSON of this request is out of range: a number too long, or nested too deeply.") from None
    return value


def _no_number(name: str) -> float:
    raise json.JSONDecodeError(f"Non-standard token '{name}'", name, 0)


def _complaint(error: json.JSONDecodeError) -> str:
    place = f"at [line:{error.lineno}, column:{error.colno}]"
    if error.pos >= len(error.doc):
        return f"Unexpected end-of-input {place}"
    char = error.doc[error.pos]
    return f"Unexpected character ('{char}' (code {ord(char)})): {_EXPECTED.get(error.msg, _VALUE)} {place}"


def _refused(message: str) -> SalesforceError:
    return SalesforceError(400, "JSON_PARSER_ERROR", message)
