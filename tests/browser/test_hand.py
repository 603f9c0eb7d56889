"""Choosing, linking and unlinking by hand in a real browser: remembered, taken back, and nothing typed is lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture(autouse=True)
async def nothing_breaks(demo: Demo) -> AsyncIterator[None]:
    """Answers that refuse, or never come, are named in the console by the browser itself, and by htmx."""
    demo.complaints.clear()
    yield
    assert [
        said for said in demo.complaints if "Failed to load resource" not in said and "Failed to fetch" not in said
    ] == []


async def test_who_was_chosen_among_several_is_shown_at_the_next_open(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("switchboard")
    await panel.get_by_role("button", name="Marcus Lee").press("Enter")
    await expect(panel.locator("#contact-name")).to_have_text("Marcus Lee")
    await expect(panel.locator("#contact-name")).to_be_focused()
    await demo.page.reload()
    await demo.open("amara")
    await expect(panel.locator("#contact-name")).to_have_text("Amara Okafor")
    await demo.open("switchboard")
    await expect(panel.locator("#contact-name")).to_have_text("Marcus Lee")
    await expect(panel.locator(".receipt > summary")).to_contain_text("Robin Keller chose this person by hand on")
    await panel.locator(".receipt > summary").click()
    await panel.get_by_role("button", name="Undo this choice").click()
    await expect(panel.locator("#several-title")).to_have_text("3 people share this address")
    await expect(panel.locator("#several-title")).to_be_focused()


async def test_nobody_is_searched_for_linked_shown_and_taken_back(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("stranger")
    await panel.get_by_label("Search in Salesforce").fill("x")
    await panel.get_by_label("Search in Salesforce").press("Enter")
    await expect(panel.locator("#people")).to_contain_text("at least two letters")
    await panel.get_by_label("Search in Salesforce").fill("Okafor")
    await panel.get_by_label("Search in Salesforce").press("Enter")
    await expect(panel.locator("#status")).to_have_text("1 person found")
    assert await faults(demo) == []
    await panel.get_by_role("button", name="Amara Okafor").click()
    await expect(panel.locator("#contact-name")).to_have_text("Amara Okafor")
    await expect(panel.locator(".receipt > summary")).to_contain_text("none of the customer's addresses")
    await panel.locator(".receipt > summary").click()
    assert await faults(demo) == []
    await panel.get_by_role("button", name="Undo this choice").click()
    await expect(panel.locator("#nobody-title")).to_have_text("Nobody found in Salesforce")


async def test_what_was_typed_to_search_for_stays_through_an_outage_and_a_switch(demo: Demo) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    panel = demo.panel
    await demo.open("stranger")
    await panel.get_by_label("Search in Salesforce").fill("Gallagher")
    await demo.page.route("**/search", refuse)
    await panel.get_by_role("button", name="Search").click()
    await expect(panel.locator("#banner")).to_contain_text("Sidebar cannot be reached")
    await demo.page.unroute("**/search")
    await expect(panel.get_by_label("Search in Salesforce")).to_have_value("Gallagher")
    await demo.open("hanako")
    await expect(panel.locator("#record")).to_be_visible()
    await demo.open("stranger")
    await expect(panel.get_by_label("Search in Salesforce")).to_have_value("Gallagher")


async def test_who_was_unlinked_stays_unlinked_until_that_is_undone(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("owen")
    await panel.locator(".receipt > summary").click()
    await panel.get_by_role("button", name="Not this person").click()
    await expect(panel.locator("#nobody-title")).to_be_visible()
    await demo.open("hanako")
    await expect(panel.locator("#record")).to_be_visible()
    await demo.open("owen")
    await expect(panel.locator(".unlinks")).to_contain_text("Owen Gallagher")
    await expect(panel.locator("#record")).to_have_count(0)
    await panel.get_by_role("button", name="Undo").click()
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")


async def test_a_person_who_is_only_a_lead_is_said_to_be_one(demo: Demo) -> None:
    """RI-31."""
    panel = demo.panel
    await demo.open("stranger")
    await expect(panel.locator("#nobody-title")).to_have_text("Nobody found in Salesforce")
    lead = {"LastName": "Lindqvist", "Company": "Leadonly Works", "Email": "nobody@stranger.example"}
    made = await demo.org("POST", "/sobjects/Lead", **lead)
    await asyncio.sleep(2.1)  # asking again sooner brings nothing new
    await panel.get_by_role("button", name="Look again").click()
    await expect(panel.locator("#nobody-title")).to_have_text("A Lead, but no Contact")
    await expect(panel.locator("#contact")).not_to_contain_text("Lindqvist")
    assert await faults(demo) == []
    await demo.org("DELETE", f"/sobjects/Lead/{made['id']}")


async def test_the_receipt_opens_below_its_sentence_and_for_admins_on_a_page(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("juergen")
    await expect(panel.locator(".receipt > summary")).to_contain_text("Found by phone")
    await panel.locator(".receipt > summary").press("Enter")
    for said in ("What the inbox told", "0171 / 392 00 34", "read as a number of Germany", "This is the one."):
        await expect(panel.locator(".receipt")).to_contain_text(said)
    assert await faults(demo) == []
    assert await wider(demo) == []
    address = await panel.get_by_role("link", name="Receipt for admins").get_attribute("href")
    admin = await demo.sign_in()
    await admin.goto(f"{demo.first_line['admin_url']}/..{address}")
    await expect(admin.locator("#then")).to_be_visible()
    await admin.get_by_role("button", name="Look again with today's data").click()
    await expect(admin.locator(".told")).to_have_text("Today's answer is the same.")
    assert await page_faults(admin) == []
    await admin.close()


async def faults(demo: Demo) -> list[str]:
    frame = next(frame for frame in demo.page.frames if "/h/generic/" in frame.url)
    found = await Axe().run(frame)  # type: ignore[arg-type]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


async def page_faults(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


async def wider(demo: Demo) -> list[str]:
    """What would make a panel of 280 px scroll sideways."""
    frame = demo.page.locator("iframe#frame")
    await frame.evaluate("frame => frame.style.inlineSize = '280px'")
    inside = demo.panel.locator("html")
    found = await inside.evaluate(
        "page => page.scrollWidth <= page.clientWidth ? [] : [`${page.scrollWidth} > ${page.clientWidth}`]"
    )
    await frame.evaluate("frame => frame.style.inlineSize = ''")
    return list(found)
