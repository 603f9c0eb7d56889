"""Remember a value for a while; however many ask at once, one of them loads it.

A caller that goes away (a closed tab) does not take the load with it, since others may be waiting for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from typing import Generic, TypeVar, cast

from cachetools import TTLCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_NOTHING = object()


class Cache(Generic[K, V]):
    """`seconds` a value stays fresh, `size` the most values kept (least recently used go first), `clock` in ms."""

    def __init__(self, *, seconds: float, size: int, clock: Callable[[], int]) -> None:
        self._values: TTLCache[K, V] = TTLCache(maxsize=size, ttl=seconds * 1000, timer=clock)
        self._loads: dict[K, asyncio.Task[V]] = {}

    def get(self, key: K) -> V | None:
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """What is put while a load is under way wins over what that load brings."""
        self._loads.pop(key, None)
        self._values[key] = value

    def drop(self, unwanted: Callable[[K], bool]) -> None:
        """Forget what is kept, and what is being loaded, under keys that are `unwanted`."""
        for key in [key for key in self.keys() if unwanted(key)]:
            self._loads.pop(key, None)
            self._values.pop(key, None)

    async def load(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        """The value kept under `key`, else what `fetch` brings; its failure is told to all who waited, and not kept."""
        kept = self._values.get(key, _NOTHING)
        if kept is not _NOTHING:
            return cast(V, kept)
        task = self._loads.get(key)
        if task is None:
            task = self._loads[key] = asyncio.create_task(self._fetch(key, fetch))
            task.add_done_callback(_seen)
        return await asyncio.shield(task)

    async def _fetch(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        mine = asyncio.current_task()
        try:
            value = await fetch()
            if self._loads.get(key) is mine:
                self._values[key] = value
            return value
        finally:
            if self._loads.get(key) is mine:
                del self._loads[key]

    def keys(self) -> Iterator[K]:
        """Of what is kept, and of what is being loaded."""
        yield from list(self._values)
        yield from list(self._loads)


def _seen(load: "asyncio.Task[V]") -> None:
    """A failure that nobody waits for any more is nobody's concern."""
    if not load.cancelled():
        load.exception()
