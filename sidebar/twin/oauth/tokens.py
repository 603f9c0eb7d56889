"""Codes and tokens as the token endpoint hands them out. Its errors are one object, never the data API's array."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from sidebar.twin.answers import answer, empty
from sidebar.twin.org import Org
from sidebar.twin.org.grants import Grant

_CODE_LIFE = 15 * 60 * 1000


class TokenError(Exception):
    """`error` and `error_description` of a refusal, always with HTTP 400."""


@dataclass(frozen=True, slots=True)
class Code:
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None


class Tokens:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._codes: dict[str, tuple[int, Code]] = {}
        self._ways: dict[str, Callable[[Mapping[str, str]], dict[str, str]]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            "password": _blocked,
            "client_credentials": _without_a_user,
        }

    def code(self, code: Code) -> str:
        """A fresh authorization code: 15 minutes, one use."""
        text = f"aPrx{secrets.token_urlsafe(54)}=="
        self._codes[text] = (self._org.clock() + _CODE_LIFE, code)
        return text

    def answer(self, form: Mapping[str, str], authorization: str) -> Response:
        try:
            way = self._ways.get(form.get("grant_type", ""))
            if way is None:
                raise TokenError("unsupported_grant_type", "grant type not supported")
            self._check_app({**_basic(authorization), **form})
            return answer(way(form))
        except TokenError as error:
            return _refused(*error.args)

    def revoked(self, token: str) -> Response:
        if not self._org.grants.revoke(token):
            return _refused("unsupported_token_type", "this token type is not supported")
        return empty(200)

    def _check_app(self, given: Mapping[str, str]) -> None:
        if given.get("client_id") != self._org.client_id:
            raise TokenError("invalid_client_id", "client identifier invalid")
        if not _same(given.get("client_secret", ""), self._org.client_secret):
            raise TokenError("invalid_client", "invalid client credentials")

    def _by_code(self, form: Mapping[str, str]) -> dict[str, str]:
        end, code = self._codes.pop(form.get("code", ""), (0, None))
        if code is None:
            raise TokenError("invalid_grant", "invalid authorization code")
        if end <= self._org.clock():
            raise TokenError("invalid_grant", "expired authorization code")
        if form.get("redirect_uri") != code.redirect_uri:
            raise TokenError("redirect_uri_mismatch", "redirect_uri must match configuration")
        _check_verifier(code, form.get("code_verifier", ""))
        grant = self._org.grants.open(code.user_id, list(code.scopes))
        return self._fields(grant) | ({"refresh_token": grant.refresh} if grant.refresh else {})

    def _by_refresh(self, form: Mapping[str, str]) -> dict[str, str]:
        grant = self._org.grants.of_refresh(form.get("refresh_token", ""))
        if grant is None:
            raise TokenError("invalid_grant", "expired access/refresh token")
        rotated = {"refresh_token": self._org.grants.rotate(grant)} if self._org.rotation else {}
        return self._fields(grant) | rotated

    def _fields(self, grant: Grant) -> dict[str, str]:
        url = f"{self._org.instance_url}/id/{self._org.id}/{grant.user_id}"
        issued = str(self._org.clock())
        mac = hmac.new(self._org.client_secret.encode(), (url + issued).encode(), hashlib.sha256)
        return {
            "access_token": self._org.grants.access_token(grant),
            "signature": base64.b64encode(mac.digest()).decode(),
            "scope": " ".join(grant.scopes),
            "instance_url": self._org.instance_url,
            "id": url,
            "token_type": "Bearer",
            "issued_at": issued,
        }


def _check_verifier(code: Code, verifier: str) -> None:
    if code.challenge is None:
        return
    if not verifier:
        raise TokenError("invalid_grant", "missing code verifier")
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not 43 <= len(verifier) <= 128 or not _same(challenge, code.challenge):
        raise TokenError("invalid_request", "invalid code verifier")


def _blocked(form: Mapping[str, str]) -> dict[str, str]:
    """The user name and password flow: off in every new org, and not offered by External Client Apps."""
    raise TokenError("invalid_grant", "authentication failure")


def _without_a_user(form: Mapping[str, str]) -> dict[str, str]:
    """This org's app has no user to run as."""
    raise TokenError("invalid_grant", "no client credentials user enabled")


def _basic(authorization: str) -> dict[str, str]:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _same(given: str, right: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _refused(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)
