"""One version of a change event's schema: turns payloads into events, and bitmaps into field names.

An event is read with the schema it names, and with no other: an object's fields move whenever an admin or a Salesforce
release changes it, and a wrong schema may read without complaint. Must not know where schemas and payloads come from.
Change Data Capture Developer Guide: Change Event Fields, Change Event Header Fields.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TypeAlias, cast

from fastavro import parse_schema, schemaless_reader

from sidebar.salesforce.errors import Refused

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"
Avro: TypeAlias = "str | int | float | bool | list[Avro] | dict[str, Avro] | None"

HEADER = "ChangeEventHeader"


@dataclass(frozen=True, slots=True)
class ChangeHeader:
    """`kind` is the changeType: CREATE, UPDATE, … GAP_OVERFLOW. `record_ids` may also hold wildcards ("003*") and the
    id 000000000000000AAA: those name no record. `at_ms` differs by a second inside one transaction at times."""

    entity: str
    record_ids: tuple[str, ...]
    kind: str
    origin: str
    at_ms: int
    user: str


@dataclass(frozen=True, slots=True)
class Event:
    """`values` holds every field of the object as REST writes it (days and moments as text), parts of names and
    addresses nested in theirs; None means unchanged as well as cleared: only `nulled` tells the two apart. `changed`,
    `nulled` and `diffed` hold names such as "Email" and "Name.LastName", and are empty unless the kind is UPDATE. A
    field that is `diffed` carries a unified diff."""

    id: str
    replay_id: bytes
    header: ChangeHeader
    values: Mapping[str, Value]
    changed: frozenset[str]
    nulled: frozenset[str]
    diffed: frozenset[str]


class Schema:
    """`text` as GetSchema gives it. Raises Refused where it is no schema of change events."""

    def __init__(self, text: str) -> None:
        # One registry per schema: types of one name have different bodies in different schemas.
        named: dict[str, dict[str, Avro]] = {}
        try:
            self._parsed = cast("dict[str, Avro]", parse_schema(json.loads(text), named_schemas=named))
            self._names = list(_names(self._parsed, named))
            self._written = dict(_written(self._parsed))
        except Exception as problem:  # fastavro meets a malformed schema with whatever breaks first
            raise Refused(f"An event schema could not be read ({type(problem).__name__})", code="SCHEMA") from problem
        if not self._names or self._names[0][0] != HEADER:
            raise Refused("A schema does not begin with the header of change events", code="SCHEMA")

    def event(self, id: str, replay_id: bytes, payload: bytes) -> Event:
        """Raises Refused unless the payload fits this schema to the last byte."""
        try:
            values = self._read(payload)
            header = cast("dict[str, Value]", values.pop(HEADER))
            changed, nulled, diffed = (
                frozenset(self._fields(cast("list[str]", header[name])))
                for name in ("changedFields", "nulledFields", "diffFields")
            )
            return Event(id, replay_id, _header(header), values, changed, nulled, diffed)
        except Exception as problem:  # as above, and its text may quote the payload
            raise Refused(
                f"Change event {id} does not fit its schema ({type(problem).__name__})", code="PAYLOAD"
            ) from None

    def _read(self, payload: bytes) -> dict[str, Value]:
        source = BytesIO(payload)
        values = cast("dict[str, Value]", schemaless_reader(source, self._parsed, None))
        if source.tell() != len(payload):
            raise ValueError(f"{len(payload) - source.tell()} bytes are left over")
        for name, write in self._written.items():
            if values[name] is not None:
                values[name] = write(cast(int, values[name]))
        return values

    def _fields(self, bitmaps: Sequence[str]) -> Iterator[str]:
        """`0x02001000` marks fields of the event (the header is bit 0), `4-0x06` those nested in field 4. A compound
        may also be marked as a whole, and nested marks may come alone."""
        for bitmap in bitmaps:
            parent, _, bits = bitmap.rpartition("-")
            marked = list(_bits(int(bits, 16)))
            if parent:
                name, *children = self._names[int(parent)]
                yield from (f"{name}.{children[bit]}" for bit in marked)
            else:
                yield from (self._names[bit][0] for bit in marked)


def _header(header: Mapping[str, Value]) -> ChangeHeader:
    return ChangeHeader(
        entity=cast(str, header["entityName"]),
        record_ids=tuple(cast("list[str]", header["recordIds"])),
        kind=cast(str, header["changeType"]),
        origin=cast(str, header["changeOrigin"]),
        at_ms=cast(int, header["commitTimestamp"]),
        user=cast(str, header["commitUser"]),
    )


def _names(record: Mapping[str, Avro], named: Mapping[str, Mapping[str, Avro]]) -> Iterator[list[str]]:
    """For each field its name, followed by the names of the fields nested in it."""
    for field in cast("list[dict[str, Avro]]", record["fields"]):
        nested = _nested(field["type"], named)
        yield [str(field["name"]), *(str(each["name"]) for each in nested)]


def _nested(avro_type: Avro, named: Mapping[str, Mapping[str, Avro]]) -> list[dict[str, Avro]]:
    """The fields of the record in a field's type, which may be a union, or name a record defined further up."""
    for branch in avro_type if isinstance(avro_type, list) else [avro_type]:
        known = named.get(branch) if isinstance(branch, str) else branch
        if isinstance(known, dict) and known.get("type") == "record":
            return cast("list[dict[str, Avro]]", known["fields"])
    return []


def _written(record: Mapping[str, Avro]) -> Iterator[tuple[str, Callable[[int], str]]]:
    """Days, moments and times are all longs on the wire; the `doc` of a field tells them apart."""
    for field in cast("list[dict[str, Avro]]", record["fields"]):
        kind = str(field.get("doc", "")).split(":")[1:2]
        if kind and (write := _WRITTEN.get(kind[0])):
            yield str(field["name"]), write


def _day(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%d")


def _moment(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _time(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).strftime("%H:%M:%S.000Z")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN: dict[str, Callable[[int], str]] = {
    "DateOnly": _day,
    "Birthday": _day,
    "DateTime": _moment,
    "TimeOnly": _time,
}


def _bits(number: int) -> Iterator[int]:
    return (bit for bit in range(number.bit_length()) if number >> bit & 1)
