"""Keeping a consent: what may have changed while Salesforce was asked, and what becomes of tokens that lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sidebar.store import positions
from tests.conftest import Clock
from tests.org import ANOTHER_ORG, MY_DOMAIN
from tests.site import Site, open_site, words

pytestmark = pytest.mark.anyio

TOPIC = "/data/ContactChangeEvent"


@pytest.fixture
async def site(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        yield site


async def refresh_token(site: Site) -> str:
    found = await site.connection(await site.workspace_id())
    assert found is not None and found.grant is not None
    return site.vault.open(found.grant.refresh_token)


async def works(site: Site) -> bool:
    """Whether the stored connection can be renewed and used."""
    site.salesforce.org.grants.expire_sessions()
    return bool(await (await site.orgs.client(await site.workspace_id())).query("SELECT Id FROM User"))


async def connect_another_org_while_answering(site: Site, browser: httpx.AsyncClient) -> None:
    """What another tab does while this one's answer is being looked at."""

    async def other_tab(_token: str) -> None:
        site.salesforce.on_data = None
        former = site.salesforce.become(ANOTHER_ORG)
        answer = await browser.get(await site.consent(browser))
        assert answer.headers["location"] == "/admin/salesforce/connected"
        site.salesforce.become(former, site.salesforce.org.name)

    site.salesforce.on_data = other_tab


async def test_of_two_tabs_with_two_orgs_the_second_is_told_of_the_first(site: Site) -> None:
    """RI-06"""
    browser = await site.with_app()
    callback = await site.consent(browser)
    await connect_another_org_while_answering(site, browser)
    page = await browser.get(callback)
    assert page.status_code == 409
    assert ANOTHER_ORG in words(page) and site.salesforce.org.id in words(page)
    assert await site.org_id() == ANOTHER_ORG
    assert await works(site)


async def test_a_consent_in_another_org_is_given_back(site: Site) -> None:
    """RI-06"""
    browser = await site.connected()
    kept = await refresh_token(site)
    site.salesforce.become(ANOTHER_ORG)
    assert (await browser.get(await site.consent(browser))).status_code == 409
    [given_back] = site.salesforce.revoked()
    assert given_back != kept
    assert site.salesforce.org.grants.of_refresh(given_back) is None
    assert await refresh_token(site) == kept
    assert site.salesforce.org.grants.of_refresh(kept) is not None


async def test_an_app_entered_meanwhile_gets_no_other_apps_tokens(site: Site) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)

    async def save(_token: str) -> None:
        site.salesforce.on_data = None
        form = site.app_form(consumer_key="another", consumer_secret="another")
        assert (await browser.post("/admin/salesforce", data=form)).status_code == 303

    site.salesforce.on_data = save
    page = await browser.get(callback)
    assert page.status_code == 400
    assert await site.org_id() is None
    assert len(site.salesforce.revoked()) == 1


async def test_a_secret_entered_again_meanwhile_spoils_nothing(site: Site) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)

    async def save(_token: str) -> None:
        site.salesforce.on_data = None
        assert (await browser.post("/admin/salesforce", data=site.app_form())).status_code == 303

    site.salesforce.on_data = save
    assert (await browser.get(callback)).headers["location"] == "/admin/salesforce/connected"
    assert await works(site)


async def test_a_renewed_consent_ends_the_former_grant(site: Site) -> None:
    browser = await site.connected()
    former = await refresh_token(site)
    async with site.database.write() as connection:
        await positions.put(connection, site.salesforce.org.id, TOPIC, b"1", 1)
    assert (await browser.get(await site.consent(browser))).headers["location"] == "/admin/salesforce/connected"
    assert site.salesforce.revoked() == [former]
    assert await works(site)
    async with site.database.read() as connection:
        assert await positions.of(connection, site.salesforce.org.id, TOPIC) == b"1"


async def test_the_same_refresh_token_given_again_is_not_ended(site: Site) -> None:
    browser = await site.connected()
    kept, org = await refresh_token(site), site.salesforce.org
    callback = await site.consent(browser)
    grant = org.grants.of_refresh(kept)
    assert grant is not None
    site.salesforce.lies["/services/oauth2/token"] = (
        200,
        {
            "access_token": org.grants.access_token(grant),
            "refresh_token": kept,
            "instance_url": MY_DOMAIN,
            "id": f"{MY_DOMAIN}/id/{org.id}/{org.integration.id}",
        },
    )
    assert (await browser.get(callback)).headers["location"] == "/admin/salesforce/connected"
    site.salesforce.lies.clear()
    assert site.salesforce.revoked() == []
    assert await works(site)


async def test_a_former_grant_that_cannot_be_ended_does_not_stop_the_new_one(site: Site) -> None:
    browser = await site.connected()
    callback = await site.consent(browser)
    site.salesforce.lies["/services/oauth2/revoke"] = (503, {})
    assert (await browser.get(callback)).headers["location"] == "/admin/salesforce/connected"
    assert await works(site)


async def test_a_replaced_org_is_left_for_good(site: Site) -> None:
    """RI-06, RI-40"""
    browser = await site.connected()
    former = await refresh_token(site)
    async with site.database.write() as connection:
        await positions.put(connection, site.salesforce.org.id, TOPIC, b"1", 1)
    left = site.salesforce.become(ANOTHER_ORG)
    assert (await browser.get(await site.consent(browser, replace=True))).status_code == 303
    assert site.salesforce.revoked() == [former]
    async with site.database.read() as connection:
        assert await positions.of(connection, left, TOPIC) is None
    assert await site.org_id() == ANOTHER_ORG
    assert await works(site)
