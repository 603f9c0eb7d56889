"""A value is remembered for a while, and loaded once however many ask (RI-32)."""

import asyncio

import pytest

from sidebar.cache import Cache
from tests.conftest import Clock

pytestmark = pytest.mark.anyio


class Source:
    def __init__(self) -> None:
        self.calls = 0
        self.gate = asyncio.Event()

    async def fetch(self) -> int:
        self.calls += 1
        await self.gate.wait()
        return self.calls


async def test_a_value_is_fresh_at_59_9_seconds_and_gone_at_60(clock: Clock) -> None:
    cache: Cache[str, int] = Cache(seconds=60, size=10, clock=clock)
    cache.put("k", 1)
    clock.pass_seconds(59.9)
    assert cache.get("k") == 1
    clock.pass_seconds(0.1)
    assert cache.get("k") is None


async def test_fifty_who_ask_at_once_share_one_load(clock: Clock) -> None:
    cache: Cache[str, int] = Cache(seconds=60, size=10, clock=clock)
    source = Source()
    asking = [asyncio.create_task(cache.load("k", source.fetch)) for _ in range(50)]
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*asking) == [1] * 50
    assert source.calls == 1


async def test_a_caller_who_leaves_does_not_take_the_load_with_him(clock: Clock) -> None:
    cache: Cache[str, int] = Cache(seconds=60, size=10, clock=clock)
    source = Source()
    leaver = asyncio.create_task(cache.load("k", source.fetch))
    stayer = asyncio.create_task(cache.load("k", source.fetch))
    await asyncio.sleep(0)
    leaver.cancel()
    source.gate.set()
    assert await stayer == 1


async def test_a_failed_load_is_told_to_all_and_not_remembered(clock: Clock) -> None:
    cache: Cache[str, int] = Cache(seconds=60, size=10, clock=clock)

    async def fail() -> int:
        raise ConnectionError

    for _ in range(2):
        with pytest.raises(ConnectionError):
            await cache.load("k", fail)


async def test_what_is_put_while_a_load_runs_is_not_overwritten_by_it(clock: Clock) -> None:
    """An edit written through must not be replaced by a read that began before it."""
    cache: Cache[str, int] = Cache(seconds=60, size=10, clock=clock)
    source = Source()
    loading = asyncio.create_task(cache.load("k", source.fetch))
    await asyncio.sleep(0)
    cache.put("k", 7)
    source.gate.set()
    await loading
    assert cache.get("k") == 7


async def test_what_is_dropped_while_it_loads_is_not_kept(clock: Clock) -> None:
    cache: Cache[str, int] = Cache(seconds=60, size=10, clock=clock)
    source = Source()
    loading = asyncio.create_task(cache.load("k", source.fetch))
    await asyncio.sleep(0)
    cache.drop(lambda key: key == "k")
    source.gate.set()
    await loading
    assert cache.get("k") is None
