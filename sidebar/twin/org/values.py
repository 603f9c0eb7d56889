"""What a field takes: JSON of every kind made into the value that is kept, or refused in the org's words.

Knows one field at a time; no row, no user.
"""

import json
import math
import re
from collections.abc import Callable, Mapping

from sidebar.twin import errors, ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import JSON

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+\.[^\s@<>()\[\],;:\\\".]{2,}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?Z?")
_NUMBERS = {"double", "currency", "percent", "int"}
_INT = 2**31
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def kept(field: Field, value: JSON) -> JSON:
    """The value as the field keeps it; null and the empty text are nothing. Raises SalesforceError."""
    if value is None or value == "":
        return None
    if field.type in _NUMBERS:
        return _number(field, value)
    if field.type == "boolean":
        return value if isinstance(value, bool) else _misshapen(field, "boolean", value)
    if not isinstance(value, str):
        return _misshapen(field, "string", value)
    return _SHAPES.get(field.type, _text)(field, value)


def from_text(field: Field, text: str) -> JSON:
    """What a cell of a CSV file or a part of a URL says, as JSON would; left as it is where it makes no sense."""
    if field.type == "boolean":
        return _TRUTH.get(text.lower(), text)
    if field.type not in _NUMBERS:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if field.type == "int" and number.is_integer() else number


def _number(field: Field, value: JSON) -> JSON:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _misshapen(field, field.soap.removeprefix("xsd:"), value)
    if abs(value) >= _limit(field) or not math.isfinite(value):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
    if field.type == "int" and value != int(value):
        return _misshapen(field, "int", value)
    return int(value) if field.type == "int" else float(value)


def _limit(field: Field) -> float:
    if field.type == "int":
        return _INT
    whole: int = (field.raw["precision"] or 18) - field.raw["scale"]
    return float(10**whole)


def _day(field: Field, value: str) -> str:
    try:
        return moments.from_day(value).isoformat()
    except ValueError:
        raise _unreadable(field, value) from None


def _moment(field: Field, value: str) -> str:
    try:
        return moments.stamp(moments.from_stamp(value))
    except (ValueError, OverflowError):
        raise _unreadable(field, value) from None


def _time(field: Field, value: str) -> str:
    found = _TIME.fullmatch(value)
    if found is None:
        raise _unreadable(field, value)
    hour, minute, second, fraction = found.groups()
    return f"{hour}:{minute}:{second}.{(fraction or '').ljust(3, '0')}Z"


def _reference(field: Field, value: str) -> str:
    whole = ids.full(value)
    if whole is None:
        raise errors.malformed_id(field.label, value, field.name)
    return whole


def _email(field: Field, value: str) -> str | None:
    text = _text(field, value)
    if text and not _EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise SalesforceError(400, "INVALID_EMAIL_ADDRESS", message, [field.name])
    return text


def _choice(field: Field, value: str) -> str | None:
    """Only the restricted list counts: neither the controlling field nor the record type narrows it for the API."""
    text = _text(field, value)
    if text and field.values is not None and text not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise SalesforceError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
    return text


def _choices(field: Field, value: str) -> str | None:
    """In the order of the picklist, unknown ones last."""
    chosen = {choice for part in value.split(";") if (choice := _choice(field, part))}
    order = {entry.value: place for place, entry in enumerate(field.picklist)}
    return _text(field, ";".join(sorted(chosen, key=lambda choice: (order.get(choice, len(order)), choice))))


def _text(field: Field, value: str) -> str | None:
    text = value.encode("utf-8", "replace").decode("utf-8").strip()
    if len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise SalesforceError(400, "STRING_TOO_LONG", message, [field.name])
    return text or None


_SHAPES: Mapping[str, Callable[[Field, str], str | None]] = {
    "date": _day,
    "datetime": _moment,
    "time": _time,
    "reference": _reference,
    "email": _email,
    "picklist": _choice,
    "multipicklist": _choices,
}


def _unreadable(field: Field, value: str) -> SalesforceError:
    return errors.wrong_shape(field.name, field.type, "VALUE_STRING", value)


def _misshapen(field: Field, wanted: str, value: JSON) -> JSON:
    raise errors.wrong_shape(field.name, wanted, _token(value), json.dumps(value, ensure_ascii=False)[:80])


def _token(value: JSON) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    names = {int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING", list: "START_ARRAY"}
    return names.get(type(value), "START_OBJECT")
