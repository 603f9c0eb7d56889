"""`python -m bench`: every measurement, a table, and bench/results.json. Some minutes; progress is printed."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import structlog

from bench import backlog, browser, calls, fanout, index, keys, lookups, meanwhile, throughput, twin
from bench.figures import Figure, table, write
from bench.ground import Ground, ground
from bench.memory import Scales
from bench.postgresql import HINT as NO_POSTGRESQL
from bench.postgresql import is_there, postgresql
from tests.browser.bring_chromium import HINT, chromium

RESULTS = Path(__file__).parent / "results.json"


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    skipped = {} if chromium() else {"open_*": HINT}
    skipped |= {} if is_there() else {"backlog_postgresql_*": NO_POSTGRESQL}
    with tempfile.TemporaryDirectory() as folder:
        figures = await _backlog(Path(folder))
        figures += await _matching(Path(folder))
        say("setting up the demo's org and workspace")
        async with ground(Path(folder) / "demo") as here:
            figures += await _measured(here)
    write(RESULTS, figures, skipped, time.monotonic() - began)
    print(f"\n{table(figures)}\n")
    for name, reason in skipped.items():
        print(f"  not measured: {name}. {reason}")


async def _backlog(folder: Path) -> list[Figure]:
    databases = {"sqlite": f"sqlite:///{folder / 'backlog.sqlite'}"}
    with ExitStack() as stack:
        if is_there():
            databases["postgresql"] = stack.enter_context(postgresql(folder / "postgresql"))
        return await backlog.measure(databases, say)


async def _matching(folder: Path) -> list[Figure]:
    say("phone numbers to keys")
    found = keys.measure()
    found += await index.measure(folder, say)
    return [*found, *await lookups.measure(folder, say)]


async def _measured(here: Ground) -> Sequence[Figure]:
    scales = Scales(here)
    found: list[Figure] = []
    if path := chromium():
        found += await browser.measure(here, path, say)
        scales.weigh("after_clicks", "after the clicks")
    say("a cached panel under load, beside a bare route")
    found += await throughput.measure(here)
    scales.weigh("after_load", "after the load")
    say("a change in the org, seen in 200 open panels")
    found += await fanout.measure(here)
    scales.weigh("after_panels", "after 200 open panels")
    say("Salesforce calls of a day and of an hour")
    found += await calls.measure(here)
    scales.weigh("after_calls", "after 2 × 1,000 opens")
    say("Salesforce calls of a live day, and of the same day as without")
    found += await calls.measure_live(here)
    say("opens while a backlog is taken in")
    found += await meanwhile.measure(here)
    scales.weigh("after_backlog", "after a backlog of change events")
    return [*found, *scales.figures, *await twin.measure(here.bare, say)]


if __name__ == "__main__":
    asyncio.run(main())
