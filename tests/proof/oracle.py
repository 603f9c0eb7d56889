"""What our database has to hold, judged by the org alone.

Knows the twin and plain SQL, and nothing of the product: it must not share its mistakes.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
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


@dataclass
class Oracle:
    """`before`: the Contacts that were there when the workspace was connected; `withdrawn`: fields nobody may read."""

    org: Org
    database_url: str
    before: frozenset[str]
    withdrawn: set[str] = field(default_factory=set)

    _heirs: set[object] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.org.on_change(self._note)

    def _note(self, change: Change) -> None:
        """Whom somebody was merged into, which nobody knows any more once that one is purged or undeleted."""
        self._heirs |= {row.get("MasterRecordId") for row in self.org.tables["Contact"].bin.values()}

    def differences(self) -> list[str]:
        """Empty where our database is what the org makes it."""
        return [*self._records(), *self._people()]

    def _records(self) -> Iterator[str]:
        kept = [name for name in KEPT if name not in self.withdrawn]
        living = {str(row["Id"]): {name: row.get(name) for name in kept} for row in self.org.rows("Contact")}
        for id, deleted, dirty, values in self._query("SELECT id, deleted, dirty, values FROM records"):
            copy = json.loads(values) if isinstance(values, str) else values
            there = living.pop(id, None)
            if dirty:
                yield f"record {id} has still to be read"
            elif bool(deleted) == (there is not None):
                yield f"record {id} is {'gone' if deleted else 'alive'} here and not there"
            elif there is not None and copy != there:
                wrong = {name: (copy.get(name, "?"), there.get(name)) for name in {*copy, *there}}
                yield f"record {id} differs: { {name: two for name, two in wrong.items() if two[0] != two[1]} }"
        yield from (f"record {id} is missing" for id in living)

    def _people(self) -> Iterator[str]:
        """One for each Contact made since; who is gone again may have left one behind, or to whom it was merged into.
        Of those from before only who comes out of the bin may have one."""
        rows = self._query("SELECT salesforce_id FROM contacts WHERE salesforce_id IS NOT NULL")
        linked = Counter(id for (id,) in rows)
        yield from (f"{id} has {number} local contacts" for id, number in linked.items() if number > 1)
        living = {str(row["Id"]) for row in self.org.rows("Contact")}
        yield from (f"{id} has no local contact" for id in living - self.before - linked.keys())
        back = {id for change in self.org.changes if change.kind.endswith("UNDELETE") for id in change.ids}
        yield from (f"{id} has a local contact" for id in linked.keys() & self.before - self._heirs - back)

    def _query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=10)) as database:
                return database.execute(_quoted(sql)).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(_quoted(sql).encode()).fetchall()


def _quoted(sql: str) -> str:
    """`values` is a word of SQL."""
    return sql.replace(" values ", ' "values" ')
