"""Child subqueries: the records that point to each row with a lookup, as a query result within the row."""

from dataclasses import dataclass

from lark import Token, Tree

from sidebar.twin.org.describe import Child
from sidebar.twin.org.rows import JSON, Row, Stored
from sidebar.twin.query.columns import Item, Scope, invalid, record
from sidebar.twin.query.conditions import passing
from sidebar.twin.query.paths import readable
from sidebar.twin.query.statements import clause, clauses, ordered, within_limits


@dataclass(frozen=True, slots=True)
class Children:
    """One subquery: validated once, answered for each row from what was gathered for all."""

    scope: Scope
    child: Child
    query: Tree[Token]
    items: list[Item]
    gathered: dict[str, list[Stored]]  # by the parent's id

    @property
    def name(self) -> str:
        return str(self.child.relationship)

    def gather(self, parents: list[Stored]) -> None:
        """Find the children of these rows, as they are now."""
        ids = [str(parent["Id"]) for parent in parents]
        near = None if self.scope.deleted else self.scope.table.lookup(self.child.field, ids)
        found = passing(self.scope, clause(self.query, "where"), near)
        for row in ordered(self.scope, self.query, found):
            self.gathered.setdefault(str(row.get(self.child.field)), []).append(row)
        for id_ in ids:
            self.gathered[id_] = within_limits(self.query, self.gathered.get(id_, []))

    def of(self, row: Stored) -> list[Stored]:
        return self.gathered.get(str(row["Id"]), [])

    def write(self, answer: Row, row: Stored, version: str) -> None:
        rows = self.of(row)
        records: list[JSON] = [record(self.items, child, self.scope.table, version) for child in rows]
        answer[self.name] = {"totalSize": len(rows), "done": True, "records": records} if rows else None


def below(scope: Scope, source: Tree[Token]) -> tuple[Child, Scope]:
    """The relationship a subquery's FROM names, and the scope of its objects. Raises INVALID_TYPE."""
    names = [[token for token in part.children if isinstance(token, Token)] for part in clauses(source)]
    for child in scope.sobject.children:
        known = scope.org.schema.get(child.object.lower())
        if len(names) == 1 and known and _names(scope, child, names[0][0]) and readable(scope.org, scope.user, known):
            aliases: dict[str, tuple[str, ...]] = {alias.lower(): () for alias in names[0][1:]}
            return child, Scope(scope.org, scope.user, scope.text, known, aliases, scope.deleted)
    name = names[-1][0]
    message = (
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or "
        "the describe call for the appropriate names."
    )
    raise invalid(scope.text, name, message, "INVALID_TYPE")


def _names(scope: Scope, child: Child, path: Token) -> bool:
    *before, own = path.lower().split(".")
    parents = [[], [scope.sobject.name.lower()], *([alias] for alias in scope.aliases)]
    return child.relationship is not None and child.relationship.lower() == own and before in parents
