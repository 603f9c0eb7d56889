"""From a workspace to its org: one client, remembered describes, and the way out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidebar.orgs import NotConnected, Orgs
from sidebar.store import connections, positions
from tests.conftest import Clock
from tests.org import ANOTHER_ORG
from tests.site import Site, open_site

pytestmark = pytest.mark.anyio

TOPIC = "/data/ContactChangeEvent"


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
        yield site


async def connected(site: Site, email: str = "owner@brightside.example") -> str:
    """The id of a workspace that is connected."""
    browser = await site.connected(email)
    session = site.vault.verify("session", browser.cookies["__Host-sidebar"], site.clock())
    assert session is not None
    return str(session["workspace"])


async def test_a_workspace_that_was_never_connected_says_so(site: Site) -> None:
    made = await site.workspace()
    assert await site.orgs.connection(made.workspace.id) is None
    with pytest.raises(NotConnected) as missing:
        await site.orgs.client(made.workspace.id)
    assert missing.value.reason == "never"


async def test_the_org_is_spoken_to_in_the_version_it_was_connected_with(site: Site) -> None:
    id = await connected(site)
    await (await site.orgs.client(id)).query("SELECT Id FROM User")
    assert site.salesforce.requests[-1][0].startswith("/services/data/v67.0/")


async def test_a_describe_is_remembered_for_ten_minutes(site: Site, clock: Clock) -> None:
    id = await connected(site)
    first = await site.orgs.describe(id, "Contact")
    clock.pass_seconds(599)
    assert await site.orgs.describe(id, "Contact") is first
    clock.pass_seconds(1)
    assert await site.orgs.describe(id, "Contact") is not first
    assert len([path for path, *_ in site.salesforce.requests if path.endswith("/Contact/describe")]) == 2


async def test_a_describe_can_be_asked_for_anew(site: Site) -> None:
    id = await connected(site)
    first = await site.orgs.describe(id, "Contact")
    site.orgs.forget_describe(id)
    assert await site.orgs.describe(id, "Contact") is not first


async def test_what_another_process_connected_is_described_anew(site: Site, clock: Clock) -> None:
    """RI-06, RI-40"""
    id = await connected(site)
    settings = site.settings
    async with site.salesforce.http() as http:
        here = Orgs(database=site.database, vault=site.vault, http=http, settings=settings, clock=clock)
        before, since = await here.describe(id, "Contact"), await here.connected_at(id)
        site.salesforce.become(ANOTHER_ORG)
        clock.pass_seconds(5)
        browser = await site.sign_in()
        await browser.get(await site.consent(browser, replace=True))
        assert await here.connected_at(id) > since
        assert await here.describe(id, "Contact") is not before


async def test_when_it_was_connected_is_known_only_while_it_is(site: Site) -> None:
    id = await connected(site)
    found = await site.connection(id)
    assert found is not None and found.grant is not None
    assert await site.orgs.connected_at(id) == found.grant.connected_at
    await site.orgs.disconnect(id)
    with pytest.raises(NotConnected):
        await site.orgs.connected_at(id)


async def test_another_process_sees_a_disconnect_within_seconds(site: Site, clock: Clock) -> None:
    id = await connected(site)
    await site.orgs.client(id)
    async with site.database.write() as connection:
        await connections.drop_grant(connection, id)
    clock.pass_seconds(5)
    with pytest.raises(NotConnected):
        await site.orgs.client(id)


async def test_after_connecting_again_a_new_client_is_used(site: Site) -> None:
    id = await connected(site)
    first = await site.orgs.client(id)
    await site.orgs.disconnect(id)
    with pytest.raises(NotConnected):
        await site.orgs.client(id)
    site.clock.pass_seconds(1)
    browser = await site.sign_in()
    await browser.get(await site.consent(browser))
    second = await site.orgs.client(id)
    assert second is not first
    assert await second.query("SELECT Id FROM User")


async def test_an_orgs_position_stays_while_another_workspace_needs_it(site: Site) -> None:
    """RI-07, RI-40"""
    first, second = await connected(site), await connected(site, "other@elsewhere.example")
    org_id = site.salesforce.org.id
    async with site.database.write() as connection:
        await positions.put(connection, org_id, TOPIC, b"1", 1)

    await site.orgs.disconnect(first)
    async with site.database.read() as connection:
        assert await positions.of(connection, org_id, TOPIC) == b"1"
    assert await (await site.orgs.client(second)).query("SELECT Id FROM User")

    await site.orgs.disconnect(second)
    async with site.database.read() as connection:
        assert await positions.of(connection, org_id, TOPIC) is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_of_all_who_disconnect_at_once_the_last_drops_the_position(
    tmp_path: Path, clock: Clock, database_url: str
) -> None:
    """RI-40. On SQLite they wait for one another anyway."""
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        ids = [await connected(site, f"owner{number}@brightside.example") for number in range(4)]
        org_id = site.salesforce.org.id
        async with site.database.write() as connection:
            await positions.put(connection, org_id, TOPIC, b"1", 1)
        async with site.database.write() as connection:
            for id in ids:
                await connections.locked(connection, id)
            leaving = [asyncio.create_task(site.orgs.disconnect(id)) for id in ids]
            await asyncio.sleep(0.3)  # all have come as far as they can
        await asyncio.gather(*leaving)
        async with site.database.read() as connection:
            assert await positions.of(connection, org_id, TOPIC) is None


async def test_disconnecting_twice_is_harmless(site: Site) -> None:
    id = await connected(site)
    purged: list[str] = []
    site.orgs.on_disconnect(purged.append)
    assert await site.orgs.disconnect(id)
    assert await site.orgs.disconnect(id)
    assert purged == [id]


async def test_the_listener_gets_access_and_newer_access(site: Site) -> None:
    id = await connected(site)
    access = await site.orgs.access(id)
    assert site.salesforce.org.session(access.token) is not None
    site.salesforce.org.grants.expire_sessions()
    newer = await site.orgs.access(id, access)
    assert newer.token != access.token
    assert site.salesforce.org.session(newer.token) is not None
