"""The JWT bearer flow: an assertion signed with the key of the app's certificate speaks for a user."""

from collections.abc import Mapping

import jwt

from sidebar.twin.oauth.refusals import TokenError, invalid_grant, unknown_app
from sidebar.twin.org import JSON, Org
from sidebar.twin.org.setup import rsa_key

_LOGIN_HOSTS = {False: "https://login.salesforce.com", True: "https://test.salesforce.com"}  # by: is a sandbox


def subject(org: Org, assertion: str) -> str:
    """The user name the assertion speaks for, which may be nobody's. Raises TokenError.

    What is wrong is told in this order: iss (the app), the signature, aud (the login host or the org's own), exp."""
    claims = _claims(assertion)
    if claims.get("iss") != org.client_id:
        raise unknown_app()
    _verify(assertion, org.setup.jwt_certificate)
    if claims.get("aud") not in (org.instance_url, _LOGIN_HOSTS[org.is_sandbox]):
        raise invalid_grant("Audience validation failed")
    end, user = claims.get("exp"), claims.get("sub")
    if isinstance(end, bool) or not isinstance(end, int | float) or not isinstance(user, str):
        raise _invalid()
    if not end * 1000 > org.clock():
        raise invalid_grant("expired authorization code")
    return user


def _claims(assertion: str) -> Mapping[str, JSON]:
    try:
        claims: Mapping[str, JSON] = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise _invalid() from None
    return claims


def _verify(assertion: str, certificate: str) -> None:
    try:
        jwt.PyJWS().decode(assertion, rsa_key(certificate), ["RS256"])
    except (jwt.InvalidTokenError, ValueError):
        raise _invalid() from None


def _invalid() -> TokenError:
    return invalid_grant("invalid assertion")
