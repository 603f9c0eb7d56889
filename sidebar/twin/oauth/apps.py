"""Which app asks: by form or by Basic authorization, with a secret or, as a public client, without one."""

import base64
import secrets
from collections.abc import Mapping

from sidebar.twin.oauth.refusals import unknown_app, unproved_app
from sidebar.twin.org import Org

Form = Mapping[str, str]


def with_basic(form: Form, authorization: str) -> Form:
    """The form, with the app's name and secret out of a Basic authorization where it lacks them."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return form
    return {"client_id": client_id, "client_secret": secret, **form}


def check(org: Org, form: Form) -> bool:
    """Whether the app has proved itself with its secret. Raises TokenError for another app or a wrong secret."""
    if form.get("client_id") != org.client_id:
        raise unknown_app()
    secret = form.get("client_secret", "")
    if secret and not same(secret, org.client_secret):
        raise unproved_app()
    return bool(secret)


def prove(org: Org, form: Form) -> None:
    if not check(org, form):
        raise unproved_app()


def same(given: str, right: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), right.encode())
