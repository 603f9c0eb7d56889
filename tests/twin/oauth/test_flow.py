"""The web-server flow from the app's side and the person's, and every way it can fail."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sidebar.twin.org import Org

from ..conftest import HOST, Clock
from .app import CALLBACK, asked, connect, consent, exchange, problem, words, works

pytestmark = pytest.mark.anyio
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


async def test_a_consent_becomes_a_token_that_works(http: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    told = await consent(http, org)
    assert told["state"] == ["s 1&"]
    assert told["code"][0].endswith("==")
    answer = await exchange(http, org, grant_type="authorization_code", code=told["code"][0])
    token = answer.json()
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert set(token) == {
        *("access_token", "refresh_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at")
    }
    assert token["access_token"].startswith(f"{org.id[:15]}!")
    assert token["instance_url"] == HOST
    assert token["id"] == f"{HOST}/id/{org.id}/{org.integration.id}"
    assert token["issued_at"] == str(clock.now)
    assert token["scope"] == "api refresh_token"
    mac = hmac.new(org.client_secret.encode(), (token["id"] + token["issued_at"]).encode(), hashlib.sha256).digest()
    assert token["signature"] == base64.b64encode(mac).decode()
    assert await works(http, token["access_token"])


async def test_without_the_refresh_scope_there_is_no_refresh_token(http: httpx.AsyncClient, org: Org) -> None:
    code = (await consent(http, org, scope="api"))["code"][0]
    token = (await exchange(http, org, grant_type="authorization_code", code=code)).json()
    assert "refresh_token" not in token


async def test_a_code_is_good_once_and_for_15_minutes(http: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    code = (await consent(http, org))["code"][0]
    assert (await exchange(http, org, grant_type="authorization_code", code=code)).status_code == 200
    assert problem(await exchange(http, org, grant_type="authorization_code", code=code)) == "invalid_grant"
    late = (await consent(http, org))["code"][0]
    clock.wait(hours=0.25)
    answer = await exchange(http, org, grant_type="authorization_code", code=late)
    assert answer.json() == {"error": "invalid_grant", "error_description": "expired authorization code"}


async def test_a_code_belongs_to_its_callback(http: httpx.AsyncClient, org: Org) -> None:
    code = (await consent(http, org))["code"][0]
    other = {"redirect_uri": "http://localhost:9/other", "grant_type": "authorization_code", "code": code}
    assert problem(await exchange(http, org, **other)) == "redirect_uri_mismatch"


@pytest.mark.parametrize(
    ("verifier", "error"), [("", "invalid_grant"), ("w" * 43, "invalid_request"), ("short", "invalid_request")]
)
async def test_a_challenge_demands_its_verifier(http: httpx.AsyncClient, org: Org, verifier: str, error: str) -> None:
    code = (await consent(http, org, code_challenge=CHALLENGE, code_challenge_method="S256"))["code"][0]
    form = {"grant_type": "authorization_code", "code": code} | ({"code_verifier": verifier} if verifier else {})
    assert problem(await exchange(http, org, **form)) == error


async def test_the_right_verifier_is_accepted(http: httpx.AsyncClient, org: Org) -> None:
    org.setup.pkce_required = True
    code = (await consent(http, org, code_challenge=CHALLENGE))["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    assert (await exchange(http, org, **form)).status_code == 200


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "scope": "api full"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_a_wrong_request_goes_back_to_the_app_with_its_state(
    http: httpx.AsyncClient, org: Org, more: dict[str, str], error: str
) -> None:
    org.setup.pkce_required = True
    back = await http.get("/services/oauth2/authorize", params=asked(org, **more))
    told = parse_qs(urlsplit(back.headers["location"]).query)
    assert (told["error"], told["state"]) == ([error], ["s 1&"])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost:8000/\r\nX-Evil: 1"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://[localhost"}, "redirect_uri_mismatch"),
    ],
)
async def test_an_unknown_app_or_callback_is_told_to_the_person_only(
    http: httpx.AsyncClient, org: Org, more: dict[str, str], error: str
) -> None:
    page = await http.get("/services/oauth2/authorize", params=asked(org, **more))
    assert page.status_code == 400
    assert error in page.text


async def test_a_registered_callback_is_accepted(http: httpx.AsyncClient, org: Org) -> None:
    org.redirect_uris = frozenset({"https://panel.example/callback"})
    page = await http.get(
        "/services/oauth2/authorize", params=asked(org, redirect_uri="https://panel.example/callback")
    )
    assert "Log in" in page.text


async def test_a_denial_goes_back_as_access_denied(http: httpx.AsyncClient, org: Org) -> None:
    told = await consent(http, org, "deny")
    assert told == {
        "error": ["access_denied"],
        "error_description": ["end-user denied authorization"],
        "state": ["s 1&"],
    }


async def test_a_ticket_decides_once_and_not_for_ever(http: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    form = {"username": org.admin.username, "password": org.admin.password}
    page = await http.post("/services/oauth2/authorize", params=asked(org), data=form)
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page.text)[0]
    clock.wait(hours=1)
    for _ in range(2):
        answer = await http.post(
            "/services/oauth2/authorize", params=asked(org), data={"ticket": ticket, "decision": "allow"}
        )
        assert answer.status_code == 400


async def test_a_wrong_password_asks_again_and_markup_stays_text(http: httpx.AsyncClient, org: Org) -> None:
    form = {"username": '"><script>', "password": "x"}
    page = await http.post("/services/oauth2/authorize", params=asked(org), data=form)
    assert "check your username and password" in page.text
    assert "<script>" not in page.text


async def test_who_is_logged_in_and_has_agreed_is_not_asked_again_unless_told_so(
    http: httpx.AsyncClient, org: Org
) -> None:
    hinted = await http.get("/services/oauth2/authorize", params=asked(org, login_hint="robin@brightside.example"))
    assert 'value="robin@brightside.example"' in hinted.text
    await connect(http, org)
    straight = await http.get("/services/oauth2/authorize", params=asked(org))
    assert "code=" in straight.headers["location"]
    again = await http.get("/services/oauth2/authorize", params=asked(org, prompt="consent"))
    assert "Allow access?" in again.text
    login = await http.get("/services/oauth2/authorize", params=asked(org, prompt="login consent"))
    assert "Password" in login.text


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "client_id": "nobody"}, "invalid_client_id"),
        ({"grant_type": "refresh_token", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "unknown"}, "invalid_grant"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "invalid_grant"),
    ],
)
async def test_a_token_is_refused_with_an_object_not_an_array(
    http: httpx.AsyncClient, org: Org, form: dict[str, str], error: str
) -> None:
    answer = await exchange(http, org, **form)
    assert problem(answer) == error
    assert set(answer.json()) == {"error", "error_description"}


async def test_a_public_client_shows_a_verifier_instead_of_a_secret(http: httpx.AsyncClient, org: Org) -> None:
    plain = (await consent(http, org))["code"][0]
    form = {"grant_type": "authorization_code", "client_secret": ""}
    assert words(await exchange(http, org, **form, code=plain)) == ("invalid_client", "invalid client credentials")
    challenged = (await consent(http, org, code_challenge=CHALLENGE))["code"][0]
    answer = await exchange(http, org, **form, code=challenged, code_verifier=VERIFIER)
    assert await works(http, answer.json()["access_token"])


async def test_the_app_may_sign_in_by_basic_authorization(http: httpx.AsyncClient, org: Org) -> None:
    code = (await consent(http, org))["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    auth = httpx.BasicAuth(org.client_id, org.client_secret)
    assert (await http.post("/services/oauth2/token", data=form, auth=auth)).status_code == 200


async def test_the_identity_url_says_who_it_is(http: httpx.AsyncClient, org: Org) -> None:
    token = await connect(http, org)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    who = (await http.get(token["id"], headers=headers)).json()
    assert who["user_id"] == org.integration.id
    assert who["organization_id"] == org.id
    assert who["urls"]["rest"] == f"{HOST}/services/data/v{{version}}/"
    versioned = (await http.get(f"{token['id']}?version=60.0", headers=headers)).json()
    assert versioned["urls"]["rest"] == f"{HOST}/services/data/v60.0/"
    latest = (await http.get(f"{token['id']}/?version=latest", headers=headers)).json()
    assert latest["urls"]["recent"] == f"{HOST}/services/data/v68.0/recent/"
    info = (await http.get("/services/oauth2/userinfo", headers=headers)).json()
    assert (info["sub"], info["email"]) == (token["id"], org.integration.email)


async def test_the_identity_has_the_recorded_names(http: httpx.AsyncClient, org: Org) -> None:
    """SwiftlySalesforce, MockIdentity.json: an identity URL of a Developer Edition org."""
    recorded = (
        "id asserted_user user_id organization_id username nick_name display_name email email_verified first_name "
        "last_name timezone photos addr_street addr_city addr_state addr_country addr_zip mobile_phone "
        "mobile_phone_verified is_lightning_login_user status urls active user_type language locale utcOffset "
        "last_modified_date is_app_installed"
    )
    urls = (
        "enterprise metadata partner rest sobjects search query recent tooling_soap tooling_rest profile feeds groups "
        "users feed_items feed_elements custom_domain"
    )
    headers = {"Authorization": f"Bearer {org.grant(org.admin)}"}
    who = (await http.get(f"/id/{org.id}/{org.admin.id}", headers=headers)).json()
    assert (set(who), set(who["urls"])) == (set(recorded.split()), set(urls.split()))


async def test_userinfo_has_the_published_names(http: httpx.AsyncClient, org: Org) -> None:
    """Salesforce Platform APIs collection, User Info: OpenID Connect's names beside Salesforce's own."""
    published = (
        "sub user_id organization_id preferred_username nickname name email email_verified given_name family_name "
        "zoneinfo photos profile picture address is_salesforce_integration_user urls active user_type language locale "
        "utcOffset updated_at is_app_installed"
    )
    headers = {"Authorization": f"Bearer {org.grant(org.admin)}"}
    info = (await http.get("/services/oauth2/userinfo", headers=headers)).json()
    assert set(info) == set(published.split())
    assert f"{info['given_name']} {info['family_name']}" == info["name"] == org.admin.name
    assert (info["profile"], info["picture"]) == (info["urls"]["profile"], info["photos"]["picture"])


async def test_a_bad_token_on_identity_is_one_word_with_403(http: httpx.AsyncClient, org: Org) -> None:
    for path in (f"/id/{org.id}/{org.admin.id}", "/services/oauth2/userinfo"):
        answer = await http.get(path, headers={"Authorization": "Bearer 00D!x"})
        assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")
        assert answer.headers["content-type"].startswith("text/html")
    headers = {"Authorization": f"Bearer {org.grant(org.colleague)}"}
    other = await http.get(f"/id/{org.id}/{org.admin.id}", headers=headers)
    assert (other.status_code, other.text) == (403, "Bad_Id")


async def test_an_address_may_end_in_a_slash(http: httpx.AsyncClient) -> None:
    answer = await http.post("/services/oauth2/token/", data={"grant_type": "wish"})
    assert words(answer) == ("unsupported_grant_type", "grant type not supported")
