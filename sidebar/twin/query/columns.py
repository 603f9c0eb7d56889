"""Which field a path such as LastName or Account.Owner.Name means, for one user, and how to read it from a row."""

from dataclasses import dataclass

from lark import Token

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.rows import JSON, Row, Stored, Table, value_of

_TIP = "Please reference your WSDL or the describe call for the appropriate names."
_FURTHEST = 5


@dataclass(frozen=True, slots=True)
class Column:
    """`parents` are the lookups to follow, each with the table it leads to; the field lies at their end."""

    token: Token
    field: Field
    owner: SObject
    parents: tuple[tuple[Field, Table], ...]

    @property
    def name(self) -> str:
        return ".".join([*(str(lookup.relationship) for lookup, _ in self.parents), self.field.name])

    def read(self, row: Stored) -> JSON:
        for lookup, table in self.parents:
            parent = table.live.get(str(row.get(lookup.name)))
            if parent is None:
                return None
            row = parent
        return value_of(self.owner, row, self.field.name)


@dataclass(frozen=True, slots=True)
class Scope:
    """One object as one user sees it, inside one statement (whose text the errors quote)."""

    org: Org
    user: User
    text: str
    sobject: SObject

    @property
    def table(self) -> Table:
        return self.org.tables[self.sobject.name]

    def column(self, token: Token) -> Column:
        """Raises INVALID_FIELD with the recorded caret text."""
        sobject = self.sobject
        parents: list[tuple[Field, Table]] = []
        *lookups, name = token.split(".")
        if lookups and lookups[0].lower() == sobject.name.lower() and lookups[0].lower() not in sobject.parents:
            lookups = lookups[1:]
        for lookup in lookups:
            field = sobject.parents.get(lookup.lower())
            if field is None or field.target not in self.org.tables or len(parents) == _FURTHEST:
                raise invalid(self.text, token, _no_relationship(lookup))
            parents.append((field, self.org.tables[str(field.target)]))
            sobject = self.org.tables[str(field.target)].sobject
        if name.lower() not in self.org.fields(self.user, sobject):
            raise invalid(self.text, token, _no_column(name, sobject.name))
        return Column(token, sobject.fields[name.lower()], sobject, tuple(parents))


def scope(org: Org, user: User, text: str, name: Token) -> Scope:
    """The object of a FROM or RETURNING. Raises INVALID_TYPE."""
    if name.lower() not in org.schema:
        message = (
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
            f"the '__c' after the entity name. {_TIP}"
        )
        raise invalid(text, name, message, "INVALID_TYPE")
    return Scope(org, user, text, org.schema[name.lower()])


def record(columns: list[Column], row: Stored, table: Table, version: str) -> Row:
    """The row as an answer: attributes first, then the columns, parents nested and null where there is none."""
    answer = _bare(table, row, version)
    for column in columns:
        inner: Row | None = answer
        at: Stored | None = row
        for lookup, parent in column.parents:
            at = parent.live.get(str(at.get(lookup.name))) if at else None
            inner = _nested(inner, str(lookup.relationship), at, parent, version)
        if inner is not None and at is not None:
            inner[column.field.name] = value_of(column.owner, at, column.field.name)
    return answer


def _nested(outer: Row | None, name: str, row: Stored | None, table: Table, version: str) -> Row | None:
    if outer is None:
        return None
    found = outer.setdefault(name, _bare(table, row, version) if row else None)
    return found if isinstance(found, dict) else None


def _bare(table: Table, row: Stored, version: str) -> Row:
    name = table.sobject.name
    return {"attributes": {"type": name, "url": f"/services/data/v{version}/sobjects/{name}/{row['Id']}"}}


def invalid(text: str, token: Token, message: str, code: str = "INVALID_FIELD") -> SalesforceError:
    """The complaint about one word of a statement, with its line, a caret below the word, and its place."""
    line, column = token.line or 1, token.column or 1
    shown = text.split("\n")[line - 1]
    place = f"\n{shown}\n{' ' * (column - 1)}^\nERROR at Row:{line}:Column:{column}\n"
    return SalesforceError(400, code, place + message)


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
