"""The panel inside pages of other sites: one that may frame it, one that may not, and one that talks nonsense."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import jwt
import pytest
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sidebar.process import listen, serving
from tests.browser.conftest import Demo

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PAGE = """<!doctype html><iframe id="frame" src="{panel}" width="360" height="700"></iframe><script>
const frame = document.getElementById("frame");
addEventListener("message", async (event) => {{
  if (event.source !== frame.contentWindow) return;
  const {{ token }} = await (await fetch("/token?" + event.data.type)).json();
  frame.contentWindow.postMessage({{ type: "sidebar:context", token }}, new URL(frame.src).origin);
}});
</script>"""


@dataclass
class Host:
    """An inbox of our own making, on a site of its own."""

    demo: Demo
    lasting: int = 300
    asked: list[str] = field(default_factory=list)

    def web(self) -> Starlette:
        return Starlette(routes=[Route("/", self.page), Route("/token", self.token)])

    async def page(self, _request: Request) -> Response:
        return HTMLResponse(PAGE.format(panel=self.demo.first_line["panel_url"]))

    async def token(self, request: Request) -> Response:
        self.asked.append(request.url.query)
        claims = {
            "aud": self.demo.first_line["panel_url"].rsplit("/", 1)[-1],
            "exp": int(time.time()) + self.lasting,
            "sub": "a-1",
            "conversation": "c-1",
            "customer": {"emails": ["owen.gallagher@shamrock.example"]},
        }
        return JSONResponse({"token": jwt.encode(claims, self.demo.first_line["host_secret"], "HS256")})


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    yield page
    await page.close()


@pytest.fixture
async def host(demo: Demo) -> Host:
    return Host(demo)


@pytest.fixture
async def address(host: Host) -> AsyncIterator[str]:
    listener = listen("127.0.0.1", 0)
    async with serving(host.web(), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def allow(demo: Demo, *origins: str) -> None:
    """An admin lists the origins that may frame the panel."""
    await demo.set_up("/origins", origins="\n".join((demo.first_line["inbox_url"], *origins)))


async def test_a_site_that_is_not_listed_cannot_frame_the_panel(page: Page, host: Host, address: str) -> None:
    refusals: list[str] = []
    page.on("console", lambda said: refusals.append(said.text))
    await page.goto(address)
    await asyncio.sleep(1)
    assert any("frame-ancestors" in text for text in refusals)
    assert host.asked == []


async def test_the_context_is_renewed_before_it_runs_out_and_typed_text_stays(
    page: Page, host: Host, address: str
) -> None:
    host.lasting = -20  # the host's clock is behind: what it signs has a few seconds left
    await allow(host.demo, address)
    await page.goto(address)
    panel = page.frame_locator("#frame")
    await panel.locator("#field-Title button.value").click()
    await panel.locator("#input-Title").fill("Foreman")
    async with asyncio.timeout(15):
        while "sidebar:renew" not in host.asked:
            await asyncio.sleep(0.2)
    await expect(panel.locator("#input-Title")).to_have_value("Foreman")
    await panel.locator("#field-Title button.main").click()
    await expect(panel.locator("#field-Title button.value")).to_have_text("Foreman")


async def test_nonsense_from_a_listed_host_shows_no_data(page: Page, host: Host, address: str) -> None:
    await allow(host.demo, address)
    await page.goto(address)
    panel = page.frame_locator("#frame")
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")
    for message in (None, 7, "x", {"type": "sidebar:context"}, {"type": "sidebar:context", "token": {}}):
        await page.evaluate("(m) => document.getElementById('frame').contentWindow.postMessage(m, '*')", message)
    await asyncio.sleep(0.3)
    await expect(panel.locator("#contact-name")).to_have_text("Owen Gallagher")
    await page.evaluate("frame.contentWindow.postMessage({type: 'sidebar:context', token: 'forged.a.b'}, '*')")
    await expect(panel.locator("#contact h1")).to_have_text("The inbox could not be recognised")
