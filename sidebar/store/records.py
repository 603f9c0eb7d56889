"""The mirror: what we know of each Contact of an org, fed by change events and walks. Callers decide what is newer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from sqlalchemy import Row, Select, delete, select, update

from sidebar.store import marks, rows
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import records

Value: TypeAlias = "bool | int | float | str | None"
Arrival: TypeAlias = Literal["old", "due", "done"]

_AT_ONCE = 500  # ids in one question


@dataclass(frozen=True, slots=True)
class Record:
    """`values` by API name, as REST writes them; `modified_at` (ms) is 0 where it is not known; `appeared_at` (ms):
    when it was created, or undeleted. What is `dirty` must be read again before it counts. `arrival`: "due" to be taken
    for somebody new once it is known, "done", or "old": only an event makes it new. `sweep`: the last walk that saw it.
    """

    id: str
    values: Mapping[str, Value]
    modified_at: int
    appeared_at: int
    deleted: bool = False
    dirty: bool = False
    arrival: Arrival = "old"
    sweep: int = 0

    @property
    def counts(self) -> bool:
        """Alive, and known as it is."""
        return not self.deleted and not self.dirty


_FIELDS = tuple(each.name for each in fields(Record))
_COLUMNS = [records.c[name] for name in _FIELDS]


async def of(connection: AsyncConnection, org_id: str, ids: Iterable[str]) -> dict[str, Record]:
    wanted = list(ids)
    found: dict[str, Record] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = records.c.id.in_(wanted[start : start + _AT_ONCE])
        found |= {row.id: _record(row) for row in await connection.execute(_mine(org_id).where(some))}
    return found


async def put(
    connection: AsyncConnection, org_id: str, changed: Iterable[Record], before: Mapping[str, Record] | None = None
) -> None:
    """Each record once. `before`: what is kept of them, where that was just read."""
    now = list(changed)
    if not now:
        return
    if before is None:
        before = await of(connection, org_id, [each.id for each in now])
    await rows.insert(connection, records, [_row(org_id, each) for each in now], replaced_by=("org_id", "id"))
    await marks.put(connection, org_id, [(each.id, _told(before.get(each.id)), _told(each)) for each in now])


async def dirty(connection: AsyncConnection, org_id: str, limit: int) -> list[Record]:
    mine = _mine(org_id).where(records.c.dirty).order_by(records.c.id).limit(limit)
    return [_record(row) for row in await connection.execute(mine)]


async def soil(connection: AsyncConnection, org_id: str, id: str) -> None:
    mine = (records.c.org_id == org_id) & (records.c.id == id)
    await connection.execute(update(records).where(mine).values(dirty=True))


async def soil_unseen(connection: AsyncConnection, org_id: str, sweep: int, before: int) -> int:
    """Living records a finished walk has not met, though they were there before it began (ms), are to be read again.
    Says how many."""
    mine = (records.c.org_id == org_id) & ~records.c.deleted & ~records.c.dirty & (records.c.sweep < sweep)
    found = await connection.execute(update(records).where(mine, records.c.appeared_at < before).values(dirty=True))
    return found.rowcount


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await marks.drop(connection, org_id)
    await connection.execute(delete(records).where(records.c.org_id == org_id))


def _mine(org_id: str) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(records.c.org_id == org_id)


def _record(row: Row[*tuple[Any, ...]]) -> Record:
    return Record(*row)


def _row(org_id: str, record: Record) -> dict[str, object]:
    return {"org_id": org_id, **{name: getattr(record, name) for name in _FIELDS}, "values": dict(record.values)}


def _told(record: Record | None) -> Mapping[str, Value]:
    """What it is found by: nothing, once it is gone."""
    return {} if record is None or record.deleted else record.values
