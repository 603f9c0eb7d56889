"""What a WHERE means: a test for rows, and where an index helps, the few ids worth testing."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lark import Token, Tree

from sidebar.twin.org.rows import Stored
from sidebar.twin.query import patterns, semijoins
from sidebar.twin.query.columns import Column, Operand, Scope
from sidebar.twin.query.dates import Days
from sidebar.twin.query.values import TEXT, Plain, filterable, folding, meant, text, wrong_operator

_ORDERED: dict[str, Callable[[str | float, str | float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Test = Callable[[Stored], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    test: Test
    ids: set[str] | None = None  # of live rows; None: any row may pass


def where(scope: Scope, clause: Tree[Token]) -> Condition:
    """What a WHERE or HAVING means. Raises SalesforceError for fields, operators and values that do not go together."""
    semijoins.check(clause)
    return _condition(scope, _trees(clause)[0])


def _condition(scope: Scope, node: Tree[Token]) -> Condition:
    match node.data:
        case "compare" | "within" | "outside" | "includes" | "excludes" | "joined" | "unjoined":
            return _compared(scope, node)
    parts = [_condition(scope, child) for child in _trees(node)]
    tests = [part.test for part in parts]
    if node.data == "negation":
        return Condition(lambda row: not tests[0](row))
    if node.data == "disjunction":
        known = [part.ids for part in parts if part.ids is not None]
        either = set().union(*known) if len(known) == len(parts) else None
        return Condition(lambda row: any(test(row) for test in tests), either)
    return Condition(lambda row: all(test(row) for test in tests), _fewest(part.ids for part in parts))


def _compared(scope: Scope, node: Tree[Token]) -> Condition:
    operand, *rest = node.children
    column = filterable(scope, operand)
    match node.data:
        case "joined" | "unjoined":
            return _joined(scope, column, _trees(node)[-1], wanted=node.data == "joined")
        case "includes" | "excludes":
            return Condition(_including(scope, column, _tokens(rest), wanted=node.data == "includes"))
        case "within" | "outside":
            return _listed(scope, column, _tokens(rest), wanted=node.data == "within")
    sign, literal = _tokens(rest)
    if sign.type == "LIKE":
        return Condition(_like(scope, column, literal))
    return _signed(scope, column, "".join(sign.split()), literal)


def _signed(scope: Scope, column: Column, sign: str, literal: Token) -> Condition:
    value = meant(scope, column, literal)
    if isinstance(value, Days):
        return Condition(lambda row: value.against(sign, column.read(row)))
    if sign in ("=", "!=", "<>"):
        return _listed(scope, column, [literal], wanted=sign == "=")
    if isinstance(value, bool) or column.field.type == "multipicklist":
        raise wrong_operator(scope, column)
    return Condition(_before_or_after(column, sign, value))


def _listed(scope: Scope, column: Column, literals: list[Token], *, wanted: bool) -> Condition:
    values = [meant(scope, column, literal) for literal in literals]
    days = [value for value in values if isinstance(value, Days)]
    plain = {value for value in values if not isinstance(value, Days)}
    fold = folding(column.field)

    def test(row: Stored) -> bool:
        value = column.read(row)
        return (fold(value) in plain or any(day.against("=", value) for day in days)) is wanted

    texts = [value for value in plain if isinstance(value, str)]
    helped = wanted and len(texts) == len(plain) and not days
    return Condition(test, column.near(scope.table, texts) if helped else None)


def _joined(scope: Scope, column: Column, semijoin: Tree[Token], *, wanted: bool) -> Condition:
    inner, chosen = semijoins.inner(scope, column, semijoin)
    filtering = next((tree for tree in _trees(semijoin) if tree.data == "where"), None)
    values = {chosen.read(row) for row in passing(inner, filtering)} - {None}
    ids = column.near(scope.table, [str(value) for value in values]) if wanted else None
    return Condition(lambda row: (column.read(row) in values) is wanted, ids)


def _including(scope: Scope, column: Column, literals: list[Token], *, wanted: bool) -> Test:
    if column.field.type != "multipicklist":
        raise wrong_operator(scope, column)
    sets = [set(str(meant(scope, column, literal) or "").split(";")) for literal in literals]
    fold = folding(column.field)

    def test(row: Stored) -> bool:
        mine = set(str(fold(column.read(row)) or "").split(";"))
        return any(each <= mine for each in sets) is wanted

    return test


def _before_or_after(column: Column, sign: str, value: Plain) -> Test:
    fits, fold = _ORDERED[sign], folding(column.field)

    def test(row: Stored) -> bool:
        mine = fold(column.read(row))
        return mine is not None and value is not None and fits(mine, value)

    return test


def _like(scope: Scope, column: Column, literal: Token) -> Test:
    if column.field.type not in TEXT or literal.type != "STRING":
        raise wrong_operator(scope, column)
    fits = patterns.matcher(text(literal, like=True), "%", "_", cased=column.field.case_sensitive)

    def test(row: Stored) -> bool:
        value = column.read(row)
        return isinstance(value, str) and fits(value)

    return test


def passing(scope: Scope, clause: Tree[Token] | None, ids: set[str] | None = None) -> list[Stored]:
    """The rows (among the live `ids`, or all) that a WHERE lets pass, oldest id first where an index found them."""
    live, wanted = scope.table.live, where(scope, clause) if clause else Condition(lambda row: True)
    near = _fewest((ids, wanted.ids))
    rows = list(live.values()) if near is None else [live[id_] for id_ in sorted(near)]
    if ids is not None and near is not ids:
        rows = [row for row in rows if row["Id"] in ids]
    binned = scope.table.bin.values() if scope.deleted and ids is None else ()
    return [row for row in (*rows, *binned) if wanted.test(row)]


def _fewest(known: Iterable[set[str] | None]) -> set[str] | None:
    return min((found for found in known if found is not None), key=len, default=None)


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in node.children if isinstance(child, Tree)]


def _tokens(children: Iterable[Operand]) -> list[Token]:
    return [child for child in children if isinstance(child, Token)]
