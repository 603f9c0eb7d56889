"""One committed write, and how it is written down between two runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidebar.twin.org.people import Actor, User
from sidebar.twin.org.rows import Row


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is CREATE, UPDATE, DELETE or UNDELETE; `row` the whole row after it, before it for DELETE; `changed` the
    API names whose value an UPDATE changed; `sequence` counts from 1 in a transaction; `at` milliseconds UTC."""

    kind: str
    object: str
    id: str
    row: Row
    changed: tuple[str, ...]
    actor: Actor
    transaction: str
    sequence: int
    at: int

    def kept(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"actor": self.actor.user.id, "origin": self.actor.origin}


def recalled(kept: Mapping[str, Any], users: Mapping[str, User]) -> Change:
    values = {name: value for name, value in kept.items() if name != "origin"}
    actor = Actor(users[kept["actor"]], kept["origin"])
    return Change(**values | {"actor": actor, "changed": tuple(kept["changed"])})
