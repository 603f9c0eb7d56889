"""OAuth 2.0 against a Salesforce login host: the web-server flow with PKCE, refresh, revoke, and which hosts to trust.

Help: "OAuth 2.0 Web Server Flow", "OAuth 2.0 Refresh Token Flow", "Refresh Token Rotation". Nothing here is tried
twice: with rotation switched on, sending a spent refresh token again ends the whole grant.
"""

import asyncio
import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx

from sidebar.salesforce.errors import GrantEnded, SalesforceError, SignInRefused, Unreachable, from_transport

PRODUCTION = "https://login.salesforce.com"
SANDBOX = "https://test.salesforce.com"
SCOPES = "api refresh_token"

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"https://(?:login|test|(?:{_LABEL}\.)+my)\.salesforce\.com(?:/[!-~]*)?", re.IGNORECASE)
_ORIGIN = re.compile(r"(https?://[A-Za-z0-9.:-]+)(?:/[!-~]*)?")
_RETRY_LATER = frozenset({"rate_limit_exceeded", "temporarily_unavailable", "server_error"})
_SECONDS = 8  # in all: a process that ends waits ten for a refresh to be kept


@dataclass(frozen=True, slots=True)
class Tokens:
    """`refresh_token` is None in the answer to a refresh without rotation; `id` ends in …/<org id>/<user id>."""

    instance_url: str
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    id: str


def authorize_url(login_origin: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    """Where a person signs in and consents; `challenge` from `challenge_of` a verifier."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "prompt": "login consent",  # the integration user shall be chosen on purpose, not taken from an open tab
    }
    return f"{login_origin}/services/oauth2/authorize?{urlencode(query)}"


def challenge_of(verifier: str) -> str:
    """PKCE, S256: 43 to 128 characters in, their hash as URL-safe text out."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def exchange(
    http: httpx.AsyncClient,
    login_origin: str,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    code: str,
    verifier: str,
) -> Tokens:
    """A code, once, for tokens. SignInRefused carries Salesforce's own error as `code`; Unreachable."""
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": client_secret,
        "redirect_uri": redirect_uri,
        "code": code,
        "code_verifier": verifier,
    }
    return _tokens(await _post(http, f"{login_origin}/services/oauth2/token", form))


async def refresh(
    http: httpx.AsyncClient, login_origin: str, client_id: str, client_secret: str, refresh_token: str
) -> Tokens:
    """GrantEnded: somebody has to consent again. SignInRefused: the app is refused. Unreachable: nobody knows."""
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    try:
        return _tokens(await _post(http, f"{login_origin}/services/oauth2/token", form))
    except SignInRefused as refused:
        if refused.code == "invalid_grant":
            raise GrantEnded(refused.message, code=refused.code, status=refused.status) from None
        raise


async def revoke(http: httpx.AsyncClient, login_origin: str, token: str) -> None:
    """End a refresh token and its access tokens, or one access token. A token that is dead already is refused."""
    await _post(http, f"{login_origin}/services/oauth2/revoke", {"token": token})


def is_salesforce(url: str, further: frozenset[str] = frozenset()) -> bool:
    """Whether an origin or URL is at a login host or a My Domain of Salesforce, or at one of the `further` origins."""
    if _HOST.fullmatch(url):
        return True
    found = _ORIGIN.fullmatch(url)
    return found is not None and found[1] in further


async def _post(http: httpx.AsyncClient, url: str, form: Mapping[str, str]) -> httpx.Response:
    try:
        async with asyncio.timeout(_SECONDS):
            response = await http.post(url, data=form, headers={"Accept": "application/json"}, timeout=_SECONDS)
    except TimeoutError:
        raise Unreachable(f"The login host did not answer within {_SECONDS} seconds") from None
    except httpx.HTTPError as problem:
        raise from_transport(problem) from problem
    if not response.is_success:
        raise _refusal(response)
    return response


def _refusal(response: httpx.Response) -> SalesforceError:
    body = _object(response)
    code, message = str(body.get("error", "")), str(body.get("error_description", ""))
    if not code or code in _RETRY_LATER or response.status_code >= 500:
        return Unreachable(message or f"The login host answered {response.status_code}", code=code)
    return SignInRefused(message, code=code, status=response.status_code)


def _tokens(response: httpx.Response) -> Tokens:
    body = _object(response)
    found = {name: body.get(name) for name in ("instance_url", "access_token", "refresh_token", "id")}
    texts = {name: value for name, value in found.items() if isinstance(value, str) and value}
    if not texts.keys() >= {"instance_url", "access_token", "id"}:
        raise Unreachable("Something other than Salesforce answered", status=response.status_code)
    return Tokens(texts["instance_url"], texts["access_token"], texts.get("refresh_token"), texts["id"])


def _object(response: httpx.Response) -> dict[str, object]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
