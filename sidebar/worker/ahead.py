"""Reads a stream ahead: what comes while earlier responses are taken in waits, and is taken in as one.

A backlog costs a transaction for hundreds of events that way, instead of one for each response.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain

from sidebar.salesforce.pubsub import Batch

_ROOM = 4
"""Responses that wait. One has a hundred events at most, so hundreds of events are the most that is done at once."""


class Ahead:
    def __init__(self, responses: AsyncIterator[Batch]) -> None:
        self._waiting: asyncio.Queue[Batch | None] = asyncio.Queue(_ROOM)
        self._reading = asyncio.create_task(self._read(responses))

    async def next(self) -> Batch:
        """All that has come. Raises what broke the stream, once all before that was given."""
        if self._waiting.empty() and self._reading.done():
            self._reading.result()
        found = [await self._waiting.get()]
        while not self._waiting.empty():
            found.append(self._waiting.get_nowait())
        return joined([each for each in found if each]) if any(found) else await self.next()

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, responses: AsyncIterator[Batch]) -> None:
        try:
            async for each in responses:
                await self._waiting.put(each)
        except Exception:
            await self._waiting.put(None)  # wakes who waits
            raise


@asynccontextmanager
async def ahead(responses: AsyncIterator[Batch]) -> AsyncIterator[Ahead]:
    reader = Ahead(responses)
    try:
        yield reader
    finally:
        await reader.close()


def joined(batches: Sequence[Batch]) -> Batch:
    """In their order, with the last position that was told."""
    if len(batches) == 1:
        return batches[0]
    position = next((each.latest_replay_id for each in reversed(batches) if each.latest_replay_id), b"")
    events = tuple(chain.from_iterable(each.events for each in batches))
    return Batch(events, position, tuple(chain.from_iterable(each.unreadable for each in batches)))
