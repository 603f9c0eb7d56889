"""Codes and tokens as the token endpoint hands them out, by five kinds of grant."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import Response

from sidebar.twin.answers import answer, empty
from sidebar.twin.oauth import apps, assertions
from sidebar.twin.oauth.apps import Form
from sidebar.twin.oauth.refusals import TokenError, invalid_grant, unproved_app
from sidebar.twin.org import SESSION_SCOPES, Org, User, people
from sidebar.twin.org.grants import LASTING, Grant

_CODE_LIFE = 15 * 60 * 1000
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


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
        self._ways: dict[str, Callable[[Form], dict[str, str]]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            "password": self._by_password,
            "client_credentials": self._by_app,
            _JWT_BEARER: self._by_assertion,
        }

    def code(self, code: Code) -> str:
        """A fresh authorization code: 15 minutes, one use."""
        text = f"aPrx{secrets.token_urlsafe(54)}=="
        self._codes[text] = (self._org.clock() + _CODE_LIFE, code)
        return text

    def answer(self, form: Form, authorization: str, host: str) -> Response:
        """`host` is the one the request was sent to: apps without a user may only ask at the org's own."""
        kind = form.get("grant_type", "")
        try:
            if kind not in self._ways:
                raise TokenError("unsupported_grant_type", "grant type not supported")
            if kind == "client_credentials" and host != urlsplit(self._org.instance_url).netloc:
                raise invalid_grant("request not supported on this domain")
            return answer(self._ways[kind](apps.with_basic(form, authorization)))
        except TokenError as error:
            return error.answer()

    def revoked(self, token: str) -> Response:
        if not self._org.grants.revoke(token):
            return TokenError("unsupported_token_type", "this token type is not supported").answer()
        return empty(200)

    def _by_code(self, form: Form) -> dict[str, str]:
        proved = apps.check(self._org, form)
        end, code = self._codes.pop(form.get("code", ""), (0, None))
        if code is None:
            raise invalid_grant("invalid authorization code")
        if end <= self._org.clock():
            raise invalid_grant("expired authorization code")
        if form.get("redirect_uri") != code.redirect_uri:
            raise TokenError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if not proved and code.challenge is None:
            raise unproved_app()
        _check_verifier(code, form.get("code_verifier", ""))
        grant = self._open(self._org.users[code.user_id], code.scopes)
        return self._fields(grant) | ({"refresh_token": grant.refresh} if grant.refresh else {})

    def _by_refresh(self, form: Form) -> dict[str, str]:
        apps.check(self._org, form)
        grant = self._org.grants.of_refresh(form.get("refresh_token", ""))
        if grant is None:
            raise invalid_grant("expired access/refresh token")
        self._check_address()
        rotated = {"refresh_token": self._org.grants.rotate(grant)} if self._org.setup.rotation else {}
        return self._fields(grant) | rotated

    def _by_password(self, form: Form) -> dict[str, str]:
        """Off in every new org, and not offered by External Client Apps. Recorded answers name no scope."""
        apps.prove(self._org, form)
        user = people.named(self._org.users.values(), form.get("username", ""))
        right = user is not None and apps.same(form.get("password", ""), user.password)
        if user is None or not right or not self._org.setup.password_flow:
            raise invalid_grant("authentication failure")
        fields = self._fields(self._open(user, SESSION_SCOPES))
        del fields["scope"]
        return fields

    def _by_app(self, form: Form) -> dict[str, str]:
        apps.prove(self._org, form)
        user = people.named(self._org.users.values(), self._org.setup.client_credentials_user)
        if user is None:
            raise invalid_grant("no client credentials user enabled")
        return self._fields(self._open(user, SESSION_SCOPES))

    def _by_assertion(self, form: Form) -> dict[str, str]:
        """The scopes are those of the user's earlier consents that came with a refresh token; none comes here.
        Documented answers are neither signed nor dated."""
        user = people.named(self._org.users.values(), assertions.subject(self._org, form.get("assertion", "")))
        approved = self._org.grants.approved(user.id) if user else set()
        if user and self._org.setup.approved_users:
            approved = set(SESSION_SCOPES)
        if user is None or not approved:
            raise invalid_grant("user hasn't approved this consumer")
        fields = self._fields(self._open(user, sorted(approved - LASTING)))
        del fields["signature"], fields["issued_at"]
        return fields

    def _open(self, user: User, scopes: Iterable[str]) -> Grant:
        self._check_address()
        if people.barred(self._org.setup.approved_users, user):
            raise TokenError("invalid_app_access", "user is not admin approved to access this app")
        return self._org.grants.open(user.id, scopes)

    def _check_address(self) -> None:
        if self._org.setup.ip_restricted:
            raise invalid_grant("ip restricted")

    def _fields(self, grant: Grant) -> dict[str, str]:
        url = self._org.identity(grant.user_id)
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
        raise invalid_grant("missing code verifier")
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not 43 <= len(verifier) <= 128 or not apps.same(challenge, code.challenge):
        raise TokenError("invalid_request", "invalid code verifier")
