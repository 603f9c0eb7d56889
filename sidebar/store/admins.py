"""Admins: who may sign in to set a workspace up."""

from dataclasses import dataclass

from sqlalchemy import exists, insert, select, text

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import admins


@dataclass(frozen=True, slots=True)
class Admin:
    id: str
    workspace_id: str
    email: str
    password_hash: str
    role: str


async def add(connection: AsyncConnection, admin: Admin, now: int) -> None:
    await connection.execute(
        insert(admins).values(
            id=admin.id,
            workspace_id=admin.workspace_id,
            email=admin.email,
            password_hash=admin.password_hash,
            role=admin.role,
            created_at=now,
        )
    )


async def by_email(connection: AsyncConnection, email: str) -> Admin | None:
    row = (await connection.execute(select(admins).where(admins.c.email == email))).one_or_none()
    return Admin(row.id, row.workspace_id, row.email, row.password_hash, row.role) if row else None


async def any_at_all(connection: AsyncConnection) -> bool:
    """Whether somebody owns this installation yet."""
    return bool((await connection.execute(select(exists(select(admins.c.id))))).scalar())


async def lock(connection: AsyncConnection) -> None:
    """In a write: until its end nobody else adds an admin, so that two people cannot both become the first."""
    if connection.dialect.name == "postgresql":  # SQLite's writers wait for one another anyway
        await connection.execute(text("LOCK TABLE admins IN SHARE ROW EXCLUSIVE MODE"))
