"""How the org is configured: what its administrator would choose in Setup, where it matters to an API client."""

from typing import Annotated, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from pydantic import Field, field_validator

from sidebar.twin.org.switches import Count, Switches

Rule: TypeAlias = Literal["off", "alert", "block"]
Pause: TypeAlias = Annotated[int, Field(ge=10, le=1_000_000_000)]


class Setup(Switches):
    pkce_required: bool = False
    rotation: bool = False  # every refresh gives a new refresh token and ends the old one
    daily_limit: Count = 15_000
    largest_page: Annotated[int, Field(ge=0, le=2_000)] = 2_000  # real orgs may answer fewer records than asked for
    search_lag_ms: Count = 0  # how long SOSL is blind to a write
    refresh_idle_days: Annotated[int, Field(ge=0, le=3_650)] = 0  # a refresh token unused for so long ends; 0: it lasts
    session_minutes: Annotated[int, Field(ge=0, le=1_440)] = 120  # how long an access token lives without being used
    password_flow: bool = False  # off in every new org
    soap_login: bool = True  # off in every new org, but until 2027 many clients have no other door
    client_credentials_user: str = ""  # the user name the app runs as
    approved_users: list[str] = Field(default_factory=list)  # the only users of the app; empty: who approves it himself
    jwt_certificate: str = ""  # PEM: whose signature the JWT bearer flow trusts
    ip_restricted: bool = False  # this machine's address is outside the login ranges
    sessions_locked_to_ip: bool = False  # a session is good for one address only, so never for the Pub/Sub API
    api_disabled_users: list[str] = Field(default_factory=list)  # user names without "API Enabled"
    contact_duplicates: Rule = "off"  # "alert" or "block" on a second Contact with the same e-mail
    lead_duplicates: Rule = "off"
    overflow_after: Count = 100_000  # changes of one transaction that are told one by one
    channels: list[str] = Field(default_factory=list)  # custom ones, such as People__chn=Contact,Lead
    uncaptured_objects: list[str] = Field(default_factory=list)  # not selected for change data capture
    keepalive_ms: Pause = 60_000  # a quiet stream with credit left speaks this often
    idle_ms: Pause = 60_000  # a stream without credit waits this long for a request
    events_per_response: Annotated[int, Field(ge=1, le=100)] = 100  # however many were asked for
    settle_ms: Count = 0  # a LATEST stream misses what happens in its first moments

    @field_validator("jwt_certificate")
    @classmethod
    def _has_a_key(cls, pem: str) -> str:
        if pem:
            rsa_key(pem)
        return pem


def rsa_key(certificate: str) -> RSAPublicKey:
    """The key of a certificate in PEM. Raises ValueError."""
    key = load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not the PEM text of a certificate with an RSA key")
    return key
