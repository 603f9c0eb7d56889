"""SOSL: what FIND means, which fields it looks in, and its limits. words.py holds the index it asks."""

import re
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from lark import Token, Tree

from sidebar.twin import moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User
from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import Row, Table
from sidebar.twin.query.columns import Scope, record, scope
from sidebar.twin.query.grammar import parse
from sidebar.twin.query.soql import clause, narrowed, whole_number
from sidebar.twin.query.words import Words

_CODE = "MALFORMED_SEARCH"
_MOST, _MOST_OF_ONE, _LONGEST = 2_000, 250, 10_000
_TEXT = {"string", "textarea", "picklist", "email", "phone", "url"}
_FIELDS: dict[str, Callable[[Field], bool]] = {
    "all": lambda field: field.type in _TEXT,
    "sidebar": lambda field: field.type in _TEXT,
    "name": lambda field: field.name_field,
    "email": lambda field: field.type == "email",
    "phone": lambda field: field.type == "phone",
}
_INDEXES: WeakKeyDictionary[Org, dict[tuple[str, tuple[str, ...]], Words]] = WeakKeyDictionary()
_TERMS = re.compile(r"(?:[^\W\d_]|[*?])+|(?:\d|[*?])+")


def run(org: Org, user: User, text: str, version: str) -> list[Row]:
    """The records a SOSL statement finds, as answers. Raises SalesforceError."""
    try:
        return _found(org, user, text, version)
    except RecursionError:
        raise SalesforceError(400, _CODE, "The search term is nested too deeply.") from None


def _found(org: Org, user: User, text: str, version: str) -> list[Row]:
    if not re.match(r"\s*find\s*\{\s*[^\s}]", text, re.IGNORECASE):
        message = "No search term found. The search term must be enclosed in braces."
        raise SalesforceError(400, _CODE, message)
    tree = parse(text, "search", _CODE)
    term = str(tree.children[0])[1:-1]
    wanted = _wanted(term)
    fields = clause(tree, "scope")
    kind = str(fields.children[0]).lower() if fields else "all"
    places = list(_places(org, user, text, tree))
    cap = _MOST_OF_ONE if len(places) == 1 else min(_MOST // len(places), _MOST_OF_ONE)
    found: list[Row] = []
    for where, returning in places:
        ids = set() if len(term) > _LONGEST else _matching(_words(org, where, kind), wanted)
        found += _answers(where, returning, _visible(org, where.table, ids), cap, version)
    return found[: whole_number(tree, "limit")]


def _wanted(term: str) -> Tree[Token]:
    letters = re.sub(r"\W", "", term)
    if len(letters) < 2 and letters.isascii():
        raise SalesforceError(400, _CODE, "search term must be longer than one character")
    return parse(term, "words", _CODE)


def _places(org: Org, user: User, text: str, tree: Tree[Token]) -> Iterator[tuple[Scope, Tree[Token]]]:
    named = [part for part in tree.children if isinstance(part, Tree) and part.data == "returning"]
    for returning in named:
        name = returning.children[0]
        assert isinstance(name, Token)
        yield scope(org, user, text, name), returning
    if not named:
        for sobject in org.schema.values():
            if sobject.searchable:
                yield Scope(org, user, text, sobject), Tree("returning", [])


def _answers(where: Scope, returning: Tree[Token], ids: set[str], cap: int, version: str) -> list[Row]:
    fields = clause(returning, "fields")
    paths = fields.children if fields else [Token("PATH", "Id", line=1, column=1)]
    columns = [where.column(path) for path in paths if isinstance(path, Token)]
    rows = narrowed(where, returning, ids)[:cap]
    return [record(columns, row, where.table, version) for row in rows]


def _words(org: Org, where: Scope, kind: str) -> Words:
    """One index for each object, kind of field and set of fields the user may read."""
    readable = [field for field in org.fields(where.user, where.sobject).values() if _FIELDS[kind](field)]
    key = (where.sobject.name, tuple(field.name for field in readable))
    words = _INDEXES.setdefault(org, {}).setdefault(key, Words(where.table, readable))
    words.catch_up()
    return words


def _visible(org: Org, table: Table, ids: set[str]) -> set[str]:
    if not org.search_lag_ms:
        return ids
    newest = moments.stamp(org.clock() - org.search_lag_ms)
    return {id_ for id_ in ids if str(table.live[id_]["CreatedDate"]) <= newest}


def _matching(words: Words, node: Tree[Token]) -> set[str]:
    match node.data:
        case "word":
            return set.intersection(*(words.with_word(term) for term in _terms(str(node.children[0]))))
        case "phrase":
            return words.with_phrase(_terms(str(node.children[0])[1:-1]))
    parts = [child for child in node.children if isinstance(child, Tree)]
    if node.data == "any":
        return set().union(*(_matching(words, part) for part in parts))
    if node.data == "but":
        return words.all() - _matching(words, parts[0])
    return set.intersection(*(_matching(words, part) for part in parts))


def _terms(typed: str) -> list[str]:
    """The words of what was typed, escaped characters being plain punctuation."""
    plain = re.sub(r"\\(.)", lambda found: found[1] if found[1].isalnum() else " ", typed, flags=re.DOTALL)
    terms: list[str] = _TERMS.findall(plain.lower())
    if any(term[0] in "*?" for term in terms):
        raise SalesforceError(400, _CODE, f"A search term cannot begin with a wildcard: {typed}")
    if not terms:
        raise SalesforceError(400, _CODE, f"No search term found in: {typed}")
    return terms
