"""Connecting a workspace to Salesforce, through the pages an admin sees; the twin is Salesforce."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidebar.store import positions
from tests.conftest import Clock
from tests.org import ANOTHER_ORG, LOGIN, MY_DOMAIN, query
from tests.site import ADDRESS, PAGES, PASSWORD, Site, attributes, open_site, words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
        yield site


async def test_connecting_shows_whose_org_it_is(site: Site) -> None:
    """RI-04, RI-05, DS-05"""
    browser = await site.connected()
    page = await browser.get("/admin/salesforce/connected")
    org = site.salesforce.org
    for fact in (org.name, org.id, org.integration.username, org.edition, "67.0", "Production", "close this tab"):
        assert fact in words(page)
    assert "Connected to Salesforce" in words(await browser.get("/admin"))


@pytest.mark.parametrize("pkce_required", [True, False])
async def test_it_connects_whether_or_not_the_app_demands_pkce(site: Site, pkce_required: bool) -> None:
    """IM-10"""
    site.salesforce.org.setup.pkce_required = pkce_required
    await site.connected()


async def test_a_sandbox_is_called_one(site: Site) -> None:
    """RI-05"""
    site.salesforce.org.is_sandbox = True
    site.salesforce.org.load("Organization", [{"Id": site.salesforce.org.id, "IsSandbox": True}])
    browser = await site.connected()
    assert "Sandbox" in words(await browser.get("/admin/salesforce/connected"))


async def test_the_call_back_url_shown_is_the_one_sent(site: Site) -> None:
    """IM-08"""
    browser = await site.with_app()
    shown = attributes(await browser.get("/admin/salesforce"), "callback-url")["value"]
    asked = await browser.get("/admin/salesforce/consent")
    assert shown == f"{ADDRESS}/oauth/callback" == query(asked.headers["location"])["redirect_uri"]


@pytest.mark.parametrize(
    ("where", "domain", "origin"),
    [
        ("production", "", LOGIN),
        ("sandbox", "", "https://test.salesforce.com"),
        ("domain", " https://Brightside.my.salesforce.com/ ", MY_DOMAIN),
        ("domain", "brightside.my.salesforce.com", MY_DOMAIN),
        ("domain", "https://acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ],
)
async def test_people_sign_in_where_the_admin_says(site: Site, where: str, domain: str, origin: str) -> None:
    """IM-13, IM-14"""
    browser = await site.signed_in()
    assert (await browser.post("/admin/salesforce", data=site.app_form(where=where, domain=domain))).status_code == 303
    asked = await browser.get("/admin/salesforce/consent")
    assert asked.headers["location"].startswith(f"{origin}/services/oauth2/authorize?")


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "acme",
        "https://evil.example",
        "https://salesforce.com.evil.example",
        "http://login.salesforce.com",
        "http://acme.my.salesforce.com",
        "https://x.my.salesforce.com@evil.example",
        "https://login.salesforce.com:8443",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com/path",
        "https://acme.my.salesforce.com?x",
        "https://evil.example/#.my.salesforce.com",
        "https://evil.example\\.my.salesforce.com",
        "https://login.salesforce.com",
        "javascript:alert(1)",
        '"><script>alert(1)</script>',
    ],
)
async def test_a_domain_that_is_not_salesforces_is_refused_and_stays_typed(site: Site, domain: str) -> None:
    """IM-14"""
    browser = await site.signed_in()
    page = await browser.post("/admin/salesforce", data=site.app_form(where="domain", domain=domain))
    assert page.status_code == 422
    assert "not a My Domain address" in words(page)
    assert attributes(page, "domain")["value"] == domain
    assert attributes(page, "key")["value"] == site.salesforce.org.client_id
    assert "value" not in attributes(page, "secret")
    assert "<script>" not in page.text.replace('<script src="/static', "")


async def test_the_address_of_lightning_is_explained(site: Site) -> None:
    browser = await site.signed_in()
    form = site.app_form(where="domain", domain="https://acme.lightning.force.com")
    page = await browser.post("/admin/salesforce", data=form)
    assert "ends in .my.salesforce.com" in words(page)


async def test_a_further_origin_can_be_chosen_only_where_a_setting_allows_it(tmp_path: Path, clock: Clock) -> None:
    twin = "http://localhost:8002"
    async with open_site(tmp_path, clock, salesforce_origins=twin) as site:
        site.salesforce.org.instance_url = twin
        browser = await site.signed_in()
        assert f"Twin at {twin}" in words(await browser.get("/admin/salesforce"))
        await browser.post("/admin/salesforce", data=site.app_form(where=twin))
        answer = await browser.get(await site.consent(browser))
        assert answer.headers["location"] == "/admin/salesforce/connected"
        page = await browser.post("/admin/salesforce", data=site.app_form(where="http://localhost:8003"))
        assert page.status_code == 422


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"consumer_key": ""}, "paste the consumer key"),
        ({"consumer_key": "two words"}, "paste the consumer key"),
        ({"consumer_secret": ""}, "paste the secret"),
        ({"where": "elsewhere"}, "choose where you sign in"),
    ],
)
async def test_what_is_missing_is_named(site: Site, change: dict[str, str], told: str) -> None:
    """IM-12"""
    browser = await site.signed_in()
    page = await browser.post("/admin/salesforce", data=site.app_form(**change))
    assert page.status_code == 422
    assert told in words(page)


async def test_an_empty_secret_keeps_the_stored_one(site: Site) -> None:
    """IM-11"""
    browser = await site.with_app()
    form = site.app_form(consumer_secret="", where="domain", domain=MY_DOMAIN)
    assert (await browser.post("/admin/salesforce", data=form)).status_code == 303
    answer = await browser.get(await site.consent(browser))
    assert answer.headers["location"] == "/admin/salesforce/connected"


async def test_another_key_needs_its_own_secret(site: Site) -> None:
    browser = await site.with_app()
    page = await browser.post("/admin/salesforce", data=site.app_form(consumer_key="another", consumer_secret=""))
    assert page.status_code == 422


async def test_a_connected_workspace_keeps_its_app_but_takes_a_new_secret(site: Site) -> None:
    browser = await site.connected()
    other = await browser.post("/admin/salesforce", data=site.app_form(consumer_key="another"))
    assert other.status_code == 422
    assert "Disconnect first" in words(other)
    site.salesforce.org.client_secret = "changed in Salesforce"
    assert (await browser.post("/admin/salesforce", data=site.app_form())).status_code == 303
    assert "Connected to Salesforce" in words(await browser.get("/admin/salesforce"))
    site.salesforce.org.grants.expire_sessions()
    await (await site.orgs.client(await site.workspace_id())).query("SELECT Id FROM User")


async def test_denying_says_what_to_press(site: Site) -> None:
    browser = await site.with_app()
    page = await browser.get(await site.consent(browser, allow=False))
    assert page.status_code == 400
    assert "Access was not allowed" in words(page) and "press Allow" in words(page)
    await nothing_is_connected(site)


async def test_a_wrong_or_missing_state_is_refused(site: Site) -> None:
    browser = await site.with_app()
    code = query(await site.consent(browser))["code"]
    for state in ({"state": "made up"}, {}, {"state": ""}):
        page = await browser.get("/oauth/callback", params={"code": code, **state})
        assert page.status_code == 400
        assert "not expected" in words(page)
    await nothing_is_connected(site)


async def test_an_answer_counts_once(site: Site) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)
    answers = await asyncio.gather(*[browser.get(callback) for _ in range(5)])
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400, 400]


async def test_an_answer_after_ten_minutes_is_too_late(site: Site, clock: Clock) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)
    clock.pass_seconds(600)
    assert "last ten minutes" in words(await browser.get(callback))
    await nothing_is_connected(site)


async def test_a_code_that_was_used_or_ran_out_asks_for_another_round(site: Site) -> None:
    browser = await site.with_app()
    used = query(await site.consent(browser))
    await browser.get("/oauth/callback", params=used)
    fresh = query(await site.consent(browser))
    page = await browser.get("/oauth/callback", params={**fresh, "code": used["code"]})
    assert page.status_code == 400
    assert "used or is too old" in words(page) and "invalid_grant" in words(page)


async def test_an_answer_without_a_code_is_refused(site: Site) -> None:
    browser = await site.with_app()
    answer = query(await site.consent(browser))
    assert "not expected" in words(await browser.get("/oauth/callback", params={"state": answer["state"]}))


async def test_somebody_elses_consent_cannot_be_used(site: Site) -> None:
    """A link with a stranger's code would connect their org to our workspace."""
    mine, theirs = await site.with_app(), await site.with_app("other@elsewhere.example")
    page = await mine.get(await site.consent(theirs))
    assert page.status_code == 400
    assert "not expected" in words(page)
    await nothing_is_connected(site)


