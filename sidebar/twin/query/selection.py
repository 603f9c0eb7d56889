"""What a SELECT of records asks for: columns, FIELDS(…), and the children of each row."""

from collections.abc import Iterator
from dataclasses import replace

from lark import Token, Tree

from sidebar.twin.errors import SalesforceError, malformed_query
from sidebar.twin.query.children import Children, below
from sidebar.twin.query.columns import Column, Item, Scope, invalid
from sidebar.twin.query.statements import clause, clauses, function, is_aggregate, whole_number

_MOST_CHILDREN = 20
_MOST_UNBOUNDED = 200


def items(scope: Scope, query: Tree[Token], *, inside: bool = False) -> list[Item]:
    """What the SELECT asks for, in its order. Raises INVALID_FIELD, MALFORMED_QUERY and their like."""
    found = [item for part in clauses(query.children[0]) for item in _items(scope, query, part, inside)]
    if not found:
        raise malformed_query("'FIELDS(...)' expansion function must result in at least one field being selected.")
    if sum(isinstance(item, Children) for item in found) > _MOST_CHILDREN:
        raise malformed_query(f"Maximum {_MOST_CHILDREN} child subqueries are allowed")
    seen: set[str] = set()
    for item in found:
        key = (isinstance(item, Column) and item.alias) or item.name
        if key in seen:
            raise SalesforceError(400, "INVALID_FIELD", f"duplicate field selected: {key}")
        seen.add(key)
    return found


def _items(scope: Scope, query: Tree[Token], part: Tree[Token], inside: bool) -> Iterator[Item]:
    if part.data == "child":
        yield _children(scope, clauses(part)[0], inside)
        return
    operand, *alias = part.children
    if isinstance(operand, Tree) and function(operand) == "fields":
        yield from _expanded(scope, query, operand)
    elif alias and isinstance(operand, Token):
        raise invalid(scope.text, operand, "only aggregate expressions use field aliasing", "MALFORMED_QUERY")
    else:
        yield replace(scope.column(operand), alias=str(alias[0]) if alias else None)


def _expanded(scope: Scope, query: Tree[Token], call: Tree[Token]) -> Iterator[Column]:
    name, *arguments = call.children
    kind = str(arguments[0]).lower() if len(arguments) == 1 else ""
    if not isinstance(name, Token) or kind not in ("all", "standard", "custom"):
        raise malformed_query(f"unexpected token: {kind or ')'}")
    limit = whole_number(query, "limit")
    if kind != "standard" and (limit is None or limit > _MOST_UNBOUNDED):
        raise malformed_query(f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_UNBOUNDED}")
    for field in scope.org.fields(scope.user, scope.sobject).values():
        if kind == "all" or field.custom is (kind == "custom"):
            yield scope.column(Token.new_borrow_pos("PATH", field.name, name))


def _children(scope: Scope, query: Tree[Token], inside: bool) -> Children:
    if inside:
        message = "SOQL statements cannot query aggregate relationships more than 1 level away from the root entity"
        raise malformed_query(f"{message} object.")
    source = clause(query, "source")
    assert source
    child, scope = below(scope, source)
    if is_aggregate(query) or not clause(query, "select"):
        raise malformed_query("only root queries support aggregate expressions")
    return Children(scope, child, query, items(scope, query, inside=True), {})
