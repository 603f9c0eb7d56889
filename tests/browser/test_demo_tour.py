"""What the tour of the demo says is what happens in the product, with everything running as `make demo` runs it."""

import asyncio
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PATIENCE = 30_000  # ms


async def take(demo: Demo, stop: str) -> None:
    await demo.page.goto(demo.first_line["inbox_url"])
    await demo.page.click(f".stop[data-stop={stop}]")


async def contacts(demo: Demo, *names: str) -> dict[str, Any]:
    """Our local contacts of these names, as soon as all are there."""
    line = demo.first_line
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {line['api_key']}"}) as http, asyncio.timeout(30):
        while True:
            answer = (await http.get(f"{line['api_url']}/contacts")).raise_for_status().json()
            found = {one["name"]: one for one in answer["contacts"]}
            if all(name in found and found[name]["salesforce_id"] for name in names):
                return found
            await asyncio.sleep(0.2)


async def test_amaras_new_number_lights_up_by_itself(demo: Demo) -> None:
    await take(demo, "live")
    await expect(demo.page.locator("#coach-live [data-mood=good]")).to_contain_text("900456", timeout=PATIENCE)
    await expect(demo.panel.get_by_text("+44 7700 900456")).to_be_visible(timeout=PATIENCE)
    await demo.page.click("#coach-live [data-repeat]")
    await expect(demo.panel.get_by_text("+44 7700 900789")).to_be_visible(timeout=PATIENCE)
    await expect(demo.panel.get_by_text("by Robin Castell")).to_be_visible()


async def test_what_zofias_colleague_wrote_stands_beside_what_is_typed(demo: Demo) -> None:
    await take(demo, "faster")
    await demo.panel.get_by_text("Specjalistka ds. zakupów").click()
    await demo.panel.get_by_role("textbox", name="Title").fill("Szefowa")
    await demo.page.click("#coach-faster [data-repeat]")
    await expect(demo.panel.locator(".theirs")).to_contain_text("Kierowniczka zakupów", timeout=PATIENCE)
    await demo.panel.get_by_role("button", name="Save").click()
    await expect(demo.panel.get_by_role("button", name="Keep theirs")).to_be_visible()


async def test_ines_is_linked_and_who_never_wrote_is_tagged(demo: Demo) -> None:
    """RI-25: the card of the stop promises both."""
    await take(demo, "new")
    await expect(demo.panel.get_by_role("heading", name="Nobody found")).to_be_visible()
    await demo.page.wait_for_selector("#coach-new [data-mood=good]")
    await demo.panel.get_by_role("button", name="Look again").click()
    await expect(demo.panel.locator("#record")).to_be_visible()
    await demo.page.click("#coach-new [data-repeat]")
    found = await contacts(demo, "Inès Lefèvre", "Margaux Perrin", "Théo Garnier")
    tags = {name: found[name]["tags"] for name in ("Inès Lefèvre", "Margaux Perrin", "Théo Garnier")}
    created = ["Auto-create: Salesforce"]
    assert tags == {"Inès Lefèvre": [], "Margaux Perrin": created, "Théo Garnier": created}
    await expect(demo.panel.locator("#record")).to_be_visible()
