"""Rows in memory: what is stored of each record, and the fields that are worked out of others.

Only non-null stored values are kept, so a hundred thousand contacts stay small. Stored rows are never changed in
place: who holds one holds a snapshot. Knows describes, nothing of users, events or HTTP.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from sidebar.twin import ids
from sidebar.twin.org.describe import SObject

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Row: TypeAlias = dict[str, JSON]
Stored: TypeAlias = Mapping[str, JSON]

_ADDRESS = ("city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street")


class Table:
    """The live rows of one object by id, the ids in its bin, and an index for each field that can look up records."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.live: dict[str, Stored] = {}
        self.bin: set[str] = set()
        self.touched: list[str] = []  # ids in the order they were written, for whoever keeps an index of words
        self._lookups: dict[str, dict[str, set[str]]] = {
            field.name: {} for field in sobject.fields.values() if field.id_lookup and field.type != "id"
        }

    def new_id(self) -> str:
        return ids.new(self.sobject.prefix, len(self.live) + len(self.bin) + 1)

    def put(self, row: Mapping[str, JSON]) -> Stored:
        id_ = str(row["Id"])
        self._forget(id_)
        stored = {name: value for name, value in row.items() if value is not None}
        if name := full_name(self.sobject, stored):
            stored["Name"] = name
        self.live[id_] = stored
        self.touched.append(id_)
        for field, index in self._lookups.items():
            if field in stored:
                index.setdefault(str(stored[field]).lower(), set()).add(id_)
        return stored

    def bury(self, id_: str) -> None:
        self._forget(id_)
        del self.live[id_]
        self.bin.add(id_)
        self.touched.append(id_)

    def lookup(self, field: str, values: Iterable[str]) -> set[str] | None:
        """The ids whose field is one of these texts, whatever the case; None when no index knows the field."""
        if field == "Id":
            return {value for value in values if value in self.live}
        index = self._lookups.get(field)
        return None if index is None else set().union(*(index.get(value.lower(), ()) for value in values))

    def whole(self, stored: Stored) -> Row:
        """The row with every field of the describe, nulls and compounds included."""
        return {field.name: value_of(self.sobject, stored, field.name) for field in self.sobject.fields.values()}

    def rows(self) -> Iterator[Row]:
        return (self.whole(stored) for stored in list(self.live.values()))

    def _forget(self, id_: str) -> None:
        before = self.live.get(id_, {})
        for field, index in self._lookups.items():
            if field in before:
                index[str(before[field]).lower()].discard(id_)


def value_of(sobject: SObject, stored: Stored, name: str) -> JSON:
    """A field's value as REST answers it."""
    field = sobject.fields[name.lower()]
    if field.type == "address":
        return _address(stored, name.removesuffix("Address"))
    if name == "PhotoUrl":
        return f"/services/images/photo/{stored['Id']}"
    return stored.get(name, False if field.type == "boolean" else None)


def _address(stored: Stored, prefix: str) -> JSON:
    address = {part: stored.get(prefix + part[0].upper() + part[1:]) for part in _ADDRESS}
    return address if any(value is not None for value in address.values()) else None


def full_name(sobject: SObject, stored: Stored) -> str | None:
    """The compound name of a person, None where the object's name is a field of its own.

    The salutation is not part of it: the API's Name is first, middle and last name and suffix."""
    if not sobject.has_person_name:
        return None
    return " ".join(str(stored[part]) for part in ("FirstName", "LastName") if part in stored)
