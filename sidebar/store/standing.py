"""How each org's change stream stands, for operators: figures only, nothing of any customer."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from sidebar.store import positions, sweeps
from sidebar.store.database import AsyncConnection
from sidebar.store.positions import State
from sidebar.store.sweeps import Sweep
from sidebar.store.tables import connections, contacts, leases

MADE = "salesforce"
"""The source of the contacts that were made by themselves."""


@dataclass(frozen=True, slots=True)
class Made:
    """How many local contacts were made from Salesforce, and how many of them rest until a conversation begins."""

    all: int
    dormant: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`position` and `sweep` are None before the first; `held_until` (ms): when the lease of whichever process listens
    runs out, 0 where none ever did."""

    org_id: str
    position: State | None
    sweep: Sweep | None
    held_until: int

    @property
    def broken(self) -> bool:
        """Whoever listens has had no response since the stream broke."""
        return self.position is not None and self.position.lost_at is not None


async def orgs(connection: AsyncConnection) -> list[str]:
    """The ids of the orgs that some workspace holds a working grant for."""
    working = connections.c.access_token.is_not(None) & connections.c.problem.is_(None)
    found = select(connections.c.org_id).where(working).distinct().order_by(connections.c.org_id)
    return list((await connection.execute(found)).scalars())


async def of(connection: AsyncConnection, org_id: str, topic: str, lease: str) -> Standing:
    until = (await connection.execute(select(leases.c.until).where(leases.c.name == lease))).scalar_one_or_none()
    position, sweep = await positions.state(connection, org_id, topic), await sweeps.of(connection, org_id)
    return Standing(org_id, position, sweep, until or 0)


async def made(connection: AsyncConnection, workspace_id: str) -> Made:
    mine = contacts.c.workspace_id == workspace_id
    return await _made(connection, mine)


async def made_of_org(connection: AsyncConnection, org_id: str) -> Made:
    """In all workspaces that are connected to the org."""
    its = select(connections.c.workspace_id).where(connections.c.org_id == org_id)
    return await _made(connection, contacts.c.workspace_id.in_(its))


async def _made(connection: AsyncConnection, whose: ColumnElement[bool]) -> Made:
    counted = select(contacts.c.dormant, func.count()).where(whose, contacts.c.source == MADE)
    by_dormant = {row[0]: row[1] for row in await connection.execute(counted.group_by(contacts.c.dormant))}
    return Made(sum(by_dormant.values()), by_dormant.get(True, 0))
