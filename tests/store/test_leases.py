"""One process at a time, and the next one when it ends."""

import pytest

from sidebar.store import leases
from sidebar.store.database import Database

pytestmark = pytest.mark.anyio

TERM = 15_000


async def take(database: Database, holder: str, now: int) -> bool:
    async with database.write() as connection:
        return await leases.take(connection, "listen", holder, now, now + TERM)


async def holds(database: Database, holder: str) -> bool:
    async with database.write() as connection:
        return await leases.holds(connection, "listen", holder)


async def test_a_lease_is_anothers_once_it_is_over_and_not_before(database: Database) -> None:
    assert [await take(database, who, 0) for who in ("a", "b", "a")] == [True, False, True]
    assert not await take(database, "b", TERM - 1)
    assert await take(database, "b", TERM)
    assert (await holds(database, "a"), await holds(database, "b"), await take(database, "a", TERM)) == (
        False,
        True,
        False,
    )


async def test_who_gives_a_lease_back_lets_the_next_in_at_once_and_nobody_elses_go(database: Database) -> None:
    await take(database, "a", 0)
    async with database.write() as connection:
        await leases.release(connection, "listen", "b")
    assert not await take(database, "b", 1)
    async with database.write() as connection:
        await leases.release(connection, "listen", "a")
    assert await take(database, "b", 1)


async def test_clocks_that_differ_a_little_take_nothing_away(database: Database) -> None:
    await take(database, "a", TERM // 2)
    assert not await take(database, "b", 0)


async def test_the_lease_of_who_died_before_the_clock_was_put_back_is_free(database: Database) -> None:
    await take(database, "a", 3_600_000)
    assert await take(database, "b", 0)
