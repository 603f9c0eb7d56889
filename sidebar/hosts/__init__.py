"""Who embeds us. One file per host, found in this folder; each turns what arrives into words of ours, purely.

A host gets an Arrival and returns a Visit; it knows no server, no store and no Salesforce, so that it can be tested
with recorded payloads, and a stranger can add one.
"""

import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from sidebar.identity import Identity


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came to our door. Header names in lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Agent:
    """Who looks at the panel, as proven by the host."""

    id: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A conversation an agent has open, or a contact and no conversation. `expires` (ms): until when the host vouches
    for it; `record`: the Contact it is about, where the host knows its id."""

    agent: Agent
    customer: Identity
    conversation: str
    locale: str
    theme: str
    expires: int
    record: str = ""


class Unproven(Exception):
    """The host's word cannot be taken. `reason`: "expired", "forged" or "malformed"; `detail` is for its developers."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Host(ABC):
    kind: str

    @abstractmethod
    def visit(self, arrival: Arrival, key: str, secret: str, now: int) -> Visit:
        """The proven visit; `key` is the workspace's, `secret` what this host signs with. Raises Unproven."""


def find(kind: str) -> Host | None:
    """The host whose file in this folder is called `kind`."""
    return _hosts().get(kind)


@cache
def _hosts() -> Mapping[str, Host]:
    return {module.name: import_module(f"{__name__}.{module.name}").HOST for module in pkgutil.iter_modules(__path__)}
