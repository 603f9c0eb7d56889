"""POST /api/v1/match says who a customer is as the panel does, with the receipt; unknown is never nobody."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sidebar.contacts.picks import Picks, known_by
from sidebar.identity import Identity
from sidebar.store import workspaces
from sidebar.twin.org import Actor
from sidebar.workspaces import HOST, api_key_hash
from tests.conftest import Clock
from tests.contacts.conftest import KIM
from tests.site import Site, open_site

pytestmark = pytest.mark.anyio

KEY = "sidebar_a-key-of-the-tests"
AMARA = {"LastName": "Okafor", "FirstName": "Amara", "Email": "amara@brightloom.example", "Phone": "020 7946 0123"}


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        await site.connected()
        async with site.database.write() as connection:
            await workspaces.set_api_key(connection, await site.workspace_id(), api_key_hash(KEY))
        org = site.salesforce.org
        org.create(Actor(org.admin), "Contact", AMARA)
        yield site


@pytest.fixture
def api(site: Site) -> httpx.AsyncClient:
    app = httpx.ASGITransport(site.app)
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.AsyncClient(transport=app, base_url=f"{site.settings.public_url}/api/v1", headers=headers)


async def asked(api: httpx.AsyncClient, **customer: Any) -> dict[str, Any]:
    answer = await api.post("/match", json=customer)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_one_is_found_however_the_number_is_written(api: httpx.AsyncClient) -> None:
    found = await asked(api, phones=["+44 (0)20 7946-0123"])
    assert (found["outcome"], found["rule"]) == ("found", "phone")
    (record,) = found["records"]
    assert (record["object"], record["name"], record["strong"]) == ("Contact", "Amara Okafor", True)


async def test_the_receipt_says_why_and_can_be_asked_for_again(api: httpx.AsyncClient) -> None:
    found = await asked(api, emails=["AMARA@brightloom.example "])
    (judged,) = found["receipt"]["judged"]
    (clue,) = judged["candidate"]["clues"]
    assert (clue["field"], clue["raw"]) == ("Email", "amara@brightloom.example")
    assert (await asked(api, emails=["AMARA@brightloom.example "]))["receipt_id"] == found["receipt_id"]
    async with asyncio.timeout(10):  # it is written behind the answer
        while (kept := await api.get(f"/receipts/{found['receipt_id']}")).status_code == 404:
            await asyncio.sleep(0.01)
    assert kept.json()["receipt"] == found["receipt"]


async def test_under_contacts_only_a_receipt_holds_nothing_of_a_lead(site: Site, api: httpx.AsyncClient) -> None:
    """RI-31."""
    lead = {
        "LastName": "Lindqvist",
        "Company": "Leadonly",
        "Email": "Lena@Leadonly.example",
        "Phone": "(08) 465 004 01",
    }
    id = site.salesforce.org.create(Actor(site.salesforce.org.admin), "Lead", {**lead, "Country": "SE"})
    found = await asked(api, emails=["lena@leadonly.example"], phones=["+46846500401"])
    assert found["outcome"] == "nobody"
    (judged,) = found["receipt"]["judged"]
    assert (judged["candidate"]["id"], judged["removed"]) == (id, "policy")
    for secret in ("Lindqvist", "Lena@", "(08)"):
        assert secret not in str(found)


async def test_what_agents_said_of_a_customer_of_the_inbox_counts(site: Site, api: httpx.AsyncClient) -> None:
    org, lobby = site.salesforce.org, "lobby@brightloom.example"
    ann, _ = org.load("Contact", [{"LastName": name, "Email": lobby} for name in ("Ann", "Bob")])
    async with site.database.read() as connection:
        workspace = await workspaces.by_id(connection, await site.workspace_id())
    assert workspace
    customer = known_by(Identity(external_id="7"), workspace.region, HOST)
    await Picks(site.database, site.clock, secrets.token_bytes).pick(workspace, KIM, customer, ann)
    found = await asked(api, emails=[lobby], external_id="7")
    assert (found["outcome"], found["rule"], found["records"][0]["id"]) == ("found", "picked", ann)
    assert (await asked(api, emails=[lobby], external_id="7", inbox="another"))["outcome"] == "several"


async def test_nobody_is_said_only_where_salesforce_answered(site: Site, api: httpx.AsyncClient) -> None:
    assert (await asked(api, emails=["nobody@nowhere.example"]))["outcome"] == "nobody"
    site.salesforce.org.faults.switch({"unavailable": True})
    answer = await api.post("/match", json={"emails": ["somebody@else.example"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "unknown")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"emails": "a@b.example"}', b'{"email": ["a@b.example"]}', b'{"country": "Germany"}']
)
async def test_what_does_not_fit_is_refused_and_asks_nothing(site: Site, api: httpx.AsyncClient, body: bytes) -> None:
    before = len(site.salesforce.requests)
    answer = await api.post("/match", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert len(site.salesforce.requests) == before


async def test_a_receipt_of_another_workspace_is_not_there(api: httpx.AsyncClient) -> None:
    assert (await api.get("/receipts/nobodys")).status_code == 404


async def test_without_a_key_nothing_is_said(api: httpx.AsyncClient) -> None:
    for method, path in (("POST", "/match"), ("GET", "/receipts/one")):
        answer = await api.request(method, path, headers={"Authorization": "Bearer nobody"})
        assert answer.status_code == 401
