"""Setting up, signing in, signing out."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sidebar.store import admins, workspaces
from sidebar.web.attempts import Attempts
from tests.conftest import Clock
from tests.site import ADDRESS, PAGES, PASSWORD, POSTS, Site, attributes, open_site, words

pytestmark = pytest.mark.anyio

SETUP = {"name": "Brightside", "region": "PL", "email": " Owner@Brightside.Example ", "password": PASSWORD}


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
        yield site


def browser_at(site: Site, address: str) -> httpx.AsyncClient:
    """One that comes from that IP address."""
    way = httpx.ASGITransport(site.app, client=(address, 1))
    return httpx.AsyncClient(transport=way, base_url=ADDRESS, headers={"sec-fetch-site": "same-origin"})


async def test_whoever_holds_the_code_becomes_the_owner_and_is_signed_in(site: Site) -> None:
    browser = site.browser()
    code = site.vault.code("setup")
    form = await browser.get("/admin/setup", params={"code": code})
    assert form.status_code == 200
    made = await browser.post("/admin/setup", data={**SETUP, "code": code})
    assert "Welcome to Brightside" in words(made)
    assert (await browser.get("/admin")).status_code == 200

    async with site.database.read() as connection:
        owner = await admins.by_email(connection, "owner@brightside.example")
        assert owner is not None and owner.role == "owner"
        assert owner.password_hash.startswith("$argon2id$")
        workspace = await workspaces.by_id(connection, owner.workspace_id)
        install = await workspaces.install(connection, owner.workspace_id, "generic")
    assert workspace is not None and install is not None
    assert (workspace.name, workspace.region, workspace.editing) == ("Brightside", "PL", False)
    assert attributes(made, "panel-url")["value"] == f"{ADDRESS}/h/generic/{workspace.key}"
    assert attributes(made, "host-secret")["value"] == site.vault.open(install.secret)


@pytest.mark.parametrize("code", ["", "guess", "gü%"])
async def test_a_wrong_set_up_code_is_refused(site: Site, code: str) -> None:
    browser = site.browser()
    for page in (
        await browser.get("/admin/setup", params={"code": code}),
        await browser.post("/admin/setup", data={**SETUP, "code": code}),
    ):
        assert page.status_code == 403
        assert "server's log" in words(page)
    async with site.database.read() as connection:
        assert not await admins.any_at_all(connection)


async def test_set_up_happens_once(site: Site) -> None:
    await site.workspace()
    browser = site.browser()
    code = site.vault.code("setup")
    for page in (
        await browser.get("/admin/setup", params={"code": code}),
        await browser.post("/admin/setup", data={**SETUP, "code": code}),
    ):
        assert page.status_code == 403
        assert "has an owner already" in words(page)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "  "}, "name of at most 80"),
        ({"name": "n" * 81}, "name of at most 80"),
        ({"region": "XX"}, "country from the list"),
        ({"email": "owner"}, "does not look like an e-mail address"),
        ({"email": "a b@c.example"}, "does not look like an e-mail address"),
        ({"password": "elevenchars"}, "too short"),
        ({"password": "x" * 1001}, "too short, or far too long"),
    ],
)
async def test_a_slip_in_set_up_is_named_and_what_was_typed_stays(
    site: Site, change: dict[str, str], told: str
) -> None:
    sent = {**SETUP, "name": "<b>Brightside</b>", "code": site.vault.code("setup"), **change}
    page = await site.browser().post("/admin/setup", data=sent)
    assert page.status_code == 422
    assert told in words(page)
    assert attributes(page, "name")["value"] == sent["name"].strip()
    assert sent["password"] not in page.text


async def test_before_there_is_an_owner_signing_in_tells_how_to_become_one(site: Site) -> None:
    page = await site.browser().get("/admin/signin")
    assert page.status_code == 404
    assert "/admin/setup?code=" in words(page)


async def test_the_owner_signs_in_however_the_address_is_written_and_out_again(site: Site) -> None:
    await site.workspace("owner@brightside.example")
    browser = site.browser()
    await browser.post("/admin/signin", data={"email": " OWNER@brightside.example", "password": PASSWORD})
    assert (await browser.get("/admin")).status_code == 200
    await browser.post("/admin/signout")
    assert (await browser.get("/admin")).headers["location"] == "/admin/signin"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("owner@brightside.example", "not the password"),
        ("owner@brightside.example", ""),
        ("owner@brightside.example", PASSWORD + "x" * 1000),
        ("nobody@brightside.example", PASSWORD),
        ("", ""),
        ("' OR 1=1 --", "x\0y"),
    ],
)
async def test_a_wrong_pair_says_the_same_whichever_half_is_wrong(site: Site, email: str, password: str) -> None:
    await site.workspace()
    page = await site.browser().post("/admin/signin", data={"email": email, "password": password})
    assert page.status_code == 401
    assert "do not belong together" in words(page)
    assert "set-cookie" not in page.headers


async def test_five_wrong_passwords_shut_the_door_for_five_minutes(site: Site, clock: Clock) -> None:
    await site.workspace()
    browser = site.browser()
    wrong = {"email": "owner@brightside.example", "password": "not the password"}
    right = {**wrong, "password": PASSWORD}
    assert [(await browser.post("/admin/signin", data=wrong)).status_code for _ in range(5)] == [401] * 5
    shut = await browser.post("/admin/signin", data=right)
    assert shut.status_code == 429
    assert "wait 5 minutes" in words(shut)
    clock.pass_seconds(300)
    assert (await browser.post("/admin/signin", data=right)).status_code == 303


async def test_a_strangers_failures_do_not_keep_the_owner_out(site: Site) -> None:
    await site.workspace()
    right = {"email": "owner@brightside.example", "password": PASSWORD}
    async with browser_at(site, "192.0.2.66") as stranger, browser_at(site, "192.0.2.7") as owner:
        for _ in range(5):
            await stranger.post("/admin/signin", data={**right, "password": "guess"})
        assert (await stranger.post("/admin/signin", data=right)).status_code == 429
        assert (await owner.post("/admin/signin", data=right)).status_code == 303


async def test_an_address_that_tries_many_names_is_slowed_down_too(site: Site) -> None:
    await site.workspace()
    right = {"email": "owner@brightside.example", "password": PASSWORD}
    async with browser_at(site, "192.0.2.66") as stranger:
        for number in range(29):
            await stranger.post("/admin/signin", data={"email": f"{number}@brightside.example", "password": "guess"})
        assert (await stranger.post("/admin/signin", data=right)).status_code == 303, "which is no failure"
        await stranger.post("/admin/signin", data={"email": "30@brightside.example", "password": "guess"})
        assert (await stranger.post("/admin/signin", data=right)).status_code == 429


def test_an_address_in_the_same_ipv6_network_is_no_other_place(clock: Clock) -> None:
    attempts = Attempts(clock)
    assert all(attempts.begin("owner@brightside.example", f"2001:db8:1:2::{number}") for number in range(1, 6))
    assert not attempts.begin("owner@brightside.example", "2001:db8:1:2:ffff::1")
    assert attempts.begin("owner@brightside.example", "2001:db8:1:3::1")
    for number in range(1, 7):
        assert attempts.begin("owner@brightside.example", f"::ffff:192.0.2.{number}")


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_session_every_admin_page_leads_to_signing_in(site: Site, path: str) -> None:
    await site.workspace()
    answer = await site.browser().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/signin")


async def test_a_forged_or_outdated_session_is_none(site: Site, clock: Clock) -> None:
    browser = await site.signed_in()
    cookie = browser.cookies["__Host-sidebar"]
    assert (await browser.get("/admin")).status_code == 200
    for forged in (cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), "x." + cookie.partition(".")[2], "ü", "."):
        answer = await site.browser(cookie=f"__Host-sidebar={forged}".encode()).get("/admin")  # type: ignore[arg-type]
        assert answer.status_code == 303
    clock.pass_seconds(12 * 3600)
    assert (await browser.get("/admin")).status_code == 303


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_strangers(site: Site) -> None:
    await site.workspace()
    right = {"email": "owner@brightside.example", "password": PASSWORD}
    cookie = (await site.browser().post("/admin/signin", data=right)).headers["set-cookie"].lower()
    assert cookie.startswith("__host-sidebar=")
    for attribute in ("httponly", "secure", "samesite=lax", "path=/"):
        assert attribute in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": ADDRESS},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
async def test_what_a_strangers_page_posts_changes_nothing(site: Site, headers: dict[str, str]) -> None:
    browser = await site.signed_in()
    del browser.headers["sec-fetch-site"]
    for path in POSTS:
        answer = await browser.post(path, data={"editing": "on"}, headers=headers)
        assert answer.status_code == 403, path
        assert "Nothing was changed" in words(answer)
    assert 'name="was" value="tag_created"' in (await browser.get("/admin")).text


async def test_a_browser_without_fetch_metadata_is_known_by_its_origin(site: Site) -> None:
    browser = await site.signed_in()
    del browser.headers["sec-fetch-site"]
    answer = await browser.post("/admin/switches", data={"editing": "on"}, headers={"origin": ADDRESS})
    assert answer.status_code == 303


async def test_a_form_of_a_megabyte_is_turned_down(site: Site) -> None:
    answer = await site.browser().post("/admin/signin", data={"email": "x" * 1_000_000, "password": "x"})
    assert answer.status_code == 413


async def test_pages_speak_the_browsers_language(site: Site) -> None:
    page = await site.browser(**{"accept-language": "ar,en;q=0.5"}).get("/admin/setup?code=x")
    assert '<html lang="ar" dir="rtl">' in page.text


async def test_no_admin_page_can_be_framed_or_kept(site: Site) -> None:
    browser = await site.signed_in()
    for path in PAGES:
        headers = (await browser.get(path)).headers
        assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in (await browser.get("/admin")).headers["content-security-policy"]
