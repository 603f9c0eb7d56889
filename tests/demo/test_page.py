"""The inbox in a real browser, beside a panel that only writes down what it is told."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sidebar.demo.inbox import Surroundings, app

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PANEL = """<!doctype html><title>Panel</title><script>
addEventListener("message", (event) => {
  if (event.data.token === null) return; // another conversation is opening
  fetch("/heard", { method: "POST", body: JSON.stringify({ from: event.origin, ...event.data }) });
});
parent.postMessage({ type: "sidebar:ready", version: 1 }, "*");
</script>"""


@dataclass
class Panel:
    """Stands where the product would be: loads, says it is ready, and remembers what the inbox posted."""

    loads: list[str] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def web(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/h/generic/wk_test", self.page),
                Route("/heard", self.hear, methods=["POST"]),
            ]
        )

    async def page(self, request: Request) -> Response:
        self.loads.append(str(request.query_params))
        return HTMLResponse(PANEL)

    async def hear(self, request: Request) -> Response:
        told = await request.json()
        async with self.news:
            self.heard.append(told)
            self.news.notify_all()
        return Response(status_code=204)

    def conversations(self) -> list[str]:
        return [claims(one["token"])["conversation"] for one in self.heard]

    async def told(self, count: int) -> None:
        """Waits until the inbox has posted that many contexts."""
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(lambda: len(self.heard) >= count)


def claims(token: str) -> dict[str, str]:
    payload = token.split(".")[1]
    decoded: dict[str, str] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


@asynccontextmanager
async def served(web: ASGIApp, port: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(web, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve([port]))
    yield
    server.should_exit = True
    await running


def bound() -> socket.socket:
    port = socket.socket()
    port.bind(("127.0.0.1", 0))
    return port


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.fixture
async def address(house: Surroundings, panel: Panel) -> AsyncIterator[str]:
    """Where the inbox is served: 127.0.0.1, while its panel is on localhost, another site."""
    ours, theirs = bound(), bound()
    neighbours = replace(house, panel_origin=f"http://localhost:{theirs.getsockname()[1]}")
    async with served(panel.web(), theirs), served(app(neighbours), ours):
        yield f"http://127.0.0.1:{ours.getsockname()[1]}/"


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    yield page
    await page.close()


async def click_row(page: Page, conversation: str) -> None:
    await page.click(f"#rows [data-conversation={conversation}]")


async def test_the_frame_is_loaded_once_and_each_click_only_posts_a_context(page: Page, panel: Panel, address: str):
    await page.goto(address)
    await panel.told(1)
    for count, conversation in enumerate(("zofia", "layla"), 2):
        await click_row(page, conversation)
        await panel.told(count)
    assert panel.conversations() == ["amara", "zofia", "layla"]
    assert {one["from"] for one in panel.heard} == {address.rstrip("/")}
    assert panel.loads == ["locale=en&theme=auto"]


async def test_language_and_theme_reach_the_frame_and_the_token(page: Page, panel: Panel, address: str):
    await page.goto(address + "#hanako")
    await panel.told(1)
    await page.select_option("#language", "ar")
    await panel.told(2)
    await page.check("#theme [value=dark]", force=True)
    await panel.told(3)
    assert panel.loads == ["locale=en&theme=auto", "locale=ar&theme=auto", "locale=ar&theme=dark"]
    assert panel.conversations() == ["hanako"] * 3
    last = claims(panel.heard[-1]["token"])
    assert (last["locale"], last["theme"]) == ("ar", "dark")
    assert await page.get_attribute("html", "dir") == "rtl"


async def test_a_panel_whose_context_runs_out_gets_a_new_one(page: Page, panel: Panel, address: str):
    await page.goto(address)
    await panel.told(1)
    await page.frames[1].evaluate("parent.postMessage({type: 'sidebar:renew'}, '*')")
    await panel.told(2)
    assert panel.conversations() == ["amara", "amara"]


async def test_only_the_frame_is_listened_to(page: Page, panel: Panel, address: str):
    await page.goto(address)
    await panel.told(1)
    await page.evaluate("postMessage({type: 'sidebar:renew'}, '*')")
    await click_row(page, "owen")
    await panel.told(2)
    assert panel.conversations() == ["amara", "owen"]


async def test_a_reply_appears_in_its_thread_as_text_and_nothing_is_sent(page: Page, panel: Panel, address: str):
    await page.goto(address + "#owen")
    await panel.told(1)
    await page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.fill("#thread-owen textarea", "<b>Grand</b>, thank you")
    await page.press("#thread-owen textarea", "Enter")
    bubbles = page.locator("#thread-owen .bubble")
    assert await bubbles.last.inner_text() == "<b>Grand</b>, thank you"
    assert asked == []


async def test_the_list_is_walked_with_arrows_and_opened_with_enter(page: Page, panel: Panel, address: str):
    await page.goto(address)
    await page.focus("#rows .row")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        await page.keyboard.press(key)
    assert await page.get_attribute("#rows [aria-current]", "data-conversation") == "juergen"
    assert await page.is_visible("#thread-juergen")


async def test_the_skip_link_leads_into_the_conversation_that_is_open(page: Page, address: str):
    await page.goto(address + "#zofia")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "threads"
    assert await page.is_visible("#thread-zofia")


async def test_the_search_keeps_what_matches_in_any_script(page: Page, address: str):
    await page.goto(address)
    await page.fill("#search", "山田")
    assert await page.locator("#rows .row:visible").count() == 1
    await page.fill("#search", "nothing of the kind")
    assert await page.is_visible("#no-match")


async def test_the_panel_takes_the_width_that_is_asked_for(page: Page, address: str):
    await page.goto(address)
    for wanted in (280, 360):
        await page.click(f"[data-width='{wanted}']")
        assert (await page.locator("#panel").bounding_box())["width"] == wanted
    splitter = await page.locator("#splitter").bounding_box()
    await page.mouse.move(splitter["x"], 400)
    await page.mouse.down()
    await page.mouse.move(splitter["x"] - 100, 400, steps=4)
    await page.mouse.up()
    assert abs((await page.locator("#panel").bounding_box())["width"] - 460) <= 2


async def test_on_a_phone_the_three_columns_take_turns(browser: Browser, panel: Panel, address: str):
    page = await browser.new_page(viewport={"width": 360, "height": 720})
    await page.goto(address)
    shown = [await page.is_visible(one) for one in (".list", ".threads", ".panel")]
    await click_row(page, "zofia")
    shown += [await page.is_visible(one) for one in (".list", ".threads", ".panel")]
    await page.click("#thread-zofia .to-panel")
    shown += [await page.is_visible(one) for one in (".list", ".threads", ".panel")]
    assert shown == [True, False, False, False, True, False, False, False, True]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.click(".to-thread")
    await page.click("#thread-zofia .to-list")
    assert await page.is_visible(".list")


async def test_the_tour_switches_salesforce_off_and_back_on(page: Page, panel: Panel, address: str, org):
    await page.goto(address)
    await page.click(".stop[data-stop=down]")
    await page.wait_for_selector("#banner", state="visible")
    assert org.unavailable
    await page.click("#coach-down [data-bring-back]")
    await page.wait_for_selector("#banner", state="hidden")
    assert not org.unavailable
    assert panel.conversations()[-1] == "owen"


async def test_a_stop_that_fails_says_so_on_its_card(page: Page, address: str):
    await page.goto(address)
    await page.click(".stop[data-stop=live]")
    said = page.locator("#coach-live [data-said][data-mood=bad]")
    await said.wait_for()
    assert "Amara is not in this org any more" in await said.inner_text()


async def test_the_colleague_is_faster_only_when_she_is_let(page: Page, panel: Panel, address: str, org):
    org.contacts["003ZOFIA"] = {"Email": "zofia.wisniewska@wiatrak.example", "Title": "Szefowa"}
    await page.goto(address)
    await page.click(".stop[data-stop=faster]")
    said = page.locator("#coach-faster [data-said]")
    assert await said.inner_text() == ""
    await page.click("#coach-faster [data-repeat]")
    await page.wait_for_selector("#coach-faster [data-said][data-mood=good]")
    assert org.contacts["003ZOFIA"]["Title"] in await said.inner_text()


@pytest.mark.parametrize("query", ["?theme=light", "?theme=dark", "?locale=ar&theme=light", "?locale=ja&theme=dark"])
async def test_nobody_is_left_out_and_the_policy_blocks_nothing_of_ours(page: Page, address: str, query: str):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(address + query)
    assert complaints == []
    for stop in (None, "switchboard"):
        if stop:
            await page.click(f".stop[data-stop={stop}]")
        found = await Axe().run(page, options={"iframes": False})
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
