"""Passwords: argon2id hashes, made and checked in a thread, since one takes tens of milliseconds of computing."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST = 12
LONGEST = 1000  # hashing a megabyte on request would be a gift to an attacker

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's minimum for argon2id
_NOBODYS = _HASHER.hash("the password of nobody")


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_password(password: str, hashed: str | None) -> bool:
    """`hashed` None, for an account that does not exist, takes as long as a wrong password."""
    return await asyncio.to_thread(_verify, hashed or _NOBODYS, password) and hashed is not None


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False
