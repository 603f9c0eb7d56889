"""How long cached opens take while the same process takes in a backlog, and what that process then weighs."""

import asyncio
from collections.abc import Sequence

from bench.bus import make_changes
from bench.figures import Figure, quantile
from bench.ground import Ground
from bench.load import Task, drive
from bench.throughput import remembered

QUIET = "the same opens before and after, with nothing to take in; same run"
_SECONDS = 1.0
_CONNECTIONS = 2
_PAUSE = 0.005  # seconds between an answer and that connection's next open
_PATIENCE = 120  # seconds: a backlog that is never taken in ends the bench instead of holding it


async def measure(ground: Ground, events: int = 10_000, seconds: float = _SECONDS) -> list[Figure]:
    quiet, busy = await _opened(ground, seconds), list[float]()
    taken_in = await _taken_in(ground) + events
    _leave(ground, events)
    async with asyncio.timeout(_PATIENCE):
        while await _taken_in(ground) < taken_in:
            busy += await _opened(ground, seconds)
    quiet += await _opened(ground, seconds)
    return [_figure(share, events, busy, quiet) for share in (0.5, 0.99)]


def _leave(ground: Ground, events: int) -> None:
    """While nobody is told of them, lest the first be taken in before the last is there."""
    org = ground.stage.twin.org
    org.faults.switch({"silent_streams": True})
    make_changes(org, events)
    org.faults.switch({"silent_streams": False})


async def _taken_in(ground: Ground) -> int:
    position = (await ground.standing()).position
    return position.events if position else 0


async def _opened(ground: Ground, seconds: float) -> list[float]:
    """What each open took, in seconds."""
    asked = (await remembered(ground))["match"]
    task = Task(ground.product.port, seconds, _CONNECTIONS, [each.request for each in asked], pause=_PAUSE)
    outcome = await drive(task)
    if set(outcome.statuses) != {"200"}:
        raise RuntimeError(f"Opens were answered {outcome.statuses}")
    return outcome.waits


def _figure(share: float, events: int, busy: Sequence[float], quiet: Sequence[float]) -> Figure:
    figure, baseline = quantile(busy, share), quantile(quiet, share)
    return Figure(
        name=f"match_meanwhile_p{round(share * 100)}",
        what=f"POST …/match of a remembered record while {events:,} change events are taken in",
        figure=round(figure * 1000, 2),
        unit="ms",
        baseline=round(baseline * 1000, 2),
        baseline_is=QUIET,
        ratio=round(figure / baseline, 3),
        samples=len(busy),
    )
