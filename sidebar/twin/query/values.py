"""How values compare: what a literal of a statement means for a field, and what a stored value is beside it."""

from collections.abc import Callable
from datetime import time
from string import ascii_letters

from lark import Token

from sidebar.twin import ids, moments
from sidebar.twin.errors import SalesforceError, malformed_query
from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import JSON
from sidebar.twin.query.columns import Column, Operand, Scope, invalid
from sidebar.twin.query.dates import Days, span
from sidebar.twin.query.grammar import unquoted

TEXT = {"string", "textarea", "picklist", "email", "phone", "url", "combobox", "encryptedstring", "anyType"}
NUMBERS = {"double", "currency", "percent", "int", "long"}
_KINDS = {
    **dict.fromkeys(TEXT | {"multipicklist"}, "string"),
    **dict.fromkeys(NUMBERS, "number"),
    **dict.fromkeys(("id", "reference"), "id"),
    "boolean": "boolean",
    "date": "date",
    "datetime": "dateTime",
    "time": "time",
}
_LITERALS = {
    "string": {"STRING"},
    "id": {"STRING"},
    "number": {"NUMBER", "CURRENCY"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE", "DAYS"},
    "dateTime": {"DATETIME", "DAYS"},
    "time": {"TIME"},
}
_LONGEST = 4_000
Plain = str | float | bool | None


def meant(scope: Scope, column: Column, literal: Token) -> Plain | Days:
    """A literal in the form of the field's folded values. Raises INVALID_FIELD and its like."""
    kind = _KINDS[column.field.type]
    if literal.type == "NULL" or (kind in ("string", "id") and literal == "''"):
        return None
    if literal.type not in _LITERALS[kind] or (literal.type == "CURRENCY" and column.field.type != "currency"):
        raise _wrong_literal(scope, column, kind)
    try:
        return _days(scope, literal, kind) if literal.type == "DAYS" else _plain(scope, column, literal)
    except (ValueError, OverflowError):
        raise _wrong_literal(scope, column, kind) from None


def text(literal: Token, *, like: bool = False) -> str:
    """Raises MALFORMED_QUERY for a wrong escape or a text too long."""
    plain = unquoted(literal, like=like)
    if len(plain) > _LONGEST:
        raise malformed_query(f"string literal is longer than {_LONGEST} characters")
    return plain


def folding(field: Field) -> Callable[[JSON], Plain]:
    """How the field's values are seen by comparisons: text without regard to case, unless the field regards it."""
    if field.type == "multipicklist":
        return lambda value: _canonical(value) if isinstance(value, str) else None
    return _as_it_is if field.type in ("id", "reference") or field.case_sensitive else _folded


def _folded(value: JSON) -> Plain:
    return value.lower() if isinstance(value, str) else value if isinstance(value, int | float) else None


def _as_it_is(value: JSON) -> Plain:
    return value if isinstance(value, str | int | float) else None


def _canonical(value: str) -> str:
    return ";".join(sorted({part.strip() for part in value.lower().split(";")}))


def ranking(field: Field) -> Callable[[JSON], tuple[float, str] | None]:
    """The place of a value in ORDER BY, MIN and MAX: picklists in the order of their values. None for null."""
    places = {entry.value: place for place, entry in enumerate(field.picklist) if field.type == "picklist"}
    fold = folding(field) if field.type in ("id", "reference") else _folded

    def rank(value: JSON) -> tuple[float, str] | None:
        if isinstance(value, str):
            return (places.get(value, len(places)), str(fold(value)))
        return (value, "") if isinstance(value, int | float) else None

    return rank


def filterable(scope: Scope, operand: Operand) -> Column:
    """The column of a condition's left side. Raises INVALID_FIELD."""
    column = scope.column(operand)
    if column.field.type == "address":
        raise invalid(scope.text, column.token, "Address fields can only be filtered using Distance expressions")
    if not column.field.filterable or column.field.type not in _KINDS:
        raise invalid(scope.text, column.token, f"field '{column.field.name}' can not be filtered in a query call")
    return column


def wrong_operator(scope: Scope, column: Column) -> SalesforceError:
    message = f"invalid operator on {column.field.type} field"
    return invalid(scope.text, column.token, message, "INVALID_QUERY_FILTER_OPERATOR")


def _plain(scope: Scope, column: Column, literal: Token) -> Plain:
    match literal.type:
        case "NUMBER" | "CURRENCY":
            return float(literal.lstrip(ascii_letters))
        case "BOOLEAN":
            return literal.lower() == "true"
        case "DATE":
            return moments.from_day(literal).isoformat()
        case "DATETIME":
            return moments.stamp(moments.from_stamp(literal.upper())).lower()
        case "TIME":
            return time.fromisoformat(literal[:-1]).isoformat("milliseconds") + "z"
    value = text(literal)
    if _KINDS[column.field.type] != "id":
        return folding(column.field)(value)
    whole = ids.full(value)
    if whole is None:
        raise invalid(scope.text, column.token, f"invalid ID field: {value}", "INVALID_QUERY_FILTER_OPERATOR")
    return whole


def _days(scope: Scope, literal: Token, kind: str) -> Days:
    first, end = span(literal, moments.day(scope.org.clock()))
    if kind == "date":
        return Days(first.isoformat(), end.isoformat())
    return Days(moments.stamp(moments.start_of(first)), moments.stamp(moments.start_of(end)))


def _wrong_literal(scope: Scope, column: Column, kind: str) -> SalesforceError:
    quotes = "" if kind in ("string", "id") else "not "
    message = (
        f"value of filter criterion for field '{column.field.name}' must be of type {kind} and should {quotes}be "
        "enclosed in quotes"
    )
    return invalid(scope.text, column.token, message)
