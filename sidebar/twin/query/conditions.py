"""What a WHERE means: a test for rows, and where an index helps, the few ids worth testing."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from lark import Token, Tree

from sidebar.twin import ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.rows import JSON, Stored
from sidebar.twin.query import patterns
from sidebar.twin.query.columns import Column, Scope, invalid
from sidebar.twin.query.grammar import unquoted

_TEXT = {"string", "textarea", "picklist", "email", "phone", "url", "combobox", "multipicklist"}
_KINDS = {
    **dict.fromkeys(_TEXT, "string"),
    **dict.fromkeys(("double", "currency", "percent", "int"), "number"),
    "id": "id",
    "reference": "id",
    "boolean": "boolean",
    "date": "date",
    "datetime": "dateTime",
}
_LITERALS = {
    "string": {"STRING"},
    "id": {"STRING"},
    "number": {"NUMBER"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE", "DAYS"},
    "dateTime": {"DATETIME", "DAYS"},
}
_ORDERED: dict[str, Callable[[str | float, str | float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Test = Callable[[Stored], bool]
Plain = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Condition:
    test: Test
    ids: set[str] | None = None  # None: any row may pass


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of days in the form of the field compared: from `first` up to, not including, `end`."""

    first: str
    end: str

    def against(self, sign: str, value: JSON) -> bool:
        if not isinstance(value, str):
            return sign in ("!=", "<>")
        inside = self.first <= value < self.end
        answers = {"=": inside, "<": value < self.first, ">=": value >= self.first, "<=": value < self.end}
        return answers.get(sign, value >= self.end if sign == ">" else not inside)


def condition(scope: Scope, node: Tree[Token]) -> Condition:
    """Raises SalesforceError for fields, operators and values that do not go together."""
    match node.data:
        case "compare":
            return _compared(scope, *_tokens(node))
        case "within" | "outside":
            path, *values = _tokens(node)
            return _listed(scope, path, values, wanted=node.data == "within")
    parts = [condition(scope, child) for child in node.children if isinstance(child, Tree)]
    tests = [part.test for part in parts]
    if node.data == "negation":
        return Condition(lambda row: not tests[0](row))
    if node.data == "disjunction":
        known = [part.ids for part in parts if part.ids is not None]
        either = set().union(*known) if len(known) == len(parts) else None
        return Condition(lambda row: any(test(row) for test in tests), either)
    return Condition(lambda row: all(test(row) for test in tests), _fewest(part.ids for part in parts))


def folded(value: JSON) -> Plain:
    """A value as comparisons see it: text without regard to case."""
    return value.lower() if isinstance(value, str) else value if isinstance(value, int | float) else None


def _compared(scope: Scope, path: Token, sign: Token, literal: Token) -> Condition:
    column = _filterable(scope, path)
    if sign.type == "LIKE":
        return Condition(_like(scope, column, literal))
    value = _value(scope, column, literal)
    if isinstance(value, Days):
        return Condition(lambda row: value.against(sign, column.read(row)))
    if sign in ("=", "!=", "<>"):
        return _listed(scope, path, [literal], wanted=sign == "=")
    return Condition(_before_or_after(scope, column, sign, value))


def _listed(scope: Scope, path: Token, literals: list[Token], *, wanted: bool) -> Condition:
    column = _filterable(scope, path)
    values = [_value(scope, column, literal) for literal in literals]
    days = [value for value in values if isinstance(value, Days)]
    plain = {value for value in values if not isinstance(value, Days)}
    fold = _fold(column)

    def test(row: Stored) -> bool:
        value = column.read(row)
        return (fold(value) in plain or any(day.against("=", value) for day in days)) is wanted

    texts = [value for value in plain if isinstance(value, str)]
    helped = wanted and not column.parents and len(texts) == len(values)
    return Condition(test, scope.table.lookup(column.field.name, texts) if helped else None)


