"""Texts with wildcards, as LIKE and SOSL have them, matched without backtracking: a hostile pattern stays cheap."""

import re
from collections.abc import Callable


def matcher(pattern: str, many: str, one: str, *, cased: bool = False) -> Callable[[str], bool]:
    """A test for whole texts, case-insensitive unless `cased`. `many` stands for any characters, `one` for one; a
    backslash makes the character after it plain."""
    pieces = [""]
    for char in re.findall(r"\\.|.", pattern if cased else pattern.lower(), re.DOTALL):
        if char == many:
            pieces.append("")
        else:
            pieces[-1] += "." if char == one else re.escape(char[-1])
    fits = re.compile(_joined(*pieces), re.DOTALL).fullmatch
    return lambda text: fits(text if cased else text.lower()) is not None


def _joined(first: str, *rest: str) -> str:
    """Each piece where it comes first after the one before it, and never tried elsewhere; the last at the end."""
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>.*?{piece})" for piece in middle) + ".*" + last
