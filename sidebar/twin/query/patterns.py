"""Texts with wildcards, as LIKE and SOSL have them, matched without backtracking: a hostile pattern stays cheap."""

import re
from collections.abc import Callable


def matcher(pattern: str, many: str, one: str, *, cased: bool = False) -> Callable[[str], bool]:
    """A test for whole texts, case-insensitive unless `cased`. `many` stands for any characters, `one` for one; a
    backslash makes the character after it plain."""
    pieces = [_piece(piece, one) for piece in _split(pattern if cased else pattern.lower(), many)]
    return lambda text: _fits(pieces, text if cased else text.lower())


def _split(pattern: str, many: str) -> list[str]:
    pieces = [""]
    for token in re.findall(r"\\.|.", pattern, re.DOTALL):
        if token == many:
            pieces.append("")
        else:
            pieces[-1] += token
    return pieces


def _piece(piece: str, one: str) -> tuple[re.Pattern[str], int]:
    chars = re.findall(r"\\.|.", piece, re.DOTALL)
    regex = "".join("." if char == one else re.escape(char[-1]) for char in chars)
    return re.compile(regex, re.DOTALL), len(chars)


def _fits(pieces: list[tuple[re.Pattern[str], int]], text: str) -> bool:
    (first, length), *rest = pieces
    if not first.match(text) or (not rest and len(text) != length):
        return False
    at = length
    for piece, _ in rest[:-1]:
        found = piece.search(text, at)
        if not found:
            return False
        at = found.end()
    if not rest:
        return True
    last, length = rest[-1]
    return len(text) - length >= at and last.match(text, len(text) - length) is not None
