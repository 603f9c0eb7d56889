"""How the org is configured: what its administrator would choose in Setup, where it matters to an API client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from sidebar.twin.org.switches import Switches

_RULES = ("off", "alert", "block")


@dataclass(slots=True)
class Setup(Switches):
    pkce_required: bool = False
    rotation: bool = False  # every refresh gives a new refresh token and ends the old one
    daily_limit: int = 15_000
    largest_page: int = 2_000  # real orgs may answer fewer records than asked for
    search_lag_ms: int = 0  # how long SOSL is blind to a write
    refresh_idle_days: int = 0  # a refresh token not used for so long ends; 0: it lasts
    session_minutes: int = 120  # how long an access token lives without being used
    password_flow: bool = False  # off in every new org
    client_credentials_user: str = ""  # the user name the app runs as
    approved_users: list[str] = field(default_factory=list)  # the only users of the app; empty: who approves it himself
    jwt_certificate: str = ""  # PEM: whose signature the JWT bearer flow trusts
    ip_restricted: bool = False  # this machine's address is outside the login ranges
    sessions_locked_to_ip: bool = False  # a session is good for one address only, so never for the Pub/Sub API
    api_disabled_users: list[str] = field(default_factory=list)  # user names without "API Enabled"
    contact_duplicates: str = "off"  # "alert" or "block" on a second Contact with the same e-mail
    lead_duplicates: str = "off"
    overflow_after: int = 100_000  # changes of one transaction that are told one by one
    channels: list[str] = field(default_factory=list)  # custom ones, such as People__chn=Contact,Lead
    uncaptured_objects: list[str] = field(default_factory=list)  # not selected for change data capture
    keepalive_ms: int = 60_000  # a quiet stream with credit left speaks this often
    idle_ms: int = 60_000  # a stream without credit waits this long for a request
    events_per_response: int = 100  # however many were asked for
    settle_ms: int = 0  # a LATEST stream misses what happens in its first moments

    most: ClassVar[Mapping[str, int]] = {"largest_page": 2_000, "refresh_idle_days": 3_650, "session_minutes": 1_440}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = dict.fromkeys(("contact_duplicates", "lead_duplicates"), _RULES)


def rsa_key(certificate: str) -> RSAPublicKey:
    """The key of a certificate in PEM. Raises ValueError."""
    key = load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key
