"""When will an org's daily API calls be spent, if it goes on like this? Pure."""

from collections.abc import Sequence

from sidebar.store.calls import Told

LOOK_BACK = 3 * 60 * 60 * 1000
"""In ms: how far the pace is measured."""

_FEWEST = 10 * 60 * 1000  # in ms: over less, a pace is chance
_FAR = 24 * 60 * 60 * 1000  # calls of a day ago count no more by then


def spent_at(told: Sequence[Told], now: int) -> int | None:
    """In ms; None where it will not happen within a day, or too little is known. `told` with the oldest first."""
    recent = [each for each in told if each.at >= now - LOOK_BACK]
    if len(recent) < 2 or recent[-1].at - recent[0].at < _FEWEST:
        return None
    first, last = recent[0], recent[-1]
    pace = (last.used - first.used) / (last.at - first.at)  # calls per ms, beyond those that count no more
    if pace <= 0:
        return None
    at = last.at + round((last.allowed - last.used) / pace)
    return at if at <= now + _FAR else None
