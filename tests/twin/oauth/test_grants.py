"""What becomes of a grant: refreshed, rotated, left idle, looked up, revoked, pushed out by newer ones."""

import re
from pathlib import Path

import httpx
import pytest

from sidebar.twin.org import Org

from ..conftest import HOST, Clock
from .app import connect, exchange, problem, refresh, words, works

pytestmark = pytest.mark.anyio
EXPIRED = ("invalid_grant", "expired access/refresh token")


async def test_a_refresh_gives_a_new_access_token_and_no_refresh_token(http: httpx.AsyncClient, org: Org) -> None:
    first = await connect(http, org)
    second = (await refresh(http, org, first["refresh_token"])).json()
    assert second["access_token"] != first["access_token"]
    assert "refresh_token" not in second
    assert "expires_in" not in second
    assert await works(http, second["access_token"])


async def test_access_tokens_look_as_the_salesforce_cli_wants_them(org: Org) -> None:
    """@salesforce/core, sfdc.ts: an organization id, an exclamation mark, then dots and word characters only."""
    for _ in range(20):
        assert re.fullmatch(r"00D\w{12,15}![.\w]+", org.grant(org.admin))


async def test_with_rotation_the_old_refresh_token_ends_everything(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.rotation = True
    first = await connect(http, org)
    second = (await refresh(http, org, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    third = (await refresh(http, org, second["refresh_token"])).json()
    reused = await refresh(http, org, first["refresh_token"])
    assert reused.json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    assert problem(await refresh(http, org, third["refresh_token"])) == "invalid_grant"
    assert not await works(http, third["access_token"])


async def test_an_unused_session_ends_after_two_hours(http: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    token = await connect(http, org)
    clock.wait(hours=2)
    assert not await works(http, token["access_token"])
    renewed = (await refresh(http, org, token["refresh_token"])).json()
    assert await works(http, renewed["access_token"])


async def test_use_renews_a_session_but_only_in_the_second_half_of_its_time(
    http: httpx.AsyncClient, org: Org, clock: Clock
) -> None:
    """Session Settings in Salesforce Help: the last active time is not updated until halfway through the timeout."""
    org.setup.session_minutes = 30
    early, late = await connect(http, org), await connect(http, org)
    clock.wait(seconds=10 * 60)
    assert await works(http, early["access_token"])
    clock.wait(seconds=10 * 60)
    assert await works(http, late["access_token"])
    clock.wait(seconds=10 * 60)
    assert not await works(http, early["access_token"])
    clock.wait(seconds=20 * 60 - 1)
    assert await works(http, late["access_token"])


async def test_a_refresh_token_may_end_when_it_is_left_idle(http: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    org.setup.refresh_idle_days = 30
    token = (await connect(http, org))["refresh_token"]
    for _ in range(2):
        clock.wait(hours=29 * 24)
        assert (await refresh(http, org, token)).status_code == 200
    clock.wait(hours=30 * 24)
    assert words(await refresh(http, org, token)) == EXPIRED


async def test_a_public_client_refreshes_without_a_secret(http: httpx.AsyncClient, org: Org) -> None:
    token = (await connect(http, org))["refresh_token"]
    assert (await exchange(http, org, grant_type="refresh_token", refresh_token=token, client_secret="")).is_success


async def test_a_sixth_approval_pushes_out_the_oldest_of_the_same_user(
    http: httpx.AsyncClient, org: Org, clock: Clock
) -> None:
    session = org.grant(org.admin)
    tokens = []
    for _ in range(6):
        tokens.append(await connect(http, org))
        clock.wait(seconds=1)
    assert words(await refresh(http, org, tokens[0]["refresh_token"])) == EXPIRED
    assert not await works(http, tokens[0]["access_token"])
    assert (await refresh(http, org, tokens[1]["refresh_token"])).status_code == 200
    assert await works(http, session)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_revoking_a_refresh_token_kills_its_access_tokens(http: httpx.AsyncClient, org: Org, method: str) -> None:
    token = await connect(http, org)
    sent = {"params" if method == "GET" else "data": {"token": token["refresh_token"]}}
    answer = await http.request(method, "/services/oauth2/revoke", **sent)  # type: ignore[arg-type]
    assert (answer.status_code, answer.content) == (200, b"")
    assert not await works(http, token["access_token"])
    again = await http.request(method, "/services/oauth2/revoke", **sent)  # type: ignore[arg-type]
    assert problem(again) == "unsupported_token_type"


async def test_revoking_an_access_token_leaves_the_refresh_token(http: httpx.AsyncClient, org: Org) -> None:
    token = await connect(http, org)
    await http.post("/services/oauth2/revoke", data={"token": token["access_token"]})
    assert not await works(http, token["access_token"])
    assert (await refresh(http, org, token["refresh_token"])).status_code == 200


async def test_tokens_outlive_a_restart(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "org.sqlite"
    first = Org(clock=clock, instance_url=HOST, path=path)
    first.setup.rotation = True
    grant = first.grants.open(first.admin.id, ["api", "refresh_token"])
    retired, session = str(grant.refresh), first.grants.access_token(grant)
    first.grants.rotate(grant)
    short = first.grant(first.colleague)
    first.close()
    clock.wait(hours=1)
    second = Org(clock=clock, instance_url=HOST, path=path)
    assert second.session(session) == second.admin
    assert second.session(short) == second.colleague
    assert second.grants.of_refresh(retired) is None
    assert second.session(session) is None
    second.close()
