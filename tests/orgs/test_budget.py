"""What calls are spent on is counted, and near the end of the allowance agents go first."""

import asyncio

import pytest

from sidebar.orgs import Orgs
from sidebar.orgs.budget import HOUR, LANES
from sidebar.orgs.forecast import spent_at
from sidebar.salesforce.client import Usage
from sidebar.salesforce.errors import LimitExceeded
from sidebar.store import calls
from sidebar.store.calls import Told
from tests.orgs.conftest import QUESTION, Connected

MINUTE = 60 * 1000


async def _spend(connected: Connected, orgs: Orgs, number: int) -> None:
    client = await orgs.client(connected.workspace_id, "record")
    for _ in range(number):
        await client.query(QUESTION)


async def _waits(connected: Connected, orgs: Orgs, purpose: str) -> bool:
    try:
        await (await orgs.client(connected.workspace_id, purpose)).query(QUESTION)
    except LimitExceeded as problem:
        assert "kept for agents" in str(problem)
        return True
    return False


@pytest.mark.anyio
async def test_walks_wait_first_then_live_reading_and_agents_never(connected: Connected) -> None:
    connected.salesforce.org.setup.daily_limit = 100
    orgs = connected.orgs()
    waits_from: dict[str, int] = {}
    while (used := connected.salesforce.org.calls()[0]) < 100:
        for purpose, lane in LANES.items():
            if lane != "agent" and lane not in waits_from and await _waits(connected, orgs, purpose):
                waits_from[lane] = used
        await _spend(connected, orgs, 1)
    assert 90 <= waits_from["bulk"] < 95 <= waits_from["live"] < 100
    with pytest.raises(LimitExceeded):  # now Salesforce itself says so
        await _spend(connected, orgs, 1)


@pytest.mark.anyio
async def test_a_lane_that_waits_looks_again_after_a_while_with_one_call(connected: Connected) -> None:
    connected.salesforce.org.setup.daily_limit = 10
    orgs = connected.orgs()
    await _spend(connected, orgs, 10 - connected.salesforce.org.calls()[0])
    walk = await orgs.client(connected.workspace_id, "walk")
    with pytest.raises(LimitExceeded):
        await walk.query(QUESTION)
    connected.salesforce.org.setup.daily_limit = 1000
    connected.clock.pass_seconds(6 * 60)
    await walk.query(QUESTION)
    await walk.query(QUESTION)


@pytest.mark.anyio
async def test_counts_of_several_processes_are_added_up_by_purpose(connected: Connected) -> None:
    one, other = connected.orgs(), connected.orgs()
    await _spend(connected, one, 2)
    await _spend(connected, other, 3)
    await (await other.client(connected.workspace_id, "walk")).query(QUESTION)
    await one.close()
    await other.close()
    async with connected.database.read() as connection:
        org_id, since = connected.salesforce.org.id, connected.clock() - 24 * HOUR
        spent = await calls.spent(connection, org_id, since)
        (told,) = await calls.told(connection, org_id, since)
    assert (spent["record"], spent["walk"]) == (5, 1)
    assert told.used >= 6


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ([(0, 100)], None),  # one figure shows no pace
        ([(0, 100), (5, 200)], None),  # nor do five minutes
        ([(0, 100), (60, 100)], None),  # nothing was spent
        ([(0, 200), (60, 100)], None),  # calls of yesterday count no more
        ([(0, 100), (60, 200)], 60 + 8 * 60),
        ([(-600, 0), (0, 100), (60, 200)], 60 + 8 * 60),  # ten hours ago says nothing of now
        ([(0, 100), (60, 101)], None),  # not within a day
    ],
)
def test_the_forecast_goes_by_the_pace_of_the_last_hours(used: list[tuple[int, int]], expected: int | None) -> None:
    told = [Told(minutes * MINUTE, number, 1000) for minutes, number in used]
    assert spent_at(told, 60 * MINUTE) == (None if expected is None else expected * MINUTE)


@pytest.mark.anyio
async def test_an_org_that_comes_along_while_counts_are_written_spoils_nothing(connected: Connected) -> None:
    budget = connected.orgs().budget
    for org_id in ("org-1", "org-2"):
        budget.meter(org_id).count("walk", Usage(1, 100))
    writing = asyncio.create_task(budget.write())
    await asyncio.sleep(0)
    budget.meter("org-3").count("walk", None)
    await writing
    async with connected.database.read() as connection:
        assert await calls.spent(connection, "org-2", 0) == {"walk": 1}


@pytest.mark.anyio
async def test_what_was_told_earlier_and_is_written_later_does_not_count(connected: Connected) -> None:
    now = connected.clock()
    early, late = Told(now - now % HOUR, 5, 100), Told(now - now % HOUR + 1, 7, 100)
    async with connected.database.write() as connection:
        for told in (late, early):
            await calls.tell(connection, "org-1", told)
        assert await calls.told(connection, "org-1", 0) == [late]


@pytest.mark.anyio
async def test_a_figure_is_as_old_as_the_answer_that_told_it(connected: Connected) -> None:
    budget = connected.orgs().budget
    told_at = connected.clock()
    budget.meter("org-1").count("match", Usage(1, 100))
    connected.clock.pass_seconds(3600)
    await budget.write()
    async with connected.database.read() as connection:
        assert await calls.told(connection, "org-1", 0) == [Told(told_at, 1, 100)]
