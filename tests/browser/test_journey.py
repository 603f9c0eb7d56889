"""The whole card in a real browser, as a newcomer goes through it, on both databases.

The inbox is on another site (127.0.0.1) than the panel (localhost).
"""

import asyncio
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


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

    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Something else")
    await panel.get_by_role("button", name="Back to the value last read").click()
    await expect(panel.locator("#input-Title")).to_have_value("Dyrektorka")
    await panel.locator("#input-Title").press("Escape")
    await expect(panel.locator("#field-Title button.value")).to_be_focused()

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


async def test_what_cannot_be_saved_is_told_above_the_form_and_the_text_stays(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("noemail")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Diretor")
    await demo.set_up("/switches", auto_create="on")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#banner")).to_contain_text("Editing is switched off")
    await expect(panel.locator("#input-Title")).to_have_value("Diretor")
    await demo.set_up("/switches", auto_create="on", editing="on")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#field-Title button.value")).to_have_text("Diretor")
    await expect(panel.locator("#banner")).to_be_empty()


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
    await panel.locator("#input-Title").press("Escape")  # or it would be a draft in the tests that follow
    await expect(panel.locator("#field-Title button.value")).to_be_visible()


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
