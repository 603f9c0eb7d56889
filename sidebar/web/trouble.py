"""What goes wrong in a panel, named so that a template can say it in the reader's words, with the status it answers."""

from dataclasses import dataclass

from sidebar.contacts.edit import NotEditable
from sidebar.hosts import Unproven
from sidebar.orgs import NotConnected
from sidebar.salesforce.errors import (
    ApiDisabled,
    GrantEnded,
    LimitExceeded,
    NotFound,
    Refused,
    SalesforceError,
    Unauthorized,
)

PROBLEMS = (SalesforceError, NotConnected)
"""What a room below may raise where Salesforce is concerned."""


class Closed(Exception):
    """A request that gets no further than the door. `kind` is one of Trouble's."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` picks the words in panel/_words.html; `detail` is Salesforce's own text, where it helps."""

    kind: str
    status: int
    detail: str = ""


_CLOSED = {"unknown": 404, "foreign": 403, "expired": 401, "other": 403, "large": 413, "malformed": 400, "forged": 403}
_SALESFORCE: tuple[tuple[type[SalesforceError], str, int], ...] = (
    (LimitExceeded, "limit", 503),
    (ApiDisabled, "api", 409),
    (GrantEnded, "ended", 409),
    (Unauthorized, "ended", 409),
    (NotFound, "gone", 404),
    (Refused, "refused", 422),
)


def trouble_of(problem: Exception) -> Trouble:
    """How to tell `problem`: a Closed, Unproven, NotEditable, NotConnected or any SalesforceError."""
    if isinstance(problem, Closed):
        return Trouble(problem.kind, _CLOSED[problem.kind])
    if isinstance(problem, Unproven):
        return Trouble(problem.reason, _CLOSED[problem.reason], problem.detail)
    if isinstance(problem, NotEditable):
        return Trouble(f"edit-{problem.reason}", 403)
    if isinstance(problem, NotConnected):
        return Trouble("unconnected" if problem.reason == "never" else "ended", 409)
    for kind, name, status in _SALESFORCE:
        if isinstance(problem, kind):
            return Trouble(name, status, problem.message if name == "refused" else "")
    return Trouble("down", 503)
