"""What goes on around the people: their leads, cases, opportunities, tasks and subscriptions.

The cast's own are written down one by one in `business.json`, the crowd gets some by turns. Days and moments there
count from the day the org is filled: "{-3}" is a day, "{-3 09:12}" a moment. Must not know how people are made.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sidebar.twin import moments
from sidebar.twin.org import JSON, Org, Row

# the fields that name the person and the company, by object
_LINKS = {
    "Case": ("ContactId", "AccountId"),
    "Opportunity": ("ContactId", "AccountId"),
    "Task": ("WhoId", "AccountId"),
    "Subscription__c": ("Contact__c", "Account__c"),
    "Lead": ("ConvertedContactId", "ConvertedAccountId"),
}
_WHEN = re.compile(r"\{([+-]\d+)(?: (\d\d):(\d\d))?\}")
_NOT_THEIRS = ("object", "of", "every")


def load(org: Org, cast: Iterable[str], crowd: Iterable[str], leads: Iterable[Row]) -> None:
    """Business of these contacts, given by their ids, and leads. No events."""
    made = [*_of_cast(_rows(org, cast)), *_of_crowd(_rows(org, crowd)), *(("Lead", row) for row in leads)]
    for name in _LINKS:
        org.load(name, [_dated(row, org.clock()) for kind, row in made if kind == name])


@cache
def _story() -> dict[str, Any]:
    story: dict[str, Any] = json.loads((Path(__file__).parent / "business.json").read_text("utf-8"))
    return story


def _rows(org: Org, ids: Iterable[str]) -> list[Row]:
    return [row for row in (org.row("Contact", id_) for id_ in ids) if row]


def _of_cast(contacts: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    known = {contact["LastName"]: contact for contact in contacts}
    for entry in _story()["cast"]:
        if "of" not in entry or entry["of"] in known:
            yield entry["object"], _linked(entry, known.get(entry.get("of"), {}))


def _of_crowd(contacts: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    for entry in _story()["crowd"]:
        for contact in contacts[:: entry["every"]]:
            yield entry["object"], _linked(entry, contact)


def _linked(entry: Mapping[str, JSON], contact: Row) -> Row:
    person, company = _LINKS[str(entry["object"])]
    row = {name: value for name, value in entry.items() if name not in _NOT_THEIRS}
    return row | {person: contact.get("Id"), company: contact.get("AccountId")}


def _dated(row: Row, now: int) -> Row:
    return {name: _moment(value, now) if isinstance(value, str) else value for name, value in row.items()}


def _moment(text: str, now: int) -> str:
    found = _WHEN.fullmatch(text)
    if not found:
        return text
    day = moments.day(now + int(found[1]) * moments.DAY)
    if found[2] is None:
        return day.isoformat()
    return moments.stamp(moments.start_of(day) + (int(found[2]) * 60 + int(found[3])) * 60_000)
