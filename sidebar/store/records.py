"""The mirror: what we know of each Contact of an org, fed by change events and walks. Callers decide what is newer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store import marks
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


_COLUMNS = tuple(each.name for each in fields(Record))


async def of(connection: AsyncConnection, org_id: str, ids: Iterable[str]) -> dict[str, Record]:
    wanted = list(ids)
    found: dict[str, Record] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        mine = select(records).where(records.c.org_id == org_id, records.c.id.in_(wanted[start : start + _AT_ONCE]))
        found |= {row.id: _record(row) for row in await connection.execute(mine)}
    return found


async def put(connection: AsyncConnection, org_id: str, changed: Iterable[Record]) -> None:
    """Each record once."""
    rows: Sequence[dict[str, Any]] = [
        {"org_id": org_id, **{name: getattr(record, name) for name in _COLUMNS}, "values": dict(record.values)}
        for record in changed
    ]
    if not rows:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(records)
    kept = {name: new.excluded[name] for name in rows[0] if name not in ("org_id", "id")}
    await connection.execute(new.on_conflict_do_update(index_elements=["org_id", "id"], set_=kept), rows)
    await marks.put(connection, org_id, {row["id"]: {} if row["deleted"] else row["values"] for row in rows})


async def dirty(connection: AsyncConnection, org_id: str, limit: int) -> list[Record]:
    mine = select(records).where(records.c.org_id == org_id, records.c.dirty).order_by(records.c.id).limit(limit)
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


def _record(row: Row[*tuple[Any, ...]]) -> Record:
    return Record(**{name: value for name, value in row._mapping.items() if name != "org_id"})
