"""A backlog of change events taken in by the product's worker, beside a bare loop that only decodes them."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

from bench.connected import environment
from bench.figures import Figure, compared
from bench.process import Process, running
from bench.stretch import Stretch

BARE = "a loop in a process of its own that subscribes by gRPC and decodes with fastavro, the same events, same run"
_MB = 1e6
_PATIENCE = 120  # seconds: events that do not come end the bench instead of holding it


async def measure(
    databases: Mapping[str, str], say: Callable[[str], None], events: int = 50_000, rounds: int = 5
) -> list[Figure]:
    """`databases`: an empty one of each kind, by URL. All take in a share of the backlog in turns, the bare loop last,
    from the earliest event on."""
    say(f"a backlog of {events:,} change events")
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(running("bus", {"EVENTS": str(events)}))
        told = environment(bus)
        bare = await stack.enter_async_context(running("reader", told))
        listeners = {
            name: await stack.enter_async_context(running("listener", {**told, "DATABASE_URL": url}))
            for name, url in databases.items()
        }
        async with running("reader", told) as first:
            await _stretch(first, events)  # so that the org has made every event once before anything is measured
        return await _measured(listeners, bare, events, rounds)


async def _measured(listeners: Mapping[str, Process], bare: Process, events: int, rounds: int) -> list[Figure]:
    before = {name: listener.rss() for name, listener in listeners.items()}
    ours: dict[str, list[Stretch]] = {name: [] for name in listeners}
    theirs: list[Stretch] = []
    for until in range(events // rounds, events + 1, events // rounds):
        for name, listener in listeners.items():
            ours[name].append(await _stretch(listener, until))
        theirs.append(await _stretch(bare, until))
    return [
        figure
        for name, stretches in ours.items()
        for figure in _figures(name, *_both(stretches, theirs), before[name], listeners[name].rss())
    ]


def _both(ours: Iterable[Stretch], theirs: Iterable[Stretch]) -> tuple[list[Stretch], list[Stretch]]:
    """Without the turns for which a listener was ahead already: it takes in what comes, not what was asked for."""
    turns = [(mine, bare) for mine, bare in zip(ours, theirs, strict=True) if mine.events]
    return [mine for mine, _ in turns], [bare for _, bare in turns]


async def _stretch(process: Process, until: int) -> Stretch:
    async with asyncio.timeout(_PATIENCE):
        return Stretch(**json.loads(await process.tell(str(until))))


def _figures(name: str, ours: list[Stretch], theirs: list[Stretch], before: int, after: int) -> list[Figure]:
    what = f"change events taken in by the worker on {name}, effect and position kept"
    rate = compared(
        f"backlog_{name}_events", what, "events/s", [e.per_second for e in ours], [e.per_second for e in theirs], BARE
    )
    cpu = compared(
        f"backlog_{name}_cpu",
        f"{what}: CPU of its process",
        "µs/event",
        [e.cpu_us for e in ours],
        [e.cpu_us for e in theirs],
        BARE,
    )
    memory = compared(
        f"memory_backlog_{name}",
        f"resident memory of the worker's process on {name} after {sum(e.events for e in ours):,} events",
        "MB",
        [after / _MB],
        [before / _MB],
        "before the first",
    )
    return [replace(rate, notes={"events": sum(e.events for e in ours)}), cpu, memory]
