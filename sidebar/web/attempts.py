"""Slow down guessing: after five failures a door stays shut for five minutes."""

from collections.abc import Callable

from cachetools import TTLCache

MINUTES = 5
_FAILURES = 5


class Attempts:
    """Counted in memory, per process: a restart forgives, which is no use to somebody who guesses from outside."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._counts: TTLCache[str, int] = TTLCache(maxsize=50_000, ttl=MINUTES * 60_000, timer=clock)

    def begin(self, *keys: str) -> bool:
        """Count an attempt before it is judged, so that many at once gain nothing. False: not now."""
        if any(self._counts.get(key, 0) >= _FAILURES for key in keys):
            return False
        for key in keys:
            self._counts[key] = self._counts.get(key, 0) + 1
        return True

    def succeed(self, *keys: str) -> None:
        for key in keys:
            self._counts.pop(key, None)
