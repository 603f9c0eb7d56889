"""Processes beside the bench's own: started, told things line by line on standard input, and weighed from outside."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
_LONGEST_LINE = 16 * 1024 * 1024


class Process:
    """A running module of the bench that listens on `port`; `told` is all it has said of itself."""

    def __init__(self, running: asyncio.subprocess.Process, told: Mapping[str, Any]) -> None:
        self.told = told
        self.port = int(told["port"])
        self._running = running
        self._outside = psutil.Process(running.pid)

    async def tell(self, order: str) -> str:
        """One order, and its answer: afterwards it has been carried out."""
        await say(self._running, order)
        return await heard(self._running)

    def cpu_seconds(self) -> float:
        times = self._outside.cpu_times()
        return float(times.user + times.system)

    def rss(self) -> int:
        """Bytes of memory that are really in use."""
        return int(self._outside.memory_info().rss)

    def pin(self, cores: list[int]) -> None:
        """An empty list sets it free."""
        with suppress(psutil.Error, OSError, AttributeError):
            self._outside.cpu_affinity(cores or usable_cores())


@asynccontextmanager
async def running(module: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
    """`module` of this package as a process, from its first line to the end of the block."""
    started = await start(module, environment)
    try:
        yield Process(started, json.loads(await heard(started)))
    finally:
        if started.returncode is None:
            started.terminate()
        await started.wait()


async def start(module: str, environment: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"bench.{module}"),
        stdin=pipe,
        stdout=pipe,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        limit=_LONGEST_LINE,
    )


async def say(to: asyncio.subprocess.Process, line: str) -> None:
    assert to.stdin is not None
    to.stdin.write(line.encode() + b"\n")
    await to.stdin.drain()


async def heard(of: asyncio.subprocess.Process) -> str:
    assert of.stdout is not None
    line = await of.stdout.readline()
    if not line:
        raise RuntimeError("A process of the bench ended early; what it said is above.")
    return line.decode().strip()


async def listen_to_orders(port: int, carry_out: Callable[[str], Awaitable[str] | None], **told: object) -> None:
    """The other side: print the port and what else is to be told, then carry out a line at a time until standard
    input ends, and answer each by a line."""
    print(json.dumps({"port": port, **told}), flush=True)
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        answer = carry_out(line.decode())
        print(await answer if answer else "", flush=True)


def usable_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
