"""Tokens for programs without a browser: client credentials, JWT bearer, user name and password; who is kept out."""

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import Org

from ..conftest import HOST, Clock
from .app import connect, consent, exchange, refresh, words, works

pytestmark = pytest.mark.anyio
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NOT_APPROVED = ("invalid_grant", "user hasn't approved this consumer")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(clock: Clock) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "integration.example")])
    today = datetime.fromtimestamp(clock.now / 1000, UTC)
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 1, today, today)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def trusting(org: Org, clock: Clock) -> Org:
    """The org trusts KEY, and its app is for the integration user."""
    org.setup.switch({"jwt_certificate": certificate(clock), "approved_users": [org.integration.username]})
    return org


def claims(org: Org, **other: object) -> dict[str, object]:
    own = {"iss": org.client_id, "sub": org.integration.username, "aud": "https://login.salesforce.com"}
    return own | {"exp": org.clock() // 1000 + 180} | other


async def bear(http: httpx.AsyncClient, said: Mapping[str, object], key: rsa.RSAPrivateKey = KEY) -> httpx.Response:
    form = {"grant_type": JWT_BEARER, "assertion": jwt.encode(dict(said), key, "RS256")}
    return await http.post("/services/oauth2/token", data=form)


async def user_of(http: httpx.AsyncClient, answer: httpx.Response) -> str:
    """Who a token answer lets in, over the data API and the identity URL."""
    token = answer.json()
    assert "refresh_token" not in token
    assert await works(http, token["access_token"])
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    return str((await http.get(token["id"], headers=headers)).json()["username"])


async def test_client_credentials_run_as_the_user_of_the_app(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.client_credentials_user = org.integration.username.upper()
    answer = await exchange(http, org, grant_type="client_credentials")
    assert await user_of(http, answer) == org.integration.username
    assert answer.json()["scope"] == "api id"


@pytest.mark.parametrize("user", ["", "nobody@brightside.example"])
async def test_client_credentials_without_a_user_are_refused(http: httpx.AsyncClient, org: Org, user: str) -> None:
    org.setup.client_credentials_user = user
    answer = await exchange(http, org, grant_type="client_credentials")
    assert words(answer) == ("invalid_grant", "no client credentials user enabled")


async def test_client_credentials_are_for_the_orgs_own_host(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.client_credentials_user = org.integration.username
    form = {"grant_type": "client_credentials", "client_id": org.client_id, "client_secret": org.client_secret}
    answer = await http.post("/services/oauth2/token", data=form, headers={"Host": "login.salesforce.com"})
    assert words(answer) == ("invalid_grant", "request not supported on this domain")


async def test_client_credentials_need_the_secret(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.client_credentials_user = org.integration.username
    answer = await exchange(http, org, grant_type="client_credentials", client_secret="")
    assert words(answer) == ("invalid_client", "invalid client credentials")


async def test_a_password_is_good_where_the_flow_is_switched_on(http: httpx.AsyncClient, org: Org) -> None:
    form = {"grant_type": "password", "username": org.admin.username, "password": org.admin.password}
    refused = ("invalid_grant", "authentication failure")
    assert words(await exchange(http, org, **form)) == refused
    org.setup.password_flow = True
    answer = await exchange(http, org, **form)
    assert await user_of(http, answer) == org.admin.username
    assert set(answer.json()) == {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"}
    assert words(await exchange(http, org, **form | {"password": "wrong"})) == refused
    assert words(await exchange(http, org, **form | {"username": "nobody"})) == refused


async def test_a_grant_may_be_posted_in_the_address_but_not_asked_for_by_get(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.password_flow = True
    app = {"client_id": org.client_id, "client_secret": org.client_secret}
    params = app | {"grant_type": "password", "username": org.admin.username, "password": org.admin.password}
    assert await user_of(http, await http.post("/services/oauth2/token", params=params)) == org.admin.username
    got = await http.get("/services/oauth2/token", params=params)
    assert words(got) == ("unsupported_grant_type", "grant type not supported")


@pytest.mark.parametrize("audience", ["https://login.salesforce.com", HOST])
async def test_a_signed_assertion_speaks_for_its_user(http: httpx.AsyncClient, trusting: Org, audience: str) -> None:
    answer = await bear(http, claims(trusting, aud=audience))
    assert await user_of(http, answer) == trusting.integration.username
    assert set(answer.json()) == {"access_token", "scope", "instance_url", "id", "token_type"}
    assert answer.json()["scope"] == "api id"


async def test_a_sandbox_has_a_login_host_of_its_own(http: httpx.AsyncClient, trusting: Org) -> None:
    trusting.is_sandbox = True
    assert (await bear(http, claims(trusting, aud="https://test.salesforce.com"))).status_code == 200
    assert words(await bear(http, claims(trusting)))[1] == "Audience validation failed"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"iss": "nobody"}, ("invalid_client_id", "client identifier invalid")),
        ({"aud": "https://elsewhere.example"}, ("invalid_grant", "Audience validation failed")),
        ({"aud": None}, ("invalid_grant", "Audience validation failed")),
        ({"exp": 1_795_334_400}, ("invalid_grant", "expired authorization code")),
        ({"exp": None}, ("invalid_grant", "invalid assertion")),
        ({"exp": True}, ("invalid_grant", "invalid assertion")),
        ({"sub": 5}, ("invalid_grant", "invalid assertion")),
        ({"sub": "nobody@brightside.example"}, NOT_APPROVED),
        ({"sub": "admin@brightside.example"}, ("invalid_app_access", "user is not admin approved to access this app")),
    ],
)
async def test_a_wrong_claim_is_refused_in_its_own_words(
    http: httpx.AsyncClient, trusting: Org, other: dict[str, object], error: tuple[str, str]
) -> None:
    assert words(await bear(http, claims(trusting, **other))) == error


async def test_an_assertion_with_a_wrong_signature_is_invalid(http: httpx.AsyncClient, trusting: Org) -> None:
    invalid = ("invalid_grant", "invalid assertion")
    assert words(await bear(http, claims(trusting), OTHER_KEY)) == invalid
    by_secret = jwt.encode(claims(trusting), trusting.client_secret, "HS256")
    unsigned = jwt.encode(claims(trusting), "", "none")
    for assertion in (by_secret, unsigned, "a.b.c", ""):
        form = {"grant_type": JWT_BEARER, "assertion": assertion}
        assert words(await http.post("/services/oauth2/token", data=form)) == invalid
    trusting.setup.jwt_certificate = ""
    assert words(await bear(http, claims(trusting))) == invalid


async def test_a_consent_with_a_refresh_token_approves_assertions(http: httpx.AsyncClient, trusting: Org) -> None:
    """An answer on Salesforce Stack Exchange quotes the rule: only approvals that include a refresh token count."""
    trusting.setup.approved_users = []
    assert words(await bear(http, claims(trusting))) == NOT_APPROVED
    code = (await consent(http, trusting, scope="api"))["code"][0]
    await exchange(http, trusting, grant_type="authorization_code", code=code)
    assert words(await bear(http, claims(trusting))) == NOT_APPROVED
    await connect(http, trusting)
    answer = await bear(http, claims(trusting))
    assert await user_of(http, answer) == trusting.integration.username
    assert answer.json()["scope"] == "api"


async def test_a_user_who_is_not_approved_is_told_so_at_the_callback(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.approved_users = [org.admin.username]
    told = await consent(http, org)
    assert told["error"] == ["OAUTH_APP_ACCESS_DENIED"]
    assert told["error_description"] == ["user is not admin approved to access this app"]


async def test_an_address_outside_the_login_ranges_gets_no_token(
    http: httpx.AsyncClient, trusting: Org, clock: Clock
) -> None:
    trusting.setup.switch({"client_credentials_user": trusting.integration.username, "rotation": True})
    token = (await connect(http, trusting))["refresh_token"]
    trusting.setup.ip_restricted = True
    restricted = ("invalid_grant", "ip restricted")
    assert words(await refresh(http, trusting, token)) == restricted
    assert words(await bear(http, claims(trusting))) == restricted
    assert words(await exchange(http, trusting, grant_type="client_credentials")) == restricted
    trusting.setup.ip_restricted = False
    assert (await refresh(http, trusting, token)).status_code == 200


async def test_a_user_without_the_api_has_a_token_but_no_data(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.api_disabled_users = [org.integration.username]
    headers = {"Authorization": f"Bearer {(await connect(http, org))['access_token']}"}
    refused = await http.get("/services/data/v60.0/limits", headers=headers)
    assert refused.status_code == 403
    assert refused.json() == [{"message": "API is disabled for this User", "errorCode": "API_CURRENTLY_DISABLED"}]
    assert (await http.get("/services/oauth2/userinfo", headers=headers)).status_code == 200
    assert await works(http, org.grant(org.admin))


NAMES = ["grant_type", "client_id", "client_secret", "code", "code_verifier", "redirect_uri", "refresh_token"]
NAMES += ["username", "password", "assertion", "token", "token_type_hint", "format"]
KINDS = ["authorization_code", "refresh_token", "password", "client_credentials", JWT_BEARER]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=6),
    kind=st.sampled_from(KINDS) | st.none(),
    app=st.booleans(),
    header=st.sampled_from(["", "Basic", "Basic YTpi", "Basic %%", "Bearer x", "Basic gICA"]),
    path=st.sampled_from(["token", "revoke"]),
)
async def test_no_form_brings_an_oauth_address_down(
    http: httpx.AsyncClient, trusting: Org, form: dict[str, str], kind: str | None, app: bool, header: str, path: str
) -> None:
    known = {"client_id": trusting.client_id, "client_secret": trusting.client_secret} if app else {}
    sent = {**form, **({"grant_type": kind} if kind else {}), **known}
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()}
    answer = await http.post(f"/services/oauth2/{path}", data=encoded, headers={"Authorization": header})
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        words(answer)
