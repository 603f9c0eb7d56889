"""Parameterised search: a search given as names and numbers instead of a SOSL statement, which is made of them."""

import json
import re
from collections.abc import Mapping

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
    _check_known(given, _KNOWN)
    term = given.get("q")
    if not isinstance(term, str) or not term.strip():
        raise _wrong("MISSING_ARGUMENT", "The search term (q) is required.")
    if not _TERM.fullmatch(term):
        raise _wrong("MALFORMED_SEARCH", f"A brace in the search term must be escaped: {term}")
    place = str(given.get("in", "ALL")).upper()
    if place not in _PLACES:
        raise _wrong("INVALID_SEARCH_SCOPE", f"Invalid search group: {place}")
    parts = [_returning(given, each) for each in _list(given, "sobjects")]
    if "offset" in given and len(parts) != 1:
        raise _wrong("INVALID_SEARCH", "An offset is possible in a search for one object only.")
    returning = f" RETURNING {', '.join(parts)}" if parts else ""
    return f"FIND {{{term}}} IN {place} FIELDS{returning} LIMIT {_number(given, 'overallLimit', _MOST)}"


def _returning(given: Mapping[str, JSON], one: JSON) -> str:
    if not isinstance(one, dict):
        raise _wrong("JSON_PARSER_ERROR", f"Each of sobjects must be an object, found: {json.dumps(one)}")
    _check_known(one, _KNOWN_OF_ONE)
    clauses = [", ".join(_names(one, "fields") or _names(given, "fields") or ["Id"])]
    for name, words in {"where": "WHERE", "orderBy": "ORDER BY"}.items():
        if name in one:
            clauses.append(f"{words} {_clause(words, one[name])}")
    clauses.append(f"LIMIT {_number(one, 'limit', _number(given, 'defaultLimit', _MOST))}")
    clauses.append(f"OFFSET {_number(given, 'offset', 0)}")
    return f"{_name(one.get('name'))}({' '.join(clauses)})"


def _clause(words: str, value: JSON) -> str:
    """A condition or an order that reads well by itself, so that it cannot end the clause it is put in."""
    text = str(value)
    parse(f"{words} {text}", "where" if words == "WHERE" else "order", "MALFORMED_SEARCH")
    return text


def _names(given: Mapping[str, JSON], key: str) -> list[str]:
    return [_name(each) for each in _list(given, key)]


def _name(value: JSON) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _wrong("INVALID_FIELD", f"Not a name: {json.dumps(value)}")
    return value


def _list(given: Mapping[str, JSON], key: str) -> list[JSON]:
    value = given.get(key) or []
    if not isinstance(value, list):
        raise _wrong("JSON_PARSER_ERROR", f"{key} must be an array, found: {json.dumps(value)}")
    return value


def _number(given: Mapping[str, JSON], key: str, otherwise: int) -> int:
    value = given.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise _wrong("NUMBER_OUTSIDE_VALID_RANGE", f"{key} must be a number from 0 to {_MOST}")
    return value


def _check_known(given: Mapping[str, JSON], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise _wrong("JSON_PARSER_ERROR", f'Unrecognized field "{key}" (not spoken by this twin)')


def _wrong(code: str, message: str) -> SalesforceError:
    return SalesforceError(400, code, message)
