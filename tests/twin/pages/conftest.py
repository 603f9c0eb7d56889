"""An org with its people, and a browser that has come without a form."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.applications import Starlette

from sidebar.twin.org import Org
from sidebar.twin.pages import routes
from sidebar.twin.seed import seed


@pytest.fixture
def org() -> Iterator[Org]:
    org = Org(clock=lambda: 1_795_334_400_000, instance_url="http://localhost:1")
    seed(org, 120)
    yield org
    org.close()


@pytest.fixture
async def browser(org: Org) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=routes(org)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:1") as client:
        yield client


@pytest.fixture
def amara(org: Org) -> str:
    return next(str(row["Id"]) for row in org.rows("Contact") if row["LastName"] == "Okafor")
