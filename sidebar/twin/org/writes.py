"""What a write must satisfy before it becomes a row: known fields, rights, shapes, lengths, picklists, rules."""

import json
import math
import re
from collections.abc import Iterable, Mapping

from sidebar.twin import errors, ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.permissions import Profile, Rule
from sidebar.twin.org.rows import JSON, Row, Stored

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+\.[^\s@<>()\[\],;:\\\".]{2,}")
_NUMBERS = {"double", "currency", "percent", "int"}
_INT = 2**31


def accepted(sobject: SObject, profile: Profile, sent: Mapping[str, JSON], *, creating: bool) -> Row:
    """The sent fields under their API names with values as they will be stored. Raises SalesforceError."""
    named = {_field(sobject, name): value for name, value in sent.items() if name.lower() != "attributes"}
    refused = [field.name for field in named if not _writable(sobject, profile, field, creating)]
    if refused:
        raise errors.not_writable(refused)
    return {field.name: _value(field, value) for field, value in named.items()}


def check_required(sobject: SObject, row: Stored) -> None:
    missing = [
        field.name
        for field in sobject.fields.values()
        if field.createable and not field.nillable and not field.defaulted and row.get(field.name) is None
    ]
    if missing:
        raise errors.required(missing)


def check_rules(rules: Iterable[Rule], sobject: SObject, row: Stored) -> None:
    for rule in rules:
        if rule.object == sobject.name and rule.broken(row):
            raise SalesforceError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [rule.field])


def _field(sobject: SObject, name: str) -> Field:
    if name.lower() == "id":
        message = "The Id field should not be specified in the sobject data."
        raise SalesforceError(400, "INVALID_FIELD", message)
    if name.lower() not in sobject.fields:
        raise errors.no_such_column(name, sobject.name)
    return sobject.fields[name.lower()]


def _writable(sobject: SObject, profile: Profile, field: Field, creating: bool) -> bool:
    allowed = field.createable if creating else field.updateable
    return allowed and profile.writes(sobject.name, field.name)


def _value(field: Field, value: JSON) -> JSON:
    if value is None or value == "":
        return None
    if field.type in _NUMBERS:
        return _number(field, value)
    if field.type == "boolean":
        return value if isinstance(value, bool) else _misshapen(field, "boolean", value)
    if not isinstance(value, str):
        return _misshapen(field, "string", value)
    if field.type in ("date", "datetime"):
        return _moment(field, value)
    return _reference(field, value) if field.type == "reference" else _text(field, value)


def _number(field: Field, value: JSON) -> JSON:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _misshapen(field, field.soap.removeprefix("xsd:"), value)
    if not math.isfinite(value) or (field.type == "int" and not -_INT <= value < _INT) or abs(value) >= 1e18:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
    if field.type == "int" and value != int(value):
        return _misshapen(field, "int", value)
    return int(value) if field.type == "int" else float(value)


def _moment(field: Field, value: str) -> str:
    try:
        if field.type == "datetime":
            return moments.stamp(moments.from_stamp(value))
        return moments.from_day(value).isoformat()
    except (ValueError, OverflowError):
        raise errors.wrong_shape(field.name, field.type, "VALUE_STRING", value) from None


def _reference(field: Field, value: str) -> str:
    whole = ids.full(value)
    if whole is None:
        raise errors.malformed_id(field.label, value, field.name)
    return whole


def _text(field: Field, value: str) -> str | None:
    text = value.encode("utf-8", "replace").decode("utf-8").strip()
    if field.type == "email" and text and not _EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise SalesforceError(400, "INVALID_EMAIL_ADDRESS", message, [field.name])
    if len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise SalesforceError(400, "STRING_TOO_LONG", message, [field.name])
    if field.values is not None and text and text not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise SalesforceError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
    return text or None


def _misshapen(field: Field, wanted: str, value: JSON) -> JSON:
    raise errors.wrong_shape(field.name, wanted, _token(value), json.dumps(value, ensure_ascii=False)[:80])


def _token(value: JSON) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    names = {int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING", list: "START_ARRAY"}
    return names.get(type(value), "START_OBJECT")
