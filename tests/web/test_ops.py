"""What operators see."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sidebar.store.database import Database
from sidebar.web.ops import Ops
from sidebar.worker import Listening

pytestmark = pytest.mark.anyio


async def test_readiness_tells_how_each_stream_is_since_when_and_what_broke_it(database: Database) -> None:
    """Anybody may ask: Salesforce's own words, which can name people, are cut down to the code before them."""
    streams = {
        "00D1": Listening("listening", 1_795_000_000_000, 1_795_000_000_001),
        "00D2": Listening("waiting", 5, None, "sfdc.platform.refused: ann@example.com\nmay not subscribe"),
        "00D3": Listening("waiting", 6, None, "Salesforce could not be reached (ConnectTimeout)"),
    }
    app = Starlette(routes=[Route("/readyz", Ops(database, lambda: streams).readyz)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sidebar.example") as browser:
        answer = await browser.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "streams": {
            "00D1": {"state": "listening", "since": 1_795_000_000_000, "problem": None},
            "00D2": {"state": "waiting", "since": 5, "problem": "sfdc.platform.refused"},
            "00D3": {"state": "waiting", "since": 6, "problem": "Salesforce could not be reached (ConnectTimeout)"},
        },
    }
