"""Walks through all Contacts of an org, page by page, and goes on after a restart where it was.

Whatever it finds otherwise than our copy says was never delivered, and is put right.
"""

from collections.abc import Collection
from dataclasses import replace

from sidebar.mirror import Mirror, rows
from sidebar.mirror.walks import FIRST
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client
from sidebar.salesforce.client import Record as Row
from sidebar.store import records, sweeps
from sidebar.store.database import AsyncConnection
from sidebar.store.notices import Notice, tell
from sidebar.store.sweeps import Sweep

PAGE = 2000


async def step(mirror: Mirror, client: Client, kept: Collection[str], sweep: Sweep) -> None:
    """One page of it. Raises what the client does, and Lost; nothing is lost by that."""
    total = await client.count("Contact") if sweep.total is None else sweep.total
    after = f" WHERE Id > {soql.text(sweep.cursor)}" if sweep.cursor else ""
    page = await client.query(f"SELECT {rows.columns(kept)} FROM Contact{after} ORDER BY Id LIMIT {PAGE}")  # noqa: S608 - SOQL, quoted
    async with mirror.writing() as connection:
        if await sweeps.of(connection, mirror.org_id) != sweep:
            return  # the org was left meanwhile, and connected anew
        changed = await _take_in(connection, mirror, page, kept, sweep)
        cursor = str(page[-1]["Id"]) if page else sweep.cursor
        read = replace(sweep, cursor=cursor, counted=sweep.counted + len(page), total=total)
        read = replace(read, changed=sweep.changed + changed)
        if len(page) < PAGE:
            read = await _end(connection, mirror, read)
        await sweeps.put(connection, mirror.org_id, read)


async def _take_in(
    connection: AsyncConnection, mirror: Mirror, page: list[Row], kept: Collection[str], sweep: Sweep
) -> int:
    """How many were otherwise."""
    before = await records.of(connection, mirror.org_id, [str(row["Id"]) for row in page])
    now = [replace(rows.seen(before.get(str(row["Id"])), row, kept), sweep=sweep.number) for row in page]
    new = [row for row in page if str(row["Id"]) not in before]
    # Who is not wanted for somebody new now may still be when the event comes: it tells more exactly when and how.
    await mirror.put(connection, before, now, rows.imports(new), slack=lambda _: 0, then="old")
    other = [each.id for each in now if rows.differs(before.get(each.id), each)]
    if other and sweep.reason != FIRST:
        await tell(connection, Notice(mirror.org_id, tuple(other), (), mirror.clock()))
    return len(other)


async def _end(connection: AsyncConnection, mirror: Mirror, sweep: Sweep) -> Sweep:
    missing = await records.soil_unseen(connection, mirror.org_id, sweep.number, sweep.started_at)
    now = mirror.clock()
    ended = replace(sweep, missing=missing, ended_at=now)
    return Sweep(sweep.number + 1, sweep.then, now, sweep.columns) if sweep.then else ended
