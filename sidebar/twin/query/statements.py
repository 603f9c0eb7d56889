"""The parts of a parsed statement, and what ORDER BY, LIMIT and OFFSET do to rows, whatever the rows are."""

from typing import TypeVar

from lark import Token, Tree

from sidebar.twin.errors import SalesforceError, malformed_query
from sidebar.twin.org.rows import Stored
from sidebar.twin.query.columns import AGGREGATES, Column, Operand, Scope, invalid
from sidebar.twin.query.values import ranking

_FURTHEST_OFFSET = 2_000
Element = TypeVar("Element")


def clauses(node: Operand) -> list[Tree[Token]]:
    return [part for part in node.children if isinstance(part, Tree)] if isinstance(node, Tree) else []


def clause(statement: Tree[Token], name: str) -> Tree[Token] | None:
    return next((part for part in clauses(statement) if part.data == name), None)


def aggregate(operand: Operand) -> str | None:
    """The aggregate function an operand calls, in lower case."""
    name = function(operand)
    return name if name in AGGREGATES else None


def function(operand: Operand) -> str:
    """The function an operand calls, in lower case; "" for a path."""
    return str(operand.children[0]).lower() if isinstance(operand, Tree) and operand.data == "call" else ""


def is_aggregate(query: Tree[Token]) -> bool:
    """Whether a query answers groups instead of records."""
    selected = [part.children[0] for part in clauses(query.children[0]) if part.data == "field"]
    return clause(query, "group") is not None or any(map(aggregate, selected))


def ordered(scope: Scope, statement: Tree[Token], rows: list[Stored]) -> list[Stored]:
    order = clause(statement, "order")
    for by in reversed(clauses(order) if order else []):
        operand, *rest = by.children
        words = {token.type: token.lower() for token in rest if isinstance(token, Token)}
        column = _sortable(scope, operand)
        rows = _sorted(column, rows, words.get("DIRECTION") == "desc", words.get("EDGE") != "last")
    return rows


def _sortable(scope: Scope, operand: Operand) -> Column:
    column = scope.column(operand)
    if not column.field.sortable or column.field.type in ("address", "location"):
        message = f"field '{column.field.name}' can not be sorted in a query call"
        raise invalid(scope.text, column.token, message, "MALFORMED_QUERY")
    return column


def _sorted(column: Column, rows: list[Stored], down: bool, nulls_first: bool) -> list[Stored]:
    rank = ranking(column.field)
    empty, filled = list[Stored](), list[tuple[tuple[float, str], Stored]]()
    for row in rows:
        place = rank(column.read(row))
        if place is None:
            empty.append(row)
        else:
            filled.append((place, row))
    filled.sort(key=lambda pair: pair[0], reverse=down)
    values = [row for _, row in filled]
    return empty + values if nulls_first else values + empty


def within_limits(statement: Tree[Token], rows: list[Element]) -> list[Element]:
    """Raises NUMBER_OUTSIDE_VALID_RANGE."""
    skip = whole_number(statement, "offset") or 0
    if skip > _FURTHEST_OFFSET:
        raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_FURTHEST_OFFSET}")
    limit = whole_number(statement, "limit")
    return rows[skip:] if limit is None else rows[skip : skip + limit]


def whole_number(statement: Tree[Token], name: str) -> int | None:
    part = clause(statement, name)
    if part is None:
        return None
    number = str(part.children[0]).removeprefix("+")
    if not number.isdecimal() or len(number) > 9:
        raise malformed_query(f"unexpected token: {number}")
    return int(number)
