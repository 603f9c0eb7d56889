"""Workspaces: one team, its settings, and the hosts that may frame its panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, insert, select, update

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import connections, hosts, workspaces


@dataclass(frozen=True, slots=True)
class Workspace:
    id: str
    key: str
    name: str
    region: str
    fields: tuple[str, ...]
    editing: bool
    auto_create: bool


@dataclass(frozen=True, slots=True)
class Install:
    """A host (its `kind`: "generic") in which this workspace's panel is embedded."""

    kind: str
    origins: tuple[str, ...]
    secret: str  # encrypted


async def add(connection: AsyncConnection, workspace: Workspace, now: int) -> None:
    await connection.execute(
        insert(workspaces).values(
            id=workspace.id,
            key=workspace.key,
            name=workspace.name,
            region=workspace.region,
            fields=list(workspace.fields),
            editing=workspace.editing,
            auto_create=workspace.auto_create,
            created_at=now,
        )
    )


async def by_id(connection: AsyncConnection, id: str) -> Workspace | None:
    return await _one(connection, select(workspaces).where(workspaces.c.id == id))


async def by_key(connection: AsyncConnection, key: str) -> Workspace | None:
    return await _one(connection, select(workspaces).where(workspaces.c.key == key))


async def auto_creating(connection: AsyncConnection, org_id: str) -> list[tuple[str, int]]:
    """Those that want a contact for each new Contact of that org, and whose grant for it still holds: their ids, and
    since when each is connected to that org (ms), however often its consent was renewed."""
    joined = workspaces.join(connections, connections.c.workspace_id == workspaces.c.id)
    mine = select(workspaces.c.id, connections.c.org_since).select_from(joined)
    working = connections.c.access_token.is_not(None) & connections.c.problem.is_(None)
    rows = await connection.execute(
        mine.where(connections.c.org_id == org_id, working, workspaces.c.auto_create).order_by(workspaces.c.id)
    )
    return [(row.id, row.org_since) for row in rows]


async def set_switches(connection: AsyncConnection, id: str, *, editing: bool, auto_create: bool) -> None:
    changed = update(workspaces).where(workspaces.c.id == id).values(editing=editing, auto_create=auto_create)
    await connection.execute(changed)


async def set_region(connection: AsyncConnection, id: str, region: str) -> None:
    await connection.execute(update(workspaces).where(workspaces.c.id == id).values(region=region))


async def install(connection: AsyncConnection, workspace_id: str, kind: str) -> Install | None:
    found = select(hosts).where(hosts.c.workspace_id == workspace_id, hosts.c.kind == kind)
    row = (await connection.execute(found)).one_or_none()
    return Install(row.kind, tuple(row.origins), row.secret) if row else None


async def put_install(connection: AsyncConnection, workspace_id: str, kind: str, secret: str) -> None:
    """Make the install, or give the one that exists another (encrypted) secret."""
    values = {"secret": secret}
    mine = (hosts.c.workspace_id == workspace_id) & (hosts.c.kind == kind)
    changed = await connection.execute(update(hosts).where(mine).values(values))
    if changed.rowcount == 0:
        await connection.execute(insert(hosts).values(workspace_id=workspace_id, kind=kind, origins=[], **values))


async def any_secret(connection: AsyncConnection) -> str | None:
    """The (encrypted) secret of some install, to try the vault's keys on; None where there is none yet."""
    return (await connection.execute(select(hosts.c.secret).limit(1))).scalar()


async def set_origins(connection: AsyncConnection, workspace_id: str, kind: str, origins: Sequence[str]) -> None:
    mine = (hosts.c.workspace_id == workspace_id) & (hosts.c.kind == kind)
    await connection.execute(update(hosts).where(mine).values(origins=list(origins)))


async def _one(connection: AsyncConnection, wanted: Select[*tuple[object, ...]]) -> Workspace | None:
    row = (await connection.execute(wanted)).one_or_none()
    return _workspace(row) if row else None


def _workspace(row: Row[*tuple[object, ...]]) -> Workspace:
    return Workspace(row.id, row.key, row.name, row.region, tuple(row.fields), row.editing, row.auto_create)
