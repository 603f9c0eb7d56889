"""Renewing access: once, whoever and however many ask, and never at the price of the grant."""

import asyncio

import httpx
import pytest

from sidebar.orgs import NotConnected
from sidebar.salesforce.errors import SalesforceError, Unreachable
from sidebar.salesforce.login import refresh
from sidebar.store import connections
from sidebar.store.connections import App, Grant
from tests.org import LOGIN, MY_DOMAIN
from tests.orgs.conftest import QUESTION, Connected

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("rotation", [True, False])
async def test_twenty_refused_at_once_cause_one_refresh(connected: Connected, rotation: bool) -> None:
    connected.salesforce.org.setup.rotation = rotation
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    answers = await asyncio.gather(*[client.query(QUESTION) for _ in range(20)])
    assert len(answers) == 20 and all(answers)
    assert connected.salesforce.refreshes() == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_refused_at_once_cause_one_refresh(connected: Connected) -> None:
    """With SQLite there is one process."""
    connected.salesforce.org.setup.rotation = True
    clients = [await connected.orgs().client(connected.workspace_id) for _ in range(4)]
    connected.salesforce.org.grants.expire_sessions()
    await asyncio.gather(*[client.query(QUESTION) for client in clients for _ in range(5)])
    assert connected.salesforce.refreshes() == 1


async def test_new_tokens_are_kept_before_they_are_used(connected: Connected) -> None:
    connected.salesforce.org.setup.rotation = True
    client = await connected.orgs().client(connected.workspace_id)
    kept: list[bool] = []

    async def look(token: str) -> None:
        if connected.salesforce.org.session(token) is not None:
            access, refresh_token = await connected.stored_tokens()
            grant = connected.salesforce.org.grants.of_session(access)
            kept.append(access == token and grant is not None and grant.refresh == refresh_token)

    connected.salesforce.org.grants.expire_sessions()
    connected.salesforce.on_data = look
    await client.query(QUESTION)
    assert kept == [True]


async def test_rotated_tokens_last_over_many_refreshes_and_a_restart(connected: Connected) -> None:
    connected.salesforce.org.setup.rotation = True
    for _ in range(3):
        client = await connected.orgs().client(connected.workspace_id)
        connected.salesforce.org.grants.expire_sessions()
        await client.query(QUESTION)
    assert connected.salesforce.refreshes() == 3


async def test_refreshing_goes_where_the_admin_signs_in(connected: Connected) -> None:
    """IM-14"""
    app = App(
        MY_DOMAIN, connected.salesforce.org.client_id, connected.vault.lock(connected.salesforce.org.client_secret)
    )
    async with connected.database.write() as connection:
        await connections.put_app(connection, connected.workspace_id, app)
    orgs = connected.orgs()
    await connected.connect(orgs)
    hosts: list[str] = []

    async def note(request: httpx.Request) -> None:
        if request.url.path.endswith("/token"):
            hosts.append(request.url.host)

    connected.http.event_hooks = {"request": [note], "response": []}
    connected.salesforce.org.grants.expire_sessions()
    await (await orgs.client(connected.workspace_id)).query(QUESTION)
    assert hosts == ["brightside.my.salesforce.com"]


async def test_a_stolen_refresh_token_ends_the_connection_and_an_admin_hears_why(connected: Connected) -> None:
    connected.salesforce.org.setup.rotation = True
    org, orgs = connected.salesforce.org, connected.orgs()
    client = await orgs.client(connected.workspace_id)
    _, stolen = await connected.stored_tokens()
    org.grants.expire_sessions()
    await client.query(QUESTION)
    with pytest.raises(SalesforceError):
        await refresh(connected.http, LOGIN, org.client_id, org.client_secret, stolen)

    with pytest.raises(NotConnected) as ended:
        await client.query(QUESTION)
    assert ended.value.reason == "ended"
    assert (await connected.stored()).problem == "ended"
    asked = connected.salesforce.refreshes()
    for process in (orgs, connected.orgs()):
        with pytest.raises(NotConnected) as later:
            await process.client(connected.workspace_id)
        assert later.value.reason == "ended"
    assert connected.salesforce.refreshes() == asked


async def test_a_refused_app_is_told_from_an_ended_grant(connected: Connected) -> None:
    connected.salesforce.org.client_secret = "changed in Salesforce"
    connected.salesforce.org.grants.expire_sessions()
    client = await connected.orgs().client(connected.workspace_id)
    with pytest.raises(NotConnected) as refused:
        await client.query(QUESTION)
    assert refused.value.reason == (await connected.stored()).problem == "refused"

    async with connected.database.write() as connection:
        await connections.put_secret(connection, connected.workspace_id, connected.vault.lock("changed in Salesforce"))
    assert await (await connected.orgs().client(connected.workspace_id)).query(QUESTION)


async def test_a_login_host_that_is_down_is_asked_once_and_ends_nothing(connected: Connected) -> None:
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    connected.salesforce.lies["/services/oauth2/token"] = (503, {})
    outcomes = await asyncio.gather(*[client.query(QUESTION) for _ in range(20)], return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unreachable}
    assert connected.salesforce.refreshes() == 1
    assert (await connected.stored()).problem is None
    connected.salesforce.lies.clear()
    assert await client.query(QUESTION)


async def test_who_goes_away_during_a_refresh_does_not_lose_the_new_token(connected: Connected) -> None:
    connected.salesforce.org.setup.rotation = True
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    refreshing = asyncio.Event()

    async def note(request: httpx.Request) -> None:
        if request.url.path.endswith("/token"):
            refreshing.set()

    connected.http.event_hooks = {"request": [note], "response": []}
    connected.salesforce.org.faults.latency_ms = 50
    impatient = asyncio.create_task(client.query(QUESTION))
    await refreshing.wait()
    impatient.cancel()
    assert await client.query(QUESTION)
    assert connected.salesforce.refreshes() == 1


async def test_an_answer_from_elsewhere_is_not_followed(connected: Connected) -> None:
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    lie = {"access_token": "token", "instance_url": "https://evil.example", "id": f"{MY_DOMAIN}/id/x/y"}
    connected.salesforce.lies["/services/oauth2/token"] = (200, lie)
    with pytest.raises(NotConnected):
        await client.query(QUESTION)
    assert "token" not in connected.salesforce.tokens_used()


async def test_a_client_of_a_former_org_does_not_reach_into_the_new_one(connected: Connected) -> None:
    """RI-06"""
    client = await connected.orgs().client(connected.workspace_id)
    grant = (await connected.stored()).grant
    assert grant is not None
    async with connected.database.write() as connection:
        values = {name: getattr(grant, name) for name in Grant.__dataclass_fields__}
        await connections.put_grant(connection, connected.workspace_id, Grant(**{**values, "org_id": "00DOTHER"}))
    connected.salesforce.org.grants.expire_sessions()
    with pytest.raises(NotConnected) as replaced:
        await client.query(QUESTION)
    assert replaced.value.reason == "replaced"


async def test_nothing_secret_is_stored_in_the_clear_or_printed(connected: Connected) -> None:
    access, refresh_token = await connected.stored_tokens()
    found = await connected.stored()
    for secret in (access, refresh_token, connected.salesforce.org.client_secret):
        assert secret not in repr(found)
        assert secret not in repr(connected.orgs())
