"""Which walks through all Contacts of an org are due, and why: one at a time, as many as are needed."""

from collections.abc import Collection
from dataclasses import replace

from sidebar.store import sweeps
from sidebar.store.database import AsyncConnection
from sidebar.store.sweeps import Sweep

FIRST, FIELDS = "first", "fields"
"""The walks that find out who is there already, and what is in fields nobody had chosen before."""


async def want(connection: AsyncConnection, org_id: str, reason: str, kept: Collection[str], now: int) -> None:
    """A walk that begins after this. One that is under way comes to its end first: what it has seen already may have
    changed, or it would never end."""
    last = await sweeps.of(connection, org_id)
    if last is None:
        wanted = Sweep(1, FIRST, now, tuple(sorted(kept)))
    elif last.runs and (last.cursor or last.reason in (FIRST, FIELDS)):
        wanted = replace(last, then=reason)
    elif last.runs:
        wanted = replace(last, reason=reason)
    else:
        wanted = Sweep(last.number + 1, reason, now, tuple(sorted(kept)))
    await sweeps.put(connection, org_id, wanted)


async def renew(connection: AsyncConnection, org_id: str, kept: Collection[str], now: int) -> None:
    """A walk for other fields than the last one read; one that is under way begins again with them."""
    last = await sweeps.of(connection, org_id)
    if last is None:
        renewed = Sweep(1, FIRST, now, tuple(sorted(kept)))
    else:
        renewed = Sweep(last.number + 1, last.reason if last.runs else FIELDS, now, tuple(sorted(kept)))
    await sweeps.put(connection, org_id, renewed)
