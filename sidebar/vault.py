"""Secrets at rest and signatures: encrypt what the database keeps, sign what the browser holds, rotate keys.

The first key encrypts and signs; the others still open and verify what was written before a rotation.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


class VaultProblem(Exception):
    """A stored secret cannot be opened with the keys at hand: SIDEBAR_SECRET_KEY was changed instead of rotated."""


class Vault:
    """`keys` newest first, each any text of 32 characters or more."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a vault needs a key")
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(key, b"encrypt"))) for key in keys])
        self._signing = [_derive(key, b"sign") for key in keys]

    def __repr__(self) -> str:
        return "<Vault>"

    def lock(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, locked: str) -> str:
        try:
            return self._fernet.decrypt(locked.encode()).decode()
        except InvalidToken:
            raise VaultProblem(
                "A stored secret cannot be opened with SIDEBAR_SECRET_KEY. "
                "Put the former key back, after the new one and a comma."
            ) from None

    def sign(self, purpose: str, claims: Mapping[str, JSON], expires: int) -> str:
        """Text that `verify` turns back into `claims` until `expires` (ms); `purpose` keeps kinds apart."""
        body = _encode(json.dumps({**claims, "exp": expires}, ensure_ascii=False, separators=(",", ":")).encode())
        return f"{body}.{_mac(self._signing[0], purpose, body)}"

    def verify(self, purpose: str, signed: str, now: int) -> dict[str, JSON] | None:
        """The claims, or None where the signature is not ours, of another purpose, or over at `now` (ms)."""
        claims = self.verify_expired(purpose, signed)
        return claims if claims is not None and cast(int, claims["exp"]) > now else None

    def verify_expired(self, purpose: str, signed: str) -> dict[str, JSON] | None:
        """As `verify`, but however old: for renewing what a fresh proof vouches for."""
        body, _, mac = signed.rpartition(".")
        if not any(hmac.compare_digest(_mac(key, purpose, body), mac) for key in self._signing if mac.isascii()):
            return None
        return cast("dict[str, JSON]", json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))

    def code(self, purpose: str) -> str:
        """A short secret word that every process with the same key derives alike."""
        return _mac(self._signing[0], purpose, "code")[:20]


def _derive(key: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(key.encode(), person=b"sidebar", salt=purpose, digest_size=32).digest()


def _mac(key: bytes, purpose: str, body: str) -> str:
    return _encode(hmac.digest(key, f"{purpose}\n{body}".encode(), "sha256"))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
