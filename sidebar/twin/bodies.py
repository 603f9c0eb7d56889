"""Request bodies: JSON objects, with the parser's complaints about everything else, and forms."""

import json
import re
import zlib
from collections.abc import Container, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.rows import JSON

_T = TypeVar("_T")
_EXPECTED = {
    "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
    "Expecting ',' delimiter": "was expecting comma to separate OBJECT entries",
    "Expecting property name enclosed in double quotes": "was expecting double-quote to start field name",
}
_WORDS: dict[type, str] = {bool: "boolean", str: "string", list: "an array", dict: "an object"}
_LONGEST_NUMBER = 300
_LARGEST = 50 * 2**20
_VALUE = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a URL-encoded form, the last of each name."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its Content-Encoding. Raises SalesforceError: 400 for broken gzip, 413, 415."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    if encoding.strip().lower() != "gzip":
        raise SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Encoding is not supported: {encoding}")
    inflate = zlib.decompressobj(wbits=31)
    try:
        plain = inflate.decompress(body, _LARGEST)
    except zlib.error:
        raise _refused("The body is not the gzip stream its Content-Encoding says") from None
    if inflate.unconsumed_tail:
        raise SalesforceError(413, "REQUEST_ENTITY_TOO_LARGE", "The request entity is too large.")
    if not inflate.eof:
        raise _refused("The gzip stream of this body ends too early")
    return plain


def parsed(body: bytes, content_type: str) -> Mapping[str, JSON]:
    """The fields of a JSON object. Raises SalesforceError: 415, or 400 JSON_PARSER_ERROR."""
    check_type(content_type, "application/json")
    if not body.strip():
        raise _refused("The HTTP entity body is required, but this request has no entity body.")
    fields = _json(body)
    if not isinstance(fields, dict):
        raise _refused("Cannot deserialize instance of sobject from a value that is no object at [line:1, column:1]")
    return fields


def check_type(content_type: str, wanted: str) -> None:
    if content_type.partition(";")[0].strip().lower() != wanted:
        message = f"Content-Type header specified in HTTP request is not supported: {content_type}"
        raise SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", message)


def check_known(fields: Mapping[str, JSON], known: Container[str]) -> None:
    """Raises JSON_PARSER_ERROR, to be told with its place, for a name that means nothing here."""
    for name in fields:
        if name not in known:
            raise SalesforceError(400, "JSON_PARSER_ERROR", f'Unrecognized field "{name}"', field=name)


def member(fields: Mapping[str, JSON], name: str, empty: _T) -> _T:
    """What a body holds under this name, of the type of `empty`, which stands for an absent one.
    Raises JSON_PARSER_ERROR."""
    value = fields.get(name)
    if value is None:
        return empty
    if not isinstance(value, type(empty)):
        raise _refused(f"Cannot deserialize instance of {_WORDS[type(empty)]} from {name} at [line:1, column:1]")
    return value


def members(fields: Mapping[str, JSON], name: str, kind: type[_T]) -> list[_T]:
    """The array of values of one type a body holds under this name, empty when it is absent."""
    values: list[JSON] = member(fields, name, [])
    fitting = [value for value in values if isinstance(value, kind)]
    if len(fitting) < len(values):
        raise _refused(f"Cannot deserialize instance of {_WORDS[kind]} in {name} at [line:1, column:1]")
    return fitting


def too_deep() -> SalesforceError:
    return _refused("The JSON of this request is nested too deeply.")


def located(error: SalesforceError, body: bytes) -> SalesforceError:
    """A complaint about one field's value, with the place of the field in the body."""
    text = body.decode("utf-8", "replace")
    key = re.search(re.escape(json.dumps(error.field)), text, re.IGNORECASE)
    before = text[: key.end()] if key else ""
    column = len(before) - (before.rfind("\n") + 1) + 1
    return _refused(f"{error.message} at [line:{before.count(chr(10)) + 1}, column:{column}]")


def _json(body: bytes) -> JSON:
    try:
        value: JSON = json.loads(body.decode("utf-8"), parse_constant=_no_number, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise _refused(f"Invalid UTF-8 start byte 0x{body[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        raise _refused(_complaint(error)) from None
    except RecursionError:
        raise too_deep() from None
    return value


def _whole(digits: str) -> float:
    """An int as long as it fits a float; what does not is infinite, and out of every field's range."""
    return int(digits) if len(digits) < _LONGEST_NUMBER else float(digits)


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
