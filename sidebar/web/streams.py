"""How a change stream stands, in one word, and what helps: judged from what this process hears and from what whoever
listens has left in the database. Pure."""

from typing import Literal, Protocol, TypeAlias

from sidebar.store.standing import Standing

HOUR = 60 * 60 * 1000
KEPT = 72 * HOUR  # Salesforce keeps events so long
OLD = 48 * HOUR
QUIET = 10 * 60 * 1000  # an org promises a sign of life every 270 s; a renewed position takes one more of them

Condition: TypeAlias = Literal["listening", "connecting", "waiting", "elsewhere", "silent", "nobody"]
Remedy: TypeAlias = Literal["allocation", "selection", "position", "access", "limit", "certificate", "network"]

_REMEDIES: dict[str, Remedy] = {
    "subscription.limit.exceeded": "allocation",
    "subscription.topic.cannot.subscribe": "selection",
    "topic.not.found": "selection",
    "topic.meta.permission": "selection",
    "subscription.fetch.replayid.corrupted": "position",
    "REQUEST_LIMIT_EXCEEDED": "limit",
    "API_DISABLED_FOR_ORG": "access",
    "API_CURRENTLY_DISABLED": "access",
    "INVALID_SESSION_ID": "access",
}


class Listening(Protocol):
    """How a change stream is that this process hears: what worker.Listening tells."""

    @property
    def state(self) -> Literal["connecting", "listening", "waiting"]: ...
    @property
    def since(self) -> int: ...
    @property
    def problem(self) -> str | None: ...


def condition(heard: Listening | None, standing: Standing, now: int) -> Condition:
    """ "elsewhere": another process listens; "silent": it should, and yet nothing comes; "nobody": none does."""
    if heard is not None:
        return heard.state
    if standing.held_until <= now:
        return "nobody"
    return "silent" if standing.broken or position_age(standing, now) > QUIET else "elsewhere"


def is_up(condition: Condition) -> bool:
    return condition in ("listening", "elsewhere")


def position_age(standing: Standing, now: int) -> int:
    """In ms, 0 before the first. Every response renews the position, so this is also how long ago the last one came."""
    return max(0, now - standing.position.at) if standing.position else 0


def remedy(problem: str) -> Remedy:
    """What helps against a problem as worker.Listening tells it: Salesforce's code in front, or words of our own."""
    code = problem.partition(":")[0]
    if code.startswith("service.auth") or "no working connection" in problem:
        return "access"
    return "certificate" if problem.startswith("The certificate file") else _REMEDIES.get(code, "network")
