"""How many API calls each org cost in each hour, and what for; and how much of its allowance was spent then."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import allowances, calls

_HOUR = 60 * 60 * 1000
_KEPT = 7 * 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Told:
    """What Salesforce said at a moment (ms): everybody's calls of the 24 hours before it, and how many are allowed."""

    at: int
    used: int
    allowed: int

    @property
    def share(self) -> float:
        return self.used / self.allowed if self.allowed else 1.0


async def add(connection: AsyncConnection, org_id: str, counted: Mapping[tuple[int, str], int]) -> None:
    """`counted` by hour (ms) and purpose."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for (hour, purpose), number in sorted(counted.items()):
        new = insert(calls).values(org_id=org_id, hour=hour, purpose=purpose, calls=number)
        both = {"calls": calls.c.calls + new.excluded.calls}
        await connection.execute(new.on_conflict_do_update(index_elements=["org_id", "hour", "purpose"], set_=both))


async def tell(connection: AsyncConnection, org_id: str, told: Told) -> None:
    """The latest of each hour is kept, for a week; of several processes one may come late."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(allowances).values(org_id=org_id, hour=told.at - told.at % _HOUR, **asdict(told))
    newer = new.excluded.at >= allowances.c.at
    update = new.on_conflict_do_update(index_elements=["org_id", "hour"], set_=asdict(told), where=newer)
    await connection.execute(update)
    for table in (calls, allowances):
        await connection.execute(table.delete().where(table.c.org_id == org_id, table.c.hour < told.at - _KEPT))


async def spent(connection: AsyncConnection, org_id: str, since: int) -> dict[str, int]:
    """By purpose, in the hours that began at `since` (ms) or later."""
    total = func.sum(calls.c.calls)
    mine = select(calls.c.purpose, total).where(calls.c.org_id == org_id, calls.c.hour >= since)
    return {purpose: int(number) for purpose, number in await connection.execute(mine.group_by(calls.c.purpose))}


async def told(connection: AsyncConnection, org_id: str, since: int) -> Sequence[Told]:
    """The oldest first."""
    mine = select(allowances.c.at, allowances.c.used, allowances.c.allowed)
    mine = mine.where(allowances.c.org_id == org_id, allowances.c.at >= since).order_by(allowances.c.at)
    return [Told(*row) for row in await connection.execute(mine)]
