"""Picks: whom people said that a customer is, or is not. Every word is kept with who gave it and when, also after it
has ended.

`customer` is what a customer is known by, as contacts/picks.py makes it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import connections, picks


@dataclass(frozen=True, slots=True)
class Pick:
    """`picked`: it is this record; else it is not. `was`: the record it was said of before that became this one."""

    id: str
    workspace_id: str
    customer: str
    record_id: str
    picked: bool
    at: int
    agent_id: str
    agent_email: str
    agent_name: str
    host: str
    conversation: str
    was: str | None = None
    ended_at: int | None = None  # None while it holds
    ended_why: str | None = None  # "revoked", "replaced", "merged", "deleted"
    ended_by: str | None = None  # the agent's name, where one ended it


async def add(connection: AsyncConnection, pick: Pick) -> None:
    await connection.execute(insert(picks).values(**asdict(pick)))


async def holding(connection: AsyncConnection, workspace_id: str, customer: str) -> list[Pick]:
    """What holds for that customer, oldest first."""
    return [each for each in await of_customer(connection, workspace_id, customer) if each.ended_at is None]


async def of_customer(connection: AsyncConnection, workspace_id: str, customer: str) -> list[Pick]:
    """Everything that was ever said, oldest first."""
    mine = select(picks).where(picks.c.workspace_id == workspace_id, picks.c.customer == customer)
    return [Pick(**row._asdict()) for row in await connection.execute(mine.order_by(picks.c.at, picks.c.id))]


async def end(connection: AsyncConnection, ids: Iterable[str], now: int, why: str, by: str | None = None) -> None:
    """What has ended already keeps its first end."""
    wanted = picks.c.id.in_(list(ids)) & picks.c.ended_at.is_(None)
    await connection.execute(update(picks).where(wanted).values(ended_at=now, ended_why=why, ended_by=by))


async def move(connection: AsyncConnection, ids: Iterable[str], record_id: str) -> None:
    """What was said of one record is said of another that it has become."""
    moved = update(picks).where(picks.c.id.in_(list(ids))).values(was=picks.c.record_id, record_id=record_id)
    await connection.execute(moved)


async def relink(connection: AsyncConnection, org_id: str, loser: str, winner: str | None, now: int) -> None:
    """In every workspace of the org: what was said of a record that was merged, or of a lead that was converted, is
    said of the winner from now on, unless something has been said of that one. A pick of a record that was deleted
    ends; who was unlinked from it stays unlinked, should it come back."""
    mine = select(connections.c.workspace_id).where(connections.c.org_id == org_id)
    lost = (picks.c.record_id == loser) & picks.c.workspace_id.in_(mine) & picks.c.ended_at.is_(None)
    if winner is None:
        gone = update(picks).where(lost, picks.c.picked).values(ended_at=now, ended_why="deleted")
        await connection.execute(gone)
        return
    other = picks.alias()
    told = select(other.c.id).where(
        other.c.workspace_id == picks.c.workspace_id,
        other.c.customer == picks.c.customer,
        other.c.record_id == winner,
        other.c.ended_at.is_(None),
    )
    beaten = update(picks).where(lost, told.exists()).values(ended_at=now, ended_why="merged")
    await connection.execute(beaten)
    await connection.execute(update(picks).where(lost).values(record_id=winner, was=loser))
