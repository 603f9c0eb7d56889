"""An open panel stays true in a real browser: what changes lights up, what is typed stays, the clock never pretends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, FrameLocator, Page, Route, expect

from sidebar.stage import Stage, stage
from sidebar.twin.run import Twin
from sidebar.worker import Pace
from tests.browser.test_journey import faults

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PACE = Pace(first_wait=0.1, longest_wait=1, glance=0.5, pause=0)
PATIENCE = 30_000  # ms; what is waited for comes at once


@dataclass
class Inbox:
    stage: Stage
    page: Page
    org_page: Page
    folder: Path
    complaints: list[str]

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("iframe#frame")

    async def open(self, conversation: str) -> str:
        await self.page.click(f"#rows [data-conversation={conversation}]")
        await expect(self.panel.locator("#record")).to_be_visible()
        await expect(self.panel.locator("[data-age=live]")).to_be_visible(timeout=PATIENCE)
        return await self.panel.locator("#record").get_attribute("data-record") or ""

    async def change(self, id: str, **fields: str) -> None:
        """On the record's page in Salesforce."""
        await self.org_page.goto(f"{self.stage.twin.instance_url}/lightning/r/Contact/{id}/view")
        for name, value in fields.items():
            await self.org_page.fill(f"[name={name}]", value)
        await self.org_page.get_by_role("button", name="Save").click()

    async def restart(self, twin: Twin) -> Twin:
        """The org again, where it was."""
        http, grpc = (int(address.rsplit(":", 1)[1]) for address in (twin.instance_url, twin.pubsub_endpoint))
        return await Twin(http_port=http, grpc_port=grpc, folder=self.folder / "org", keepalive_ms=1000).__aenter__()


@pytest.fixture
async def inbox(browser: Browser, tmp_path: Path) -> AsyncIterator[Inbox]:
    async with stage(port=0, fresh=True, folder=tmp_path, pace=PACE) as ready:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        page, org_page = await context.new_page(), await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.goto(ready.inbox_url)
        await page.bring_to_front()
        yield Inbox(ready, page, org_page, tmp_path, complaints)
        await context.close()


async def test_a_phone_changed_in_salesforce_lights_up_and_says_who_changed_it(inbox: Inbox) -> None:
    panel = inbox.panel
    id = await inbox.open("amara")
    await panel.locator("#field-Title button.value").focus()
    await inbox.change(id, Phone="+44 20 7946 0999", Title="Director of Chairs")
    await expect(panel.locator("#field-Phone.changed")).to_contain_text("+44 20 7946 0999")
    mark = panel.locator("#field-Phone .mark")
    await expect(mark).to_contain_text("changed")
    await expect(mark).to_contain_text("s ago", timeout=PATIENCE)  # at first it says "changed" only
    await expect(mark).to_contain_text(f"by {inbox.stage.twin.org.admin.name}")
    await expect(panel.locator("#news")).to_have_text("Title, Business Phone changed")
    await expect(panel.locator("#field-Title button.value")).to_have_text("Director of Chairs")
    await expect(panel.locator("#field-Title button.value")).to_be_focused()
    await expect(panel.locator("#field-Email .mark")).to_have_count(0)
    frame = next(frame for frame in inbox.page.frames if "/h/generic/" in frame.url)
    assert await faults(frame) == []
    await panel.locator("#field-Title button.value").click()
    await expect(panel.locator("#input-Title")).to_have_value("Director of Chairs")
    assert inbox.complaints == []


async def test_a_field_that_is_being_edited_is_not_touched_and_says_what_salesforce_holds(inbox: Inbox) -> None:
    panel = inbox.panel
    id = await inbox.open("amara")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Mine")
    await inbox.change(id, Title="Theirs")
    await expect(panel.locator("#field-Title .theirs")).to_have_text("Salesforce now holds: Theirs")
    await expect(panel.locator("#input-Title")).to_have_value("Mine")
    await expect(panel.locator("#input-Title")).to_be_focused()
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator(".versions")).to_contain_text("Theirs")
    await panel.get_by_role("button", name="Keep theirs").click()
    await expect(panel.locator("#field-Title button.value")).to_have_text("Theirs")


