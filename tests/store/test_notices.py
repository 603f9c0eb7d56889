"""News of changed records: heard after the commit, by every process, never of what was undone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from sidebar.store.database import Database
from sidebar.store.notices import Hub, Notice, payloads, read, tell
from tests.conftest import fresh_postgresql

pytestmark = pytest.mark.anyio

ORG = "00D000000000001EAA"
AMARA = "003000000000001AAA"
CHANGE = Notice(ORG, (AMARA,), ("Phone", "Title"), 1_795_000_000_000, by="005000000000001AAA")


class Ear:
    """Keeps what it hears; `missed` counts how often it may have missed something."""

    def __init__(self, hub: Hub) -> None:
        self.heard: asyncio.Queue[Notice] = asyncio.Queue()
        self.missed = 0
        hub.on_notice(self.heard.put_nowait, self._miss)

    async def next(self) -> Notice:
        async with asyncio.timeout(5):
            return await self.heard.get()

    def _miss(self) -> None:
        self.missed += 1


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[tuple[Hub, Ear]]:
    hub = Hub(database)
    ear = Ear(hub)
    async with hub.hearing():
        async with asyncio.timeout(5):
            while not hub.hears:
                await asyncio.sleep(0.01)
        yield hub, ear


async def test_a_notice_is_heard_after_the_commit_and_not_before(database: Database) -> None:
    async with listening(database) as (_, ear):
        async with database.write() as connection:
            await tell(connection, CHANGE)
            await asyncio.sleep(0.05)
            assert ear.heard.empty()
        assert await ear.next() == CHANGE


async def test_a_write_that_is_undone_tells_nothing(database: Database) -> None:
    async with listening(database) as (_, ear):
        with pytest.raises(RuntimeError):
            async with database.write() as connection:
                await tell(connection, CHANGE)
                raise RuntimeError
        async with database.write() as connection:
            await tell(connection, Notice(ORG, (), (), 1))
        assert (await ear.next()).at == 1
        assert ear.heard.empty()


async def test_another_process_hears_it_too(postgresql: str) -> None:
    url = fresh_postgresql(postgresql)
    here, there = Database(url), Database(url)
    async with listening(here) as (_, near), listening(there) as (_, far):
        async with here.write() as connection:
            await tell(connection, CHANGE)
        assert await near.next() == await far.next() == CHANGE
    await here.close()
    await there.close()


async def test_a_listener_that_lost_its_connection_says_that_it_may_have_missed_something(postgresql: str) -> None:
    database = Database(fresh_postgresql(postgresql))
    async with listening(database) as (hub, ear):
        assert ear.missed == 1
        mine = "datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
        async with database.write() as connection:
            cut = await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
            assert cut.all() == [(True,)]
        async with asyncio.timeout(5):
            while ear.missed < 2:
                await asyncio.sleep(0.02)
        assert hub.hears
        async with database.write() as connection:
            await tell(connection, CHANGE)
        assert await ear.next() == CHANGE
    assert not hub.hears
    await database.close()


ids = st.lists(st.text("0123456789abcXYZ", min_size=18, max_size=18), max_size=900).map(tuple)
names = st.lists(st.text(min_size=1, max_size=60), max_size=40).map(tuple)
notices = st.builds(Notice, st.just(ORG), ids, names, st.integers(0, 2**45), st.just("005000000000001AAA"), st.just(""))


@given(st.lists(notices, max_size=4))
def test_however_much_is_told_it_fits_and_every_record_is_named(told: list[Notice]) -> None:
    texts = list(payloads(told))
    assert all(len(each.encode()) < 8000 for each in texts)
    heard = [notice for each in texts for notice in read(each)]
    assert [id for each in heard for id in each.record_ids] == [id for each in told for id in each.record_ids]
    assert all(not each.fields or each.fields in {one.fields for one in told} for each in heard)
    assert json.loads(texts[0]) if told else texts == []
