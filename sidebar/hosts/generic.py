"""Any inbox that can frame a page and sign a JWT.

The inbox signs (HS256, the workspace's host secret) who its agent is and which customer the open conversation is with,
for ten minutes at most, and posts the token into the panel. README, "Embed it in your inbox", shows it in a few lines.
"""

from typing import Annotated
from urllib.parse import parse_qs

import jwt
from jwt.types import Options
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, ValidationError, model_validator

from sidebar.hosts import Agent, Arrival, Host, Unproven, Visit
from sidebar.identity import Identity

LONGEST_MINUTES = 10
_LEEWAY_SECONDS = 30  # clocks of two servers are never quite the same
_ADDRESSES = 20
_CHECKED_HERE: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
    "require": ["exp", "aud"],
}
_Text = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]  # PostgreSQL keeps no NUL
_Id = Annotated[_Text, Field(min_length=1, coerce_numbers_to_str=True)]  # many inboxes count


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, said: object) -> object:
        """Many inboxes write null for what they do not know."""
        return {name: value for name, value in said.items() if value is not None} if isinstance(said, dict) else said


class _Customer(_Said):
    emails: list[_Text] = Field(default=[], max_length=_ADDRESSES)
    phones: list[_Text] = Field(default=[], max_length=_ADDRESSES)
    name: _Text = ""
    external_id: Annotated[_Text, Field(coerce_numbers_to_str=True)] = ""
    country: str = Field(default="", pattern="^([A-Za-z]{2})?$")


class _Claims(_Said):
    sub: _Id
    email: _Text = ""
    name: _Text = ""
    exp: FiniteFloat  # seconds; what many libraries make of now and five minutes has a fraction
    conversation: _Id
    customer: _Customer = _Customer()
    locale: _Text = ""
    theme: str = Field(default="auto", pattern="^(light|dark|auto)$")


class Generic(Host):
    kind = "generic"

    def visit(self, arrival: Arrival, key: str, secret: str, now: int) -> Visit:
        claims = _claims(read_token(arrival), key, secret)
        _check_time(claims.exp, now)
        customer = claims.customer
        return Visit(
            agent=Agent(claims.sub, claims.email, claims.name or claims.email or claims.sub),
            customer=Identity(
                emails=tuple(customer.emails),
                phones=tuple(customer.phones),
                name=customer.name,
                external_id=customer.external_id,
                country=customer.country.upper(),
            ),
            conversation=claims.conversation,
            locale=claims.locale,
            theme=claims.theme,
            expires=int(claims.exp + _LEEWAY_SECONDS) * 1000,
        )


def read_token(arrival: Arrival) -> str:
    """The token a panel was given. Raises Unproven."""
    try:
        return parse_qs(arrival.body.decode("ascii"), strict_parsing=True, max_num_fields=5)["token"][0]
    except (ValueError, KeyError):
        raise Unproven("malformed", "the panel was given no token") from None


def _claims(token: str, key: str, secret: str) -> _Claims:
    try:
        payload = jwt.decode(token, secret, algorithms=["HS256"], audience=key, options=_CHECKED_HERE)
        return _Claims.model_validate(payload)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise Unproven("malformed", f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidAudienceError) as problem:
        raise Unproven("forged", str(problem)) from None
    except jwt.PyJWTError as problem:
        raise Unproven("malformed", str(problem)) from None


def _check_time(expires: float, now: int) -> None:
    left = expires * 1000 - now
    if left <= -_LEEWAY_SECONDS * 1000:
        raise Unproven("expired", "exp has passed")
    if left > (LONGEST_MINUTES * 60 + _LEEWAY_SECONDS) * 1000:
        raise Unproven("malformed", f"exp is more than {LONGEST_MINUTES} minutes ahead")


HOST = Generic()
