"""An org, its clock, and a client that talks to it as an HTTP client would."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from sidebar.twin import controls, oauth, rest
from sidebar.twin.org import Org

HOST = "http://localhost:8002"


class Clock:
    """22 November 2026, 08:00 UTC, until a test moves it on."""

    def __init__(self) -> None:
        self.now = 1_795_334_400_000

    def __call__(self) -> int:
        return self.now

    def wait(self, *, hours: float = 0, seconds: float = 0) -> None:
        self.now += int(hours * 3_600_000 + seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def org(clock: Clock) -> Org:
    return Org(clock=clock, instance_url=HOST)


@pytest.fixture
async def http(org: Org) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody yet: no token is sent."""
    app = Starlette(routes=[*rest.app(org), *oauth.routes(org), *controls.routes(org)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        yield client


@pytest.fixture
def admin(http: httpx.AsyncClient, org: Org) -> httpx.AsyncClient:
    """The same client with a session of the administrator."""
    http.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    return http
