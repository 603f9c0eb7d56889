"""What comes while a response is taken in waits, and is taken in as one."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sidebar.salesforce.errors import Unreachable
from sidebar.salesforce.pubsub import Batch
from sidebar.worker.ahead import ahead, joined
from tests.mirror.events import AMARA, INES, OWEN, event

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = (Batch((event(id),), position) for id, position in ((INES, b"1"), (OWEN, b"2"), (AMARA, b"3")))


async def stream(*batches: Batch) -> AsyncIterator[Batch]:
    for each in batches:
        yield each
    raise Unreachable("it broke")


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_waits_is_one_response_in_its_order_and_with_the_last_position() -> None:
    async with ahead(stream(FIRST, SECOND, THIRD)) as waiting:
        await settled()
        found = await waiting.next()
    assert found == Batch((*FIRST.events, *SECOND.events, *THIRD.events), b"3")


async def test_what_came_before_a_stream_broke_is_given_first() -> None:
    async with ahead(stream(FIRST)) as waiting:
        await settled()
        assert await waiting.next() == FIRST
        for _ in range(2):
            with pytest.raises(Unreachable):
                await waiting.next()


async def test_a_stream_that_breaks_while_somebody_waits_says_so() -> None:
    async with ahead(stream()) as waiting:
        with pytest.raises(Unreachable):
            await waiting.next()


async def test_no_more_is_read_than_there_is_room_for() -> None:
    read = 0

    async def endless() -> AsyncIterator[Batch]:
        nonlocal read
        while True:
            read += 1
            yield FIRST

    async with ahead(endless()) as waiting:
        await settled()
        assert read == 5
        assert len((await waiting.next()).events) == 4


def test_a_sign_of_life_without_a_position_keeps_the_one_before_it() -> None:
    silent = Batch((), b"", ("e9",))
    assert joined([FIRST, silent]) == Batch(FIRST.events, b"1", ("e9",))
    assert joined([silent]) is silent
