"""Whatever goes wrong on the way, the panel never shows or changes another customer than the one on screen."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Error, Route, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_while_the_next_customer_is_looked_up_nobody_is_shown(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("hanako")
    await expect(panel.locator("#record")).to_be_visible()

    async def slowly(route: Route) -> None:
        await asyncio.sleep(1.5)
        with suppress(Error):  # the first of them is given up for the second
            await route.continue_()

    await demo.page.route("**/match", slowly)
    await demo.open("stranger")
    await demo.open("owen")
    await expect(panel.locator("#contact")).to_have_attribute("inert", "")
    await expect(panel.locator("#record")).to_have_count(0, timeout=1000)
    await expect(panel.locator("#status")).to_have_text("Looking in Salesforce…")
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")
    await demo.page.unroute("**/match")
    await expect(panel.locator("#contact")).not_to_have_attribute("inert", "")


async def test_a_match_that_gets_no_answer_leaves_nobody_on_screen(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("hanako")
    await expect(panel.locator("#record")).to_be_visible()
    await demo.page.route("**/match", lambda route: route.abort())
    await demo.open("owen")
    await expect(panel.locator("#contact h1")).to_have_text("Sidebar cannot be reached")
    await expect(panel.locator("#record")).to_have_count(0)
    await demo.page.unroute("**/match")
    await panel.get_by_role("button", name="Try again").click()
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")


async def test_a_proxys_error_page_replaces_nothing(demo: Demo) -> None:
    async def bad_gateway(route: Route) -> None:
        await route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")

    panel = demo.panel
    await demo.open("hanako")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("部長")
    await demo.page.route("**/field", bad_gateway)
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#banner")).to_contain_text("Sidebar cannot be reached")
    await expect(panel.locator("#input-Title")).to_have_value("部長")
    await expect(panel.locator("#input-Title")).to_be_focused()
    await demo.page.unroute("**/field")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#field-Title button.value")).to_have_text("部長")


async def test_refresh_keeps_what_is_being_typed_and_the_place_of_the_keyboard(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("priya")
    await panel.locator("#field-Description button.value").click()
    await panel.locator("#input-Description").fill("Half a note")
    await panel.locator(".refresh").click()
    await expect(panel.locator("#input-Description")).to_have_value("Half a note")


async def test_refreshing_does_not_hide_that_somebody_else_was_faster(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("layla")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Mine")
    id = await panel.locator("#record").get_attribute("data-record")
    await demo.org("PATCH", f"/sobjects/Contact/{id}", Title="Theirs")
    await asyncio.sleep(2.1)  # asking again sooner brings nothing new
    await panel.locator(".refresh").click()
    await expect(panel.locator("#input-Title")).to_have_value("Mine")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator(".versions")).to_contain_text("Theirs")
    await panel.get_by_role("button", name="Keep theirs").click()
    await expect(panel.locator("#field-Title button.value")).to_have_text("Theirs")


async def test_a_cancelled_edit_does_not_come_back(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("ines")
    await demo.open("priya")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Never mind")
    await demo.open("ines")
    await demo.open("priya")
    await expect(panel.locator("#input-Title")).to_have_value("Never mind")
    await panel.locator("#field-Title [data-cancel]").click()
    await demo.open("ines")
    await demo.open("priya")
    await expect(panel.locator("#field-Title button.value")).to_have_text("Office Manager")


async def test_a_draft_that_cannot_be_reopened_is_asked_for_once(demo: Demo) -> None:
    panel = demo.panel
    await demo.open("juergen")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Leiter Einkauf")
    asked: list[str] = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.url)
        body = "<section class='notice'><h1>Not now</h1></section>"
        ours = {"Sidebar": "1", "HX-Retarget": "#banner", "HX-Reswap": "innerHTML"}
        await route.fulfill(status=503, content_type="text/html", headers=ours, body=body)

    await demo.page.route("**/field?name=Title", refuse)
    await demo.open("owen")
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")
    await demo.open("juergen")
    await expect(panel.locator("#banner")).to_contain_text("Not now")
    await asyncio.sleep(0.5)
    assert len(asked) == 1
    await demo.page.unroute("**/field?name=Title")
    await panel.locator(".refresh").click()
    await expect(panel.locator("#input-Title")).to_have_value("Leiter Einkauf")


async def test_an_agents_language_in_the_token_dresses_the_whole_panel(demo: Demo) -> None:
    await demo.page.goto(f"{demo.first_line['inbox_url']}/?locale=ar#layla")
    await expect(demo.panel.locator("html")).to_have_attribute("dir", "rtl")
    await expect(demo.panel.locator("#contact-name")).to_have_text("ليلى حداد")
    await demo.page.goto(f"{demo.first_line['inbox_url']}/?locale=en")
