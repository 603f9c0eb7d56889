"""Take the screenshots that README shows, from a fresh demo: `make screenshots`."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from sidebar.stage import Stage, stage
from sidebar.twin.org import Actor
from tests.browser.bring_chromium import chromium
from tests.conftest import CHROMIUM

FOLDER = Path("docs/screenshots")
WIDTHS = (280, 360, 900)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        await take(Path(folder))


async def take(folder: Path) -> None:
    async with async_playwright() as play, stage(port=0, fresh=True, folder=folder) as ready:
        browser = await play.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        for theme in ("light", "dark"):
            await inbox(browser, ready, theme)
            for width in WIDTHS:
                await panel(browser, ready, width, theme, "en")
        for language in ("ar", "pl", "fr", "ja"):
            await panel(browser, ready, 360, "light", language)
        await edits(browser, ready)
        await news(browser, ready)
        await admin(browser, ready)
        await browser.close()


async def inbox(browser: Browser, ready: Stage, theme: str) -> None:
    page = await open_inbox(browser, ready, 1280, theme, "en")
    await page.screenshot(path=FOLDER / f"inbox-{theme}.png")
    await page.context.close()


async def panel(browser: Browser, ready: Stage, width: int, theme: str, language: str) -> None:
    """The panel alone, as wide as the host makes it."""
    conversation = "layla" if language == "ar" else "amara"
    page = await open_inbox(browser, ready, 1700, theme, language, conversation)
    await page.locator("iframe#frame").evaluate(
        "(frame, width) => Object.assign(frame.style, "
        "{ inlineSize: `${width}px`, blockSize: '720px', position: 'fixed', inset: '0 auto auto 0', zIndex: 99 })",
        width,
    )
    await page.wait_for_timeout(300)
    await page.locator("iframe#frame").screenshot(path=FOLDER / f"panel-{width}-{theme}-{language}.png")
    await page.context.close()


async def edits(browser: Browser, ready: Stage) -> None:
    """A validation rule's message, a conflict, nobody found, a choice, and Salesforce down."""
    page = await open_inbox(browser, ready, 1280, "light", "en")
    frame = page.frame_locator("iframe#frame")
    for name, conversation in (("choice", "switchboard"), ("nobody", "stranger")):
        await page.click(f"#rows [data-conversation={conversation}]")
        await page.wait_for_timeout(500)
        await page.locator("iframe#frame").screenshot(path=FOLDER / f"{name}.png")
    await page.click("#rows [data-conversation=amara]")
    await frame.locator("#field-Title button.value").click()
    await frame.locator("#input-Title").fill("Director")
    org, id = ready.twin.org, str(await frame.locator("#record").get_attribute("data-record"))
    await asyncio.sleep(1.1)
    org.update(_colleague(ready), "Contact", id, {"Title": "Head of Operations and Facilities"})
    await frame.locator("#field-Title button.main").click()
    await expect(frame.locator(".versions")).to_be_visible()
    await page.locator("iframe#frame").screenshot(path=FOLDER / "conflict.png")
    await page.context.close()


async def news(browser: Browser, ready: Stage) -> None:
    """A change that lights up by itself, and why this person is shown."""
    page = await open_inbox(browser, ready, 1280, "light", "en", "amara")
    frame = page.frame_locator("iframe#frame")
    await expect(frame.locator("[data-age=live]")).to_be_visible(timeout=15_000)
    id = str(await frame.locator("#record").get_attribute("data-record"))
    ready.twin.org.update(_colleague(ready), "Contact", id, {"MobilePhone": "+44 7700 900777"})
    await expect(frame.locator("#field-MobilePhone.changed")).to_be_visible()
    await page.locator("iframe#frame").screenshot(path=FOLDER / "live.png")
    await page.click("#rows [data-conversation=juergen]")
    await frame.locator("details summary").first.click()
    await page.wait_for_timeout(300)
    await page.locator("iframe#frame").screenshot(path=FOLDER / "why.png")
    await page.context.close()


async def admin(browser: Browser, ready: Stage) -> None:
    context = await browser.new_context(viewport={"width": 900, "height": 800})
    page = await context.new_page()
    public = ready.house.settings.public_url
    await page.goto(f"{public}/admin/signin")
    await page.fill("#email", "owner@lindenlark.example")
    await page.fill("#password", ready.admin_password)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/admin")
    for name, path in (("admin", "/admin"), ("salesforce", "/admin/salesforce")):
        await page.goto(public + path)
        await page.screenshot(path=FOLDER / f"{name}.png")
    ready.twin.org.create(
        _colleague(ready), "Contact", {"LastName": "Novak", "FirstName": "Ida", "Email": "ida@novak.example"}
    )
    await page.wait_for_timeout(1500)
    for name, path in (("contacts", "/admin/contacts"), ("health", "/admin/health"), ("calls", "/admin/calls")):
        await page.goto(public + path)
        await page.screenshot(path=FOLDER / f"{name}.png")
    await context.close()


def _colleague(ready: Stage) -> Actor:
    return Actor(ready.twin.org.admin)


async def open_inbox(
    browser: Browser, ready: Stage, width: int, theme: str, language: str, conversation: str = "amara"
) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 800}, device_scale_factor=1)
    page = await context.new_page()
    await page.goto(f"{ready.inbox_url}/?locale={language}&theme={theme}#{conversation}")
    await page.click(f"#rows [data-conversation={conversation}]")
    await expect(page.frame_locator("iframe#frame").locator("#record")).to_be_visible()
    await page.wait_for_timeout(300)
    return page


if __name__ == "__main__":
    asyncio.run(main())
