"""A process of its own: many panels that stay open and note when a change reaches them.

Each line on standard input is an Order as JSON, each answer a Heard as JSON, empty until there is something to tell.
Moments are those of the machine's monotonic clock, which all its processes share.
"""

import asyncio
import base64
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop

from bench.process import Process, listen_to_orders

_CHANGED = b"event: changed"


@dataclass(frozen=True, slots=True)
class Order:
    """With `requests` open one more panel with each, at `port`, and wait until all of these have been sent `text`. Else
    wait until so many panels as `count` says have been sent it, or, where it says none, only begin to look out for it.
    """

    text: str
    count: int = 0
    port: int = 0
    requests: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Heard:
    """When (s) each panel was sent the text, and the event it came in."""

    at: list[float] = field(default_factory=list)
    event: str = ""


async def opened(panels: Process, port: int, requests: Sequence[bytes], until: str) -> None:
    wire = [base64.b64encode(each).decode() for each in requests]
    await _told(panels, Order(until, len(requests), port, wire))


async def look_out(panels: Process, text: str) -> None:
    await _told(panels, Order(text))


async def heard(panels: Process, text: str, count: int) -> Heard:
    return await _told(panels, Order(text, count))


async def _told(panels: Process, order: Order) -> Heard:
    return Heard(**json.loads(await panels.tell(json.dumps(asdict(order)))))


class _Panel(asyncio.Protocol):
    def __init__(self, request: bytes, crowd: "_Crowd") -> None:
        self._request = request
        self._crowd = crowd
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._received += data
        if self._crowd.text in self._received:
            self._crowd.hear(now, self._received)
            self._received = b""


class _Crowd:
    def __init__(self) -> None:
        self.text = b""
        self._heard = Heard()
        self._woken = asyncio.Event()

    def hear(self, now: float, received: bytes) -> None:
        self._heard.at.append(now)
        if not self._heard.event and _CHANGED in received:
            whole = received[received.rindex(_CHANGED) :].decode()
            self._heard = Heard(self._heard.at, whole[: whole.index("\n\n") + 2])
        self._woken.set()

    async def carry_out(self, line: str) -> str:
        order = Order(**json.loads(line))
        if order.text.encode() != self.text:
            self.text, self._heard = order.text.encode(), Heard()
        for request in order.requests:
            await self._open(order.port, base64.b64decode(request))
        while len(self._heard.at) < order.count:
            self._woken.clear()
            await self._woken.wait()
        return json.dumps(asdict(self._heard))

    async def _open(self, port: int, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: _Panel(request, self), "127.0.0.1", port)


async def main() -> None:
    await listen_to_orders(0, _Crowd().carry_out)


if __name__ == "__main__":
    uvloop.run(main())
