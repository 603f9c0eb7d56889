"""How the changes of one transaction are told: equal ones as one, too many of them as an overflow, all numbered.

Pure. Must not know tables, writes or who listens.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sidebar.twin.org.changes import Change

NO_RECORD = "000000000000000AAA"
_AUDIT = {"LastModifiedDate", "LastModifiedById"}


def told(changes: Iterable[Change], most: int) -> list[Change]:
    """In order, with one transaction key and consecutive numbers. Of more than `most` changes the rest is told by one
    GAP_OVERFLOW an object."""
    key = str(uuid.uuid4())
    told = _overflowed(_parted(_merged(changes)), most)
    return [replace(change, transaction=key, sequence=number) for number, change in enumerate(told, 1)]


def _merged(changes: Iterable[Change]) -> Iterator[Change]:
    """Equal updates, deletions and wholly equal others of one object become one change of several records."""
    ids: dict[object, list[str]] = {}
    first: dict[object, Change] = {}
    for change in changes:
        key = _likeness(change)
        first.setdefault(key, change)
        ids.setdefault(key, []).extend(change.ids)
    for key, change in first.items():
        yield replace(change, ids=tuple(ids[key])) if len(ids[key]) > len(change.ids) else change


def _likeness(change: Change) -> object:
    if change.kind not in ("UPDATE", "DELETE"):
        return change.kind, change.ids
    values = tuple(str(change.row.get(name)) for name in change.changed)
    return change.object, change.kind, change.changed, values, change.actor, change.ids if not change.row else ()


def _parted(changes: Iterable[Change]) -> Iterator[Change]:
    """A recorded update of 20 records at once came as two events with the same ids: first who and when, then what."""
    for change in changes:
        what = tuple(name for name in change.changed if name not in _AUDIT)
        if len(change.ids) > 1 and what and len(what) < len(change.changed):
            yield replace(change, changed=tuple(name for name in change.changed if name in _AUDIT))
            yield replace(change, changed=what)
        else:
            yield change


def _overflowed(changes: Iterable[Change], most: int) -> Iterator[Change]:
    """Every changed field of every record counts (Change Data Capture Developer Guide, "Overflow Events")."""
    count = 0
    untold: dict[str, Change] = {}
    for change in changes:
        count += len(change.ids) * max(1, len(change.changed))
        if count <= most:
            yield change
        else:
            untold.setdefault(change.object, change)
    for change in untold.values():
        yield replace(change, kind="GAP_OVERFLOW", ids=(NO_RECORD,), row={}, changed=(), before={})
