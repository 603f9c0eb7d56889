"""Slow down guessing: after five failures for one e-mail address from one place, or thirty from a place whatever the
e-mail address, that door stays shut for five minutes. Nobody can shut it for those who come from elsewhere."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from cachetools import TTLCache

MINUTES = 5
_FAILURES = 5
_FAILURES_OF_A_PLACE = 30


class Attempts:
    """Counted in memory, per process: a restart forgives, which is no use to somebody who guesses from outside."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._counts: TTLCache[tuple[str, ...], int] = TTLCache(maxsize=50_000, ttl=MINUTES * 60_000, timer=clock)

    def begin(self, email: str, address: str) -> bool:
        """Count an attempt before it is judged, so that many at once gain nothing. False: not now."""
        place = _place(address)
        if self._count(place, email) >= _FAILURES or self._count(place) >= _FAILURES_OF_A_PLACE:
            return False
        for key in (place, email), (place,):
            self._counts[key] = self._count(*key) + 1
        return True

    def succeed(self, email: str, address: str) -> None:
        """It was no failure; others from the same place still are."""
        place = _place(address)
        self._counts.pop((place, email), None)
        self._counts[place,] = max(0, self._count(place) - 1)

    def _count(self, *key: str) -> int:
        return self._counts.get(key, 0)


def _place(address: str) -> str:
    """Where an IP address belongs: whoever has one of IPv6 has the whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or int(found) >> 64)
