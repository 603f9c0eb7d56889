"""The overview: embedding, switches, secret."""

import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from sidebar.store import admins, workspaces
from sidebar.store.workspaces import Install, Workspace
from sidebar.web.admin import read_origins
from tests.conftest import Clock
from tests.site import ADDRESS, Site, attributes, open_site, words

pytestmark = pytest.mark.anyio

DISABLED = '<fieldset class="within" disabled>'


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
        yield site


async def test_a_new_workspace_is_read_only_and_creates_nothing(site: Site) -> None:
    """RI-13"""
    browser = await site.signed_in()
    page = await browser.get("/admin")
    assert "Not connected to Salesforce" in words(page)
    assert 'name="was" value="tag_created"' in page.text  # which counts nothing without auto-create
    workspace, _ = await stored(site)
    assert (workspace.editing, workspace.auto_create) == (False, False)


async def test_the_panels_address_is_shown(site: Site) -> None:
    browser = await site.signed_in()
    workspace, _ = await stored(site)
    shown = attributes(await browser.get("/admin"), "panel-url")["value"]
    assert shown == f"{ADDRESS}/h/generic/{workspace.key}"


@pytest.mark.parametrize("on", [("editing",), ("auto_create",), ("editing", "auto_create"), ()])
async def test_each_switch_stays_as_it_was_put(site: Site, on: tuple[str, ...]) -> None:
    """RI-16, RI-24"""
    browser = await site.signed_in()
    answer = await browser.post("/admin/switches", data=dict.fromkeys(on, "on"))
    assert "switches are saved" in words(await browser.get(answer.headers["location"]))
    workspace, _ = await stored(site)
    assert (workspace.editing, workspace.auto_create) == ("editing" in on, "auto_create" in on)


async def test_one_workspaces_switches_are_not_anothers(site: Site) -> None:
    await site.signed_in()
    other = await site.signed_in("other@elsewhere.example")
    await other.post("/admin/switches", data={"editing": "on"})
    workspace, _ = await stored(site)
    assert not workspace.editing


async def test_the_country_of_phone_numbers_can_change(site: Site) -> None:
    browser = await site.signed_in()
    await browser.post("/admin/region", data={"region": "JP"})
    assert (await stored(site))[0].region == "JP"
    page = await browser.post("/admin/region", data={"region": "XX"})
    assert page.status_code == 422
    assert "country from the list" in words(page)
    assert (await stored(site))[0].region == "JP"


async def test_addresses_that_may_frame_the_panel_are_kept(site: Site) -> None:
    browser = await site.signed_in()
    typed = "https://Inbox.example/\n\n http://localhost:3000 \nhttps://inbox.example"
    answer = await browser.post("/admin/origins", data={"origins": typed})
    assert "addresses are saved" in words(await browser.get(answer.headers["location"]))
    assert (await stored(site))[1].origins == ("https://inbox.example", "http://localhost:3000")


async def test_an_international_address_is_kept_as_browsers_send_it(site: Site) -> None:
    browser = await site.signed_in()
    await browser.post("/admin/origins", data={"origins": "https://bücher.example"})
    assert (await stored(site))[1].origins == ("https://xn--bcher-kva.example",)


async def test_a_bad_address_is_named_and_everything_typed_stays(site: Site) -> None:
    browser = await site.signed_in()
    typed = "https://inbox.example\nhttps://*.example\n</textarea><script>alert(1)</script>"
    page = await browser.post("/admin/origins", data={"origins": typed})
    assert page.status_code == 422
    assert "These lines are not such addresses" in words(page)
    assert "</textarea><script>alert" not in page.text
    assert typed in unescape(page.text)
    assert (await stored(site))[1].origins == ()


async def test_twenty_addresses_are_enough(site: Site) -> None:
    browser = await site.signed_in()
    typed = "\n".join(f"https://inbox-{number}.example" for number in range(21))
    assert "Twenty addresses at most" in words(await browser.post("/admin/origins", data={"origins": typed}))


@pytest.mark.parametrize(
    "line",
    [
        "inbox.example",
        "http://inbox.example",
        "https://inbox.example/path",
        "https://inbox.example?x",
        "https://inbox.example; script-src *",
        "https://inbox.example https://other.example",
        "https://user@inbox.example",
        "https://*.example",
        "*",
        "'self'",
        "javascript:alert(1)",
        "null",
        "http://localhost.evil.example",
        "https://inbox.example:65536",
        "https://.",
        "https://inbox..example",
    ],
)
def test_only_exact_origins_may_frame_the_panel(line: str) -> None:
    assert read_origins(line) == ([], [line])