def _before_or_after(scope: Scope, column: Column, sign: Token, value: Plain) -> Test:
    if isinstance(value, bool):
        raise _wrong_operator(scope, column)
    fits, fold = _ORDERED[sign], _fold(column)

    def test(row: Stored) -> bool:
        mine = fold(column.read(row))
        return mine is not None and value is not None and fits(mine, value)

    return test


def _like(scope: Scope, column: Column, literal: Token) -> Test:
    if column.field.type not in _TEXT:
        raise _wrong_operator(scope, column)
    fits = patterns.matcher(unquoted(literal, like=True), "%", "_")

    def test(row: Stored) -> bool:
        value = column.read(row)
        return isinstance(value, str) and fits(value)

    return test


def _filterable(scope: Scope, path: Token) -> Column:
    column = scope.column(path)
    if not column.field.filterable or column.field.type not in _KINDS:
        raise invalid(scope.text, path, f"field '{column.field.name}' can not be filtered in a query call")
    return column


def _value(scope: Scope, column: Column, literal: Token) -> Plain | Days:
    kind = _KINDS[column.field.type]
    if literal.type == "NULL" or (kind == "string" and literal == "''"):
        return None
    if literal.type not in _LITERALS[kind]:
        raise _wrong_literal(scope, column, kind)
    if literal.type == "DAYS":
        return _days(scope, literal, kind)
    try:
        return _plain(literal, kind)
    except (ValueError, OverflowError):
        raise _wrong_literal(scope, column, kind) from None


def _plain(literal: Token, kind: str) -> Plain:
    match literal.type:
        case "NUMBER":
            return float(literal)
        case "BOOLEAN":
            return literal.lower() == "true"
        case "DATE":
            return moments.from_day(literal).isoformat()
        case "DATETIME":
            return moments.stamp(moments.from_stamp(literal.upper())).lower()
    text = unquoted(literal)
    if kind != "id":
        return text.lower()
    whole = ids.full(text)
    if whole is None:
        raise SalesforceError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return whole


def _days(scope: Scope, literal: Token, kind: str) -> Days:
    name, _, count = literal.lower().partition(":")
    today = moments.day(scope.org.clock())
    try:
        reach = timedelta(days=int(count or 1))
        first = today - reach if name in ("yesterday", "last_n_days") else today
        first = today + timedelta(days=1) if name in ("tomorrow", "next_n_days") else first
        end = today if name == "yesterday" else today + timedelta(days=1)
        end = first + reach if name in ("tomorrow", "next_n_days") else end
        shown = (
            (lambda day: moments.stamp(moments.start_of(day))) if kind == "dateTime" else (lambda day: day.isoformat())
        )
        return Days(shown(first), shown(end))
    except (ValueError, OverflowError):
        raise SalesforceError(400, "MALFORMED_QUERY", f"unexpected token: {literal}") from None


def _fold(column: Column) -> Callable[[JSON], Plain]:
    return _as_it_is if _KINDS[column.field.type] == "id" else folded


def _as_it_is(value: JSON) -> Plain:
    return value if isinstance(value, str) else None


def _fewest(known: Iterable[set[str] | None]) -> set[str] | None:
    return min((found for found in known if found is not None), key=len, default=None)


def _tokens(node: Tree[Token]) -> list[Token]:
    return [child for child in node.children if isinstance(child, Token)]


def _wrong_literal(scope: Scope, column: Column, kind: str) -> SalesforceError:
    quotes = "" if kind in ("string", "id") else "not "
    message = (
        f"value of filter criterion for field '{column.field.name}' must be of type {kind} and should {quotes}be "
        "enclosed in quotes"
    )
    return invalid(scope.text, column.token, message)


def _wrong_operator(scope: Scope, column: Column) -> SalesforceError:
    message = f"invalid operator on {column.field.type} field"
    return invalid(scope.text, column.token, message, "INVALID_QUERY_FILTER_OPERATOR")
