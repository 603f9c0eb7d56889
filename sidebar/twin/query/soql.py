"""SOQL: from a statement to the rows it asks for, as one user may see them."""

from collections.abc import Iterable
from dataclasses import dataclass

from lark import Token, Tree

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User
from sidebar.twin.org.rows import Row, Stored, Table
from sidebar.twin.query.columns import Column, Scope, invalid, record, scope
from sidebar.twin.query.conditions import condition, folded
from sidebar.twin.query.grammar import parse

_FURTHEST_OFFSET = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """`rows` are the stored rows at the time of asking; a count has none of them to show."""

    total: int
    table: Table
    columns: list[Column]
    rows: list[Stored]


def run(org: Org, user: User, text: str) -> Found:
    """Raises SalesforceError: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE and their like."""
    tree = parse(text, "query")
    selection, name = tree.children[0], tree.children[1]
    assert isinstance(selection, Tree) and isinstance(name, Token)
    where = scope(org, user, text, name)
    columns = [where.column(path) for path in _paths(selection)] if selection.data == "fields" else []
    check_once(text, columns)
    rows = narrowed(where, tree, None)
    return Found(len(rows), where.table, columns, rows if columns else [])


def check_once(text: str, columns: list[Column]) -> None:
    names = [column.name for column in columns]
    for column in columns:
        if names.count(column.name) > 1:
            raise invalid(text, column.token, f"duplicate field selected: {column.name}")


def narrowed(where: Scope, statement: Tree[Token], ids: Iterable[str] | None) -> list[Stored]:
    """The rows (among `ids`, or all) that pass a statement's WHERE, in its order, within its limits."""
    try:
        return _within_limits(statement, _ordered(where, statement, _passing(where, statement, ids)))
    except RecursionError:
        message = "Query is either selecting too many fields or the filter conditions are too complicated."
        raise SalesforceError(400, "QUERY_TOO_COMPLICATED", message) from None


def clause(statement: Tree[Token], name: str) -> Tree[Token] | None:
    return next((part for part in statement.children if isinstance(part, Tree) and part.data == name), None)


def _passing(where: Scope, statement: Tree[Token], ids: Iterable[str] | None) -> list[Stored]:
    live = where.table.live
    filtering = clause(statement, "where")
    if filtering is None:
        return [live[id_] for id_ in sorted(ids)] if ids is not None else list(live.values())
    wanted = condition(where, filtering)
    near = wanted.ids if ids is None else set(ids) & (wanted.ids if wanted.ids is not None else set(ids))
    rows = live.values() if near is None else [live[id_] for id_ in sorted(near)]
    return [row for row in rows if wanted.test(row)]


def _ordered(where: Scope, statement: Tree[Token], rows: list[Stored]) -> list[Stored]:
    order = clause(statement, "order")
    for by in reversed(order.children if order else []):
        assert isinstance(by, Tree)
        path, *rest = (token for token in by.children if isinstance(token, Token))
        words = {token.type: token.lower() for token in rest}
        column = _sortable(where, path)
        rows = _sorted(column, rows, words.get("DIRECTION") == "desc", words.get("EDGE") != "last")
    return rows


def _sortable(where: Scope, path: Token) -> Column:
    column = where.column(path)
    if not column.field.sortable or column.field.type == "address":
        raise invalid(where.text, path, f"field '{column.field.name}' can not be sorted in a query call")
    return column


def _sorted(column: Column, rows: list[Stored], down: bool, nulls_first: bool) -> list[Stored]:
    keyed = [(folded(column.read(row)), row) for row in rows]
    empty = [row for key, row in keyed if key is None]
    filled = [pair for pair in keyed if pair[0] is not None]
    filled.sort(key=_key, reverse=down)
    values = [row for _, row in filled]
    return empty + values if nulls_first else values + empty


def _key(pair: tuple[str | float | None, Stored]) -> tuple[str, float]:
    key = pair[0]
    return (key, 0) if isinstance(key, str) else ("", key or 0)


def _within_limits(statement: Tree[Token], rows: list[Stored]) -> list[Stored]:
    skip = whole_number(statement, "offset") or 0
    if skip > _FURTHEST_OFFSET:
        message = f"Maximum SOQL offset allowed is {_FURTHEST_OFFSET}"
        raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    limit = whole_number(statement, "limit")
    return rows[skip:] if limit is None else rows[skip : skip + limit]


def whole_number(statement: Tree[Token], name: str) -> int | None:
    part = clause(statement, name)
    if part is None:
        return None
    number = str(part.children[0])
    if not number.isdecimal() or len(number) > 9:
        raise SalesforceError(400, "MALFORMED_QUERY", f"unexpected token: {number}")
    return int(number)


def _paths(selection: Tree[Token]) -> list[Token]:
    return [path for path in selection.children if isinstance(path, Token)]


def shown(found: Found, start: int, end: int, version: str) -> list[Row]:
    """The answers for one page of what was found."""
    return [record(found.columns, row, found.table, version) for row in found.rows[start:end]]
