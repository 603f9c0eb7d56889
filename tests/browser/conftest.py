"""A running `sidebar demo`, as the command a person types, and a browser tab on its inbox."""

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
from playwright.async_api import Browser, FrameLocator, Page


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

    async def fault(self, **switches: bool | int) -> None:
        async with httpx.AsyncClient() as http:
            await http.post(f"{self.first_line['org']['instance_url']}/twin/faults", json=switches)

    async def set_up(self, path: str, **fields: str) -> None:
        """An admin sends one of the forms on the admin pages, and waits until every process knows."""
        line = self.first_line
        async with httpx.AsyncClient(base_url=line["admin_url"], headers={"Sec-Fetch-Site": "same-origin"}) as admin:
            await admin.post("/signin", data={"email": line["admin_email"], "password": line["admin_password"]})
            assert (await admin.post(path, data=fields)).status_code == 303
        await asyncio.sleep(2.1)

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
    environment = {
        **os.environ,
        "SIDEBAR_VAR_DIR": str(folder / "var"),
        "DATABASE_URL": "postgresql://never.used.example/by-the-demo",
    }
    database = ("--database", database_url) if database_url else ()
    command = (sys.executable, "-m", "sidebar", "demo", "--json", "--port", "0", *database)
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
    """One for all tests of a file that leave it as they found it, or work on people of their own."""
    async with running(browser, tmp_path_factory.mktemp("demo")) as demo:
        yield demo
