"""News of changed Contacts, told in the transaction that keeps the change and heard by every process once it is kept.

In one process a commit is heard by itself; across processes PostgreSQL carries it (LISTEN/NOTIFY). A notice names
records and fields, never their values: whoever hears it reads what its own workspace may see.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from sidebar.store.database import AsyncConnection, Database, told

_CHANNEL = "sidebar_notices"
_MOST_BYTES = 7_900  # PostgreSQL takes 7,999
_QUIET = 15.0  # seconds after which a silent connection is asked whether it is still there
_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Notice:
    """Contacts of an org have changed at a moment (ms): those of `record_ids`, or any, where it names none. `fields`:
    API names of what has; none where all of it may have, as of a record that is new, gone, back, or was read again.
    `by`: the Salesforce user, only where an event showed it. `entry`: the journal's, where it is an edit of ours."""

    org_id: str
    record_ids: tuple[str, ...]
    fields: tuple[str, ...]
    at: int
    by: str = ""
    entry: str = ""


async def tell(connection: AsyncConnection, *notices: Notice) -> None:
    """In a write: heard after its commit, and never where it is undone."""
    if connection.dialect.name == "sqlite":
        told(connection).extend(notices)
        return
    for payload in payloads(notices):
        await connection.execute(select(func.pg_notify(_CHANNEL, payload)))


class Hub:
    """Where a process hears. `hears`: whether notices arrive at present; without that, nothing remembered is sure."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ears: list[tuple[Callable[[Notice], None], Callable[[], None]]] = []
        self.hears = database.is_sqlite
        database.on_commit(self._committed)

    def on_notice(self, hear: Callable[[Notice], None], missed: Callable[[], None]) -> None:
        """`missed`: some may have been told while nobody listened."""
        self._ears.append((hear, missed))

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Other processes are heard while the block runs."""
        if self._database.is_sqlite:
            yield
            return
        task = asyncio.create_task(self._listen(), name="hear notices")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.hears = False

    async def _listen(self) -> None:
        while True:
            with suppress(Exception):  # whatever ends a connection, the next one begins anew
                async for payload in self._database.listen(_CHANNEL, _QUIET):
                    if payload is None:
                        self._begin()
                    for notice in read(payload) if payload else ():
                        self._hear(notice)
            self.hears = False
            await asyncio.sleep(_AGAIN)

    def _begin(self) -> None:
        self.hears = True
        for _, missed in self._ears:
            missed()

    def _committed(self, news: Iterable[object]) -> None:
        """Heard in the loop's next round: what hearing meets with is no matter of the writer's."""
        for notice in news:
            if isinstance(notice, Notice):
                asyncio.get_running_loop().call_soon(self._hear, notice)

    def _hear(self, notice: Notice) -> None:
        for hear, _ in self._ears:
            hear(notice)


def payloads(notices: Iterable[Notice]) -> Iterator[str]:
    """Texts small enough for PostgreSQL; a notice of very many records becomes several."""
    some: list[str] = []
    size = 0
    for text in (text for notice in notices for text in _texts(notice)):
        if some and size + len(text) + 1 > _MOST_BYTES:
            yield f"[{','.join(some)}]"
            some, size = [], 0
        some.append(text)
        size += len(text) + 1
    if some:
        yield f"[{','.join(some)}]"


def read(payload: str) -> Iterator[Notice]:
    for org_id, record_ids, fields, *rest in json.loads(payload):
        yield Notice(org_id, tuple(record_ids), tuple(fields), *rest)


def _texts(notice: Notice) -> Iterator[str]:
    told = notice.org_id, notice.record_ids, notice.fields, notice.at, notice.by, notice.entry
    text = json.dumps(told, separators=(",", ":"))  # ASCII: characters are bytes
    if len(text) <= _MOST_BYTES - 2:
        yield text
    elif len(notice.record_ids) > 1:
        middle = len(notice.record_ids) // 2
        for half in (notice.record_ids[:middle], notice.record_ids[middle:]):
            yield from _texts(replace(notice, record_ids=half))
    else:
        yield from _texts(replace(notice, fields=()))
