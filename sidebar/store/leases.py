"""Who may do what only one process may do at a time. A lease that is not renewed falls to the next who asks."""

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import leases


async def take(connection: AsyncConnection, name: str, holder: str, now: int, until: int) -> bool:
    """Take or renew a lease; False while another holds it. One that would hold for much longer than this was taken
    before a clock was put back, by somebody who would have renewed it by now."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(leases).values(name=name, holder=holder, until=until)
    is_mine, is_over = leases.c.holder == holder, leases.c.until <= now
    mine_or_free = is_mine | is_over | (leases.c.until > until + (until - now))
    taken = new.on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until": until}, where=mine_or_free
    )
    return (await connection.execute(taken.returning(leases.c.name))).one_or_none() is not None


async def holds(connection: AsyncConnection, name: str, holder: str) -> bool:
    """Whether nobody has taken it over; for the transaction whose effect depends on it."""
    found = select(leases.c.name).where(leases.c.name == name, leases.c.holder == holder).with_for_update()
    return (await connection.execute(found)).one_or_none() is not None


async def release(connection: AsyncConnection, name: str, holder: str) -> None:
    await connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
