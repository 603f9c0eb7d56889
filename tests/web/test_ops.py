"""What operators and their machines see."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Route

from sidebar.mirror import CONTACTS
from sidebar.store import contacts, positions, sweeps
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.positions import News
from sidebar.store.sweeps import Sweep
from sidebar.web.ops import Ops
from sidebar.worker import Listening
from tests.conftest import Clock
from tests.inbox import open_inbox
from tests.site import Site, open_site

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def operator(database: Database, streams: dict[str, Listening], clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the private network of a process that hears these streams."""
    calls, matches = Counter({"ok": 7, "Unreachable": 1}), Counter({"found": 2})
    ops = Ops(database, lambda: streams, clock=clock, calls=calls, matches=matches)
    app = Starlette(routes=[Route("/readyz", ops.readyz), Route("/metrics", ops.metrics)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sidebar.example") as browser:
        yield browser


def figures(text: str) -> dict[tuple[str, ...], float]:
    """As Prometheus reads them: name, then the labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        yield site


async def test_readiness_tells_how_each_stream_is_since_when_and_what_broke_it(
    database: Database, clock: Clock
) -> None:
    """Anybody may ask: Salesforce's own words, which can name people, are cut down to the code before them."""
    streams = {
        "00D1": Listening("listening", 1_795_000_000_000, 1_795_000_000_001),
        "00D2": Listening("waiting", 5, None, "sfdc.platform.refused: ann@example.com\nmay not subscribe"),
        "00D3": Listening("waiting", 6, None, "Salesforce could not be reached (ConnectTimeout)"),
    }
    async with operator(database, streams, clock) as browser:
        answer = await browser.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "streams": {
            "00D1": {"state": "listening", "since": 1_795_000_000_000, "problem": None},
            "00D2": {"state": "waiting", "since": 5, "problem": "sfdc.platform.refused"},
            "00D3": {"state": "waiting", "since": 6, "problem": "Salesforce could not be reached (ConnectTimeout)"},
        },
    }


async def test_the_figures_of_every_connected_org_are_told_by_its_id(site: Site) -> None:
    await site.connected()
    org, now = site.salesforce.org.id, site.clock()
    async with site.database.write() as connection:
        await positions.put(connection, org, CONTACTS, b"x", now - 30_000, News(9, 2, now - 40_000, 1_500))
        await sweeps.put(connection, org, Sweep(1, "first", now, (), counted=5, total=9, changed=4, missing=1))
        made = Contact("c1", await site.workspace_id(), None, "Ann Lee", "ann@x.example", None, "salesforce", (), 0)
        await contacts.add_once(connection, made)
    async with operator(site.database, {org: Listening("listening", now)}, site.clock) as browser:
        answer = await browser.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert figures(answer.text) == {
        ("sidebar_stream_up", org): 1,
        ("sidebar_stream_response_age_seconds", org): 30,
        ("sidebar_stream_position_age_seconds", org): 30,
        ("sidebar_stream_lag_seconds", org): 1.5,
        ("sidebar_stream_events_total", org): 9,
        ("sidebar_stream_gaps_total", org): 2,
        ("sidebar_walk_running", org): 1,
        ("sidebar_walk_changed", org): 4,
        ("sidebar_walk_missing", org): 1,
        ("sidebar_contacts_made", org): 1,
        ("sidebar_contacts_dormant", org): 0,
        ("sidebar_salesforce_calls_total", "Unreachable"): 1,
        ("sidebar_salesforce_calls_total", "ok"): 7,
        ("sidebar_panel_matches_total", "found"): 2,
    }
    for secret in ("Ann", "ann@x.example", site.salesforce.org.name, "Brightside"):
        assert secret not in answer.text


async def test_an_org_that_has_told_nothing_yet_has_no_ages(site: Site) -> None:
    await site.connected()
    async with operator(site.database, {}, site.clock) as browser:
        told = figures((await browser.get("/metrics")).text)
    org = site.salesforce.org.id
    assert told[("sidebar_stream_up", org)] == 0
    assert ("sidebar_stream_position_age_seconds", org) not in told
    assert ("sidebar_stream_lag_seconds", org) not in told


async def test_without_a_connection_there_are_no_orgs(database: Database, clock: Clock) -> None:
    async with operator(database, {}, clock) as browser:
        told = figures((await browser.get("/metrics")).text)
    assert {name for name, *_ in told} == {"sidebar_salesforce_calls_total", "sidebar_panel_matches_total"}


async def test_the_house_counts_matches_and_calls_by_their_outcome(database_url: str, clock: Clock) -> None:
    async with open_inbox(database_url, clock) as inbox:
        await inbox.open_with("amara.okafor@brightside.example")
        await inbox.open_with("nobody@nowhere.example")
        inbox.salesforce.org.faults.switch({"unavailable": True})
        await inbox.open_with("another@nowhere.example")
        told = figures((await inbox.browser.get("/metrics")).text)
    matches = {outcome: value for (name, outcome), value in told.items() if name == "sidebar_panel_matches_total"}
    assert matches["unknown"] == 1 and sum(matches.values()) == 3
    assert told[("sidebar_salesforce_calls_total", "ok")] >= 2
    assert told[("sidebar_salesforce_calls_total", "Unreachable")] >= 1
