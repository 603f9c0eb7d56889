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

RUNS = 100 if THOROUGH else 2


@pytest.mark.parametrize("seed", range(RUNS))
async def test_a_history_at_random_ends_in_agreement(database: Database, database_url: str, seed: int) -> None:
    random = Random(seed)
    async with proof(database, database_url) as house:
        history = History(house.twin.org, random)
        for _ in range(4):
            async with AsyncExitStack() as workers:
                for _ in range(random.choice([1, 1, 2])):
                    await workers.enter_async_context(house.listening())
                await _live(house, history, random)
            history.go_on(random.randrange(8))  # while nobody listens
        async with house.listening():
            await house.agrees()


@pytest.mark.parametrize("seed", range(RUNS))
async def test_a_worker_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    database: Database, database_url: str, seed: int
) -> None:
    random = Random(seed)
    async with proof(database, database_url) as house:
        history = History(house.twin.org, random)
        for _ in range(3):
            worker = await house.process()
            await house.hears(worker)
            for _ in range(random.randrange(1, 6)):
                history.go_on(random.randrange(12))
                await asyncio.sleep(random.random() / 20)
            worker.kill()
            await worker.wait()
        async with house.listening():
            await house.agrees()


async def _live(house: Proof, history: History, random: Random) -> None:
    for name in random.sample(list(FAULTS), 2):
        on, off = FAULTS[name]
        history.go_on(random.randrange(12))
        house.twin.org.faults.switch(dict(on))
        history.go_on(random.randrange(12))
        await asyncio.sleep(random.random() / 3)
        house.twin.org.faults.switch(dict(off))