async def test_who_is_no_longer_signed_in_is_told_so(site: Site) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)
    page = await site.browser().get(callback)
    assert page.status_code == 403
    assert "not signed in here any more" in words(page)


async def test_another_site_cannot_start_a_consent(site: Site) -> None:
    browser = await site.with_app()
    answer = await browser.get("/admin/salesforce/consent", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_without_an_app_there_is_nothing_to_consent_to(site: Site) -> None:
    browser = await site.signed_in()
    assert (await browser.get("/admin/salesforce/consent")).headers["location"] == "/admin/salesforce"


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        ({"error": "invalid_client", "error_description": "invalid client credentials"}, "does not know this app"),
        ({"error": "invalid_client_id", "error_description": "client identifier invalid"}, "does not know this app"),
        ({"error": "redirect_uri_mismatch", "error_description": "x"}, "exactly this call-back URL"),
        ({"error": "invalid_grant", "error_description": "ip restricted"}, "Login IP Ranges"),
        ({"error": "inactive_org", "error_description": "<b>bold</b>"}, "inactive_org: <b>bold</b>"),
    ],
)
async def test_each_refusal_of_the_token_endpoint_has_its_own_advice(
    site: Site, lie: dict[str, str], told: str
) -> None:
    """IM-03"""
    browser = await site.with_app()
    callback = await site.consent(browser)
    site.salesforce.lies["/services/oauth2/token"] = (400, lie)
    page = await browser.get(callback)
    assert page.status_code == 400
    assert told in words(page)
    assert lie["error"] in words(page)
    assert "<b>" not in page.text
    await nothing_is_connected(site)


