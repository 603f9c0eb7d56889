"""The whole card in a real browser, as a newcomer goes through it, on both databases.

`sidebar demo` runs as the command a person types; the inbox is on another site (127.0.0.1) than the panel (localhost).
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, FrameLocator, Page, expect

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@dataclass
class Demo:
    """A running `sidebar demo` and a browser tab on its inbox."""

    first_line: dict[str, Any]
    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("iframe#frame")

    async def open(self, conversation: str) -> None:
        await self.page.click(f"#rows [data-conversation={conversation}]")

    async def org(self, method: str, path: str, **body: object) -> Any:
        """A request of a colleague's to the org."""
        org = self.first_line["org"]
        url = f"{org['instance_url']}/services/data/v67.0{path}"
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {org['access_token']}"}) as http:
            answer = await http.request(method, url, json=body or None)
            assert answer.is_success, answer.text
            return answer.json() if answer.content else None

    async def fault(self, **switches: bool) -> None:
        async with httpx.AsyncClient() as http:
            await http.post(f"{self.first_line['org']['instance_url']}/twin/faults", json=switches)

    async def sign_in(self) -> Page:
        page = await self.page.context.new_page()
        await page.goto(self.first_line["admin_url"])
        await page.fill("#email", self.first_line["admin_email"])
        await page.fill("#password", self.first_line["admin_password"])
        await page.press("#password", "Enter")
        await page.wait_for_url("**/admin")
        return page


@asynccontextmanager
async def running(browser: Browser, folder: Path, database_url: str = "") -> AsyncIterator[Demo]:
    environment = {**os.environ, "SIDEBAR_VAR_DIR": str(folder / "var"), "DATABASE_URL": database_url}
    command = (sys.executable, "-m", "sidebar", "demo", "--json", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            first_line = json.loads(await process.stdout.readline())
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        demo = Demo(first_line, await context.new_page())
        demo.page.on("console", lambda said: demo.complaints.append(said.text) if said.type == "error" else None)
        demo.page.on("pageerror", lambda error: demo.complaints.append(str(error)))
        await demo.page.goto(first_line["inbox_url"])
        yield demo
        await context.close()
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            assert await process.wait() == 0


@pytest.fixture
async def fresh_demo(database_url: str, tmp_path: Path, browser: Browser) -> AsyncIterator[Demo]:
    """One for this test alone, on SQLite and on PostgreSQL."""
    async with running(browser, tmp_path, database_url) as demo:
        yield demo


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Demo]:
    """One for all tests that leave it as they found it, or work on people of their own."""
    async with running(browser, tmp_path_factory.mktemp("demo")) as demo:
        yield demo


async def test_from_a_click_to_a_value_in_the_org_and_from_the_org_to_a_local_contact(fresh_demo: Demo) -> None:
    demo = fresh_demo
    panel = demo.panel
    await demo.open("amara")
    await expect(panel.locator("#contact-name")).to_have_text("Amara Okafor")
    await expect(panel.locator("#field-Email")).to_contain_text("amara.okafor@brightloom.example")

    await panel.locator("#field-Title button.value").click()
    await expect(panel.locator("#input-Title")).to_be_focused()
    await panel.locator("#input-Title").fill("Director of Chairs")
    await panel.locator("#input-Title").press("Enter")
    await expect(panel.locator("#status")).to_have_text("Title saved in Salesforce")
    await expect(panel.locator("#field-Title button.value")).to_be_focused()
    found = await demo.org("GET", "/query?q=SELECT Id, Title FROM Contact WHERE Email LIKE 'amara%25'")
    assert [row["Title"] for row in found["records"]] == ["Director of Chairs"]

    await demo.page.reload()
    await demo.open("amara")
    await expect(panel.locator("#field-Title")).to_contain_text("Director of Chairs")

    await demo.org("POST", "/sobjects/Contact", LastName="Novak", FirstName="Ida", Email="ida@novak.example")
    admin = await demo.sign_in()
    async with asyncio.timeout(20):
        while True:
            await admin.goto(f"{demo.first_line['admin_url']}/contacts")
            if await admin.get_by_text("Ida Novak").count():
                break
            await asyncio.sleep(0.2)
    row = admin.get_by_role("row").filter(has_text="Ida Novak")
    await expect(row).to_contain_text("Auto-create: Salesforce")
    assert await admin.get_by_text("Ida Novak").count() == 1
    assert demo.complaints == []


async def test_a_conflict_and_an_outage_lose_nothing_that_was_typed(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("zofia")
    await panel.locator("#field-Title button.value").click()
    id = await panel.locator("#record").get_attribute("data-record")
    await demo.org("PATCH", f"/sobjects/Contact/{id}", Title="Kierowniczka")
    await asyncio.sleep(1.1)  # the wire compares whole seconds
    await panel.locator("#input-Title").fill("Dyrektorka")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#problem-Title")).to_contain_text("Somebody else was faster")
    await expect(panel.locator(".versions")).to_contain_text("Kierowniczka")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#field-Title button.value")).to_have_text("Dyrektorka")

    await panel.locator("#field-Description button.value").click()
    await panel.locator("#input-Description").fill("A note")
    await demo.fault(unavailable=True)
    await panel.locator("#field-Description button.main").click()
    await expect(panel.locator("#problem-Description")).to_contain_text("Salesforce does not answer")
    await demo.open("owen")
    await expect(panel.locator("#contact h1")).to_have_text("Salesforce does not answer")
    await demo.fault(unavailable=False)
    await panel.locator("#contact [data-again]").click()
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")
    await demo.open("zofia")
    await expect(panel.locator("#input-Description")).to_have_value("A note")


async def test_the_panel_has_no_accessibility_faults_in_its_main_states(demo: Demo) -> None:
    panel = demo.panel
    for conversation, shown in (("switchboard", ".choices"), ("stranger", ".tried"), ("amara", "#record")):
        await demo.open(conversation)
        await expect(panel.locator(shown)).to_be_visible()
        frame = next(frame for frame in demo.page.frames if "/h/generic/" in frame.url)
        assert await faults(frame) == []
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("test")
    await panel.locator("#input-Title").press("Enter")
    await expect(panel.locator("#problem-Title")).to_contain_text("real job title")
    assert await faults(frame) == []


async def faults(frame: Any) -> list[str]:
    found = await Axe().run(frame)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


async def test_every_conversation_shows_what_its_customer_deserves(demo: Demo) -> None:
    """The messy number, the switchboard, several scripts, and a stranger."""
    panel = demo.panel
    expected = {
        "juergen": "Jürgen Weiß",
        "layla": "ليلى حداد",
        "noemail": "Tomás Ribeiro",
        "landline": "Amara Okafor",
        "priya": "Priya Raman",
        "ines": "Nobody found in Salesforce",
        "switchboard": "3 people share this address",
    }
    for conversation, shown in expected.items():
        await demo.open(conversation)
        await expect(panel.locator("#contact h1")).to_have_text(shown)
    await panel.get_by_role("button", name="Marcus Lee").click()
    await expect(panel.locator("#contact-name")).to_have_text("Marcus Lee")
