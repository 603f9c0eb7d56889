"""From query and search text to a tree, by the grammar in soql.lark. Texts it cannot read are refused by name."""

import re
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken

from sidebar.twin.errors import SalesforceError

_PARSER = Lark(
    (Path(__file__).parent / "soql.lark").read_text("utf-8"),
    start=["query", "search", "words"],
    parser="lalr",
    maybe_placeholders=False,
)
# Real SOQL and SOSL that this twin does not speak, by the text at which it stumbles.
_NOT_SPOKEN = re.compile(
    r"group\s+by|having|for\s+(view|reference|update)|using\s+scope|with\b(\s+\w+)?|typeof|all\s+rows|update\s+\w+"
    r"|\(?\s*select|includes|excludes|\w+\s*\(|snippet|(last|this|next)_\w+",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+|\S")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


def parse(text: str, start: str, code: str = "MALFORMED_QUERY") -> Tree[Token]:
    """The tree of a "query", a "search" or the "words" between its braces. Raises SalesforceError with `code`."""
    try:
        return _PARSER.parse(text, start=start)
    except UnexpectedInput as error:
        raise SalesforceError(400, code, _complaint(text, error)) from None


def unquoted(literal: Token, *, like: bool = False) -> str:
    """The text of a string literal; with `like`, escaped wildcards keep their backslash for the pattern."""

    def plain(found: re.Match[str]) -> str:
        char = found[1]
        if len(char) == 5:
            return chr(int(char[1:], 16))
        if like and char in "%_\\":
            return "\\" + char
        if char not in _ESCAPED:
            raise SalesforceError(400, "MALFORMED_QUERY", f"invalid escape sequence in string: \\{char}")
        return _ESCAPED[char]

    return _ESCAPE.sub(plain, literal[1:-1])


def _complaint(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return "unexpected token: <EOF>"
    at = error.token.start_pos if isinstance(error, UnexpectedToken) else error.pos_in_stream
    start = _start(text, at or 0)
    if known := _NOT_SPOKEN.match(text, start):
        return f"unexpected token: {known[0].strip('( ')} (not spoken by this twin)"
    word = _WORD.match(text, start)
    return f"unexpected token: {word[0] if word else text[start : start + 1]}"


def _start(text: str, at: int) -> int:
    """Where the construct begins that the parser gave up on: one word earlier for a function call or TYPEOF."""
    before = re.search(r"\w+\s*$", text[:at])
    called = text[at : at + 1] == "(" and not re.match(r"\(\s*select", text[at:], re.IGNORECASE)
    return before.start() if before and (called or before[0].strip().lower() == "typeof") else at
