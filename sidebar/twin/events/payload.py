"""Change events: what Change Data Capture says about one change, as the bytes of a Pub/Sub payload.

Must not know who listens, nor where an event stands in the stream.
"""

import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import TypeAlias

from fastavro import schemaless_writer

from sidebar.twin.events.differences import difference
from sidebar.twin.events.schemas import EventSchema, Place
from sidebar.twin.org import Change

MOST_BYTES = 1_000_000

Value: TypeAlias = str | int | float | bool | None
Body: TypeAlias = dict[str, Value | dict[str, Value]]
Header: TypeAlias = dict[str, str | int | list[str]]


def encode(schema: EventSchema, change: Change, hidden: frozenset[str] = frozenset()) -> bytes:
    """The payload of `change`, or of a gap where that would be too large. Fields in `hidden` (the listener may not
    read them) are null in it."""
    diffs = _diffs(schema, change)
    told = [place for place in _told(schema, change) if place.field not in hidden]
    header = _header(schema, change, [schema.places[name] for name in diffs])
    payload = BytesIO()
    schemaless_writer(payload, schema.parsed, {**_body(told, change, diffs), "ChangeEventHeader": header})
    if payload.tell() > MOST_BYTES and not change.kind.startswith("GAP_"):
        return encode(schema, change.gap())
    return payload.getvalue()


def bitmaps(places: Iterable[Place]) -> list[str]:
    """First the top-level bitmap, then one `<parent>-<bitmap>` per nested record; empty ones are left out."""
    top, nested = 0, dict[int, int]()
    for place in places:
        if place.parent is None:
            top |= 1 << place.index
        else:
            nested[place.index] = nested.get(place.index, 0) | 1 << place.child
    own = [_hex(top)] if top else []
    return own + [f"{parent}-{_hex(bits)}" for parent, bits in sorted(nested.items())]


def _hex(bits: int) -> str:
    """Whole bytes, as few as will do."""
    digits = f"{bits:X}"
    return "0x" + digits.zfill(len(digits) + len(digits) % 2)


def _told(schema: EventSchema, change: Change) -> list[Place]:
    if change.kind in ("CREATE", "UNDELETE"):
        return list(schema.places.values())
    return _changed(schema, change)


def _changed(schema: EventSchema, change: Change) -> list[Place]:
    return [schema.places[name] for name in change.changed if name in schema.places]


def _diffs(schema: EventSchema, change: Change) -> dict[str, str]:
    """Texts told by their differences: never for several records at once, which may have had different ones."""
    if len(change.ids) > 1:
        return {}
    texts = [place.field for place in _changed(schema, change) if place.type == "textarea" and not place.parent]
    found = {name: difference(change.before.get(name), change.row.get(name)) for name in texts}
    return {name: diff for name, diff in found.items() if diff is not None}


def _header(schema: EventSchema, change: Change, diffs: list[Place]) -> Header:
    changed = _changed(schema, change)
    return {
        "entityName": change.object,
        "recordIds": list(change.ids),
        "changeType": change.kind,
        "changeOrigin": change.actor.origin,
        "transactionKey": change.transaction,
        "sequenceNumber": change.sequence,
        "commitTimestamp": change.at // 1000 * 1000,
        "commitNumber": _commit_number(change),
        "commitUser": change.actor.user.id,
        "nulledFields": bitmaps(place for place in changed if change.value(place.field) is None),
        "diffFields": bitmaps(diffs),
        "changedFields": bitmaps(changed),
    }


def _commit_number(change: Change) -> int:
    """Equal inside a transaction and past 2^53, as recorded ones are."""
    return change.at // 1000 * 10**9 + zlib.crc32(change.transaction.encode()) % 10**9


def _body(places: Iterable[Place], change: Change, diffs: Mapping[str, str]) -> Body:
    body: Body = {}
    for place in places:
        value = diffs.get(place.field) or _value(place.type, change.value(place.field))
        if place.parent is None:
            body[place.field] = value
        elif value is not None or change.kind == "UPDATE":
            nested = body.setdefault(place.parent, {})
            assert isinstance(nested, dict)
            nested[place.leaf] = value
    return body


def _value(kind: str, value: object) -> Value:
    """Dates and date-times travel as milliseconds UTC, times as milliseconds since midnight."""
    if value is None or isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        raise TypeError(f"A change event cannot carry {value!r} as {kind}.")
    if kind == "date":
        midnight = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
        return int(midnight.timestamp() * 1000)
    if kind == "datetime":
        return round(datetime.fromisoformat(value).timestamp() * 1000)
    if kind == "time":
        moment = time.fromisoformat(value)
        return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1000 + moment.microsecond // 1000
    return value
