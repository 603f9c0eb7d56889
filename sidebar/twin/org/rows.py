"""Rows in memory: what is stored of each record, and the fields that are worked out of others.

Neither null nor false is kept, so a hundred thousand contacts stay small. Stored rows are never changed in
place: who holds one holds a snapshot. Knows describes, nothing of users, events or HTTP.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TypeAlias

from sidebar.twin import ids
from sidebar.twin.org import formulas
from sidebar.twin.org.describe import SObject

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Row: TypeAlias = dict[str, JSON]
Stored: TypeAlias = Mapping[str, JSON]


class Table:
    """The live rows of one object by id, the deleted ones in its bin, and an index for each field asked for by value.

    An index is made when it is first needed, so that a table nobody asks costs nothing."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.live: dict[str, Stored] = {}
        self.bin: dict[str, Stored] = {}
        self.touched: list[str] = []  # ids in the order they were written, for whoever keeps an index of words
        self._made = 0
        self._indexes: dict[str, dict[str, set[str]]] = {}

    def new_id(self) -> str:
        return ids.new(self.sobject.prefix, self._made + 1)

    def put(self, row: Mapping[str, JSON]) -> Stored:
        """Keep a row: in the bin when it says IsDeleted, else among the living."""
        id_ = str(row["Id"])
        stored = {name: value for name, value in row.items() if value is not None and value is not False}
        if name := full_name(self.sobject, stored):
            stored["Name"] = name
        home, other = (self.bin, self.live) if stored.get("IsDeleted") else (self.live, self.bin)
        self._unindex(id_)
        other.pop(id_, None)
        home[id_] = stored
        self.retire(id_)
        self.touched.append(id_)
        for field, index in self._indexes.items():
            self._note(index, field, id_)
        return stored

    def retire(self, id_: str) -> None:
        """No new record gets this id or one before it."""
        self._made = max(self._made, ids.number(id_))

    def forget(self, id_: str) -> None:
        self._unindex(id_)
        self.live.pop(id_, None)
        self.bin.pop(id_, None)
        self.touched.append(id_)

    def lookup(self, field: str, values: Iterable[str]) -> set[str] | None:
        """The ids of live rows whose field is one of these texts, whatever the case: a few too many where ids differ
        in case only. None when no index knows the field."""
        if field == "Id":
            return {value for value in values if value in self.live}
        known = self.sobject.fields.get(field.lower())
        if known is None or not (known.is_key or known.type == "reference" or known.name_field):
            return None
        index = self._index(known.name)
        return set().union(*(index.get(value.lower(), ()) for value in values))

    def _index(self, field: str) -> dict[str, set[str]]:
        if field not in self._indexes:
            index = self._indexes[field] = {}
            for id_ in self.live:
                self._note(index, field, id_)
        return self._indexes[field]

    def _note(self, index: dict[str, set[str]], field: str, id_: str) -> None:
        if (value := self.live.get(id_, {}).get(field)) is not None:
            index.setdefault(str(value).lower(), set()).add(id_)

    def _unindex(self, id_: str) -> None:
        before = self.live.get(id_, {})
        for field, index in self._indexes.items():
            if field in before:
                index[str(before[field]).lower()].discard(id_)

    def whole(self, stored: Stored) -> Row:
        """The row with every field of the describe, nulls and compounds included."""
        return {field.name: value_of(self.sobject, stored, field.name) for field in self.sobject.fields.values()}

    def rows(self) -> Iterator[Row]:
        return (self.whole(stored) for stored in list(self.live.values()))


def value_of(sobject: SObject, stored: Stored, name: str) -> JSON:
    """A field's value as REST answers it."""
    field = sobject.fields[name.lower()]
    if field.type in ("address", "location"):
        return _place(sobject, stored, field.name)
    if formulas.known(sobject.name, field.name):
        return formulas.value(sobject.name, field.name, stored)
    if name == "PhotoUrl":
        return f"/services/images/photo/{stored['Id']}"
    return stored.get(name, False if field.type == "boolean" else None)


def _place(sobject: SObject, stored: Stored, name: str) -> JSON:
    """The parts of an address or a location under the names they have inside it; null when there is none."""
    stem = name.removesuffix("Address").removesuffix("__c")
    place: Row = {part: stored.get(own) for own, part in _parts(sobject, name, stem)}
    return place if any(value is not None for value in place.values()) else None


@cache
def _parts(sobject: SObject, name: str, stem: str) -> list[tuple[str, str]]:
    own = (field.name for field in sobject.fields.values() if field.compound == name)
    named = ((part, part.removeprefix(stem).strip("_").removesuffix("__s")) for part in own)
    return sorted(((own, part[0].lower() + part[1:]) for own, part in named), key=lambda pair: pair[1])


def full_name(sobject: SObject, stored: Stored) -> str | None:
    """The compound name of a person, None where the object's name is a field of its own.

    The salutation is not part of it: the API's Name is first, middle and last name and suffix."""
    if not sobject.has_person_name:
        return None
    return " ".join(str(stored[part]) for part in ("FirstName", "LastName") if part in stored)
