"""The search index: words of names, mails and phones, found as an org's would find them, with its blindness.

How orgs index phones is not documented. This twin assumes little: a number is found by all its digits joined, by its
ten national digits where it is North American, and by each group of digits as typed. See `phone_words`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import Table
from sidebar.twin.query import patterns

_WORDS = re.compile(r"[^\W\d_]+|\d+")


class Words:
    """Which rows of a table hold which word in some of their fields; brought up to date before every use."""

    def __init__(self, table: Table, fields: Iterable[Field]) -> None:
        self._table = table
        self._fields = list(fields)
        self._of: dict[str, list[list[str]]] = {}  # id → the words of each field, in order
        self._rows: dict[str, set[str]] = defaultdict(set)
        self._seen = 0

    def catch_up(self) -> None:
        for id_ in self._table.touched[self._seen :]:
            for words in self._of.pop(id_, []):
                for word in words:
                    self._rows[word].discard(id_)
            if row := self._table.live.get(id_):
                self._of[id_] = [words_of(field, str(row[field.name])) for field in self._fields if field.name in row]
            for words in self._of.get(id_, []):
                for word in words:
                    self._rows[word].add(id_)
        self._seen = len(self._table.touched)

    def all(self) -> set[str]:
        return set(self._of)

    def with_word(self, word: str) -> set[str]:
        """Rows with the word; `*` and `?` stand for characters in its middle or at its end."""
        if not {"*", "?"} & set(word):
            return set(self._rows.get(word, ()))
        fits = patterns.matcher(word, "*", "?")
        return set().union(*(rows for known, rows in self._rows.items() if fits(known)))

    def with_phrase(self, words: list[str]) -> set[str]:
        near = set.intersection(*(self.with_word(word) for word in words))
        return {id_ for id_ in near if any(_holds(field, words) for field in self._of[id_])}


def words_of(field: Field, value: str) -> list[str]:
    return phone_words(value) if field.type == "phone" else _WORDS.findall(value.lower())


def phone_words(value: str) -> list[str]:
    """The digit groups as typed, then the whole number, then the national form of a North American one."""
    groups = _WORDS.findall(value.lower())
    digits = "".join(char for char in value if char.isdigit())
    national = [digits[1:]] if len(digits) == 11 and digits.startswith("1") else []
    return [*groups, *([digits] if digits not in groups and digits else []), *national]


def _holds(field: list[str], words: list[str]) -> bool:
    return any(field[at : at + len(words)] == words for at in range(len(field)))
