"""Local contacts: people in the inbox's world, each perhaps linked to a Salesforce Contact."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import contacts


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    workspace_id: str
    salesforce_id: str | None
    name: str
    email: str | None
    phone: str | None
    source: str
    tags: tuple[str, ...]
    created_at: int


async def add_once(connection: AsyncConnection, contact: Contact) -> bool:
    """Keep the contact unless its workspace already has one for that Salesforce id; says whether it was new."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {**asdict(contact), "tags": list(contact.tags)}
    new = insert(contacts).values(values).on_conflict_do_nothing(index_elements=["workspace_id", "salesforce_id"])
    added = await connection.execute(new.returning(contacts.c.id))
    return added.one_or_none() is not None


async def newest(connection: AsyncConnection, workspace_id: str, limit: int, offset: int = 0) -> list[Contact]:
    mine = select(contacts).where(contacts.c.workspace_id == workspace_id)
    rows = await connection.execute(
        mine.order_by(contacts.c.created_at.desc(), contacts.c.id).limit(limit).offset(offset)
    )
    return [Contact(**{**row._asdict(), "tags": tuple(row.tags)}) for row in rows]


async def count(connection: AsyncConnection, workspace_id: str) -> int:
    mine = select(func.count()).select_from(contacts).where(contacts.c.workspace_id == workspace_id)
    return (await connection.execute(mine)).scalar_one()
