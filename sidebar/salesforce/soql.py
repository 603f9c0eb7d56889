"""Texts inside SOQL and SOSL statements: the one place where they are quoted.

SOQL and SOSL Reference, "Quoted String Escape Sequences" and "Reserved Characters" (FIND).
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_SOQL = str.maketrans(
    {
        "\\": r"\\",
        "'": r"\'",
        '"': r"\"",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SOSL = re.compile(r"""[?&|!{}\[\]()^~*:\\"'+-]""")


def text(value: str) -> str:
    """A string literal, its quotes included."""
    return "'" + _CONTROL.sub(_coded, value.translate(_SOQL)) + "'"


def texts(values: Iterable[str]) -> str:
    """A parenthesised list for IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def batches(values: Iterable[str], most: int) -> Iterator[list[str]]:
    """`values` in parts whose `texts` take at most `most` bytes in an address (and one value at least)."""
    part: list[str] = []
    size = 0
    for value in values:
        bytes_ = len(quote(text(value) + ", "))
        if part and size + bytes_ > most:
            yield part
            part, size = [], 0
        part.append(value)
        size += bytes_
    if part:
        yield part


def term(value: str) -> str:
    """A search term for SOSL's FIND {…}, taken literally."""
    return _SOSL.sub(r"\\\g<0>", value)


def _coded(control: re.Match[str]) -> str:
    return f"\\u{ord(control[0]):04x}"
