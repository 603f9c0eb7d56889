"""Workspaces: one team, its settings, and the hosts that may frame its panel."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from sqlalchemy import Row, Select, case, insert, select, update

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import connections, hosts, workspaces

Policy: TypeAlias = Literal["contacts", "contact_first", "lead_first"]


@dataclass(frozen=True, slots=True)
class Workspace:
    id: str
    key: str
    name: str
    region: str
    fields: tuple[str, ...]
    editing: bool
    auto_create: bool
    tag_created: bool = True
    include_bulk: bool = False
    live: bool = False
    policy: Policy = "contacts"


@dataclass(frozen=True, slots=True)
class Switches:
    editing: bool
    live: bool
    auto_create: bool
    tag_created: bool
    include_bulk: bool


@dataclass(frozen=True, slots=True)
class Creating:
    """A workspace that wants a contact for each Contact that is new since then (ms)."""

    id: str
    region: str
    since: int
    tag_created: bool
    include_bulk: bool


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
            tag_created=workspace.tag_created,
            include_bulk=workspace.include_bulk,
            live=workspace.live,
            policy=workspace.policy,
            created_at=now,
        )
    )


async def by_id(connection: AsyncConnection, id: str) -> Workspace | None:
    return await _one(connection, select(workspaces).where(workspaces.c.id == id))


async def by_key(connection: AsyncConnection, key: str) -> Workspace | None:
    return await _one(connection, select(workspaces).where(workspaces.c.key == key))


async def only(connection: AsyncConnection) -> Workspace | None:
    """The one there is; None where there are none, or several."""
    ids = list((await connection.execute(select(workspaces.c.id).limit(2))).scalars())
    return await by_id(connection, ids[0]) if len(ids) == 1 else None


async def by_api_key(connection: AsyncConnection, api_key_hash: str) -> Workspace | None:
    return await _one(connection, select(workspaces).where(workspaces.c.api_key_hash == api_key_hash))


async def has_api_key(connection: AsyncConnection, id: str) -> bool:
    mine = select(workspaces.c.id).where(workspaces.c.id == id, workspaces.c.api_key_hash.is_not(None))
    return (await connection.execute(mine)).first() is not None


async def set_api_key(connection: AsyncConnection, id: str, api_key_hash: str) -> None:
    """Instead of the former key, which no longer opens anything."""
    await connection.execute(update(workspaces).where(workspaces.c.id == id).values(api_key_hash=api_key_hash))


async def lock(connection: AsyncConnection, id: str) -> None:
    """In a write: who else wants to make contacts in this workspace waits for the end of the transaction, so that two
    do not make the same person."""
    mine = select(workspaces.c.id).where(workspaces.c.id == id)
    await connection.execute(mine.with_for_update(key_share=True))


async def auto_creating(connection: AsyncConnection, org_id: str) -> list[Creating]:
    """Those that want a contact for each new Contact of that org, and whose grant for it still holds: new since it was
    switched on, or since the first consent for that org, however often that was renewed."""
    joined = workspaces.join(connections, connections.c.workspace_id == workspaces.c.id)
    wanted = [workspaces.c[name] for name in ("id", "region", "tag_created", "include_bulk")]
    switched, connected = workspaces.c.auto_create_since, connections.c.org_since
    since = case((switched > connected, switched), else_=connected)
    mine = select(*wanted, since.label("since")).select_from(joined)
    working = connections.c.access_token.is_not(None) & connections.c.problem.is_(None)
    rows = await connection.execute(
        mine.where(connections.c.org_id == org_id, working, workspaces.c.auto_create).order_by(workspaces.c.id)
    )
    return [Creating(**row._mapping) for row in rows]


async def every(connection: AsyncConnection) -> list[Workspace]:
    rows = await connection.execute(select(workspaces).order_by(workspaces.c.name, workspaces.c.id))
    return [_workspace(row) for row in rows]


async def of_org(connection: AsyncConnection, org_id: str) -> list[Workspace]:
    """Those whose grant for that org holds."""
    joined = workspaces.join(connections, connections.c.workspace_id == workspaces.c.id)
    working = connections.c.access_token.is_not(None) & connections.c.problem.is_(None)
    mine = select(workspaces).select_from(joined).where(connections.c.org_id == org_id, working)
    return [_workspace(row) for row in await connection.execute(mine.order_by(workspaces.c.id))]


async def set_switches(connection: AsyncConnection, id: str, switches: Switches, now: int) -> None:
    """Auto-create counts from when it is switched on."""
    since = case((workspaces.c.auto_create, workspaces.c.auto_create_since), else_=now)
    changed = update(workspaces).where(workspaces.c.id == id).values(**asdict(switches), auto_create_since=since)
    await connection.execute(changed)


async def set_region(connection: AsyncConnection, id: str, region: str) -> None:
    await connection.execute(update(workspaces).where(workspaces.c.id == id).values(region=region))


async def set_policy(connection: AsyncConnection, id: str, policy: Policy) -> None:
    await connection.execute(update(workspaces).where(workspaces.c.id == id).values(policy=policy))


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
    return Workspace(
        row.id,
        row.key,
        row.name,
        row.region,
        tuple(row.fields),
        row.editing,
        row.auto_create,
        row.tag_created,
        row.include_bulk,
        row.live,
        row.policy,
    )
