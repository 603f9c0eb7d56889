"""SQLite's connection, which lets go of the write lock whenever it is closed, also after its task was cancelled.

A result that was not read to its end keeps SQLite from closing, and with it the lock: every other writer would find the
database locked until the garbage is collected.
"""

import asyncio
import sqlite3
from functools import partial
from typing import Any

import aiosqlite


class Connection(aiosqlite.Connection):
    async def close(self) -> None:
        if self._connection is not None:
            await self.rollback()
        await super().close()

    def stop(self) -> "asyncio.Future[Any] | None":
        if self._connection is not None:
            self._tx.put_nowait((None, self._connection.rollback))
        return super().stop()


def connect(database: str, **given: Any) -> Connection:
    """As aiosqlite.connect; its thread does not keep the process from ending."""
    connection = Connection(partial(sqlite3.connect, database, **given), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
