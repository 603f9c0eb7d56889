"""What surrounds a renewal: who may work meanwhile, what may change meanwhile, and who ends meanwhile."""

import asyncio

import pytest

from sidebar.orgs import NotConnected
from sidebar.salesforce.errors import Unauthorized
from sidebar.store import connections, positions
from tests.orgs.conftest import QUESTION, Connected

pytestmark = pytest.mark.anyio

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]


@pytest.fixture(autouse=True)
def rotation(connected: Connected) -> None:
    connected.salesforce.org.setup.rotation = True


async def test_who_ends_the_process_waits_for_the_new_token_to_be_kept(connected: Connected) -> None:
    orgs, refreshing = connected.orgs(), asyncio.Event()
    client = await orgs.client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    connected.salesforce.org.faults.latency_ms = 50

    async def note() -> None:
        refreshing.set()

    connected.when_refreshing(asked=note)
    asking = asyncio.create_task(client.query(QUESTION))
    await refreshing.wait()
    asking.cancel()
    await orgs.close()
    access, refresh_token = await connected.stored_tokens()
    grant = connected.salesforce.org.grants.of_session(access)
    assert grant is not None and grant.refresh == refresh_token


async def test_closing_with_nothing_under_way_takes_no_time(connected: Connected) -> None:
    async with asyncio.timeout(1):
        await connected.orgs().close()


async def test_others_may_write_while_salesforce_takes_its_time(connected: Connected) -> None:
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    wrote: list[bool] = []

    async def write() -> None:
        async with asyncio.timeout(2), connected.database.write() as connection:
            await positions.put(connection, "00D", "a topic", b"1", 1)
        wrote.append(True)

    connected.when_refreshing(asked=write)
    assert await client.query(QUESTION)
    assert wrote == [True]


async def test_a_client_from_before_and_one_from_after_forgetting_share_a_refresh(connected: Connected) -> None:
    orgs = connected.orgs()
    before = await orgs.client(connected.workspace_id)
    orgs.forget(connected.workspace_id)
    after = await orgs.client(connected.workspace_id)
    assert after is not before
    connected.salesforce.org.grants.expire_sessions()
    connected.salesforce.org.faults.latency_ms = 50
    await asyncio.gather(*[client.query(QUESTION) for client in (before, after)])
    assert connected.salesforce.refreshes() == 1


@SQLITE_ONLY
async def test_tokens_of_a_connection_that_ended_meanwhile_are_not_kept_but_given_back(connected: Connected) -> None:
    """RI-40. On PostgreSQL whoever ends the connection waits for the renewal instead."""
    client = await connected.orgs().client(connected.workspace_id)
    _, spent = await connected.stored_tokens()
    grant = connected.salesforce.org.grants.of_refresh(spent)
    assert grant is not None
    connected.salesforce.org.grants.expire_sessions()

    async def end() -> None:
        async with connected.database.write() as connection:
            await connections.drop_grant(connection, connected.workspace_id)

    connected.when_refreshing(told=end)
    with pytest.raises(NotConnected) as ended:
        await client.query(QUESTION)
    assert ended.value.reason == "never"
    assert (await connected.stored()).grant is None
    assert grant.refresh != spent
    assert connected.salesforce.revoked() == [grant.refresh]


@SQLITE_ONLY
async def test_a_consent_given_meanwhile_wins(connected: Connected) -> None:
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()

    async def consent() -> None:
        connected.http.event_hooks = {"request": [], "response": []}
        await connected.connect(connected.orgs())
        given.append(await connected.stored_tokens())

    given: list[tuple[str, str]] = []
    connected.when_refreshing(told=consent)
    assert await client.query(QUESTION)
    assert given == [await connected.stored_tokens()]
    assert connected.salesforce.refreshes() == 1


@SQLITE_ONLY
async def test_a_secret_entered_meanwhile_is_tried_before_an_admin_is_called(connected: Connected) -> None:
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.client_secret = "changed in Salesforce"
    connected.salesforce.org.grants.expire_sessions()

    async def enter() -> None:
        secret = connected.vault.lock("changed in Salesforce")
        async with connected.database.write() as connection:
            await connections.put_secret(connection, connected.workspace_id, secret)

    connected.when_refreshing(told=enter)
    assert await client.query(QUESTION)
    assert (await connected.stored()).problem is None


async def test_new_tokens_that_are_refused_as_well_are_not_renewed_for_a_minute(connected: Connected) -> None:
    """As in an org that locks sessions to addresses: another refresh would be refused like the last."""
    orgs = connected.orgs()
    connected.salesforce.org.grants.expire_sessions()
    connected.salesforce.lies["/services/data/v67.0/query"] = (401, EXPIRED)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            await (await orgs.client(connected.workspace_id)).query(QUESTION)
        orgs.forget(connected.workspace_id)
    assert connected.salesforce.refreshes() == 2
    connected.clock.pass_seconds(60)
    with pytest.raises(Unauthorized):
        await (await orgs.client(connected.workspace_id)).query(QUESTION)
    assert connected.salesforce.refreshes() == 3


async def test_a_new_token_that_was_refused_is_used_again_once_it_works(connected: Connected) -> None:
    client = await connected.orgs().client(connected.workspace_id)
    connected.salesforce.org.grants.expire_sessions()
    connected.salesforce.lies["/services/data/v67.0/query"] = (401, EXPIRED)
    for _ in range(3):
        with pytest.raises(Unauthorized):
            await client.query(QUESTION)
    connected.salesforce.lies.clear()
    assert await client.query(QUESTION)
    assert connected.salesforce.refreshes() == 2
