"""What Salesforce is asked about people, for one look-up or for many at once: whole texts by query, digits by search.

An e-mail query is never OR-ed with a phone: that would lose the index. SOQL and SOSL Reference, "SOSL Limits"; REST API
Developer Guide, "Status Codes and Error Responses" (414).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from sidebar.contacts.clues import digits_of
from sidebar.contacts.people import People
from sidebar.contacts.trail import MOST
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import Refused

_MOST_OF_MANY = 2000  # rows in one page of an answer
_MOST_FOUND = 200  # of each object; a search shows 250 at most
_ADDRESS_BYTES = 10_000  # Salesforce refuses addresses of more than 16,384, and columns and headers take their share
_TERM_CHARACTERS = 3_500  # a longer search than 4,000 would lose its operators
_WHOLE_NUMBER = 7  # digits

Texts: TypeAlias = tuple[str, ...]


class Cut(Exception):
    """So many rows that some of them may be missing."""


@dataclass(frozen=True, slots=True)
class ByText:
    """Who has one of these texts in one of `fields`: an exact query, which Salesforce compares without case."""

    client: Client
    people: People
    fields: tuple[str, ...]

    @property
    def line(self) -> Hashable:
        return self.people, self.fields

    @property
    def room(self) -> int:
        return _ADDRESS_BYTES // len(self.fields)

    def size(self, want: Texts) -> int:
        return sum(map(_bytes, want))

    def parts(self, texts: Iterable[str]) -> list[Texts]:
        """What fits into one call each."""
        return [tuple(some) for some in soql.batches(texts, self.room)]

    async def ask(self, wants: Sequence[Texts]) -> Sequence[Sequence[Record]]:
        texts = soql.texts(dict.fromkeys(text for want in wants for text in want))
        most = MOST if len(wants) == 1 else _MOST_OF_MANY
        where = " OR ".join(f"{name} IN {texts}" for name in self.fields)
        found = await self.client.query(select(self.people, where, most))
        if len(wants) == 1:
            return [found]
        if len(found) >= most:
            raise Cut
        return [[record for record in found if self._has(record, want)][:MOST] for want in wants]

    def is_for_one(self, problem: Exception) -> bool:
        return _is_for_one(problem)

    def _has(self, record: Record, want: Texts) -> bool:
        texts = {_plain(text) for text in want}
        return any(_plain(str(record.get(name) or "")) in texts for name in self.fields)


@dataclass(frozen=True, slots=True)
class ByDigits:
    """Who has a phone number of these digits, however it is written: by the search index, which lags behind writes."""

    client: Client
    places: tuple[People, ...]

    @property
    def line(self) -> Hashable:
        return self.places

    @property
    def room(self) -> int:
        return _TERM_CHARACTERS

    def size(self, want: Texts) -> int:
        """In characters, of which the URL may need six for one."""
        return sum(max(len(_term(digits)) + 4, _bytes(digits) * _TERM_CHARACTERS // _ADDRESS_BYTES) for digits in want)

    def parts(self, digits: Iterable[str]) -> list[Texts]:
        return [tuple(some) for some in soql.batches(digits, _TERM_CHARACTERS)]

    async def ask(self, wants: Sequence[Texts]) -> Sequence[Sequence[Record]]:
        terms = " OR ".join(dict.fromkeys(_term(digits) for want in wants for digits in want))
        returning = ", ".join(f"{each.kind}({', '.join(each.columns)} LIMIT {_MOST_FOUND})" for each in self.places)
        found = await self.client.search(f"FIND {{{terms}}} IN PHONE FIELDS RETURNING {returning}")
        if len(wants) == 1:
            return [found]
        counts = [sum(kind_of(record) == each.kind for record in found) for each in self.places]
        if max(counts) >= _MOST_FOUND:
            raise Cut
        held = [(record, self._numbers(record)) for record in found]
        return [[record for record, numbers in held if _holds(numbers, want)] for want in wants]

    def is_for_one(self, problem: Exception) -> bool:
        return _is_for_one(problem)

    def _numbers(self, record: Record) -> Sequence[str]:
        [place] = [each for each in self.places if each.kind == kind_of(record)]
        return [digits_of(str(record[name])) for name in place.phones if record.get(name)]


def select(people: People, where: str, most: int) -> str:
    """`where` with quoted texts only."""
    columns = ", ".join(people.columns)
    return f"SELECT {columns} FROM {people.kind} WHERE {where} ORDER BY LastModifiedDate DESC LIMIT {most}"  # noqa: S608


def kind_of(record: Mapping[str, object]) -> str:
    attributes = record.get("attributes")
    return str(attributes.get("type")) if isinstance(attributes, dict) else ""


def _is_for_one(problem: Exception) -> bool:
    """A field that is hidden is hidden from all; what else is refused may be one's own."""
    return isinstance(problem, Cut) or (isinstance(problem, Refused) and problem.code != "INVALID_FIELD")


def _holds(numbers: Sequence[str], want: Texts) -> bool:
    return any(digits_of(digits) in number for digits in want for number in numbers)


def _term(digits: str) -> str:
    """A whole number may be followed by an extension, whose digits the index joins to it."""
    return soql.term(digits) + ("*" if len(digits) >= _WHOLE_NUMBER else "")


def _plain(text: str) -> str:
    return text.strip().casefold()


def _bytes(text: str) -> int:
    return len(quote(soql.text(text) + ", "))
