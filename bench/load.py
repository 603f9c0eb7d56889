"""A process of its own: asks one server the same few questions over and over, on connections that stay open.

As little work per request as Python allows, since it shares the machine with the server it drives. The one line on
standard input is a Task as JSON, the one line on standard output an Outcome.
"""

import asyncio
import base64
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

import uvloop

from bench.process import heard, say, start

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PATIENCE = 20  # seconds: a server that stops answering ends the bench instead of holding it


@dataclass(frozen=True, slots=True)
class Task:
    """`requests` are whole HTTP requests, asked in turn over `connections` for `seconds`; `pause` in seconds, between
    an answer and the next question."""

    port: int
    seconds: float
    connections: int
    requests: Sequence[bytes]
    core: int | None = None
    pause: float = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`statuses` counts the answers by status; `waits` are the seconds from each question to its answer."""

    seconds: float
    statuses: dict[str, int]
    waits: list[float]

    @property
    def answers(self) -> int:
        return sum(self.statuses.values())


async def drive(task: Task) -> Outcome:
    """Run `task` in a process of its own."""
    process = await start("load")
    wire = asdict(task) | {"requests": [base64.b64encode(each).decode() for each in task.requests]}
    await say(process, json.dumps(wire))
    try:
        async with asyncio.timeout(task.seconds + _PATIENCE):
            return Outcome(**json.loads(await heard(process)))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class _Asker(asyncio.Protocol):
    """One connection: the next question as soon as the last answer is whole."""

    def __init__(self, task: Task, first: int, until: float, statuses: Counter[str], waits: list[float]) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._questions, self._next, self._pause = task.requests, first, task.pause
        self._until = until
        self._statuses, self._waits = statuses, waits
        self._asked = 0.0
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._received, 0, head)
        if len(self._received) < head + 4 + (int(length[1]) if length else 0):
            return
        self._statuses[self._received[9:12].decode()] += 1
        self._received = b""
        now = time.perf_counter()
        self._waits.append(now - self._asked)
        if now >= self._until:
            self._transport.close()
        elif self._pause:
            asyncio.get_running_loop().call_later(self._pause, self._ask)
        else:
            self._ask()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        self._transport.write(self._questions[self._next % len(self._questions)])
        self._next += 1


async def _ask(task: Task) -> Outcome:
    statuses, waits = Counter[str](), list[float]()
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    askers = [_Asker(task, first, began + task.seconds, statuses, waits) for first in range(task.connections)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", task.port)  # type: ignore[misc]
    await asyncio.gather(*(asker.ended for asker in askers))
    return Outcome(time.perf_counter() - began, dict(statuses), waits)


def main() -> None:
    wire = json.loads(sys.stdin.readline())
    task = Task(**wire | {"requests": [base64.b64decode(each) for each in wire["requests"]]})
    if task.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {task.core})
    print(json.dumps(asdict(uvloop.run(_ask(task)))), flush=True)


if __name__ == "__main__":
    main()
