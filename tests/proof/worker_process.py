"""A worker as a process of its own, forked from one that has imported all of this: it runs until it is killed.

Or it dies by its own hand at the commit it is told: at 3.0 just before its third, at 3.5 just after.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sidebar.store.database import AsyncConnection, Database
from tests.proof.work import work


class Mortal(Database):
    """Ends its process, unheard, at one of its commits; at none where `dies_at` is 0."""

    def __init__(self, url: str, dies_at: float) -> None:
        super().__init__(url)
        self._dies_at = dies_at
        self._commits = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with super().write() as connection:
            yield connection
            self._commits += 1
            self._die(self._commits)
        self._die(self._commits + 0.5)

    def _die(self, at: float) -> None:
        if at == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def live(database_url: str, given: Mapping[str, str], dies_at: float) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    asyncio.run(work(Mortal(database_url, dies_at), given))


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])
