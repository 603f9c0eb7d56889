"""How fast the worker goes, and how a stream is told to be."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: how often to look for connections, how long a lease holds that is not renewed, the first and the
    longest wait after a failure, the wait where an allowance is spent, how long a stream may stay silent, how long one
    that begins at the end may miss what happens, how often to look whether something is to be read, and the pause
    between two questions."""

    look: float = 2
    lease: float = 15
    first_wait: float = 1
    longest_wait: float = 60
    spent: float = 300
    silence: float = 300
    settle: float = 5
    glance: float = 10
    pause: float = 0.2


@dataclass(frozen=True, slots=True)
class Listening:
    """How one org's stream is: "connecting" until the first response, "listening", or "waiting" to try again.
    `since` and `last_event_at` in ms; `problem` is what broke it last, None while it listens."""

    state: Literal["connecting", "listening", "waiting"]
    since: int
    last_event_at: int | None = None
    problem: str | None = None
