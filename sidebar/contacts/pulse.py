"""Is the change stream of an org provably alive? Judged from what whoever listens leaves in the database.

Alive means: what changed in Salesforce has reached us, so that what we know is true now. Must not know how the stream
is listened to, nor what it brings.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sidebar.cache import Cache
from sidebar.store import standing
from sidebar.store.database import Database
from sidebar.store.notices import Hub
from sidebar.store.standing import Standing

SILENT = 90_000  # in ms: Salesforce says something every minute
_HELD = 7_000  # in ms: whoever listens renews its lease at least this long before it runs out; a dead one does not
_BEHIND = 10_000  # in ms: with events as old as this the stream is still catching up
_BLIND = ("position", "overflow", "wildcard", "unreadable")  # walks that look for what no event told
_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Pulse:
    """`exists`: there is a stream, alive or not. `at` (ms): when it last showed that it was."""

    alive: bool
    exists: bool = False
    at: int = 0


class Pulses:
    """`topic` and `lease(org_id)`: under which names the listener of an org keeps its position and its turn."""

    def __init__(
        self, database: Database, hub: Hub, clock: Callable[[], int], topic: str, lease: Callable[[str], str]
    ) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._topic = topic
        self._lease = lease
        self._known: Cache[str, Pulse] = Cache(seconds=_SECONDS, size=1_000, clock=clock)

    async def of(self, org_id: str) -> Pulse:
        """A second old at most."""
        return await self._known.load(org_id, lambda: self._look(org_id))

    async def _look(self, org_id: str) -> Pulse:
        async with self._database.read() as connection:
            found = await standing.of(connection, org_id, self._topic, self._lease(org_id))
        if found.position is None:
            return Pulse(False)
        alive = self._hub.hears and is_alive(found, self._clock())
        return Pulse(alive, True, found.position.at)


def is_alive(found: Standing, now: int) -> bool:
    """Somebody listens, was answered of late, has caught up, and looks for nothing that was missed."""
    position, sweep = found.position, found.sweep
    if position is None or position.lost_at is not None or position.at < now - SILENT:
        return False
    if sweep and (sweep.then in _BLIND or (sweep.runs and sweep.reason in _BLIND)):
        return False
    behind = position.event_at is not None and (position.lag or 0) > _BEHIND
    answered_since = position.at > (position.event_at or 0) + (position.lag or 0)
    return found.held_until - now >= _HELD and (not behind or answered_since)
