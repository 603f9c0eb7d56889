"""SOQL: from a statement to the rows it asks for, as one user may see them."""

from dataclasses import dataclass

from lark import Token, Tree

from sidebar.twin.errors import SalesforceError, malformed_query
from sidebar.twin.org import Org, User
from sidebar.twin.org.rows import Row, Stored, Table
from sidebar.twin.query import aggregates, columns
from sidebar.twin.query.children import Children
from sidebar.twin.query.columns import Column, Item, Scope, not_spoken, record
from sidebar.twin.query.conditions import passing
from sidebar.twin.query.grammar import parse
from sidebar.twin.query.selection import items
from sidebar.twin.query.statements import clause, is_aggregate, ordered, within_limits

_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Found:
    """`rows` are the stored rows at the time of asking, or ready answers where no item is left to read; a count has
    none."""

    total: int
    table: Table
    items: list[Item]
    rows: list[Stored]

    @property
    def columns(self) -> list[Column]:
        return [item for item in self.items if isinstance(item, Column)]


def run(org: Org, user: User, text: str, *, deleted: bool = False) -> Found:
    """With `deleted`, the rows of the bin, too. Raises SalesforceError: MALFORMED_QUERY, INVALID_FIELD and others."""
    if not text.strip():
        raise malformed_query("SOQL statements cannot be empty or null")
    if len(text) > _LONGEST:
        raise malformed_query(f"SOQL statements cannot be longer than {_LONGEST} characters")
    try:
        return _found(org, user, text, deleted)
    except RecursionError:
        message = "Query is either selecting too many fields or the filter conditions are too complicated."
        raise SalesforceError(400, "QUERY_TOO_COMPLICATED", message) from None


def _found(org: Org, user: User, text: str, deleted: bool) -> Found:
    query = parse(text, "query")
    selection, source = query.children[:2]
    assert isinstance(selection, Tree) and isinstance(source, Tree)
    scope = columns.scope(org, user, text, source, deleted=deleted)
    if selection.data == "count":
        _check_count(query)
        return Found(len(within_limits(query, _rows(scope, query))), scope.table, [], [])
    if is_aggregate(query):
        answers = aggregates.answers(scope, query, _rows(scope, query))
        return Found(len(answers), scope.table, [], list(answers))
    asked = items(scope, query)
    rows = within_limits(query, ordered(scope, query, _rows(scope, query)))
    for item in asked:
        if isinstance(item, Children):
            item.gather(rows)
    return Found(len(rows), scope.table, asked, rows)


def _rows(scope: Scope, query: Tree[Token]) -> list[Stored]:
    rows = passing(scope, clause(query, "where"))
    using = clause(query, "using")
    kind = str(using.children[0]).lower() if using else "everything"
    if kind not in ("everything", "mine"):
        raise not_spoken(f"USING SCOPE {kind}")
    return [row for row in rows if kind == "everything" or row.get("OwnerId") == scope.user.id]


def _check_count(query: Tree[Token]) -> None:
    for name in ("group", "order"):
        if clause(query, name):
            raise malformed_query(f"COUNT() cannot be used with {name.upper()} BY, use COUNT(fieldName)")


def shown(found: Found, start: int, end: int, version: str) -> list[Row]:
    """The answers for one page of what was found."""
    if not found.items:
        return [dict(row) for row in found.rows[start:end]]
    return [record(found.items, row, found.table, version) for row in found.rows[start:end]]


def page_end(found: Found, start: int, size: int) -> int:
    """Where a page of `size` records ends that begins at `start`: the children in it count, too, but one row fits."""
    nested = [item for item in found.items if isinstance(item, Children)]
    end, room = start, size
    while end < len(found.rows) and (room > 0 or end == start):
        room -= 1 + sum(len(item.of(found.rows[end])) for item in nested)
        end += int(room >= 0 or end == start)
    return end
