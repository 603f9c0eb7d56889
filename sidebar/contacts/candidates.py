"""Who may be meant: records of Salesforce, and what brought each of them in. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from sidebar.identity import Key

GONE = "gone"
Kind: TypeAlias = Literal["Contact", "Lead"]  # a person account is its Contact


@dataclass(frozen=True, slots=True)
class Clue:
    """This `field` of the record holds `raw`, read with the plan of `region` (empty: it names its country itself), and
    that has the same `key` as what the inbox told. Only a strong key says that it is the same address. A field of the
    lead a Contact once was is "Lead.Email"."""

    key: Key
    field: str
    raw: str
    region: str = ""

    @property
    def worth(self) -> tuple[bool, bool]:
        """A strong key goes before a weak one; then an e-mail address before a phone number."""
        return self.key.strong, self.key.kind == "email"


@dataclass(frozen=True, slots=True)
class Candidate:
    """`modified_at`: LastModifiedDate in ms. `converted_to`: the Contact a converted lead has become, or GONE."""

    id: str
    kind: Kind
    name: str
    modified_at: int
    clues: tuple[Clue, ...]
    converted_to: str = ""

    @property
    def is_strong(self) -> bool:
        return any(clue.key.strong for clue in self.clues)

    @property
    def best(self) -> Clue | None:
        """What speaks for it most."""
        return max(self.clues, key=lambda clue: clue.worth, default=None)

    @property
    def worth(self) -> tuple[bool, bool]:
        return self.best.worth if self.best else (False, False)

    def with_clues(self, more: Iterable[Clue]) -> "Candidate":
        return replace(self, clues=tuple(dict.fromkeys((*self.clues, *more))))


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One of each id, with all its clues."""
    found: dict[str, Candidate] = {}
    for each in candidates:
        known = found.get(each.id)
        found[each.id] = known.with_clues(each.clues) if known else each
    return list(found.values())
