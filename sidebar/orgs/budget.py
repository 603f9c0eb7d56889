"""What an org's API calls are spent on, and who has to wait so that agents can go on.

Near the end of the day's allowance walks through all Contacts wait first, then whatever else keeps panels live; an
agent's own questions are never held back by us. Counts are kept by the hour, of all processes together.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import structlog

from sidebar.salesforce.client import Usage
from sidebar.salesforce.errors import LimitExceeded
from sidebar.store import calls
from sidebar.store.calls import Told
from sidebar.store.database import Database

Lane: TypeAlias = Literal["agent", "live", "bulk"]

LANES: Mapping[str, Lane] = {
    "match": "agent",
    "search": "agent",
    "record": "agent",
    "edit": "agent",
    "describe": "agent",
    "check": "agent",
    "names": "live",
    "refresh": "live",
    "walk": "bulk",
}
"""What calls are made for. Anything else is an agent's."""

RESERVES: Mapping[Lane, float] = {"agent": 1.0, "live": 0.95, "bulk": 0.90}
"""The share of the allowance from which on a lane waits; "agent" never does."""

HOUR = 60 * 60 * 1000
_DOUBT = 5 * 60 * 1000  # in ms: an older figure may be better by now, so that one call may look
_REFUSED = 5 * 1000  # where Salesforce refuses anyway, looking costs nothing
_EVERY = 15_000  # ms

log = structlog.get_logger()


class Budget:
    """Of all orgs."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._meters: dict[str, OrgMeter] = {}
        self._written_at = clock()
        self._writing: asyncio.Task[None] | None = None

    def meter(self, org_id: str) -> "OrgMeter":
        if org_id not in self._meters:
            self._meters[org_id] = OrgMeter(self._clock, self._write_at_times)
        return self._meters[org_id]

    async def close(self) -> None:
        """Before the database is closed."""
        if self._writing:
            await asyncio.gather(self._writing, return_exceptions=True)
        await self.write()

    async def write(self) -> None:
        """Keep what has been counted since the last time. A database that does not answer loses a few counts."""
        self._written_at = self._clock()
        for org_id, meter in list(self._meters.items()):
            counted, told = meter.take()
            if not counted:
                continue
            try:
                async with self._database.write() as connection:
                    await calls.add(connection, org_id, counted)
                    if told:
                        await calls.tell(connection, org_id, told)
            except Exception:  # counts are no reason to stop anything
                log.exception("calls cannot be counted", org=org_id)

    def _write_at_times(self) -> None:
        """Nobody waits for it."""
        if self._clock() - self._written_at >= _EVERY and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self.write())


class OrgMeter:
    """A salesforce.client.Meter."""

    def __init__(self, clock: Callable[[], int], on_count: Callable[[], None]) -> None:
        self._clock = clock
        self._on_count = on_count
        self._counted: Counter[tuple[int, str]] = Counter()
        self._told: Told | None = None
        self._looked_at = 0

    def admit(self, purpose: str) -> None:
        lane, told = LANES.get(purpose, "agent"), self._told
        if lane == "agent" or told is None or told.share < RESERVES[lane]:
            return
        if self._clock() - max(told.at, self._looked_at) > (_REFUSED if told.share >= 1 else _DOUBT):
            self._looked_at = self._clock()  # only this one looks
            return
        raise LimitExceeded(
            f"{told.used} of {told.allowed} API calls of 24 hours are spent; the rest is kept for agents"
        )

    def count(self, purpose: str, usage: Usage | None) -> None:
        now = self._clock()
        self._counted[(now - now % HOUR, purpose if purpose in LANES else "other")] += 1
        if usage:
            self._told = Told(now, usage.used, usage.allowed)
        self._on_count()

    def take(self) -> tuple[Mapping[tuple[int, str], int], Told | None]:
        """By hour (ms) and purpose, since the last time."""
        counted, self._counted = self._counted, Counter()
        return counted, self._told
