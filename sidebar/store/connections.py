"""A workspace's connection to Salesforce: the app it signs in with, and the grant it holds. Secrets come encrypted."""

from dataclasses import asdict, dataclass

from sqlalchemy import case, delete, func, insert, select, update

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import connections, consents


@dataclass(frozen=True, slots=True)
class App:
    """The External Client App an admin made in Salesforce."""

    login_origin: str
    consumer_key: str
    consumer_secret: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a consent brought: tokens (encrypted), and whose they are."""

    instance_url: str
    access_token: str
    refresh_token: str
    org_id: str
    org_name: str
    edition: str
    is_sandbox: bool
    user_id: str
    username: str
    api_version: str
    connected_at: int


@dataclass(frozen=True, slots=True)
class Salesforce:
    """`grant` is None until somebody consents; `problem` says why a grant no longer works."""

    workspace_id: str
    app: App
    grant: Grant | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that has been asked for and not yet answered; `replaces`: it may be another org's than the present."""

    workspace_id: str
    admin_id: str
    verifier: str
    replaces: bool


async def put_app(connection: AsyncConnection, workspace_id: str, app: App) -> None:
    """Another app ends the grant the former one held."""
    await connection.execute(delete(connections).where(connections.c.workspace_id == workspace_id))
    await connection.execute(insert(connections).values(workspace_id=workspace_id, **asdict(app)))


async def put_secret(connection: AsyncConnection, workspace_id: str, consumer_secret: str) -> None:
    """The same app with another secret: its grant stays, and gets another chance where the app had been refused."""
    mine = (connections.c.workspace_id == workspace_id) & (connections.c.problem == "refused")
    await connection.execute(
        update(connections).where(connections.c.workspace_id == workspace_id).values(consumer_secret=consumer_secret)
    )
    await connection.execute(update(connections).where(mine).values(problem=None))


async def put_grant(connection: AsyncConnection, workspace_id: str, grant: Grant) -> None:
    mine = update(connections).where(connections.c.workspace_id == workspace_id)
    renewed = connections.c.org_id == grant.org_id
    since = case((renewed, func.coalesce(connections.c.org_since, grant.connected_at)), else_=grant.connected_at)
    await connection.execute(mine.values(**asdict(grant), org_since=since, problem=None))


async def put_tokens(
    connection: AsyncConnection, workspace_id: str, access_token: str, refresh_token: str, instance_url: str
) -> None:
    mine = update(connections).where(connections.c.workspace_id == workspace_id)
    await connection.execute(
        mine.values(access_token=access_token, refresh_token=refresh_token, instance_url=instance_url, problem=None)
    )


async def put_problem(connection: AsyncConnection, workspace_id: str, problem: str) -> None:
    mine = update(connections).where(connections.c.workspace_id == workspace_id)
    await connection.execute(mine.values(problem=problem))


async def drop_grant(connection: AsyncConnection, workspace_id: str) -> None:
    """Forget tokens and org; the app stays, so that connecting again needs no new set-up (RI-40)."""
    empty = dict.fromkeys(Grant.__dataclass_fields__)
    await connection.execute(
        update(connections)
        .where(connections.c.workspace_id == workspace_id)
        .values(**empty, org_since=None, problem=None)
    )


async def of(connection: AsyncConnection, workspace_id: str) -> Salesforce | None:
    row = (
        await connection.execute(select(connections).where(connections.c.workspace_id == workspace_id))
    ).one_or_none()
    return _salesforce(row._asdict()) if row else None


async def locked(connection: AsyncConnection, workspace_id: str) -> Salesforce | None:
    """As `of`, in a write: whoever else wants to change this connection waits for the end of the transaction."""
    mine = select(connections).where(connections.c.workspace_id == workspace_id).with_for_update()
    row = (await connection.execute(mine)).one_or_none()
    return _salesforce(row._asdict()) if row else None


async def locked_with_org(connection: AsyncConnection, workspace_id: str) -> Salesforce | None:
    """As `locked`, and so is every connection to the same org: by all in one order, so that of two who leave an org at
    once, one sees that the other has left."""
    org = select(connections.c.org_id).where(connections.c.workspace_id == workspace_id).scalar_subquery()
    mine = connections.c.workspace_id == workspace_id
    rows = select(connections).where(mine | (connections.c.org_id == org)).order_by(connections.c.workspace_id)
    found = (await connection.execute(rows.with_for_update())).all()
    return next((_salesforce(row._asdict()) for row in found if row.workspace_id == workspace_id), None)


async def granted(connection: AsyncConnection) -> list[Salesforce]:
    """Every workspace's connection that holds a grant, for the listener."""
    rows = await connection.execute(select(connections).where(connections.c.access_token.is_not(None)))
    return [_salesforce(row._asdict()) for row in rows]


async def users(connection: AsyncConnection, org_id: str) -> set[str]:
    """As whom the workspaces of an org are connected."""
    mine = select(connections.c.user_id).where(connections.c.org_id == org_id).distinct()
    return {str(id) for id in (await connection.execute(mine)).scalars()}


async def holds_org(connection: AsyncConnection, org_id: str) -> bool:
    """In a write: whether any workspace is connected to that org, and will be until the end of the transaction."""
    held = select(connections.c.workspace_id).where(connections.c.org_id == org_id).order_by(connections.c.workspace_id)
    return (await connection.execute(held.with_for_update(read=True))).first() is not None


async def add_consent(connection: AsyncConnection, state_hash: str, consent: Consent, expires_at: int) -> None:
    await connection.execute(insert(consents).values(state_hash=state_hash, **asdict(consent), expires_at=expires_at))


async def take_consent(connection: AsyncConnection, state_hash: str, now: int) -> Consent | None:
    """The consent asked for under this state, once: it is gone afterwards, and so are all that ran out."""
    taken = delete(consents).where(consents.c.state_hash == state_hash).returning(consents)
    row = (await connection.execute(taken)).one_or_none()
    await connection.execute(delete(consents).where(consents.c.expires_at <= now))
    if row is None or row.expires_at <= now:
        return None
    return Consent(row.workspace_id, row.admin_id, row.verifier, row.replaces)


def _salesforce(row: dict[str, object]) -> Salesforce:
    app = App(**{name: row[name] for name in App.__dataclass_fields__})  # type: ignore[arg-type]
    grant = {name: row[name] for name in Grant.__dataclass_fields__}
    problem = row["problem"]
    return Salesforce(
        workspace_id=str(row["workspace_id"]),
        app=app,
        grant=Grant(**grant) if row["access_token"] is not None else None,  # type: ignore[arg-type]
        problem=str(problem) if problem is not None else None,
    )
