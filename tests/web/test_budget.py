"""The page that tells what API calls are spent on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidebar.orgs.budget import HOUR
from sidebar.store import calls
from sidebar.store.calls import Told
from tests.conftest import Clock
from tests.site import Site, open_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
        yield site


async def test_without_a_connection_the_page_says_how_to_get_one(site: Site) -> None:
    browser = await site.signed_in()
    assert "Salesforce is not connected" in (await browser.get("/admin/calls")).text


async def test_the_page_tells_shares_purposes_and_when_calls_run_out(site: Site) -> None:
    browser = await site.connected()
    now = site.clock()
    org_id = site.salesforce.org.id
    async with site.database.write() as connection:
        await calls.add(connection, org_id, {(now - now % HOUR, "match"): 300, (now - now % HOUR, "walk"): 100})
        await calls.tell(connection, org_id, Told(now - 2 * HOUR, 8_000, 10_000))
        await calls.tell(connection, org_id, Told(now, 9_200, 10_000))
    text = (await browser.get("/admin/calls")).text
    for told in ("9,200 of 10,000", "Finding out who a customer is", "75%", "Reading all Contacts", "90%"):
        assert told in text
    assert "used up in 1 hour" in text
    assert "Few are left" in text
    assert "Most are needed by other programs" in text
