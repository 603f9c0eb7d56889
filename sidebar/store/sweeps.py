"""Walks through all Contacts of an org: how far the present one is, what the last one found. One an org."""

from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import sweeps


@dataclass(frozen=True, slots=True)
class Sweep:
    """`reason`: why it was begun; `then`: why another has to follow, or empty; `columns`: the fields it reads;
    `cursor`: the last id it read; `changed` and `missing`: what it found to be otherwise than our copy said. Times are
    in ms; `ended_at` is None while it runs."""

    number: int
    reason: str
    started_at: int
    columns: tuple[str, ...]
    cursor: str = ""
    counted: int = 0
    total: int | None = None
    changed: int = 0
    missing: int = 0
    ended_at: int | None = None
    then: str = ""

    @property
    def runs(self) -> bool:
        return self.ended_at is None


async def of(connection: AsyncConnection, org_id: str) -> Sweep | None:
    row = (await connection.execute(select(sweeps).where(sweeps.c.org_id == org_id))).mappings().one_or_none()
    if row is None:
        return None
    values = {name: value for name, value in row.items() if name != "org_id"}
    return Sweep(**values | {"columns": tuple(row["columns"])})


async def put(connection: AsyncConnection, org_id: str, sweep: Sweep) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {**asdict(sweep), "columns": list(sweep.columns)}
    new = insert(sweeps).values(org_id=org_id, **values)
    await connection.execute(new.on_conflict_do_update(index_elements=["org_id"], set_=values))


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await connection.execute(delete(sweeps).where(sweeps.c.org_id == org_id))
