"""The org's record types: which picklist values each of them offers, and the rows that stand for them.

What a record type is called stands in its object's describe. Pure; knows no user and no row.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sidebar.twin.org.describe import PicklistValue, RecordType, SObject

MASTER = "012000000000000AAA"


@dataclass(frozen=True, slots=True)
class Offer:
    description: str
    picklists: Mapping[str, list[str]]


_ALL = Offer("", {})


def allowed(sobject: SObject, field: str, record_type: str | None) -> tuple[PicklistValue, ...]:
    """The active values of a picklist for records of this type (an id of 18); None is the master record type."""
    known = sobject.fields[field.lower()]
    offered = picklists(record_type or MASTER).get(known.name)
    return tuple(entry for entry in known.picklist if entry.active and (offered is None or entry.value in offered))


def picklists(record_type: str) -> Mapping[str, list[str]]:
    """The values this record type offers, for the fields where it does not offer all."""
    return _offers().get(record_type, _ALL).picklists


def rows(objects: Iterable[SObject]) -> list[dict[str, bool | str]]:
    """The RecordType records of these objects; the master record type has none."""
    return [_row(sobject, kind) for sobject in objects for kind in sobject.record_types if not kind.master]


@cache
def _offers() -> Mapping[str, Offer]:
    """By record type id."""
    text = (Path(__file__).parent / "data" / "record_types.json").read_text("utf-8")
    return {id_: Offer(**entry) for id_, entry in json.loads(text).items()}


def _row(sobject: SObject, kind: RecordType) -> dict[str, bool | str]:
    return {
        "Id": kind.id,
        "Name": kind.name,
        "DeveloperName": kind.developer_name,
        "Description": _offers().get(kind.id, _ALL).description,
        "SobjectType": sobject.name,
        "IsActive": kind.active,
    }
