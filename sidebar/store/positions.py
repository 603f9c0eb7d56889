"""How far each org's change stream has been taken in. Saved in the transaction that holds the events' effects."""

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import positions


async def of(connection: AsyncConnection, org_id: str, topic: str) -> bytes | None:
    """The replay id of the last event whose effect is kept; None before the first."""
    mine = select(positions.c.replay_id).where(positions.c.org_id == org_id, positions.c.topic == topic)
    return (await connection.execute(mine)).scalar_one_or_none()


async def put(connection: AsyncConnection, org_id: str, topic: str, replay_id: bytes, now: int) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(positions).values(org_id=org_id, topic=topic, replay_id=replay_id, at=now)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["org_id", "topic"], set_={"replay_id": replay_id, "at": now})
    )


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await connection.execute(delete(positions).where(positions.c.org_id == org_id))
