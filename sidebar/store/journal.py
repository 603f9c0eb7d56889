"""The journal: every value a panel wrote to Salesforce, the one it replaced, and the agent who did it.

An entry is kept before the write is sent and settled afterwards: a process that ends in between leaves a trace.
"""

from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import journal


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    workspace_id: str
    at: int
    agent_id: str
    agent_email: str
    agent_name: str
    host: str
    conversation: str
    record_id: str
    field: str
    old: object  # any JSON value
    new: object
    outcome: str | None = None  # "written" or "refused"; None: not known


async def add(connection: AsyncConnection, entry: Entry) -> None:
    await connection.execute(insert(journal).values(**asdict(entry)))


async def settle(connection: AsyncConnection, id: str, outcome: str) -> None:
    await connection.execute(update(journal).where(journal.c.id == id).values(outcome=outcome))


async def of_record(connection: AsyncConnection, workspace_id: str, record_id: str) -> list[Entry]:
    """Oldest first."""
    mine = select(journal).where(journal.c.workspace_id == workspace_id, journal.c.record_id == record_id)
    return [Entry(**row._asdict()) for row in await connection.execute(mine.order_by(journal.c.at, journal.c.id))]
