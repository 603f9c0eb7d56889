"""Our own contacts page, beside a contact and no conversation (RI-02): the one host whose word we sign ourselves.

Its token says which admin looks at whom. Only the contacts page gets one, for the session it was opened with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from sidebar.hosts import Agent, Arrival, Host, Unproven, Visit
from sidebar.hosts.generic import read_token
from sidebar.identity import Identity

MINUTES = 5


@dataclass(frozen=True, slots=True)
class Word:
    """What is said: `record` is the Salesforce id the contact is linked to, or empty."""

    admin_id: str
    admin_email: str
    name: str
    emails: Sequence[str]
    phones: Sequence[str]
    record: str
    locale: str


class _Claims(BaseModel):
    model_config = ConfigDict(extra="forbid")

    aud: str
    sub: str
    exp: int
    email: str
    name: str
    emails: list[str]
    phones: list[str]
    record: str
    locale: str


class Desk(Host):
    kind = "desk"

    def visit(self, arrival: Arrival, key: str, secret: str, now: int) -> Visit:
        claims = _claims(read_token(arrival), key, secret)
        if claims.exp * 1000 <= now:
            raise Unproven("expired", "exp has passed")
        return Visit(
            agent=Agent(claims.sub, claims.email, claims.email),
            customer=Identity(tuple(claims.emails), tuple(claims.phones), claims.name),
            conversation="",
            locale=claims.locale,
            theme="auto",
            expires=claims.exp * 1000,
            record=claims.record,
        )


def sign(word: Word, key: str, secret: str, now: int) -> str:
    """The token for the workspace with this `key`, good for a few minutes from `now` (ms)."""
    claims = _Claims(
        aud=key,
        sub=word.admin_id,
        exp=now // 1000 + MINUTES * 60,
        email=word.admin_email,
        name=word.name,
        emails=list(word.emails),
        phones=list(word.phones),
        record=word.record,
        locale=word.locale,
    )
    return jwt.encode(claims.model_dump(), secret, algorithm="HS256")


def _claims(token: str, key: str, secret: str) -> _Claims:
    try:
        options: jwt.types.Options = {"verify_exp": False, "require": ["exp", "aud"]}
        return _Claims.model_validate(jwt.decode(token, secret, algorithms=["HS256"], audience=key, options=options))
    except (jwt.PyJWTError, ValidationError):
        raise Unproven("forged", "the token is not one of ours") from None


HOST = Desk()
