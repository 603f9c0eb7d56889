"""Receipts of look-ups, as JSON: kept for weeks, the addresses in them for a day.

What stands in a receipt is the business of contacts/receipts.py.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select, update

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import receipts


@dataclass(frozen=True, slots=True)
class Kept:
    """`customer`: whom it is about, as in picks. `masked`: its addresses and names can no longer be read."""

    id: str
    workspace_id: str
    customer: str
    at: int
    receipt: object  # any JSON value
    masked: bool = False


async def add(connection: AsyncConnection, kept: Sequence[Kept]) -> None:
    await connection.execute(insert(receipts), [asdict(each) for each in kept])


async def by_id(connection: AsyncConnection, workspace_id: str, id: str) -> Kept | None:
    mine = select(receipts).where(receipts.c.workspace_id == workspace_id, receipts.c.id == id)
    row = (await connection.execute(mine)).one_or_none()
    return Kept(**row._asdict()) if row else None


async def readable(connection: AsyncConnection, before: int, limit: int) -> list[Kept]:
    """Those from before then (ms) that are not masked, the oldest first."""
    wanted = select(receipts).where(receipts.c.at < before, receipts.c.masked.is_(False))
    return [Kept(**row._asdict()) for row in await connection.execute(wanted.order_by(receipts.c.at).limit(limit))]


async def mask(connection: AsyncConnection, id: str, receipt: object) -> None:
    await connection.execute(update(receipts).where(receipts.c.id == id).values(receipt=receipt, masked=True))


async def delete_before(connection: AsyncConnection, before: int) -> None:
    await connection.execute(delete(receipts).where(receipts.c.at < before))
