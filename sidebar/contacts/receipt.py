"""Why this record and no other: all that decided a look-up, as data that can be stored, shown, and judged again. Pure.

Its words are codes; whoever shows it has the sentences, in the reader's language.
"""

from dataclasses import dataclass

from sidebar.contacts.rank import Judged, Outcome, Policy
from sidebar.identity import Key


@dataclass(frozen=True, slots=True)
class Input:
    """What the inbox told: as it wrote it, and the keys made of it (none: it is no address)."""

    kind: str  # "email" or "phone"
    raw: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """One address that was looked for: as the host wrote it, and as it was compared (None: it could not be read)."""

    kind: str
    raw: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One step: "copy" (our own copy, no call), "email", "phone search", "phone query", each of them also with "lead "
    before it, "picked" and "converted" (by id); how many calls it took (0: it shared those of others), and how many
    records it brought."""

    what: str
    calls: int
    found: int


@dataclass(frozen=True, slots=True)
class Near:
    """Who would match if something were different: `id`'s `field` holds `raw`; `country`: the ISO code that would make
    it the same number (empty: only its last digits agree)."""

    id: str
    kind: str
    field: str
    raw: str
    country: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """`country`: the customer's as the inbox told; `region`: the workspace's. `at` in ms. `shared`: how many records
    have the address that decided (25: or more). `picked`, `unlinked`: ids told by people, by hand."""

    inputs: tuple[Input, ...]
    country: str
    region: str
    policy: Policy
    outcome: Outcome
    rule: str
    judged: tuple[Judged, ...]
    asked: tuple[Asked, ...]
    nearest: tuple[Near, ...] = ()
    picked: str = ""
    unlinked: tuple[str, ...] = ()
    shared: int = 1
    at: int = 0


NONE = Receipt((), "", "", "contacts", "nobody", "", (), ())
"""Where nothing was looked for."""
