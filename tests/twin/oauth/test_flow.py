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

pytestmark = pytest.mark.anyio
CALLBACK = "http://localhost:8000/connect/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def asked(org: Org, **more: str) -> dict[str, str]:
    first = {"response_type": "code", "client_id": org.client_id, "redirect_uri": CALLBACK, "state": "s 1&"}
    return first | {"scope": "api refresh_token"} | more


async def consent(http: httpx.AsyncClient, org: Org, decision: str = "allow", **more: str) -> dict[str, list[str]]:
    """Sign in and decide; what the callback is told."""
    params = asked(org, **more)
    form = {"username": org.integration.username, "password": org.integration.password}
    page = await http.post("/services/oauth2/authorize", params=params, data=form)
    assert "Manage user data via APIs (api)" in page.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket
    back = await http.post(
        "/services/oauth2/authorize", params=params, data={"ticket": ticket[1], "decision": decision}
    )
    assert back.status_code == 302
    assert back.headers["location"].startswith(f"{CALLBACK}?")
    return parse_qs(urlsplit(back.headers["location"]).query)


async def exchange(http: httpx.AsyncClient, org: Org, **form: str) -> httpx.Response:
    app = {"client_id": org.client_id, "client_secret": org.client_secret, "redirect_uri": CALLBACK}
    return await http.post("/services/oauth2/token", data=app | form)


async def connect(http: httpx.AsyncClient, org: Org) -> dict[str, str]:
    code = (await consent(http, org))["code"][0]
    return dict((await exchange(http, org, grant_type="authorization_code", code=code)).json())


async def refresh(http: httpx.AsyncClient, org: Org, token: str) -> httpx.Response:
    return await exchange(http, org, grant_type="refresh_token", refresh_token=token)


async def works(http: httpx.AsyncClient, token: str) -> bool:
    answer = await http.get("/services/data/v60.0/limits", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def problem(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    return str(answer.json()["error"])


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
    org.pkce_required = True
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
    org.pkce_required = True
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


async def test_a_refresh_gives_a_new_access_token_and_no_refresh_token(http: httpx.AsyncClient, org: Org) -> None:
    first = await connect(http, org)
    second = (await refresh(http, org, first["refresh_token"])).json()
    assert second["access_token"] != first["access_token"]
    assert "refresh_token" not in second
    assert "expires_in" not in second
    assert await works(http, second["access_token"])


async def test_with_rotation_the_old_refresh_token_ends_everything(http: httpx.AsyncClient, org: Org) -> None:
    org.rotation = True
    first = await connect(http, org)
    second = (await refresh(http, org, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    third = (await refresh(http, org, second["refresh_token"])).json()
    reused = await refresh(http, org, first["refresh_token"])
    assert reused.json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    assert problem(await refresh(http, org, third["refresh_token"])) == "invalid_grant"
    assert not await works(http, third["access_token"])


async def test_a_session_ends_after_two_hours(http: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    token = await connect(http, org)
    clock.wait(hours=2, seconds=-1)
    assert await works(http, token["access_token"])
    clock.wait(seconds=1)
    assert not await works(http, token["access_token"])
    renewed = (await refresh(http, org, token["refresh_token"])).json()
    assert await works(http, renewed["access_token"])


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
    info = (await http.get("/services/oauth2/userinfo", headers=headers)).json()
    assert (info["sub"], info["email"]) == (token["id"], org.integration.email)


async def test_a_bad_token_on_identity_is_one_word_with_403(http: httpx.AsyncClient, org: Org) -> None:
    for path in (f"/id/{org.id}/{org.admin.id}", "/services/oauth2/userinfo"):
        answer = await http.get(path, headers={"Authorization": "Bearer 00D!x"})
        assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")
    headers = {"Authorization": f"Bearer {org.grant(org.colleague)}"}
    other = await http.get(f"/id/{org.id}/{org.admin.id}", headers=headers)
    assert (other.status_code, other.text) == (403, "Bad_Id")
