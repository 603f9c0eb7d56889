"""A key: one way to compare an address, and what two addresses have in common. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

TAIL = "~"  # begins the value of a key that is only the last digits of a number


@dataclass(frozen=True, slots=True)
class Key:
    """One way to compare an address: `value` such as "ann@example.com", "+442079460123", "123". Nobody else shares a
    `strong` key; a weak one (last digits) only suggests."""

    kind: str  # "email" or "phone"
    value: str
    strong: bool = True


def shared(ours: Collection[Key], theirs: Collection[Key]) -> tuple[Key, ...]:
    """What both have, strong ones first. Only what is strong on both sides says that it is one address."""
    mine = {(key.kind, key.value): key for key in ours}
    both = [(mine[key.kind, key.value], key) for key in theirs if (key.kind, key.value) in mine]
    numbers = _is_number(ours) and _is_number(theirs)
    telling = (
        Key(our.kind, our.value, our.strong and their.strong)
        for our, their in both
        if our.strong or their.strong or not numbers
    )
    return tuple(sorted(telling, key=lambda key: not key.strong))


def _is_number(keys: Collection[Key]) -> bool:
    """Two whole numbers that differ are not one for ending alike, nor for being extensions of one switchboard."""
    return any(key.strong and key.kind == "phone" for key in keys)
