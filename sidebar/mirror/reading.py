"""Reads records where events do not tell all of them: what is dirty, and from time to time every Contact there is.

Steps are taken between responses of the stream, by the one who applies them, so that nothing comes between reading and
writing.
"""

from collections.abc import Collection

from sidebar.mirror import CONTACTS, Mirror, walking, walks
from sidebar.mirror.refresh import AT_ONCE, refresh
from sidebar.salesforce.client import Client
from sidebar.store import positions, records, sweeps

__all__ = ["PERIOD", "Reading"]

PERIOD = 24 * 60 * 60 * 1000
"""In ms: so often every Contact is looked at, since Salesforce promises no delivery of events."""


class Reading:
    """`idle`: nothing is known to be left to read."""

    def __init__(self, mirror: Mirror, client: Client) -> None:
        self._mirror = mirror
        self._client = client
        self.idle = False

    async def look(self, kept: Collection[str]) -> None:
        """Is it time for a walk? Raises Lost."""
        self.idle = False
        async with self._mirror.database.read() as connection:
            last = await sweeps.of(connection, self._mirror.org_id)
        now = self._mirror.clock()
        if last is None or set(last.columns) != set(kept):
            async with self._mirror.writing() as connection:
                await walks.renew(connection, self._mirror.org_id, kept, now)
        elif last.ended_at is not None and last.ended_at + PERIOD <= now:
            async with self._mirror.writing() as connection:
                await walks.want(connection, self._mirror.org_id, "periodic", kept, now)

    async def give_up_position(self, kept: Collection[str]) -> None:
        """Salesforce knows it no more: what happened since then is to be found by a walk. Raises Lost."""
        now = self._mirror.clock()
        async with self._mirror.writing() as connection:
            await positions.give_up(connection, self._mirror.org_id, CONTACTS, now)
            await walks.want(connection, self._mirror.org_id, "position", kept, now)

    async def step(self, kept: Collection[str]) -> None:
        """Do a little of what is left. Raises what the client does, and Lost; nothing is lost by that."""
        async with self._mirror.database.read() as connection:
            dirty = await records.dirty(connection, self._mirror.org_id, AT_ONCE)
            sweep = await sweeps.of(connection, self._mirror.org_id)
        if dirty:
            await refresh(self._mirror, self._client, kept, dirty)
        elif sweep and sweep.runs:
            await walking.step(self._mirror, self._client.on("walk"), kept, sweep)
        else:
            self.idle = True
