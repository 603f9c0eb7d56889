"""One committed change as change data capture sees it, and how it is written down between two runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sidebar.twin.org.describe import SObject
from sidebar.twin.org.people import Actor, User
from sidebar.twin.org.rows import JSON, Stored, value_of

_ONLY_IN_MEMORY = {"under"}


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is CREATE, UPDATE, DELETE, UNDELETE or one of the GAP_ kinds. `ids` are 18-character record ids: several
    where one transaction did the same to several records. `row` is what is stored after it (of the first record),
    before it for DELETE, empty for gaps; `changed` the API names whose value an UPDATE changed, and `before` what
    they were; `sequence` counts from 1 in a transaction; `at` is milliseconds UTC; `under` is the object as it was
    described then; after a restart, when nobody knows that any more, as it is described at the start."""

    kind: str
    object: str
    ids: tuple[str, ...]
    row: Stored
    changed: tuple[str, ...]
    actor: Actor
    transaction: str
    sequence: int
    at: int
    before: Stored = field(default_factory=dict)
    under: SObject | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        return self.ids[0]

    def value(self, name: str) -> JSON:
        """A field of the row as REST would have answered it."""
        return value_of(self.under, self.row, name) if self.under else self.row.get(name)

    def gap(self) -> "Change":
        """The same change where only its happening can be told. Its transaction is a database one: it groups with
        nothing (Change Data Capture Developer Guide, "Gap Events")."""
        alone = str(uuid5(NAMESPACE_OID, f"{self.transaction} {self.sequence}"))
        nobody = replace(self.actor, origin="")
        untold = replace(self, row={}, changed=(), before={}, actor=nobody, transaction=alone, sequence=1)
        return replace(untold, kind="GAP_" + self.kind.removeprefix("GAP_"))

    def kept(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__slots__ if name not in _ONLY_IN_MEMORY}
        rows = {"row": dict(self.row), "before": dict(self.before)}
        return values | rows | {"actor": self.actor.user.id, "origin": self.actor.origin}


def recalled(kept: Mapping[str, Any], users: Mapping[str, User], schema: Mapping[str, SObject]) -> Change:
    values = {name: value for name, value in kept.items() if name not in ("origin", "id")}
    values |= {"actor": Actor(users[kept["actor"]], kept["origin"]), "changed": tuple(kept["changed"])}
    values |= {"ids": tuple(kept.get("ids") or [kept["id"]]), "under": schema[kept["object"].lower()]}
    return Change(**values)
