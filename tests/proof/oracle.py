"""What our database has to hold, judged by the org alone.

Knows the twin and plain SQL, and nothing of the product: it must not share its mistakes.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg

from sidebar.twin.org import Change, Org

SHOWN = ("AccountId", "Title", "Email", "Phone", "Birthdate", "MailingCity", "Description", "Loyalty_Points__c")
"""What the workspace of the proof shows. Besides these, people are found and called by the following."""

ALWAYS = (
    "FirstName",
    "LastName",
    "Email",
    "Second_Email__c",
    "Phone",
    "MobilePhone",
    "HomePhone",
    "OtherPhone",
    "AssistantPhone",
    "WhatsApp__c",
    "Fax",
    "MailingCountry",
)
KEPT = tuple(sorted({*SHOWN, *ALWAYS}))
NUMBERED = re.compile(r"№\w+")
"""Histories number whom they make, in the last name: so a local contact shows whose Contact it was made of."""


@dataclass
class Oracle:
    """`before`: the Contacts that were there when the workspace was connected; `withdrawn`: fields nobody may read."""

    org: Org
    database_url: str
    before: frozenset[str]
    withdrawn: set[str] = field(default_factory=set)

    _heirs: set[object] = field(default_factory=set)
    _numbers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._number(self.before)
        self.org.on_change(self._note)

    def _note(self, change: Change) -> None:
        """Whom somebody was merged into, which nobody knows any more once that one is purged or undeleted."""
        self._heirs |= {row.get("MasterRecordId") for row in self.org.tables["Contact"].bin.values()}
        self._number(change.ids)

    def _number(self, ids: Iterable[str]) -> None:
        living = self.org.tables["Contact"].live
        for id in ids:
            for number in NUMBERED.findall(str(living.get(id, {}).get("LastName"))):
                self._numbers[number] = id

    def differences(self) -> list[str]:
        """Empty where our database is what the org makes it, and nothing is left to be read."""
        living = {str(row["Id"]): row for row in self.org.rows("Contact")}
        return [*self._walks(), *self._records(living), *self._marks(living), *self._people(living), *self._doubles()]

    def _walks(self) -> Iterator[str]:
        for ended_at, then in self.query("SELECT ended_at, then FROM sweeps"):
            if ended_at is None or then:
                yield "records are still being read"

    def _records(self, living: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
        fields = self.org.sobject("Contact").fields
        kept = [name for name in KEPT if name not in self.withdrawn and name.lower() in fields]
        missing = {id: {name: row.get(name) for name in kept} for id, row in living.items()}
        for id, deleted, dirty, values in self.query("SELECT id, deleted, dirty, values FROM records"):
            copy = json.loads(values) if isinstance(values, str) else values
            there = missing.pop(id, None)
            if dirty:
                yield f"record {id} has still to be read"
            elif bool(deleted) == (there is not None):
                yield f"record {id} is {'gone' if deleted else 'alive'} here and not there"
            elif deleted and copy:
                yield f"record {id} is gone, and something of it is kept"
            elif there is not None and copy != there:
                wrong = {name: (copy.get(name, "?"), there.get(name)) for name in {*copy, *there}}
                yield f"record {id} differs: { {name: two for name, two in wrong.items() if two[0] != two[1]} }"
        yield from (f"record {id} is missing" for id in missing)

    def _marks(self, living: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
        """Who lives is found by each address of theirs, and by no other."""
        shown = [name for name in KEPT if name not in self.withdrawn]
        there = {(id, mark) for id, row in living.items() for name in shown for mark in _mark(name, row.get(name))}
        here = {(id, mark) for id, mark in self.query("SELECT record_id, mark FROM record_marks")}
        yield from (f"record {id} is not found by {mark}" for id, mark in there - here)
        yield from (f"record {id} is found by {mark}, which is not theirs" for id, mark in here - there)

    def _people(self, living: Mapping[str, object]) -> Iterator[str]:
        """One for each Contact made since; who is gone again may have left one behind, or to whom it was merged into.
        Of those from before only who comes out of the bin may have one."""
        rows = self.query("SELECT salesforce_id FROM contacts WHERE salesforce_id IS NOT NULL")
        linked = Counter(id for (id,) in rows)
        yield from (f"{id} has {number} local contacts" for id, number in linked.items() if number > 1)
        yield from (f"{id} has no local contact" for id in living.keys() - self.before - linked.keys())
        yield from (
            f"{id} has a local contact" for id in linked.keys() & self.before - self._heirs - self._back().keys()
        )
        merged = {id for id, row in self.org.tables["Contact"].bin.items() if row.get("MasterRecordId")}
        yield from (f"{id} was merged, and its local contact has not followed" for id in linked.keys() & merged)

    def _doubles(self) -> Iterator[str]:
        """Of one Contact one local contact is made, and one more at most each time it comes out of the bin: its first
        may have become somebody else's by then."""
        names = [(name, link) for name, link in self.query("SELECT name, salesforce_id FROM contacts")]
        made = Counter(number for name, _ in names for number in NUMBERED.findall(name))
        back = self._back()
        for number, count in made.items():
            if count > 1 + back[self._numbers[number]]:
                yield f"{count} local contacts were made of {number}"
        unnumbered = sorted(name for name, _ in names if not NUMBERED.search(name))
        yield from (f"nobody in the org was ever called {name}" for name in unnumbered)

    def _back(self) -> Counter[str]:
        """How often each came out of the bin."""
        return Counter(id for change in self.org.changes if change.kind.endswith("UNDELETE") for id in change.ids)

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=10)) as database:
                return database.execute(_quoted(sql)).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(_quoted(sql).encode()).fetchall()


def _mark(name: str, value: object) -> Iterator[str]:
    if isinstance(value, str) and name.startswith(("Email", "Second")):
        yield f"e:{value.lower()}"
    elif isinstance(value, str) and name.endswith("Phone"):
        yield f"p:{re.sub('[^0-9]', '', value)[-7:]}"


def _quoted(sql: str) -> str:
    """Some names are words of SQL."""
    return re.sub(r"\b(values|then)\b", r'"\1"', sql)
