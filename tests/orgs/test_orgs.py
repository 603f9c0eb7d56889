"""From a workspace to its org: one client, remembered describes, and the way out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidebar.orgs import NotConnected
from sidebar.store import positions
from tests.conftest import Clock
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


async def test_a_workspace_keeps_one_client(site: Site) -> None:
    id = await connected(site)
    client = await site.orgs.client(id)
    assert await site.orgs.client(id) is client
    await client.query("SELECT Id FROM User")
    assert (await site.orgs.client(id)).calls == 1


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
    assert (await site.orgs.client(id)).calls == 2


async def test_a_describe_can_be_asked_for_anew(site: Site) -> None:
    id = await connected(site)
    first = await site.orgs.describe(id, "Contact")
    site.orgs.forget_describe(id)
    assert await site.orgs.describe(id, "Contact") is not first


async def test_another_process_sees_a_disconnect_within_seconds(site: Site, clock: Clock) -> None:
    id = await connected(site)
    await site.orgs.client(id)
    async with site.database.write() as connection:
        from sidebar.store import connections

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
    browser = site.browser()
    await browser.post("/admin/signin", data={"email": "owner@brightside.example", "password": "correct horse battery"})
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
