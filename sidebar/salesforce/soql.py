"""Texts inside SOQL and SOSL statements: the one place where they are quoted.

SOQL and SOSL Reference, "Quoted String Escape Sequences" and "Reserved Characters" (FIND).
"""

import re
from collections.abc import Iterable

_SOQL = str.maketrans(
    {
        "\\": r"\\",
        "'": r"\'",
        '"': r"\"",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
        "\b": r"\b",
        "\f": r"\f",
    }
)
_SOSL = re.compile(r"""[?&|!{}\[\]()^~*:\\"'+-]""")


def text(value: str) -> str:
    """A string literal, its quotes included. Control characters, which SOQL cannot hold, are dropped."""
    return "'" + re.sub(r"[\x00-\x1f\x7f]", "", value.translate(_SOQL)) + "'"


def texts(values: Iterable[str]) -> str:
    """A parenthesised list for IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def term(value: str) -> str:
    """A search term for SOSL's FIND {…}, taken literally."""
    return _SOSL.sub(r"\\\g<0>", value)
