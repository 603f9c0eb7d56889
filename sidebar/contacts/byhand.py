"""What an agent types to find somebody by: a name, an e-mail address, a phone number, or a company.

Whoever it brings is for the agent to judge: here nothing has to be the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sidebar.contacts import phones
from sidebar.contacts.candidates import Candidate, Kind
from sidebar.contacts.clues import Compared, digits_of, inputs_of
from sidebar.contacts.people import People
from sidebar.contacts.questions import ByText, Texts, kind_of, select
from sidebar.contacts.trail import MOST
from sidebar.identity import Identity, email_key, email_spellings
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import NotFound, Refused

_LONGEST = 200
_MOST_WORDS = 8
_NUMBER = re.compile(r"[\d\s()+./-]+")
_FEWEST_DIGITS = 3
_WORD = re.compile(r"[^\W_]+")
_OPERATORS = ("and", "or", "not")  # a search with one of these for a word is refused


class ByHand:
    """`leads`: None where they are not wanted, or cannot be read."""

    def __init__(self, client: Client, contacts: People, leads: People | None, region: str) -> None:
        self._client = client
        self._contacts = contacts
        self._places = (contacts, leads) if leads else (contacts,)
        self._region = region

    async def find(self, text: str) -> tuple[list[Candidate], list[Record]]:
        """Those found, and what was read of them."""
        plain = unicodedata.normalize("NFKC", text).strip()[:_LONGEST]
        if key := email_key(plain):
            return self._candidates(Identity(emails=(plain,)), await self._by_email(email_spellings(key)))
        if _NUMBER.fullmatch(plain) and len(digits_of(plain)) >= _FEWEST_DIGITS:
            return self._candidates(Identity(phones=(plain,)), await self._by_number(plain))
        return self._candidates(Identity(), await self._by_words(plain))

    async def _by_email(self, texts: Texts) -> list[Record]:
        asked = (ByText(self._client, place, (name,)) for place in self._places for name in place.emails)
        return [record for question in asked for [rows] in [await question.ask([texts])] for record in rows]

    async def _by_number(self, text: str) -> list[Record]:
        inputs = inputs_of(Identity(phones=(text,)), self._region)
        keys = {key.value for each in inputs for key in each.keys}
        strings = dict.fromkeys([*phones.digit_strings(keys), digits_of(text).lstrip("0")])
        terms = " OR ".join(f"{soql.term(each)}*" for each in strings if len(each) >= _FEWEST_DIGITS)
        return await self._client.search(f"FIND {{{terms}}} IN PHONE FIELDS RETURNING {self._returning()}")

    async def _by_words(self, text: str) -> list[Record]:
        """Each of them has to begin a word of the record, or of the company."""
        words = [word for word in _WORD.findall(text) if _is_told(word)][:_MOST_WORDS]
        if not words:
            return []
        terms = " AND ".join(f"{soql.term(word)}*" for word in words)
        search = f"FIND {{{terms}}} IN ALL FIELDS RETURNING {self._returning()}"
        try:
            found = await self._client.search(f"{search}, Account(Id LIMIT {MOST})")
        except (NotFound, Refused):
            return await self._client.search(search)  # whoever may not see accounts finds people all the same
        return [*(each for each in found if kind_of(each) != "Account"), *await self._of_companies(found)]

    async def _of_companies(self, found: Iterable[Record]) -> list[Record]:
        ids = [str(each["Id"]) for each in found if kind_of(each) == "Account"]
        if not ids or "AccountId" not in self._contacts.columns:
            return []
        return await self._client.query(select(self._contacts, f"AccountId IN {soql.texts(ids)}", MOST))

    def _returning(self) -> str:
        return ", ".join(f"{each.kind}({', '.join(each.columns)} LIMIT {MOST})" for each in self._places)

    def _candidates(self, customer: Identity, found: Sequence[Record]) -> tuple[list[Candidate], list[Record]]:
        compared = Compared(inputs_of(customer, self._region), self._region)
        places = {place.kind: place for place in self._places}
        rows = list({str(record["Id"]): record for record in found}.values())[: 2 * MOST]
        return [compared.candidate(places[_kind(row)], row) for row in rows], rows


def _is_told(word: str) -> bool:
    return (len(word) > 1 or not word.isascii()) and word.lower() not in _OPERATORS


def _kind(record: Record) -> Kind:
    return "Lead" if kind_of(record) == "Lead" else "Contact"
