"""The search index: words of names, mails and phones, found as an org's would find them, with its blindness.

How orgs index phones is not documented. This twin assumes little: a number is found by all its digits joined, by its
ten national digits where it is North American, and by each group of digits as typed. See `phone_words`.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from sidebar.twin.org.describe import Field
from sidebar.twin.org.rows import Table
from sidebar.twin.query import patterns

_WORDS = re.compile(r"[^\W\d_]+|\d+")
_ACCENTS = re.compile("[\u0300-\u036f]")


class Words:
    """Which rows of a table hold which word in one of their fields; brought up to date before every use."""

    def __init__(self, table: Table, field: Field) -> None:
        self._table = table
        self._field = field
        self._values: dict[str, str] = {}  # by id
        self._rows: dict[str, set[str]] = defaultdict(set)
        self._vocabulary: list[str] = []  # every word ever met, sorted, so that a prefix is a stretch of it
        self._seen = 0

    def catch_up(self) -> None:
        for id_ in self._table.touched[self._seen :]:
            for word in words_of(self._field, self._values.pop(id_, "")):
                self._rows[word].discard(id_)
            value = self._table.live.get(id_, {}).get(self._field.name)
            if isinstance(value, str):
                self._values[id_] = value
                for word in words_of(self._field, value):
                    self._rows[word].add(id_)
        self._seen = len(self._table.touched)

    def with_word(self, word: str) -> set[str]:
        """Rows with the word; `*` and `?` stand for characters in its middle or at its end."""
        if not {"*", "?"} & set(word):
            return self._rows.get(word, set())
        prefix = re.split(r"[*?]", word)[0]
        fits = patterns.matcher(word, "*", "?")
        return set().union(*(self._rows[known] for known in self._beginning(prefix) if fits(known)))

    def with_phrase(self, words: list[str]) -> set[str]:
        near = set.intersection(*(self.with_word(word) for word in words))
        return {id_ for id_ in near if _holds(words_of(self._field, self._values[id_]), words)}

    def _beginning(self, prefix: str) -> Iterator[str]:
        if len(self._vocabulary) < len(self._rows):
            self._vocabulary = sorted(self._rows)
        for place in range(bisect_left(self._vocabulary, prefix), len(self._vocabulary)):
            if not self._vocabulary[place].startswith(prefix):
                return
            yield self._vocabulary[place]


def plain(text: str) -> str:
    """Without case and accents, to which the index is blind."""
    return text.lower() if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFD", text)).lower()


def words_of(field: Field, value: str) -> list[str]:
    return phone_words(value) if field.type == "phone" else _WORDS.findall(plain(value))


def phone_words(value: str) -> list[str]:
    """The digit groups as typed, then the whole number, then the national form of a North American one."""
    groups = _WORDS.findall(plain(value))
    digits = "".join(char for char in value if char.isdigit())
    national = [digits[1:]] if len(digits) == 11 and digits.startswith("1") else []
    return [*groups, *([digits] if digits not in groups and digits else []), *national]


def _holds(field: list[str], words: list[str]) -> bool:
    return any(field[at : at + len(words)] == words for at in range(len(field)))
