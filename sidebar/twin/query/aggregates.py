"""Groups of rows: COUNT, SUM and their like, GROUP BY and HAVING. Each group is one row of worked-out values."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from lark import Token, Tree

from sidebar.twin.errors import SalesforceError, malformed_query
from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import JSON, Row, Stored
from sidebar.twin.query import conditions
from sidebar.twin.query.columns import Column, Operand, Scope, called, invalid, not_spoken
from sidebar.twin.query.statements import aggregate, clause, clauses, function, ordered, within_limits
from sidebar.twin.query.values import NUMBERS, folding, ranking

_MOST = 2_000
Cell = Callable[[list[Stored]], JSON]


@dataclass(frozen=True, slots=True)
class Groups(Scope):
    """What HAVING, ORDER BY and SELECT of a grouped query may name: its keys, and aggregates, noted as `cells`."""

    keys: dict[str, Column] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)

    def column(self, operand: Operand) -> Column:
        """Raises MALFORMED_QUERY for what is neither."""
        if isinstance(operand, Tree) and (name := aggregate(operand)):
            return self._aggregate(operand, name)
        column = Scope.column(self, operand)
        if column.name not in self.keys:
            message = f"Field must be grouped or aggregated: {column.name}"
            raise invalid(self.text, column.token, message, "MALFORMED_QUERY")
        return replace(column, leaf=_cell(column.name), steps=(), plain=False)

    def _aggregate(self, call: Tree[Token], verb: str) -> Column:
        name, path = called(call)
        column = Scope.column(self, path)
        if not _supports(verb, column.field):
            message = f"field {column.field.name} does not support aggregate operator {verb.upper()}"
            raise invalid(self.text, name, message, "MALFORMED_QUERY")
        key = f"{verb}({column.name})"
        self.cells[key] = _worked_out(verb, column)
        return Column(name, self.sobject, _result(verb, column.field), _cell(key), plain=False)


def answers(scope: Scope, query: Tree[Token], rows: list[Stored]) -> list[Row]:
    """The AggregateResult of each group. Raises MALFORMED_QUERY, EXCEEDED_ID_LIMIT."""
    group = clause(query, "group")
    keys = [_key(scope, operand) for operand in group.children if not _is_having(operand)] if group else []
    groups = Groups(
        scope.org, scope.user, scope.text, scope.sobject, scope.aliases, keys={key.name: key for key in keys}
    )
    _check_whole(query, grouped=group is not None)
    selected = _selected(groups, query)
    having = clause(group, "having") if group else None
    wanted = conditions.where(groups, having).test if having else lambda row: True
    ordered(groups, query, [])  # names the cells that ORDER BY needs
    made = [row for row in _groups(groups, rows, keys) if wanted(row)]
    found = within_limits(query, ordered(groups, query, made))
    if len(found) > _MOST:
        message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
        raise SalesforceError(400, "EXCEEDED_ID_LIMIT", message)
    kind: Row = {"attributes": {"type": "AggregateResult"}}
    return [kind | {label: column.read(row) for label, column in selected.items()} for row in found]


def _selected(groups: Groups, query: Tree[Token]) -> dict[str, Column]:
    """The columns by their key in the answer; aggregates without an alias are expr0, expr1 …"""
    selected, numbers = dict[str, Column](), count()
    for part in clauses(query.children[0]):
        if part.data == "child" or function(part.children[0]) == "fields":
            raise malformed_query("Grouped query cannot use child relationships or FIELDS() in the SELECT list")
        operand, *alias = part.children
        column = groups.column(operand)
        name = f"expr{next(numbers)}" if aggregate(operand) and not alias else column.field.name
        label = str(alias[0]) if alias else name
        if label in selected:
            raise invalid(groups.text, column.token, f"duplicate alias: {label}", "MALFORMED_QUERY")
        selected[label] = column
    return selected


def _groups(groups: Groups, rows: list[Stored], keys: list[Column]) -> list[Stored]:
    folds = [folding(key.field) for key in keys]
    members: dict[tuple[JSON, ...], list[Stored]] = {} if keys else {(): []}
    for row in rows:
        members.setdefault(tuple(fold(key.read(row)) for fold, key in zip(folds, keys, strict=True)), []).append(row)
    return [
        {key.name: key.read(each[0]) for key in keys} | {name: cell(each) for name, cell in groups.cells.items()}
        for each in members.values()
    ]


def _key(scope: Scope, operand: Operand) -> Column:
    if isinstance(operand, Tree):
        raise not_spoken(f"GROUP BY {operand.children[0]}")
    column = scope.column(operand)
    if not column.field.raw["groupable"]:
        message = f"field '{column.field.name}' can not be grouped in a query call"
        raise invalid(scope.text, column.token, message, "MALFORMED_QUERY")
    return column


def _check_whole(query: Tree[Token], *, grouped: bool) -> None:
    for name, words in {"limit": "LIMIT", "offset": "OFFSET", "order": "ORDER BY"}.items():
        if clause(query, name) and not grouped:
            raise malformed_query(f"Non-grouped query that uses overall aggregate functions cannot also use {words}")


def _supports(verb: str, field: Field) -> bool:
    if verb in ("sum", "avg"):
        return field.type in NUMBERS
    comparable = verb in ("count", "count_distinct") or field.type not in ("id", "reference")
    return bool(field.raw["aggregatable"]) and comparable


def _worked_out(verb: str, column: Column) -> Cell:
    fold, rank = folding(column.field), ranking(column.field)

    def cell(rows: list[Stored]) -> JSON:
        values = [value for value in map(column.read, rows) if value is not None]
        numbers = [value for value in values if isinstance(value, int | float)]
        match verb:
            case "count":
                return len(values)
            case "count_distinct":
                return len({fold(value) for value in values})
            case "sum":
                return sum(numbers) if numbers else None
            case "avg":
                return sum(numbers) / len(numbers) if numbers else None
        ends = sorted(values, key=lambda value: rank(value) or (0, ""))
        return (ends[0] if verb == "min" else ends[-1]) if ends else None

    return cell


def _result(verb: str, field: Field) -> Field:
    kind = {"count": "int", "count_distinct": "int", "avg": "double"}.get(verb, field.type)
    return replace(field, type=kind, filterable=True, sortable=True)


def _cell(key: str) -> Callable[[object, Stored], JSON]:
    return lambda _, row: row.get(key)


def _is_having(operand: Operand) -> bool:
    return isinstance(operand, Tree) and operand.data == "having"
