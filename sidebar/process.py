"""What a process of ours is made of: the clock, the HTTP client for Salesforce, a server on a socket, the worker."""

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette

from sidebar.app import House


def clock() -> int:
    return time.time_ns() // 1_000_000


def client() -> httpx.AsyncClient:
    """For Salesforce: patient with slow answers, not with dead hosts; few connections, since its pool is a list."""
    limits = httpx.Limits(max_connections=8, max_keepalive_connections=8, keepalive_expiry=60)
    return httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(20, connect=5))


def listen(address: str, port: int) -> socket.socket:
    """A socket that answers without delay: asyncio turns Nagle's algorithm off only where it made the socket itself,
    and with it every answer to a kept connection waits 40 ms. Raises OSError."""
    listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def collect_seldom() -> None:
    """Once everything is composed: what lives as long as the process is not looked through again and again.
    A quarter of the CPU of taking events in went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """`app` answers on `listener` while the block runs. Its own life ends before the server's, which would wait for
    answers that are still being streamed."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        if task.done():
            await task  # raises what kept it from starting
        async with app.router.lifespan_context(app):
            yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """The worker runs while the block does."""
    async with asyncio.TaskGroup() as group:  # a worker that dies takes the process with it, instead of being missed
        task = group.create_task(house.work().run())
        yield
        task.cancel()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever runs the loop."""
        yield
