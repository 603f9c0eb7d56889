"""Which field a path such as LastName or Account.Owner.Name means in a statement, for one user."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from lark import Token, Tree

from sidebar.twin.errors import SalesforceError, malformed_query
from sidebar.twin.org import Org, User
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.rows import JSON, Row, Stored, Table
from sidebar.twin.query import paths
from sidebar.twin.query.paths import Read, Step, bare, readable

_TIP = "Please reference your WSDL or the describe call for the appropriate names."
_FURTHEST = 5
AGGREGATES = {"count", "count_distinct", "sum", "avg", "min", "max"}
Operand: TypeAlias = "Token | Tree[Token]"


class Item(Protocol):
    """One thing a SELECT asks for: a column, or the children of each row."""

    @property
    def name(self) -> str: ...

    def write(self, answer: Row, row: Stored, version: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Column:
    """`steps` lead to the record that holds the field; `alias` is the key in the answer."""

    token: Token
    sobject: SObject
    field: Field
    leaf: Read
    steps: tuple[Step, ...] = ()
    alias: str | None = None
    plain: bool = True  # its values are the stored ones, so an index may find them

    @property
    def name(self) -> str:
        return ".".join([*(step.name for step in self.steps), self.field.name])

    def read(self, row: Stored) -> JSON:
        sobject = self.sobject
        for step in self.steps:
            parent = step.up(row)
            if parent is None:
                return None
            sobject, row = parent[0].sobject, parent[1]
        return self.leaf(sobject, row)

    def write(self, answer: Row, row: Stored, version: str) -> None:
        sobject = self.sobject
        for step in self.steps:
            parent = step.show(answer, row, version)
            if parent is None:
                return
            answer, sobject, row = parent
        answer[self.alias or self.field.name] = self.leaf(sobject, row)

    def near(self, table: Table, values: Iterable[str]) -> set[str] | None:
        """The ids of rows whose column is one of these, by indexes alone; None when they do not tell."""
        if not self.plain or any(len(step.tables) > 1 for step in self.steps):
            return None
        above = [table, *(held for step in self.steps for held in step.tables.values())]
        ids = above[-1].lookup(self.field.name, values)
        for step, below in zip(reversed(self.steps), reversed(above[:-1]), strict=True):
            ids = None if ids is None else below.lookup(step.lookup.name, ids)
        return ids


@dataclass(frozen=True, slots=True)
class Scope:
    """One object as one user sees it, inside one statement (whose text the errors quote)."""

    org: Org
    user: User
    text: str
    sobject: SObject
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lower-case alias → relationships
    deleted: bool = False  # the bin's rows, too

    @property
    def table(self) -> Table:
        return self.org.tables[self.sobject.name]

    def column(self, operand: Operand) -> Column:
        """Raises INVALID_FIELD with the recorded caret text, MALFORMED_QUERY for functions."""
        if isinstance(operand, Tree):
            return self._labelled(operand)
        *lookups, name = operand.split(".")
        if lookups and self._is_own_name(lookups[0].lower()):
            lookups = [*self.aliases.get(lookups[0].lower(), ()), *lookups[1:]]
        sobject, steps = self.sobject, list[Step]()
        for lookup in lookups:
            step = paths.step(self.org, self.user, sobject, lookup) if len(steps) < _FURTHEST else None
            if step is None or (steps and steps[-1].polymorphic):
                raise invalid(self.text, operand, _no_relationship(lookup))
            steps.append(step)
            sobject = next(iter(step.tables.values())).sobject
        return self._leaf(operand, name, sobject, tuple(steps))

    def _is_own_name(self, name: str) -> bool:
        return name in self.aliases or (name == self.sobject.name.lower() and name not in self.sobject.parents)

    def _leaf(self, token: Token, name: str, sobject: SObject, steps: tuple[Step, ...]) -> Column:
        ambiguous = bool(steps) and steps[-1].polymorphic
        fields = paths.name_fields(self.org, self.user, steps[-1]) if ambiguous else self.org.fields(self.user, sobject)
        if name.lower() not in fields:
            raise invalid(self.text, token, _no_column(name, "Name" if ambiguous else sobject.name))
        found = fields[name.lower()]
        leaf = paths.name_reader(self.org, self.user, found) if ambiguous else paths.reader(found)
        return Column(token, self.sobject, found, leaf, steps, plain=not ambiguous)

    def _labelled(self, call: Tree[Token]) -> Column:
        verb = str(call.children[0])
        if verb.lower() in AGGREGATES:
            raise malformed_query(f"unexpected token: {verb}")
        if verb.lower() != "tolabel":
            raise not_spoken(verb)
        column = self.column(called(call)[1])
        labels: dict[JSON, str] = {entry.value: entry.label for entry in column.field.picklist}

        def label(sobject: SObject, row: Stored) -> JSON:
            value = column.leaf(sobject, row)
            return ";".join(labels.get(part, part) for part in value.split(";")) if isinstance(value, str) else value

        return replace(column, leaf=label, plain=False)


def called(call: Tree[Token]) -> tuple[Token, Token]:
    """A function's name and the one field it is given. Raises MALFORMED_QUERY where it is not one."""
    name, *given = call.children
    if isinstance(name, Token) and len(given) == 1 and isinstance(given[0], Token) and given[0].type == "PATH":
        return name, given[0]
    wrong = given[0] if len(given) == 1 else "," if given else ")"
    raise malformed_query(f"unexpected token: {wrong if isinstance(wrong, str) else '('}")


