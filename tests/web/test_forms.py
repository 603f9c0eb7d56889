"""What a browser sends is taken within limits, or turned down quietly."""

from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock
from tests.site import Site, open_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
        yield site


@pytest.mark.parametrize("path", ["/admin/signin", "/h/generic/{key}/match"])
async def test_a_browser_that_goes_away_while_it_sends_is_no_error(site: Site, path: str) -> None:
    """What an application raises, its server logs with a traceback."""
    made = await site.workspace()
    arriving = [{"type": "http.request", "body": b"email=ow", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> MutableMapping[str, Any]:
        return arriving.pop(0)

    answered: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message)

    await site.app(posted(path.format(key=made.workspace.key)), receive, send)
    assert answered[0]["status"] == 400


def posted(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"sec-fetch-site", b"same-origin"), (b"hx-request", b"true")],
    }


@pytest.mark.parametrize("body", [b"email=%FF", b"email=\xff", b"email=%ED%A0%80", b"%FF=owner"])
async def test_what_is_not_utf_8_is_refused_and_not_replaced(site: Site, body: bytes) -> None:
    answer = await site.browser().post("/admin/signin", content=body)
    assert answer.status_code == 400


async def test_every_script_arrives(site: Site) -> None:
    answer = await site.browser().post("/admin/signin", data={"email": "山田@ليلى.example", "password": "x"})
    assert answer.status_code == 401
    assert "山田@ليلى.example" in answer.text
