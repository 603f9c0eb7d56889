"""The open panels that want to hear of changes: which record each shows, and what has happened to it since.

A panel that reads slowly finds the newest state when it comes back, not a queue.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sidebar.contacts.changers import Change
from sidebar.store.notices import Notice

MOST = 6
"""Streams an agent may hold: as many as a browser opens to one server. The oldest ends for the newest."""

ALL = ""
"""Stands for every field, where a notice names none."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Whose panel shows what."""

    org_id: str
    record_id: str
    agent: tuple[str, str]  # workspace and id


class Watch:
    """One open panel. `concerns`: whether it shows any of these fields; `changes`: by field, the latest that has not
    been told."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.concerns: Callable[[Collection[str]], bool] = bool
        self.changes: dict[str, Change] = {}
        self.version = 0  # of the news: the same for every panel that has heard the same
        self.over = False
        self._woken = asyncio.Event()

    def hear(self, notice: Notice, version: int) -> None:
        if not notice.fields or self.concerns(notice.fields):
            change = Change(notice.at, notice.by, notice.entry)
            self.changes.update(dict.fromkeys(notice.fields or (ALL,), change))
            self.version = version
            self._woken.set()

    def end(self) -> None:
        self.over = True
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Until there is something to look at, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    def take(self) -> dict[str, Change]:
        taken, self.changes = self.changes, {}
        return taken


class Watches:
    def __init__(self) -> None:
        self._of: dict[str, set[Watch]] = {}
        self._agents: dict[tuple[str, str], list[Watch]] = {}
        self.closed = False
        self._version = 0

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    @contextmanager
    def open(self, watched: Watched) -> Iterator[Watch]:
        watch = Watch(watched)
        theirs = self._agents.setdefault(watched.agent, [])
        theirs.append(watch)
        for old in theirs[:-MOST]:
            old.end()
        self._of.setdefault(watched.record_id, set()).add(watch)
        watch.over = self.closed
        try:
            yield watch
        finally:
            self._forget(watch)

    def hear(self, notice: Notice) -> None:
        self._version += 1
        concerned = (self._of.get(id, ()) for id in notice.record_ids) if notice.record_ids else self._of.values()
        for watch in [each for some in concerned for each in some if each.watched.org_id == notice.org_id]:
            watch.hear(notice, self._version)

    def missed(self) -> None:
        self._version += 1
        for watch in self._all():
            watch.hear(Notice(watch.watched.org_id, (), (), 0), self._version)

    def close(self) -> None:
        """Every stream ends at once, and no other begins."""
        self.closed = True
        for watch in self._all():
            watch.end()

    def _all(self) -> Iterable[Watch]:
        return [each for some in self._of.values() for each in some]

    def _forget(self, watch: Watch) -> None:
        theirs, same = self._agents[watch.watched.agent], self._of[watch.watched.record_id]
        theirs.remove(watch)
        same.discard(watch)
        if not theirs:
            del self._agents[watch.watched.agent]
        if not same:
            del self._of[watch.watched.record_id]
