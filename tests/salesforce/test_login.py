"""OAuth, as Salesforce's login hosts speak it; the twin answers."""

import base64
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from sidebar.salesforce.errors import GrantEnded, SignInRefused, Unreachable
from sidebar.salesforce.login import (
    Tokens,
    authorize_url,
    challenge_of,
    exchange,
    is_salesforce,
    refresh,
    revoke,
)
from tests.conftest import Clock
from tests.org import LOGIN, MY_DOMAIN, PretendSalesforce, query

pytestmark = pytest.mark.anyio

CALLBACK = "https://sidebar.example/oauth/callback"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123456789"


@pytest.fixture
def salesforce(clock: Clock) -> PretendSalesforce:
    return PretendSalesforce(clock)


@pytest.fixture
async def http(salesforce: PretendSalesforce) -> AsyncIterator[httpx.AsyncClient]:
    async with salesforce.http() as http:
        yield http


def test_exactly_two_scopes_and_a_hashed_challenge_are_asked_for() -> None:
    """IM-09, IM-10"""
    asked = query(authorize_url(LOGIN, "key", CALLBACK, "a state", challenge_of(VERIFIER)))
    assert asked["scope"] == "api refresh_token"
    assert asked["code_challenge_method"] == "S256"
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert base64.urlsafe_b64decode(asked["code_challenge"] + "=") == digest
    assert (asked["response_type"], asked["redirect_uri"], asked["state"]) == ("code", CALLBACK, "a state")


@pytest.mark.parametrize("pkce_required", [True, False])
async def test_a_code_becomes_tokens(
    salesforce: PretendSalesforce, http: httpx.AsyncClient, pkce_required: bool
) -> None:
    """IM-10"""
    salesforce.org.setup.pkce_required = pkce_required
    tokens = await connect(salesforce, http)
    assert tokens.instance_url == MY_DOMAIN
    assert tokens.id.endswith(f"/id/{salesforce.org.id}/{salesforce.org.integration.id}")
    assert tokens.refresh_token
    assert salesforce.org.session(tokens.access_token) == salesforce.org.integration


async def test_a_code_without_its_verifier_is_refused(salesforce: PretendSalesforce, http: httpx.AsyncClient) -> None:
    with pytest.raises(SignInRefused) as refused:
        await connect(salesforce, http, verifier="x" * 43)
    assert refused.value.code == "invalid_request"


async def test_a_used_code_is_refused_with_salesforces_own_error(
    salesforce: PretendSalesforce, http: httpx.AsyncClient
) -> None:
    code = await consented(salesforce)
    await connect(salesforce, http, code=code)
    with pytest.raises(SignInRefused) as refused:
        await connect(salesforce, http, code=code)
    assert refused.value.code == "invalid_grant"


async def test_a_wrong_secret_is_refused(salesforce: PretendSalesforce, http: httpx.AsyncClient) -> None:
    with pytest.raises(SignInRefused) as refused:
        await connect(salesforce, http, secret="not the secret")
    assert refused.value.code == "invalid_client"


async def test_a_refresh_brings_another_access_token(salesforce: PretendSalesforce, http: httpx.AsyncClient) -> None:
    first = await connect(salesforce, http)
    second = await refreshed(salesforce, http, first)
    assert second.access_token != first.access_token
    assert second.refresh_token is None


async def test_a_refresh_may_bring_another_refresh_token_too(
    salesforce: PretendSalesforce, http: httpx.AsyncClient
) -> None:
    salesforce.org.setup.rotation = True
    first = await connect(salesforce, http)
    second = await refreshed(salesforce, http, first)
    assert second.refresh_token not in (None, first.refresh_token)


async def test_a_spent_refresh_token_means_the_grant_has_ended(
    salesforce: PretendSalesforce, http: httpx.AsyncClient
) -> None:
    salesforce.org.setup.rotation = True
    first = await connect(salesforce, http)
    await refreshed(salesforce, http, first)
    with pytest.raises(GrantEnded):
        await refreshed(salesforce, http, first)


async def test_a_refused_app_is_not_taken_for_an_ended_grant(
    salesforce: PretendSalesforce, http: httpx.AsyncClient
) -> None:
    first = await connect(salesforce, http)
    salesforce.org.client_secret = "changed in the meantime"
    with pytest.raises(SignInRefused):
        await refresh(http, LOGIN, salesforce.org.client_id, "the former one", first.refresh_token or "")


