"""Receipts as they are kept: written behind whoever waits for an answer, masked after a day, gone after thirty.

A receipt that says what the last one of the same customer said is the same receipt.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import structlog
from pydantic import TypeAdapter

from sidebar.cache import Cache
from sidebar.contacts.candidates import Clue
from sidebar.contacts.rank import Judged
from sidebar.contacts.receipt import Input, Near, Receipt
from sidebar.identity import Key
from sidebar.random import Random, token
from sidebar.store import receipts
from sidebar.store.database import Database
from sidebar.store.receipts import Kept

DAY = 24 * 3600 * 1000
READABLE, LASTING = DAY, 30 * DAY
"""In ms: how long the addresses in a receipt can be read, and how long it is kept at all."""

_AGAIN_SECONDS = 3600
_AT_ONCE = 200
_JSON = TypeAdapter(Receipt)
log = structlog.get_logger()


def written(receipt: Receipt) -> object:
    """As JSON."""
    return _JSON.dump_python(receipt, mode="json")


def read(kept: object) -> Receipt:
    """Raises ValueError for what another version wrote."""
    return _JSON.validate_python(kept)


def masked(receipt: Receipt) -> Receipt:
    """Without the addresses and names of people: ids, fields, rules and counts stay."""
    return replace(
        receipt,
        inputs=tuple(Input(each.kind, mask(each.raw), _keys(each.keys)) for each in receipt.inputs),
        judged=tuple(_judged(each) for each in receipt.judged),
        nearest=tuple(_near(each) for each in receipt.nearest),
    )


def mask(text: str) -> str:
    """`"amara@brightloom.example"` → `"a…e"`, `"+442079460123"` → `"+…3"`."""
    return f"{text[:1]}…{text[-1:]}" if len(text) > 4 else "…"


async def tidy(database: Database, now: int) -> None:
    """Mask what is older than a day, forget what is older than thirty; to be run once in a while."""
    async with database.write() as connection:
        await receipts.delete_before(connection, now - LASTING)
    more = True
    while more:
        async with database.write() as connection:
            due = await receipts.readable(connection, now - READABLE, _AT_ONCE)
            for each in due:
                await receipts.mask(connection, each.id, _masked(each.receipt))
        more = len(due) == _AT_ONCE


def _masked(kept: object) -> object:
    """Nothing is left of what another version wrote."""
    try:
        return written(masked(read(kept)))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Said:
    workspace_id: str
    customer: str
    receipt: Receipt


class Receipts:
    def __init__(self, database: Database, clock: Callable[[], int], random: Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._ids: Cache[_Said, str] = Cache(seconds=_AGAIN_SECONDS, size=20_000, clock=clock)
        self._waiting: list[Kept] = []
        self._writing: asyncio.Task[None] | None = None

    def keep(self, workspace_id: str, customer: str, receipt: Receipt) -> str:
        """Its id, at once; a failure to keep it spoils nothing."""
        said = _Said(workspace_id, customer, replace(receipt, at=0))
        known = self._ids.get(said)
        if known is not None:
            return known
        id = token(self._random)
        self._ids.put(said, id)
        self._waiting.append(Kept(id, workspace_id, customer, self._clock(), written(receipt)))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return id

    async def close(self) -> None:
        """Wait until what was told is written."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        """Those that come while one transaction is under way share the next."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            if not await self._added(batch):
                lost = [each.id for each in batch if not await self._added([each])] if len(batch) > 1 else [batch[0].id]
                self._forget(lost)

    async def _added(self, batch: Sequence[Kept]) -> bool:
        try:
            async with self._database.write() as connection:
                await receipts.add(connection, batch)
        except Exception:
            log.exception("receipts of look-ups were not kept", count=len(batch))
            return False
        return True

    def _forget(self, ids: Collection[str]) -> None:
        """The next look-up keeps one that is like them."""
        self._ids.drop(lambda said: self._ids.get(said) in ids)


def _judged(judged: Judged) -> Judged:
    candidate = judged.candidate
    clues = tuple(Clue(_key(each.key), each.field, mask(each.raw), each.region) for each in candidate.clues)
    return replace(judged, candidate=replace(candidate, name=mask(candidate.name), clues=clues))


def _near(near: Near) -> Near:
    return replace(near, raw=mask(near.raw))


def _keys(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    return tuple(map(_key, keys))


def _key(key: Key) -> Key:
    return replace(key, value=mask(key.value))
