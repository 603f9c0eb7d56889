"""SOSL: what FIND means, which fields it looks in, and its limits. words.py holds the index it asks."""

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice, zip_longest
from weakref import WeakKeyDictionary

from lark import Token, Tree

from sidebar.twin import moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, User
from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import Row, Table
from sidebar.twin.query import words as index
from sidebar.twin.query.columns import Scope, record, seen
from sidebar.twin.query.conditions import passing
from sidebar.twin.query.grammar import parse
from sidebar.twin.query.paths import readable
from sidebar.twin.query.statements import clause, clauses, ordered, whole_number, within_limits
from sidebar.twin.query.words import Words

_CODE = "MALFORMED_SEARCH"
_MOST, _MOST_OF_ONE = 2_000, 250
_LONGEST, _LONGEST_TERM, _LONGEST_WITH_OPERATORS = 100_000, 10_000, 4_000
_TEXT = {"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url"}
_FIELDS: dict[str, Callable[[Field], bool]] = {
    "all": lambda field: field.type in _TEXT,
    "sidebar": lambda field: field.type in _TEXT,
    "name": lambda field: field.name_field,
    "email": lambda field: field.type == "email",
    "phone": lambda field: field.type == "phone",
}
_INDEXES: WeakKeyDictionary[Org, dict[tuple[str, str], Words]] = WeakKeyDictionary()
_TERMS = re.compile(r"(?:[^\W\d_]|[*?])+|(?:\d|[*?])+")


def run(org: Org, user: User, text: str, version: str) -> list[Row]:
    """The records a SOSL statement finds, as answers. Raises SalesforceError."""
    if len(text) > _LONGEST:
        raise SalesforceError(400, _CODE, f"The search is longer than {_LONGEST} characters.")
    try:
        return _found(org, user, text, version)
    except RecursionError:
        raise SalesforceError(400, _CODE, "The search term is nested too deeply.") from None


def _found(org: Org, user: User, text: str, version: str) -> list[Row]:
    if not re.match(r"\s*find\s*\{\s*[^\s}]", text, re.IGNORECASE):
        raise SalesforceError(400, _CODE, "No search term found. The search term must be enclosed in braces.")
    tree = parse(text, "search", _CODE)
    term = str(tree.children[0])[1:-1]
    fields = clause(tree, "scope")
    kind = str(fields.children[0]).lower() if fields else "all"
    wanted = _wanted(term)
    limit = whole_number(tree, "limit")
    places = list(_places(org, user, text, tree))
    found: list[list[Row]] = []
    for where, returning in places:
        ids = set() if len(term) > _LONGEST_TERM else _matching(where.table, _words(org, where, kind), wanted)
        analysed = set(sorted(_visible(org, where.table, ids))[:_MOST])
        found.append(_answers(where, returning, analysed, version)[: _cap(returning, len(places))])
    return _spread(found, limit)


def _wanted(term: str) -> Tree[Token]:
    """The words to look for. Operators in a long search are dropped: any of its words will do."""
    letters = re.sub(r"\W", "", term)
    if len(letters) < 2 and letters.isascii():
        raise SalesforceError(400, _CODE, "search term must be longer than one character")
    tree = parse(term, "words", _CODE)
    if len(term) <= _LONGEST_WITH_OPERATORS:
        return tree
    return Tree("any", [*tree.find_data("word"), *tree.find_data("phrase")])


def _places(org: Org, user: User, text: str, tree: Tree[Token]) -> Iterator[tuple[Scope, Tree[Token]]]:
    named = [part for part in clauses(tree) if part.data == "returning"]
    for returning in named:
        name = returning.children[0]
        assert isinstance(name, Token)
        sobject = seen(org, user, text, name)
        if not sobject.searchable:
            raise SalesforceError(400, "INVALID_TYPE", f"entity type {sobject.name} does not support search")
        yield Scope(org, user, text, sobject), returning
    if not named:
        for sobject in org.schema.values():
            if sobject.searchable and readable(org, user, sobject):
                yield Scope(org, user, text, sobject), Tree("returning", [])


def _answers(where: Scope, returning: Tree[Token], ids: set[str], version: str) -> list[Row]:
    fields = clause(returning, "fields")
    columns = [where.column(path) for path in (fields.children if fields else [Token("PATH", "Id")])]
    rows = ordered(where, returning, passing(where, clause(returning, "where"), ids))
    return [record(columns, row, where.table, version) for row in within_limits(returning, rows)]


def _cap(returning: Tree[Token], objects: int) -> int:
    """How many rows one of so many objects may show."""
    if objects > 1:
        return min(_MOST // objects, _MOST_OF_ONE)
    return _MOST if clause(returning, "where") or clause(returning, "order") else _MOST_OF_ONE


def _spread(found: list[list[Row]], limit: int | None) -> list[Row]:
    """All rows, object by object; of too many, the objects take turns."""
    turns = chain.from_iterable(zip_longest(*([(place, row) for row in rows] for place, rows in enumerate(found))))
    taken = sorted(islice(filter(None, turns), limit), key=lambda pair: pair[0])
    return [row for _, row in taken]


def _words(org: Org, where: Scope, kind: str) -> list[Words]:
    """The words of each field looked in that the user may read."""
    known = _INDEXES.setdefault(org, {})
    readable = [field for field in org.fields(where.user, where.sobject).values() if _FIELDS[kind](field)]
    words = [known.setdefault((where.sobject.name, field.name), Words(where.table, field)) for field in readable]
    for each in words:
        each.catch_up()
    return words


def _visible(org: Org, table: Table, ids: set[str]) -> set[str]:
    """Without the rows written too lately for the index to know them as they are."""
    if not org.setup.search_lag_ms:
        return ids
    newest = moments.stamp(org.clock() - org.setup.search_lag_ms)
    return {id_ for id_ in ids if str(table.live[id_]["SystemModstamp"]) <= newest}


def _matching(table: Table, words: list[Words], node: Tree[Token]) -> set[str]:
    match node.data:
        case "word":
            return set.intersection(*(_with_word(words, term) for term in _terms(str(node.children[0]))))
        case "phrase":
            phrase = _terms(str(node.children[0])[1:-1])
            return set().union(*(each.with_phrase(phrase) for each in words))
    parts = clauses(node)
    if node.data == "but":
        return set(table.live) - _matching(table, words, parts[0])
    found = (_matching(table, words, part) for part in parts)
    return set().union(*found) if node.data == "any" else set.intersection(*found)


def _with_word(words: list[Words], term: str) -> set[str]:
    return set().union(*(each.with_word(term) for each in words))


def _terms(typed: str) -> list[str]:
    """The words of what was typed, escaped characters being plain punctuation."""
    plain = re.sub(r"\\(.)", lambda found: found[1] if found[1].isalnum() else " ", typed, flags=re.DOTALL)
    terms: list[str] = _TERMS.findall(index.plain(plain))
    if any(term[0] in "*?" for term in terms):
        raise SalesforceError(400, _CODE, f"A search term cannot begin with a wildcard: {typed}")
    if not terms:
        raise SalesforceError(400, _CODE, f"No search term found in: {typed}")
    return terms
