"""What contacts are found by when somebody types: beginnings of words, and whole addresses.

Every word of a name and of an e-mail address counts from each of its parts on: Anne-Marie is found by "anne-m" and by
"marie", amara@brightloom.example by "amara@b" and by "bright". Addresses are kept whole, too, as `email:…`, `phone:+…`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, func, select, union

from sidebar.store import rows
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import contact_terms

LONGEST = 100
"""Characters of a word that count."""

MOST = 8
"""Words that count: of a name, and of what is typed."""

Had: TypeAlias = tuple[str, str, Iterable[str]]
"""A workspace, a contact of it, and the terms it has."""

_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_PART = re.compile(r"(?<![^\W_])[^\W_]")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"})
_END = chr(0x10FFFF)


def terms_of(name: str, email: str | None, phone: str | None) -> list[str]:
    """The distinct terms of a person; of the phone its digits, for what is no number of any plan."""
    address = _fold(email or "")
    before_com = address.rpartition(".")[0]  # "com" would find everybody
    of_name = (part for word in words_of(name) for _, part in _parts(word))
    of_address = (part for at, part in _parts(address) if at < len(before_com))
    digits = re.sub(r"\D", "", phone or "")[:LONGEST]
    return list(dict.fromkeys([*of_name, *of_address, *([digits] if digits else [])]))


def words_of(text: str) -> list[str]:
    """As they are compared: without case, accents, and the signs around them; what is nothing but signs stays."""
    typed = _fold(text).split()
    words = [word for each in typed if (word := _AROUND.sub("", each))]
    return (words or typed)[:MOST]


async def put(connection: AsyncConnection, had: Iterable[Had]) -> None:
    await rows.insert(connection, contact_terms, list(_rows(had)))


async def drop(connection: AsyncConnection, had: Iterable[Had]) -> None:
    await rows.remove(connection, contact_terms, list(_rows(had)))


def having(workspace_id: str, term: str) -> Select[str]:
    """The ids of contacts that have exactly this term."""
    return _contacts(workspace_id, contact_terms.c.term == term)


def first_of_each(workspace_id: str, terms: Collection[str]) -> Select[str, str, str]:
    """For each of these terms that somebody has the workspace, the term, and one contact that has it."""
    found = contact_terms.c
    mine = select(found.workspace_id, found.term, func.min(found.contact_id))
    return mine.where(found.workspace_id == workspace_id, found.term.in_(terms)).group_by(
        found.workspace_id, found.term
    )


def beginning(workspace_id: str, *starts: str) -> Select[str]:
    """The ids of contacts with a term that begins with one of these."""
    each = [
        _contacts(workspace_id, (contact_terms.c.term >= start) & (contact_terms.c.term < start + _END))
        for start in starts
    ]
    return select(union(*each).subquery().c.contact_id) if len(each) > 1 else each[0]  # not OR: it would read all


def _rows(had: Iterable[Had]) -> Iterator[dict[str, str]]:
    for workspace_id, contact_id, terms in had:
        yield from ({"workspace_id": workspace_id, "term": term, "contact_id": contact_id} for term in terms)


def _contacts(workspace_id: str, fits: ColumnElement[bool]) -> Select[str]:
    return select(contact_terms.c.contact_id).where(contact_terms.c.workspace_id == workspace_id, fits)


def _parts(word: str) -> Iterator[tuple[int, str]]:
    """Where each part begins, and the word from there on."""
    return ((found.start(), word[found.start() :][:LONGEST]) for found in _PART.finditer(word))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("\0", "").casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_PLAIN)
