"""`python -m bench`: every measurement, a table, and bench/results.json. Some minutes; progress is printed."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from bench import browser, calls, throughput, twin
from bench.figures import Figure, table, write
from bench.ground import Ground, ground
from bench.memory import Scales
from tests.browser.bring_chromium import HINT, chromium

RESULTS = Path(__file__).parent / "results.json"


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    skipped = {} if chromium() else {"open_*": HINT}
    say("setting up the demo's org and workspace")
    with tempfile.TemporaryDirectory() as folder:
        async with ground(Path(folder)) as here:
            figures = await _measured(here)
    write(RESULTS, figures, skipped, time.monotonic() - began)
    print(f"\n{table(figures)}\n")
    for name, reason in skipped.items():
        print(f"  not measured: {name}. {reason}")


async def _measured(here: Ground) -> Sequence[Figure]:
    scales = Scales(here)
    found: list[Figure] = []
    if path := chromium():
        found += await browser.measure(here, path, say)
        scales.weigh("after_clicks", "after the clicks")
    say("a cached panel under load, beside a bare route")
    found += await throughput.measure(here)
    scales.weigh("after_load", "after the load")
    say("Salesforce calls of a day and of an hour")
    found += await calls.measure(here)
    scales.weigh("after_calls", "after 2 × 1,000 opens")
    return [*found, *scales.figures, *await twin.measure(here.bare, say)]


if __name__ == "__main__":
    asyncio.run(main())
