"""Parameterised search: a search given as names and numbers instead of a SOSL statement, which is made of them."""

import re
from collections.abc import Mapping

from sidebar.twin import bodies
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User
from sidebar.twin.org.rows import JSON, Row
from sidebar.twin.query import search
from sidebar.twin.query.grammar import parse

_KNOWN = {"q", "in", "fields", "sobjects", "defaultLimit", "overallLimit", "offset", "spellCorrection", "metadata"}
_KNOWN_OF_ONE = {"name", "fields", "where", "limit", "orderBy"}
_PLACES = {"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"}
_MOST = 2_000
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.]*")
_TERM = re.compile(r"(\\.|[^{}\\])+", re.DOTALL)


def run(org: Org, user: User, given: Mapping[str, JSON], version: str) -> list[Row]:
    """The records found, as answers, by the body of a POST to parameterizedSearch. Raises SalesforceError."""
    return search.run(org, user, _statement(given), version)


def _statement(given: Mapping[str, JSON]) -> str:
    bodies.check_known(given, _KNOWN)
    term = bodies.member(given, "q", "")
    if not term.strip():
        raise _wrong("MISSING_ARGUMENT", "The search term (q) is required.")
    if not _TERM.fullmatch(term):
        raise _wrong("MALFORMED_SEARCH", f"A brace in the search term must be escaped: {term}")
    place = bodies.member(given, "in", "ALL").upper()
    if place not in _PLACES:
        raise _wrong("INVALID_SEARCH_SCOPE", f"Invalid search group: {place}")
    parts = [_returning(given, each) for each in bodies.members(given, "sobjects", dict)]
    if "offset" in given and len(parts) != 1:
        raise _wrong("INVALID_SEARCH", "An offset is possible in a search for one object only.")
    returning = f" RETURNING {', '.join(parts)}" if parts else ""
    return f"FIND {{{term}}} IN {place} FIELDS{returning} LIMIT {_number(given, 'overallLimit', _MOST)}"


def _returning(given: Mapping[str, JSON], one: Mapping[str, JSON]) -> str:
    bodies.check_known(one, _KNOWN_OF_ONE)
    fields = bodies.members(one, "fields", str) or bodies.members(given, "fields", str) or ["Id"]
    clauses = [", ".join(map(_name, fields))]
    for key, words, start in (("where", "WHERE", "where"), ("orderBy", "ORDER BY", "order")):
        if text := bodies.member(one, key, ""):
            # read by itself first, so that it cannot end the clause it is put in
            parse(f"{words} {text}", start, "MALFORMED_SEARCH")
            clauses.append(f"{words} {text}")
    clauses.append(f"LIMIT {_number(one, 'limit', _number(given, 'defaultLimit', _MOST))}")
    clauses.append(f"OFFSET {_number(given, 'offset', 0)}")
    return f"{_name(bodies.member(one, 'name', ''))}({' '.join(clauses)})"


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise _wrong("INVALID_FIELD", f"Not a name: {text}")
    return text


def _number(given: Mapping[str, JSON], key: str, otherwise: int) -> int:
    value = given.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise _wrong("NUMBER_OUTSIDE_VALID_RANGE", f"{key} must be a number from 0 to {_MOST}")
    return value


def _wrong(code: str, message: str) -> SalesforceError:
    return SalesforceError(400, code, message)
