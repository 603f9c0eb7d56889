"""Histories at random: an org at work, faults, restarts and hand-overs at any moment; in the end all agrees."""

import asyncio
from contextlib import AsyncExitStack
from random import Random

import pytest

from sidebar.store.database import Database
from tests.proof.conftest import THOROUGH
from tests.proof.history import History
from tests.proof.house import Proof, proof
from tests.proof.test_faults import FAULTS

pytestmark = pytest.mark.anyio

RUNS = 100 if THOROUGH else 1


@pytest.mark.parametrize("seed", range(RUNS))
async def test_a_history_at_random_ends_in_agreement(database: Database, database_url: str, seed: int) -> None:
    """Of up to two workers the one who listens leaves while the other waits, or nobody is left for a while."""
    random = Random(seed)
    async with proof(database, database_url) as house, AsyncExitStack() as all_of_them:
        history = History(house.twin.org, random, wild=seed % 3 == 1)

        async def hired() -> AsyncExitStack:
            """A worker, until this is closed."""
            worker = await all_of_them.enter_async_context(AsyncExitStack())
            await worker.enter_async_context(house.listening())
            return worker

        workers = [await hired()]
        for _ in range(4):
            workers += [await hired() for _ in range(random.choice([0, 1, 1]))]
            await _live(house, history, random)
            await workers.pop(0).aclose()
            history.go_on(random.randrange(8))
            if not workers or random.random() < 0.3:
                workers.append(await hired())
        await house.agrees()


@pytest.mark.parametrize("seed", range(RUNS))
async def test_a_worker_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    database: Database, database_url: str, seed: int
) -> None:
    random = Random(seed)
    async with proof(database, database_url) as house:
        history = History(house.twin.org, random, wild=seed % 3 == 1)
        for _ in range(2):
            former = house.holder()
            async with house.process() as worker:
                await house.hears(worker, former)
                for _ in range(random.randrange(1, 6)):
                    history.go_on(random.randrange(12))
                    await asyncio.sleep(random.random() / 20)
        async with house.listening():
            await house.agrees()


@pytest.mark.parametrize("seed", range(RUNS))
async def test_a_worker_that_dies_just_before_or_after_a_commit_loses_and_doubles_nothing(
    database: Database, database_url: str, seed: int
) -> None:
    random = Random(seed)
    async with proof(database, database_url) as house:
        history = History(house.twin.org, random, wild=seed % 3 == 1)
        for _ in range(2):
            async with house.process(dies_at=random.randrange(2, 50) / 2) as worker:
                async with asyncio.timeout(30):
                    while worker.is_alive():
                        history.go_on(random.randrange(6))
                        await asyncio.sleep(0.05)
        async with house.listening():
            await house.agrees()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_waits_takes_over_from_who_is_killed_and_from_who_is_asleep(
    database: Database, database_url: str
) -> None:
    """Who was asleep comes back, believes to listen still, and harms nothing. Several processes need PostgreSQL."""
    async with proof(database, database_url) as house, house.process() as first:
        history = History(house.twin.org, Random("hand-over"))
        await house.hears(first)
        async with house.process() as second:
            history.go_on(10)
            await house.agrees()
            async with house.frozen(first):
                history.go_on(10)
                await house.agrees()
                history.go_on(10)
            history.go_on(10)
            await house.agrees()
            second.kill()
            history.go_on(10)
            await house.agrees()


async def test_who_comes_back_begins_where_it_left(database: Database, database_url: str) -> None:
    """Not earlier: after a long life that would be very much to take in again."""
    async with proof(database, database_url) as house:
        taken_in = []
        for times in (20, 0, 0):
            async with house.listening():
                History(house.twin.org, Random("back")).go_on(times)
                await house.agrees()
            taken_in.append(house.oracle.query("SELECT events FROM positions")[0][0])
        assert taken_in == [taken_in[0], taken_in[0] + 1, taken_in[0] + 2]


async def _live(house: Proof, history: History, random: Random) -> None:
    for name in random.sample(list(FAULTS), 2):
        on, off = FAULTS[name]
        history.go_on(random.randrange(12))
        house.twin.org.faults.switch(dict(on))
        history.go_on(random.randrange(12))
        await asyncio.sleep(random.random() / 3)
        house.twin.org.faults.switch(dict(off))
