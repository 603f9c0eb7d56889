"""Random texts from a source that comes in as an argument, so that tests can repeat themselves."""

import base64
from collections.abc import Callable

Random = Callable[[int], bytes]
"""As secrets.token_bytes: so many random bytes."""


def token(random: Random, size: int = 16) -> str:
    """`size` random bytes as URL-safe text; 16 bytes make the 22 characters our ids have."""
    return base64.urlsafe_b64encode(random(size)).rstrip(b"=").decode()