async def test_a_new_host_secret_is_shown_once_and_replaces_the_former(site: Site) -> None:
    browser = await site.signed_in()
    await browser.post("/admin/origins", data={"origins": "https://inbox.example"})
    before = (await stored(site))[1]
    page = await browser.post("/admin/secret")
    after = (await stored(site))[1]
    shown = attributes(page, "host-secret")["value"]
    assert shown == site.vault.open(after.secret) != site.vault.open(before.secret)
    assert after.origins == ("https://inbox.example",)
    assert shown not in (await browser.get("/admin")).text


async def test_an_api_key_is_shown_once_and_kept_as_a_hash(site: Site) -> None:
    browser = await site.signed_in()
    assert "the API is closed" in words(await browser.get("/admin"))
    key = attributes(await browser.post("/admin/api-key"), "api-key")["value"]
    overview = await browser.get("/admin")
    assert key not in overview.text and "It was shown when it was made" in words(overview)
    api = site.browser()
    assert await status(api, key) == 200
    fresh = attributes(await browser.post("/admin/api-key"), "api-key")["value"]
    assert (await status(api, key), await status(api, fresh)) == (401, 200)
    async with site.database.read() as connection:
        found = await workspaces.by_api_key(connection, hashlib.sha256(fresh.encode()).hexdigest())
        assert await workspaces.by_api_key(connection, fresh) is None
    assert found is not None and found.id == await site.workspace_id()


async def status(browser: httpx.AsyncClient, key: str) -> int:
    return (await browser.get("/api/v1/contacts", headers={"Authorization": f"Bearer {key}"})).status_code


async def test_what_depends_on_auto_create_can_be_put_only_while_that_is_on(site: Site) -> None:
    """RI-25, RI-28, RI-30"""
    browser = await site.signed_in()
    page = await browser.get("/admin")
    assert "Include bulk imports" in words(page) and "Auto-create: Salesforce" in words(page)
    assert DISABLED in page.text
    await browser.post("/admin/switches", data={"auto_create": "on"})  # browsers send nothing of what is disabled
    workspace = (await stored(site))[0]
    assert (workspace.tag_created, workspace.include_bulk) == (True, False)
    assert DISABLED not in (await browser.get("/admin")).text
    await browser.post("/admin/switches", data={"auto_create": "on", "within": "on", "include_bulk": "on"})
    workspace = (await stored(site))[0]
    assert (workspace.include_bulk, workspace.tag_created) == (True, False)
    await browser.post("/admin/switches", data={"live": "on"})
    workspace = (await stored(site))[0]
    assert (workspace.auto_create, workspace.include_bulk, workspace.live) == (False, True, True)


async def test_what_another_admin_switched_meanwhile_stays(site: Site) -> None:
    browser = await site.signed_in()
    await browser.post("/admin/switches", data={"editing": "on", "was": ""})
    was = re.search(r'name="was" value="([^"]*)"', (await browser.get("/admin")).text)
    assert was and was[1] == "editing tag_created"
    await browser.post("/admin/switches", data={"editing": "on", "live": "on", "auto_create": "on", "was": was[1]})
    await browser.post("/admin/switches", data={"was": was[1]})  # a page that was opened before
    workspace = (await stored(site))[0]
    assert (workspace.editing, workspace.live, workspace.auto_create) == (False, True, True)


async def test_what_people_typed_is_never_markup(site: Site) -> None:
    browser = site.browser()
    name = "<img src=x onerror=alert(1)>"
    setup = {"name": name, "region": "GB", "email": "owner@brightside.example", "password": "a long password"}
    made = await browser.post("/admin/setup", data={**setup, "code": site.vault.code("setup")})
    for page in (made, await browser.get("/admin")):
        assert name not in page.text
        assert name in unescape(page.text)


async def test_a_session_of_a_workspace_that_is_gone_ends(site: Site, tmp_path: Path, clock: Clock) -> None:
    browser = await site.signed_in()
    (tmp_path / "afresh").mkdir()
    async with open_site(tmp_path / "afresh", clock) as afresh:
        answer = await afresh.browser(cookie=f"__Host-sidebar={browser.cookies['__Host-sidebar']}").get("/admin")
    assert answer.headers["location"] == "/admin/signin"
    assert "max-age=0" in answer.headers["set-cookie"].lower()


async def stored(site: Site) -> tuple[Workspace, Install]:
    """The workspace of owner@brightside.example and its install."""
    async with site.database.read() as connection:
        owner = await admins.by_email(connection, "owner@brightside.example")
        assert owner is not None
        workspace = await workspaces.by_id(connection, owner.workspace_id)
        install = await workspaces.install(connection, owner.workspace_id, "generic")
    assert workspace is not None and install is not None
    return workspace, install
