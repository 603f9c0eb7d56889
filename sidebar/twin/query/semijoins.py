"""Semi-joins and anti-joins: where `field IN (SELECT …)` may stand, and what its inner query may be."""

from lark import Token, Tree

from sidebar.twin.errors import malformed_query
from sidebar.twin.query import columns
from sidebar.twin.query.columns import Column, Scope, invalid

_MOST = 2
_NOT_INSIDE = {"Task", "Event", "Note", "Attachment"}


def check(clause: Tree[Token]) -> None:
    """Raises MALFORMED_QUERY for a semi-join too many, or one that is not simply required."""
    joins = [*clause.find_data("joined"), *clause.find_data("unjoined")]
    if len(joins) > _MOST:
        raise malformed_query(f"Maximum {_MOST} semi join sub-selects are allowed")
    if any(inner is not join for join in joins for inner in (*join.find_data("joined"), *join.find_data("unjoined"))):
        raise malformed_query("Nesting of semi join sub-selects is not supported")
    top = next(child for child in clause.children if isinstance(child, Tree))
    if joins and top.data == "disjunction":
        raise malformed_query("Semi join sub-selects are not allowed with the 'OR' operator")
    required = top.children if top.data == "conjunction" else [top]
    if any(all(join is not part for part in required) for join in joins):
        message = "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE"
        raise malformed_query(f"{message} expressions.")


def inner(outer: Scope, left: Column, semijoin: Tree[Token]) -> tuple[Scope, Column]:
    """The inner query's object and its one column. Raises MALFORMED_QUERY where they cannot be joined."""
    path, source = semijoin.children[:2]
    assert isinstance(path, Token) and isinstance(source, Tree)
    scope = columns.scope(outer.org, outer.user, outer.text, source, deleted=outer.deleted)
    chosen = scope.column(path)
    if left.field.type not in ("id", "reference"):
        message = "The left operand field in the where expression for outer query should be an id field, cannot use: "
        raise invalid(outer.text, left.token, f"{message}'{left.name}'", "MALFORMED_QUERY")
    if scope.sobject.name in _NOT_INSIDE:
        raise malformed_query(f"Entity '{scope.sobject.name}' is not supported for semi join inner selects")
    if scope.sobject is outer.sobject:
        raise malformed_query("The inner and outer selects should not be on the same object type")
    if not _ends(left) & _ends(chosen):
        message = (
            f"The selected field '{chosen.name}' in the subquery and the left operand field in the where expression in "
            f"the outer query '{left.name}' should point to the same object type"
        )
        raise invalid(outer.text, left.token, message, "MALFORMED_QUERY")
    return scope, chosen


def _ends(column: Column) -> set[str]:
    """The objects a column's ids belong to."""
    if column.field.type == "reference":
        return set(column.field.targets)
    tables = column.steps[-1].tables.values() if column.steps else ()
    names = {table.sobject.name for table in tables} or {column.sobject.name}
    return names if column.field.type == "id" else set()
