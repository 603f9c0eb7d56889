"""Replay ids: where each change stands on the org's event bus, and which places a listener may resume from.

A replay id is ten bytes: a big-endian counter of eight and two zero bytes, as recorded. The counter grows with the
clock and by uneven steps, so ids are the same after a restart, without anything stored beside the changes themselves.
Listeners must not read anything into it. Must not know topics, users or gRPC.
"""

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from sidebar.twin.org import Change

RETENTION = 72 * 60 * 60 * 1000
_PER_SECOND = 2048
_SETTLED = 2000  # a change this old is surely on the bus


class Bus:
    """`changes` only ever grows; `generation` tells its ids from another org's; `lag` says how many milliseconds
    after its commit a change arrives here."""

    def __init__(
        self,
        changes: Sequence[Change],
        generation: str,
        clock: Callable[[], int],
        lag: Callable[[], int] = lambda: 0,
    ) -> None:
        self._changes = changes
        self._clock = clock
        self._lag = lag
        self._counters: list[int] = []
        self._reset = 0
        self._mark = 1 + zlib.crc32(generation.encode()) % (_PER_SECOND // 4)

    def earliest(self) -> int:
        """The place before the oldest retained change."""
        return max(_floor(self._clock() - RETENTION), self._reset) - 1

    def latest(self) -> int:
        """The place after everything that has arrived. It moves with the clock, as a bus shared with other topics
        does."""
        return self._end(self._lag())

    def after(self, place: int) -> Iterator[tuple[int, Change]]:
        arrived = self._arrived(self._lag())
        for index in range(bisect_right(self._counters, place), arrived):
            yield self._counters[index], self._changes[index]

    def before(self, place: int) -> Iterator[tuple[int, Change]]:
        """What is retained up to and including this place, the latest first."""
        oldest = bisect_right(self._counters, self.earliest())
        for index in range(bisect_right(self._counters, place) - 1, oldest - 1, -1):
            yield self._counters[index], self._changes[index]

    def place(self, replay_id: bytes) -> int | None:
        """The place a replay id (or its first eight bytes) stands for; None if it was never given out by this org
        or its change is no longer retained."""
        if len(replay_id) not in (8, 10) or any(replay_id[8:]):
            return None
        counter = int.from_bytes(replay_id[:8], "big")
        return counter if self.earliest() < counter <= self._end(0) and self._given(counter) else None

    def forget(self) -> None:
        """Retain nothing of what was so far; every id given out becomes unknown. A restart undoes it."""
        self._reset = self._end(0) + 1

    def _end(self, lag: int) -> int:
        arrived = self._arrived(lag)
        quiet = max(self._reset, _floor(self._clock() - lag - _SETTLED) - self._mark)
        return max(quiet, self._counters[arrived - 1]) if arrived else quiet

    def _arrived(self, lag: int) -> int:
        self._catch_up()
        known = len(self._counters)
        return bisect_right(self._changes, self._clock() - lag, 0, known, key=_time) if lag else known

    def _given(self, counter: int) -> bool:
        at = bisect_left(self._counters, counter)
        is_change = at < len(self._counters) and self._counters[at] == counter
        return is_change or counter == self._reset or (counter + self._mark) % _PER_SECOND == 0

    def _catch_up(self) -> None:
        for index in range(len(self._counters), len(self._changes)):
            change = self._changes[index]
            previous = max(self._reset, self._counters[-1] if self._counters else -1)
            self._counters.append(max(_floor(change.at), previous) + _step(change))


def replay_id(place: int) -> bytes:
    return place.to_bytes(8, "big") + b"\0\0"


def _floor(at: int) -> int:
    return at // 1000 * _PER_SECOND


def _time(change: Change) -> int:
    return change.at


def _step(change: Change) -> int:
    """1 to 3: other topics of the bus take numbers too."""
    return 1 + zlib.crc32(f"{change.transaction}{change.sequence}".encode()) % 3
