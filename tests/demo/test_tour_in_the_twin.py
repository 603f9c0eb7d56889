"""The tour against the org it is made for: the colleague may really do what the stops ask of her."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from sidebar.demo.inbox import Surroundings, app
from sidebar.twin import Twin

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}
QUERY = "/services/data/v67.0/query"


@pytest.fixture
async def twin() -> AsyncIterator[Twin]:
    async with Twin(contacts=20) as twin:
        yield twin


@pytest.fixture
async def inbox(house: Surroundings, twin: Twin) -> AsyncIterator[httpx.AsyncClient]:
    async def colleague() -> str:
        return twin.org.grant(twin.org.colleague)

    async with httpx.AsyncClient() as http:
        there = replace(house, http=http, org_url=twin.instance_url, org_token=colleague)
        transport = httpx.ASGITransport(app(there))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
            yield client


async def titles(twin: Twin, email: str) -> list[str | None]:
    """The titles of the org's contacts with that e-mail, asked over HTTP."""
    headers = {"Authorization": f"Bearer {twin.org.grant(twin.org.admin)}"}
    async with httpx.AsyncClient(base_url=twin.instance_url, headers=headers) as org:
        answer = await org.get(QUERY, params={"q": f"SELECT Title FROM Contact WHERE Email = '{email}'"})
    return [record["Title"] for record in answer.raise_for_status().json()["records"]]


async def test_every_stop_works_and_can_be_repeated(inbox: httpx.AsyncClient, twin: Twin):
    seen = set()
    for _ in range(2):
        for path in ("/tour/live", "/tour/faster", "/tour/new-contact"):
            answer = await inbox.post(path, headers=OURS)
            assert answer.json()["done"], answer.text
        seen |= set(await titles(twin, "zofia.wisniewska@wiatrak.example"))
    assert seen == {"Kierowniczka zakupów", "Dyrektorka ds. dostaw"}
    assert await titles(twin, "ines.lefevre@atelierlumen.example") == ["Maître verrière"]
    assert await titles(twin, "margaux.perrin@atelierlumen.example") == [None]
    assert await titles(twin, "theo.garnier@atelierlumen.example") == [None]


async def test_the_org_goes_down_for_everybody_and_comes_back(inbox: httpx.AsyncClient, twin: Twin):
    await inbox.post("/tour/down", json={"unavailable": True}, headers=OURS)
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        await titles(twin, "owen.gallagher@shamrock.example")
    answer = await inbox.post("/tour/new-contact", headers=OURS)
    assert (answer.status_code, answer.json()["done"]) == (502, False)

    await inbox.post("/tour/down", json={"unavailable": False}, headers=OURS)
    assert len(await titles(twin, "owen.gallagher@shamrock.example")) == 1
