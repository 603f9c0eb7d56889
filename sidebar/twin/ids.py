"""Record ids: 15 case-sensitive characters, or 18 with a checksum. Knows no object and no row."""

import re
from string import ascii_lowercase, ascii_uppercase, digits

_DIGITS = digits + ascii_uppercase + ascii_lowercase
_CHECK = ascii_uppercase + "012345"
_POD = "5e00000"
_FORM = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?", re.ASCII)


def new(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record of the object with this key prefix."""
    tail = ""
    while number or not tail:
        number, digit = divmod(number, len(_DIGITS))
        tail = _DIGITS[digit] + tail
    return checked(prefix + _POD + tail.rjust(5, "0"))


def checked(id15: str) -> str:
    """The id with its checksum: one character per block of five, one bit per capital letter."""
    blocks = (id15[start : start + 5] for start in (0, 5, 10))
    return id15 + "".join(
        _CHECK[sum("A" <= char <= "Z" and 1 << bit for bit, char in enumerate(block))] for block in blocks
    )


def full(text: str) -> str | None:
    """The 18-character form of an id given with 15 or 18; None when it is no id or its checksum is wrong."""
    if not _FORM.fullmatch(text):
        return None
    whole = checked(text[:15])
    return whole if len(text) == 15 or text == whole else None


def number(id_: str) -> int:
    """The number `new` made this id from; of an id from elsewhere, whatever its last five digits say."""
    value = 0
    for char in id_[10:15]:
        value = value * len(_DIGITS) + _DIGITS.index(char)
    return value
