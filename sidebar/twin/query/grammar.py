"""From query and search text to a tree, by the grammar in soql.lark. Texts it cannot read are refused by name."""

import re
from functools import lru_cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken

from sidebar.twin.errors import SalesforceError, malformed_query

_PARSER = Lark(
    (Path(__file__).parent / "soql.lark").read_text("utf-8"),
    start=["query", "search", "words", "where", "order"],
    parser="lalr",
    maybe_placeholders=False,
)
# Real SOQL and SOSL that this twin does not speak, by the text at which it stumbles, or the words before it.
_NOT_SPOKEN = re.compile(
    r"for\s+update|using\s+\w+|with\b(\s+\w+)?|typeof|update\s+(tracking|viewstat)\b|snippet", re.IGNORECASE
)
_ALREADY_READ = re.compile(r"\b(typeof\s+\w+|all|for|with)\s*$", re.IGNORECASE)
_ALL_ROWS = re.compile(r"all\s+rows\b", re.IGNORECASE)
_WORD = re.compile(r"\w+|\S")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@lru_cache(maxsize=256)
def parse(text: str, start: str, code: str = "MALFORMED_QUERY") -> Tree[Token]:
    """The tree of a "query", a "search", the "words" between its braces, a "where" or an "order". Clients repeat their
    statements, so the last trees are kept: nobody changes them. Raises SalesforceError with `code`."""
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
        if char.lower() not in _ESCAPED:
            raise malformed_query(f"invalid escape sequence in string: \\{char}")
        return _ESCAPED[char.lower()]

    return _ESCAPE.sub(plain, literal[1:-1])


def _complaint(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return "unexpected token: <EOF>"
    at = (error.token.start_pos if isinstance(error, UnexpectedToken) else error.pos_in_stream) or 0
    before = _ALREADY_READ.search(text, 0, at)
    start = before.start() if before else at
    if _ALL_ROWS.match(text, start):
        return "ALL ROWS not allowed in this context"
    if known := _NOT_SPOKEN.match(text, start):
        return f"unexpected token: {known[0]} (not spoken by this twin)"
    word = _WORD.match(text, at)
    return f"unexpected token: {word[0] if word else text[at : at + 1]}"
