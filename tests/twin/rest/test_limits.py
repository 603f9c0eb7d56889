"""What is left of the org's allowances."""

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V

pytestmark = pytest.mark.anyio


async def test_the_limits_have_the_recorded_names_and_the_real_count_of_calls(
    admin: httpx.AsyncClient, org: Org
) -> None:
    """48 entries, as a Developer Edition org answered mike4aday/SwiftlySalesforce."""
    org.setup.daily_limit = 100
    limits = (await admin.get(f"{V}/limits")).json()
    assert len(limits) == 48
    assert limits["DailyApiRequests"] == {"Max": 100, "Remaining": 99}
    assert all({"Max", "Remaining"} <= set(entry) for entry in limits.values())


async def test_records_are_counted(admin: httpx.AsyncClient, contact: str) -> None:
    named = await admin.get(f"{V}/limits/recordCount", params={"sObjects": "contact,Nothing"})
    assert named.json() == {"sObjects": [{"count": 1, "name": "Contact"}]}
    every = (await admin.get(f"{V}/limits/recordCount")).json()["sObjects"]
    assert {"count": 0, "name": "Account"} in every
