"""Transactions: what is written together is kept together, told together and, when something fails, undone together.

A transaction inside a transaction is a savepoint. Rules and rights are decided before a row comes here.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sidebar.twin.org.changes import Change
from sidebar.twin.org.describe import SObject
from sidebar.twin.org.disk import Disk
from sidebar.twin.org.faults import Faults
from sidebar.twin.org.people import Actor
from sidebar.twin.org.rows import JSON, Row, Stored, Table
from sidebar.twin.org.setup import Setup
from sidebar.twin.org.telling import told

_DERIVED = {"Name", "PhotoUrl", "SystemModstamp"}


@dataclass(slots=True)
class Write:
    """What one record was and what became of it; `actor` is None where nobody is to be told."""

    table: Table
    id: str
    before: Stored | None
    after: Stored | None
    actor: Actor | None

    @property
    def kind(self) -> str | None:
        """What came and went, or was only tidied out of the bin, is nothing to tell."""
        was = None if self.before is None else not self.before.get("IsDeleted")
        lives = self.after is not None and not self.after.get("IsDeleted")
        if lives:
            return {None: "CREATE", True: "UPDATE", False: "UNDELETE"}[was]
        return "DELETE" if was else None


@dataclass(slots=True)
class Ledger:
    """`changes` grow in commit order; at start-up those older than 72 h are dropped."""

    disk: Disk
    clock: Callable[[], int]
    setup: Setup
    faults: Faults
    changes: list[Change] = field(default_factory=list)
    _writes: list[Write] = field(default_factory=list)
    _told: list[Change] = field(default_factory=list)
    _depth: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _listeners: list[Callable[[Change], None]] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            start, told = len(self._writes), len(self._told)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._undo(start)
                del self._told[told:]
                raise
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._commit()

    def write(self, actor: Actor | None, table: Table, row: Mapping[str, JSON]) -> Stored:
        """A row as it is from now on; one that says IsDeleted lies in the bin. Without an actor nobody is told."""
        with self.transaction():
            id_ = str(row["Id"])
            before = table.live.get(id_) or table.bin.get(id_)
            stored = table.put(row)
            self._writes.append(Write(table, id_, before, stored, actor))
        return stored

    def purge(self, table: Table, id_: str) -> None:
        """Out of the bin, for ever and without a word."""
        with self.transaction():
            self._writes.append(Write(table, id_, table.bin.pop(id_), None, None))

    def tell(self, change: Change) -> None:
        """An event that no write of this transaction makes: a gap, an overflow."""
        with self.transaction():
            self._told.append(change)

    def listen(self, to: Callable[[Change], None]) -> None:
        """Call `to` with every change, in commit order, right after it is kept."""
        self._listeners.append(to)

    def _undo(self, start: int) -> None:
        for write in reversed(self._writes[start:]):
            if write.before is None:
                write.table.forget(write.id)
            else:
                write.table.put(write.before)
        del self._writes[start:]

    def _commit(self) -> None:
        writes, extra, self._writes, self._told = list(_folded(self._writes)), self._told, [], []
        for table in {write.table.sobject.name: write.table for write in writes}.values():
            self.disk.put(table.sobject.name, ((w.id, w.after) for w in writes if w.table is table))
        at = self.clock()
        changes = self._as_told([*(change for write in writes if (change := _change(write, at))), *extra])
        self.disk.put_changes((change.at, change.kept()) for change in changes)
        self.changes += changes
        for change in changes:
            for listen in self._listeners:
                listen(change)

    def _as_told(self, changes: list[Change]) -> list[Change]:
        """Merged, numbered, and gaps where the faults want them."""
        return [
            change.gap() if self.faults.spend("gap_writes") else change
            for change in told(changes, self.setup.overflow_after)
        ]


def _folded(writes: list[Write]) -> Iterator[Write]:
    """One write a record, from what it was at first to what it is at last."""
    folded: dict[tuple[str, str], Write] = {}
    for write in writes:
        whole = folded.setdefault((write.table.sobject.name, write.id), replace(write))
        whole.after = write.after
        whole.actor = whole.actor or write.actor
    yield from folded.values()


def _change(write: Write, at: int) -> Change | None:
    if write.actor is None or write.kind is None:
        return None
    before, after = write.before or {}, write.after or {}
    changed = _changed(write.table.sobject, before, after) if write.kind == "UPDATE" else ()
    was: Row = {name: before.get(name) for name in changed}
    row = before if write.kind == "DELETE" else after
    under = write.table.sobject
    return Change(write.kind, under.name, (write.id,), row, changed, write.actor, "", 0, at, was, under)


def _changed(sobject: SObject, before: Stored, after: Stored) -> tuple[str, ...]:
    """The fields a change event names: LastModifiedDate always, what is worked out of other fields never."""
    return tuple(
        field.name
        for field in sobject.fields.values()
        if field.name == "LastModifiedDate"
        or (before.get(field.name) != after.get(field.name) and (field.updateable or field.name not in _DERIVED))
    )