async def test_what_waits_for_a_form_to_open_never_lands_in_another_persons_panel(inbox: Inbox) -> None:
    panel, released = inbox.panel, asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.abort()

    id = await inbox.open("amara")
    await inbox.page.route("**/field?name=Title", hold)
    await panel.locator("#field-Title button.value").click()
    await inbox.change(id, Title="Amara's own", Phone="+44 20 7946 0888")
    await expect(panel.locator("#field-Phone.changed")).to_be_visible()
    await inbox.open("owen")
    await inbox.page.wait_for_timeout(1000)
    await expect(panel.locator("#field-Title")).not_to_contain_text("Amara's own")
    released.set()


async def test_an_edit_lights_up_in_a_colleagues_panel_and_not_in_ones_own(inbox: Inbox) -> None:
    await inbox.open("amara")
    other = await inbox.page.context.new_page()
    await other.goto(inbox.stage.inbox_url)
    theirs = other.frame_locator("iframe#frame")
    await other.click("#rows [data-conversation=amara]")
    await expect(theirs.locator("[data-age=live]")).to_be_visible(timeout=PATIENCE)
    panel = inbox.panel
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Chair of Chairs")
    await panel.locator("#input-Title").press("Enter")
    await expect(panel.locator("#field-Title button.value")).to_have_text("Chair of Chairs")
    await expect(theirs.locator("#field-Title.changed")).to_contain_text("Chair of Chairs")
    await expect(panel.locator(".mark")).to_have_count(0)


async def test_the_clock_turns_when_salesforce_is_gone_and_the_panel_catches_up(inbox: Inbox) -> None:
    panel = inbox.panel
    id = await inbox.open("amara")
    await inbox.stage.twin.__aexit__(None, None, None)
    await expect(panel.locator("[data-age]")).not_to_have_attribute("data-age", "live", timeout=PATIENCE)
    await expect(panel.locator("[data-age]")).not_to_contain_text("live")
    await expect(panel.locator("#field-Title")).to_contain_text("Head of Operations")
    twin = await inbox.restart(inbox.stage.twin)
    try:
        await inbox.change(id, Title="Back again")
        await expect(panel.locator("#field-Title.changed")).to_contain_text("Back again", timeout=PATIENCE)
        await expect(panel.locator("[data-age=live]")).to_have_text("live", timeout=PATIENCE)
    finally:
        await twin.__aexit__(None, None, None)


async def test_a_panel_nobody_sees_does_not_listen(inbox: Inbox) -> None:
    """Browsers open six connections to one server."""
    await inbox.open("amara")
    watches = inbox.stage.house.watches
    assert len(watches) == 1
    frame = next(frame for frame in inbox.page.frames if "/h/generic/" in frame.url)
    hide = (
        "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    await frame.evaluate(hide % "true")
    await expect(inbox.panel.locator("[data-age]")).not_to_have_attribute("data-age", "live", timeout=PATIENCE)
    async with asyncio.timeout(PATIENCE / 1000):
        while len(watches):
            await asyncio.sleep(0.05)
    await frame.evaluate(hide % "false")
    await expect(inbox.panel.locator("[data-age=live]")).to_be_visible(timeout=PATIENCE)


async def test_it_fits_a_narrow_panel_from_right_to_left_in_the_dark(inbox: Inbox) -> None:
    await inbox.page.goto(f"{inbox.stage.inbox_url}/?locale=ar&theme=dark")
    id = await inbox.open("layla")
    await inbox.change(id, Phone="+971 4 555 0199")
    mark = inbox.panel.locator("#field-Phone .mark")
    await expect(mark).to_be_visible()
    frame = next(frame for frame in inbox.page.frames if "/h/generic/" in frame.url)
    await inbox.page.evaluate("document.querySelector('iframe#frame').style.width = '280px'")
    assert await frame.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await faults(frame) == []