async def test_an_error_on_the_way_back_is_shown_in_salesforces_words(site: Site) -> None:
    browser = await site.with_app()
    state = query(await site.consent(browser))["state"]
    answer = {"state": state, "error": "OAUTH_APP_BLOCKED", "error_description": "this app is blocked by admin"}
    page = await browser.get("/oauth/callback", params=answer)
    assert "OAUTH_APP_BLOCKED: this app is blocked by admin" in words(page)


async def test_both_spellings_of_a_denial_are_understood(site: Site) -> None:
    browser = await site.with_app()
    state = query(await site.consent(browser))["state"]
    page = await browser.get("/oauth/callback", params={"state": state, "error": "access-denied"})
    assert "Access was not allowed" in words(page)


@pytest.mark.parametrize(
    "lie",
    [
        {"instance_url": "https://evil.example"},
        {"instance_url": "http://brightside.my.salesforce.com"},
        {"id": "https://evil.example/id/00D5e000000TWINEA4/0055e000000001AAA"},
        {"id": f"{MY_DOMAIN}/id/nobody"},
        {"id": f"{MY_DOMAIN}/id/00D5e00000OTHERAAA/0055e000000001AAA"},
    ],
)
async def test_an_answer_that_leads_away_from_salesforce_is_not_followed(site: Site, lie: dict[str, str]) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)
    org = site.salesforce.org
    truth = {
        "access_token": org.grant(org.integration),
        "refresh_token": "a refresh token",
        "instance_url": MY_DOMAIN,
        "id": f"{MY_DOMAIN}/id/{org.id}/{org.integration.id}",
    }
    site.salesforce.lies["/services/oauth2/token"] = (200, {**truth, **lie})
    page = await browser.get(callback)
    assert page.status_code == 400
    assert "does not come from Salesforce" in words(page)
    await nothing_is_connected(site)


async def test_an_app_without_the_scope_to_stay_is_explained(site: Site) -> None:
    """IM-09"""
    browser = await site.with_app()
    callback = await site.consent(browser)
    org = site.salesforce.org
    site.salesforce.lies["/services/oauth2/token"] = (
        200,
        {
            "access_token": org.grant(org.integration),
            "instance_url": MY_DOMAIN,
            "id": f"{MY_DOMAIN}/id/{org.id}/{org.integration.id}",
        },
    )
    assert "refresh_token, offline_access" in words(await browser.get(callback))
    await nothing_is_connected(site)