async def test_a_revoked_refresh_token_takes_its_access_tokens_along(
    salesforce: PretendSalesforce, http: httpx.AsyncClient
) -> None:
    tokens = await connect(salesforce, http)
    await revoke(http, LOGIN, tokens.refresh_token or "")
    assert salesforce.org.session(tokens.access_token) is None


@pytest.mark.parametrize(
    "answer", [(503, {"error": "x"}), (400, {"error": "rate_limit_exceeded"}), (200, {"hello": "you"}), (302, "moved")]
)
async def test_trouble_at_the_login_host_ends_nothing(
    salesforce: PretendSalesforce, http: httpx.AsyncClient, answer: tuple[int, object]
) -> None:
    tokens = await connect(salesforce, http)
    salesforce.lies["/services/oauth2/token"] = answer
    with pytest.raises(Unreachable):
        await refreshed(salesforce, http, tokens)
    assert salesforce.refreshes() == 1


async def test_a_host_that_is_not_there_is_unreachable(salesforce: PretendSalesforce, http: httpx.AsyncClient) -> None:
    with pytest.raises(Unreachable):
        await refresh(http, "https://gone.my.salesforce.com", "key", "secret", "token")


async def test_tokens_do_not_print_their_secrets(salesforce: PretendSalesforce, http: httpx.AsyncClient) -> None:
    tokens = await connect(salesforce, http)
    assert tokens.access_token not in repr(tokens)
    assert (tokens.refresh_token or "") not in repr(tokens)


@pytest.mark.parametrize(
    "url",
    [
        "https://login.salesforce.com",
        "https://test.salesforce.com",
        "https://acme.my.salesforce.com",
        "https://ACME.my.salesforce.com",
        "https://acme--uat.sandbox.my.salesforce.com",
        "https://acme-dev-ed.develop.my.salesforce.com/id/00D5e000000TWINEA4/0055e000000001AAA",
        "http://localhost:8002",
        "http://localhost:8002/id/00D5e000000TWINEA4/0055e000000001AAA",
    ],
)
def test_salesforces_own_hosts_and_the_allowed_ones_are_trusted(url: str) -> None:
    """IM-14"""
    assert is_salesforce(url, frozenset({"http://localhost:8002"}))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example",
        "https://salesforce.com.evil.example",
        "https://my.salesforce.com.evil.example",
        "https://evilmy.salesforce.com",
        "https://my.salesforce.com",
        "https://evil-login.salesforce.com",
        "https://login.salesforce.com.",
        "http://login.salesforce.com",
        "https://x.my.salesforce.com@evil.example",
        "https://evil.example/.my.salesforce.com",
        "https://evil.example\\.my.salesforce.com",
        "https://evil.example#.my.salesforce.com",
        "https://evil.example?.my.salesforce.com",
        "https://login.salesforce.com:8443",
        "https://user@login.salesforce.com",
        "https://login.salesforce.com\n.evil.example",
        "https://lo\tgin.salesforce.com",
        " https://login.salesforce.com",
        "https://-.my.salesforce.com",
        "https://..my.salesforce.com",
        "javascript://login.salesforce.com/%0aalert(1)",
        "//login.salesforce.com",
        "login.salesforce.com",
        "https://acme.lightning.force.com",
        "http://localhost:8003",
        "https://localhost:8002",
        "http://localhost:8002@evil.example",
        "http://localhost:8002.evil.example",
    ],
)
def test_no_other_host_is_trusted(url: str) -> None:
    """IM-14"""
    assert not is_salesforce(url, frozenset({"http://localhost:8002"}))


async def consented(salesforce: PretendSalesforce) -> str:
    url = authorize_url(LOGIN, salesforce.org.client_id, CALLBACK, "state", challenge_of(VERIFIER))
    return query(await salesforce.consent(url))["code"]


async def connect(
    salesforce: PretendSalesforce,
    http: httpx.AsyncClient,
    *,
    code: str | None = None,
    secret: str | None = None,
    verifier: str = VERIFIER,
) -> Tokens:
    code = code or await consented(salesforce)
    org = salesforce.org
    return await exchange(http, LOGIN, org.client_id, secret or org.client_secret, CALLBACK, code, verifier)


async def refreshed(salesforce: PretendSalesforce, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
    org = salesforce.org
    return await refresh(http, LOGIN, org.client_id, org.client_secret, tokens.refresh_token or "")
