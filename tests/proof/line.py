"""A line between us and the org that may fall silent: bytes are no longer carried, and nobody is told."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    def __init__(self, endpoint: str) -> None:
        self._host, _, self._port = endpoint.partition(":")
        self._carrying = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()

    def fall_silent(self) -> None:
        """For good, what is connected now; who connects anew is served."""
        self._carrying.clear()
        self._carrying = asyncio.Event()
        self._carrying.set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """The address of our end."""
        self._carrying.set()
        server = await asyncio.start_server(self._call, "localhost", 0)
        async with server:
            yield f"localhost:{server.sockets[0].getsockname()[1]}"
            for call in self._calls:
                call.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)

    def _call(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._calls.add(asyncio.create_task(self._join(reader, writer, self._carrying)))

    async def _join(self, reader: StreamReader, writer: StreamWriter, carrying: asyncio.Event) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_carry(reader, back, carrying), _carry(there, writer, carrying))
        for each in (back, writer):
            each.close()


async def _carry(reader: StreamReader, writer: StreamWriter, carrying: asyncio.Event) -> None:
    while data := await reader.read(65_536):
        await carrying.wait()
        writer.write(data)
        await writer.drain()
    writer.close()