async def test_an_org_without_api_access_is_told_from_a_user_without_it(site: Site) -> None:
    """RI-39, IM-02"""
    browser = await site.with_app()
    site.salesforce.org.faults.api_disabled = True
    page = await browser.get(await site.consent(browser))
    assert page.status_code == 400
    assert "This org has no API access" in words(page) and "Enterprise" in words(page)

    site.salesforce.org.faults.api_disabled = False
    lie = [{"errorCode": "API_CURRENTLY_DISABLED", "message": "API is not enabled for this User"}]
    site.salesforce.lies["/services/data/v67.0/query"] = (403, lie)
    page = await browser.get(await site.consent(browser))
    assert "This user has no API access" in words(page) and "API Enabled" in words(page)
    await nothing_is_connected(site)


async def test_a_consent_that_cannot_be_kept_is_given_back(site: Site) -> None:
    browser = await site.with_app()
    site.salesforce.org.faults.api_disabled = True
    await browser.get(await site.consent(browser))
    [revoked] = site.salesforce.revoked()
    assert site.salesforce.org.grants.of_refresh(revoked) is None


async def test_a_salesforce_that_is_down_changes_nothing(site: Site) -> None:
    browser = await site.with_app()
    callback = await site.consent(browser)
    site.salesforce.org.faults.unavailable = True
    page = await browser.get(callback)
    assert page.status_code == 502
    assert "did not answer" in words(page)
    await nothing_is_connected(site)


async def test_an_older_org_is_spoken_to_in_its_own_version(tmp_path: Path, clock: Clock) -> None:
    async with open_site(tmp_path, clock, api_version="60.0") as site:
        browser = await site.connected()
        assert "60.0" in words(await browser.get("/admin/salesforce/connected"))


async def test_the_same_org_again_simply_renews(site: Site) -> None:
    browser = await site.connected()
    before = await site.connection(await site.workspace_id())
    site.clock.pass_seconds(60)
    answer = await browser.get(await site.consent(browser))
    assert answer.headers["location"] == "/admin/salesforce/connected"
    after = await site.connection(await site.workspace_id())
    assert before and after and before.grant and after.grant
    assert after.grant.connected_at == before.grant.connected_at + 60_000


async def test_another_org_is_refused_until_replacing_is_wanted(site: Site) -> None:
    """RI-06"""
    browser = await site.connected()
    purged: list[str] = []
    site.orgs.on_disconnect(purged.append)
    first, second = site.salesforce.become(ANOTHER_ORG), ANOTHER_ORG

    page = await browser.get(await site.consent(browser))
    assert page.status_code == 409
    assert first in words(page) and second in words(page)
    assert "/admin/salesforce/consent?replace=1" in page.text
    assert await site.org_id() == first
    assert purged == []

    answer = await browser.get(await site.consent(browser, replace=True))
    assert answer.headers["location"] == "/admin/salesforce/connected"
    assert await site.org_id() == second
    assert purged == [await site.workspace_id()]


async def test_replacing_cannot_be_added_to_a_state_afterwards(site: Site) -> None:
    """RI-06"""
    browser = await site.connected()
    first = site.salesforce.become(ANOTHER_ORG)
    answer = query(await site.consent(browser))
    page = await browser.get("/oauth/callback", params={**answer, "state": answer["state"] + ".replace"})
    assert page.status_code == 400
    assert await site.org_id() == first


async def test_the_waiting_page_hears_of_the_connection(site: Site) -> None:
    """RI-04"""
    browser = await site.with_app()
    waiting = await browser.get("/admin/salesforce")
    assert 'hx-get="/admin/salesforce/status" hx-trigger="every 2s"' in waiting.text
    assert 'target="_blank"' in waiting.text
    assert (await browser.get("/admin/salesforce/status")).status_code == 204
    await browser.get(await site.consent(browser))
    fragment = await browser.get("/admin/salesforce/status")
    assert "Connected to Salesforce" in fragment.text
    assert "hx-trigger" not in fragment.text and "<html" not in fragment.text


