"""The health page: what an admin reads of the stream, the walks, the contacts that were made, and the allowances."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sidebar.mirror import CONTACTS, lease
from sidebar.store import connections, contacts, leases, positions, sweeps
from sidebar.store.contacts import Contact
from sidebar.store.positions import News
from sidebar.store.sweeps import Sweep
from sidebar.web.desk import Desk
from sidebar.web.guard import Sessions
from sidebar.web.health import Health
from sidebar.web.render import Pages
from sidebar.worker import Listening
from tests.conftest import Clock
from tests.site import ADDRESS, Site, open_site, words

pytestmark = pytest.mark.anyio

HOUR = 3_600_000


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        yield site


async def health(site: Site, browser: httpx.AsyncClient, **headers: str) -> str:
    answer = await browser.get("/admin/health", headers=headers)
    assert answer.status_code == 200, answer.text
    return words(answer)


async def heard(site: Site, browser: httpx.AsyncClient, streams: Mapping[str, Listening]) -> str:
    """The page of a process that hears these streams."""
    desk = Desk(Pages(), Sessions(site.vault, site.clock, ADDRESS), ADDRESS)
    page = Health(desk=desk, database=site.database, orgs=site.orgs, streams=lambda: streams, clock=site.clock)
    app = Starlette(routes=[Route("/admin/health", page.page)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, cookies=browser.cookies) as mine:
        return words(await mine.get("/admin/health"))


async def keep_position(site: Site, *, age: int = 0, news: News | None = None) -> None:
    async with site.database.write() as connection:
        org_id = site.salesforce.org.id
        await positions.put(connection, org_id, CONTACTS, b"x", site.clock() - age, news or News())


async def keep_sweep(site: Site, sweep: Sweep) -> None:
    async with site.database.write() as connection:
        await sweeps.put(connection, site.salesforce.org.id, sweep)


async def hold_lease(site: Site) -> None:
    async with site.database.write() as connection:
        await leases.take(connection, lease(site.salesforce.org.id), "another", site.clock(), site.clock() + 15_000)


def heartbeat(site: Site, state: str = "listening", problem: str | None = None) -> dict[str, Listening]:
    return {site.salesforce.org.id: Listening(state, site.clock(), None, problem)}  # type: ignore[arg-type]


async def test_before_a_connection_the_page_says_what_it_is_for(site: Site) -> None:
    browser = await site.signed_in()
    assert "Nothing to watch yet" in await health(site, browser)


async def test_a_connection_that_has_ended_is_to_be_repaired(site: Site) -> None:
    browser = await site.connected()
    grant = await site.connection(await site.workspace_id())
    assert grant is not None
    async with site.database.write() as connection:
        await connections.put_problem(connection, grant.workspace_id, "ended")
    assert "The connection has ended" in await health(site, browser)
    assert (await browser.get("/admin/health/now")).headers["hx-redirect"] == "/admin/health"


async def test_only_those_who_are_signed_in_see_it(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/admin/health")).headers["location"] == "/admin/signin"
    refreshed = await browser.get("/admin/health/now", headers={"hx-request": "true"})
    assert refreshed.headers["hx-redirect"] == "/admin/signin"


async def test_a_stream_that_works_shows_lag_last_event_and_counts(site: Site) -> None:
    """RI-38"""
    browser = await site.connected()
    await keep_position(site, news=News(1_234, 5, site.clock() - 180_000, 700))
    page = await heard(site, browser, heartbeat(site))
    for text in ("Changes arrive", "3 minutes ago", "0.7 sec", "1,234", "5"):
        assert text in page


async def test_a_consumer_that_stopped_shows_since_when_nothing_came(site: Site) -> None:
    """RI-38: five minutes without a consumer."""
    browser = await site.connected()
    await keep_position(site, age=5 * 60_000, news=News(1, 0, site.clock() - 5 * 60_000, 100))
    page = await health(site, browser)
    assert "Nobody listens" in page and "sidebar work" in page
    assert "Last sign of life 5 minutes ago" in page


async def test_a_broken_stream_says_why_and_what_to_do(site: Site) -> None:
    """PF-09"""
    browser = await site.connected()
    problem = "subscription.topic.cannot.subscribe: The user doesn't have permission <b>here</b>"
    page = await heard(site, browser, heartbeat(site, "waiting", problem))
    assert "Changes do not arrive right now" in page
    assert "Setup, Change Data Capture, and select Contact" in page
    assert problem in page


async def test_a_stream_without_any_event_points_to_the_selection_and_its_limit(site: Site) -> None:
    """PF-09"""
    browser = await site.connected()
    await keep_position(site)
    page = await heard(site, browser, heartbeat(site))
    assert "No event has come yet" in page and "at most five" in page
    await keep_position(site, news=News(1, 0, site.clock(), 1))
    assert "No event has come yet" not in await heard(site, browser, heartbeat(site))


async def test_another_process_that_listens_is_told_from_one_that_hangs(site: Site) -> None:
    browser = await site.connected()
    await hold_lease(site)
    await keep_position(site, age=60_000)
    assert "Another process listens" in await health(site, browser)
    await keep_position(site, age=700_000)
    assert "Nothing has been heard for a while" in await health(site, browser)


@pytest.mark.parametrize(
    ("age", "said"), [(47, None), (48, "grows old"), (71, "grows old"), (72, "older than the 72 hours")]
)
async def test_a_position_warns_before_it_is_too_old(site: Site, age: int, said: str | None) -> None:
    """PF-03"""
    browser = await site.connected()
    await keep_position(site, age=age * HOUR)
    page = await health(site, browser)
    assert [each for each in ("grows old", "older than the 72 hours") if each in page] == ([said] if said else [])


async def test_a_position_that_salesforce_did_not_know_any_more_is_told(site: Site) -> None:
    """PF-03: never a silent jump."""
    browser = await site.connected()
    await keep_position(site)
    async with site.database.write() as connection:
        await positions.give_up(connection, site.salesforce.org.id, CONTACTS, site.clock() - 2 * HOUR)
    assert "The place in the stream was lost 2 hours ago" in await health(site, browser)


async def test_a_walk_shows_its_progress_then_what_it_found_and_when_the_next_is_due(site: Site) -> None:
    browser = await site.connected()
    walk = Sweep(1, "periodic", site.clock() - 60_000, ("Email",), counted=4_000, total=10_000)
    await keep_sweep(site, walk)
    page = await browser.get("/admin/health")
    assert "All Contacts are being read" in words(page) and "4,000 of 10,000" in words(page)
    assert '<progress max="10000" value="4000"' in page.text
    ended = Sweep(2, "position", site.clock(), (), counted=10_000, changed=7, missing=3, ended_at=site.clock() - HOUR)
    await keep_sweep(site, ended)
    seen = await health(site, browser)
    for text in ("were compared", "The place in the stream was lost", "10,000", "knew 7", "there 3", "in 23 hours"):
        assert text in seen


async def test_contacts_that_were_made_are_counted_for_this_workspace_alone(site: Site) -> None:
    """RI-24, RI-29"""
    browser = await site.connected()
    await site.workspace("other@elsewhere.example")
    mine, other = await site.workspace_id(), await site.workspace_id("other@elsewhere.example")
    async with site.database.write() as connection:
        for number, owner in enumerate((mine, mine, mine, other)):
            made = Contact(f"c{number}", owner, None, "A", None, None, "salesforce", (), 0, dormant=number == 0)
            await contacts.add_once(connection, made)
        await contacts.add_once(connection, Contact("c9", mine, None, "A", None, None, "conversation", (), 0))
    assert "Made so far 3 Of them resting, from bulk imports 1" in await health(site, browser)


async def test_allowances_are_asked_at_most_once_a_minute_and_never_by_the_refresh(site: Site) -> None:
    browser = await site.connected()

    def asked() -> int:
        return sum(path.endswith("/limits") for path, _, _ in site.salesforce.requests)

    assert "of 15,000" in await health(site, browser)
    await health(site, browser)
    site.clock.pass_seconds(59.9)
    await health(site, browser)
    assert asked() == 1
    site.clock.pass_seconds(0.1)
    await browser.get("/admin/health/now")
    assert asked() == 1
    await health(site, browser)
    assert asked() == 2


async def test_delivered_events_are_shown_where_salesforce_tells_them(site: Site) -> None:
    browser = await site.connected()
    assert "does not tell how many events are left" in await health(site, browser)
    site.clock.pass_seconds(60)
    limits = {"DailyDeliveredPlatformEvents": {"Max": 25_000, "Remaining": 24_000}}
    site.salesforce.lies["/services/data/v67.0/limits"] = (200, limits)
    assert "1,000 of 25,000" in await health(site, browser)


async def test_without_salesforce_the_page_still_comes_and_says_unknown(site: Site) -> None:
    browser = await site.connected()
    site.salesforce.org.faults.switch({"unavailable": True})
    page = await health(site, browser)
    assert "unknown" in page and "did not answer" in page


async def test_the_refresh_brings_only_what_changes(site: Site) -> None:
    browser = await site.connected()
    page, part = await browser.get("/admin/health"), await browser.get("/admin/health/now")
    assert 'hx-get="/admin/health/now" hx-trigger="every 5s" hx-swap="innerMorph"' in page.text
    assert "<html" not in part.text and 'id="stream"' in part.text and "allowances" not in part.text


async def test_numbers_and_moments_are_written_as_the_reader_does(site: Site) -> None:
    browser = await site.connected()
    await keep_position(site, age=180_000, news=News(12_345, 0, site.clock() - 180_000, 700))
    assert "il y a 3 minutes" in await health(site, browser, **{"accept-language": "fr"})
    assert "12 345" in (await health(site, browser, **{"accept-language": "pl"})).replace("\xa0", " ")