def scope(org: Org, user: User, text: str, source: Tree[Token], *, deleted: bool = False) -> Scope:
    """The object of a FROM or RETURNING and the aliases after it. Raises INVALID_TYPE, INVALID_FIELD."""
    (name, first), *others = (_named(part) for part in source.children if isinstance(part, Tree))
    aliases: dict[str, tuple[str, ...]] = {first.lower(): ()} if first else {}
    where = Scope(org, user, text, seen(org, user, text, name), aliases, deleted)
    for path, alias in others:
        known, *relationships = path.split(".")
        if known.lower() not in {*aliases, where.sobject.name.lower()} or not relationships or not alias:
            raise invalid(text, path, _no_type(path), "INVALID_TYPE")
        where.column(Token.new_borrow_pos("PATH", f"{path}.Id", path))
        aliases[alias.lower()] = (*aliases.get(known.lower(), ()), *relationships)
    return where


def seen(org: Org, user: User, text: str, name: Token) -> SObject:
    """The object of this name, if the user may read it. Raises INVALID_TYPE."""
    sobject = org.schema.get(name.lower())
    if sobject is None or not readable(org, user, sobject):
        raise invalid(text, name, _no_type(name), "INVALID_TYPE")
    return sobject


def _named(part: Tree[Token]) -> tuple[Token, Token | None]:
    name, *alias = (token for token in part.children if isinstance(token, Token))
    return name, alias[0] if alias else None


def record(items: Iterable[Item], row: Stored, table: Table, version: str) -> Row:
    """The row as an answer: attributes first, then the columns, parents nested and null where there is none."""
    answer = bare(table, row, version)
    for item in items:
        item.write(answer, row, version)
    return answer


def invalid(text: str, token: Token, message: str, code: str = "INVALID_FIELD") -> SalesforceError:
    """The complaint about one word of a statement, with its line, a caret below the word, and its place."""
    line, column = token.line or 1, token.column or 1
    shown = text.split("\n")[line - 1]
    place = f"\n{shown}\n{' ' * (column - 1)}^\nERROR at Row:{line}:Column:{column}\n"
    return SalesforceError(400, code, place + message)


def not_spoken(name: str) -> SalesforceError:
    return malformed_query(f"unexpected token: {name} (not spoken by this twin)")


def _no_type(name: str) -> str:
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
        f"the '__c' after the entity name. {_TIP}"
    )


def _no_column(name: str, entity: str) -> str:
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append "
        f"the '__c' after the custom field name. {_TIP}"
    )


def _no_relationship(name: str) -> str:
    return (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, "
        f"be sure to append the '__r' after the custom relationship name. {_TIP}"
    )