async def test_a_waiting_page_whose_session_ran_out_goes_to_sign_in(site: Site) -> None:
    answer = await site.browser().get("/admin/salesforce/status", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/admin/signin")


async def test_disconnecting_asks_first_then_revokes_and_forgets_but_keeps_the_app(site: Site) -> None:
    """RI-40"""
    browser = await site.connected()
    id, org = await site.workspace_id(), site.salesforce.org
    purged: list[str] = []
    site.orgs.on_disconnect(purged.append)
    client = await site.orgs.client(id)
    async with site.database.write() as connection:
        await positions.put(connection, org.id, "/data/ContactChangeEvent", b"1", 1)

    assert "Disconnect Salesforce?" in words(await browser.get("/admin/salesforce/disconnect"))
    assert await site.org_id() == org.id
    answer = await browser.post("/admin/salesforce/disconnect")
    assert "revoked" in words(await browser.get(answer.headers["location"]))

    found = await site.connection(id)
    assert found is not None and found.grant is None and found.problem is None
    assert found.app.consumer_key == org.client_id
    assert org.session(site.salesforce.requests[-1][2].get("token", "")) is None
    assert purged == [id]
    async with site.database.read() as connection:
        assert await positions.of(connection, org.id, "/data/ContactChangeEvent") is None
    with pytest.raises(Exception, match="no working connection"):
        await client.query("SELECT Id FROM User")


async def test_disconnecting_works_without_salesforce_and_says_so(site: Site) -> None:
    """RI-40"""
    browser = await site.connected()
    site.salesforce.lies["/services/oauth2/revoke"] = (503, {})
    answer = await browser.post("/admin/salesforce/disconnect")
    assert "Salesforce could not be told" in words(await browser.get(answer.headers["location"]))
    found = await site.connection(await site.workspace_id())
    assert found is not None and found.grant is None


async def test_an_ended_connection_says_so_and_is_repaired_by_connecting_again(site: Site) -> None:
    browser = await site.connected()
    org = site.salesforce.org
    for grant in list(org.grants._grants.values()):
        org.grants.revoke(grant.refresh or "")
    client = await site.orgs.client(await site.workspace_id())
    with pytest.raises(Exception, match="ended"):
        await client.query("SELECT Id FROM User")
    assert "The connection has ended" in words(await browser.get("/admin"))
    assert "Connect again" in words(await browser.get("/admin/salesforce"))
    await browser.get(await site.consent(browser))
    assert "Connected to Salesforce" in words(await browser.get("/admin"))
    await (await site.orgs.client(await site.workspace_id())).query("SELECT Id FROM User")


async def test_a_workspace_sees_nothing_of_another(site: Site) -> None:
    """RI-07"""
    await site.connected()
    stranger = await site.signed_in("other@elsewhere.example")
    for path in PAGES:
        page = await stranger.get(path)
        assert site.salesforce.org.id not in page.text
        assert site.salesforce.org.client_id not in page.text
        assert "owner@brightside.example" not in page.text
    await stranger.post("/admin/salesforce/disconnect")
    assert await site.org_id() == site.salesforce.org.id


async def test_no_page_ever_holds_a_secret(site: Site, clock: Clock) -> None:
    """IM-11"""
    browser = await site.connected()
    org = site.salesforce.org
    tokens = {form.get("code_verifier", "") for _, _, form in site.salesforce.requests}
    tokens |= {form.get("refresh_token", "") for _, _, form in site.salesforce.requests}
    tokens |= set(site.salesforce.tokens_used())
    for path in (*PAGES, "/admin/salesforce/connected", "/admin/salesforce/status"):
        await browser.get(path)
    await browser.post("/admin/salesforce", data=site.app_form(consumer_key=""))
    site.salesforce.become(ANOTHER_ORG)
    await browser.get(await site.consent(browser))
    await browser.get(await site.consent(browser, allow=False))
    found = await site.connection(await site.workspace_id())
    assert found is not None and found.grant is not None
    locked = (found.grant.access_token, found.grant.refresh_token, found.app.consumer_secret)
    secrets = {org.client_secret, PASSWORD, *locked, *map(site.vault.open, locked), *filter(None, tokens)}
    assert len(secrets) == 8
    for secret in secrets:
        assert not any(secret in page for page in site.pages)


async def nothing_is_connected(site: Site) -> None:
    assert await site.org_id() is None
