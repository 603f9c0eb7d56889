"""The signed context of an open panel: which agent looks at which customer's records, and until when.

It is minted when a host's word has been proven, travels in a header of every later request, and names the records it
opens, so that a form filled in beside one customer cannot be sent for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sidebar.hosts import Agent, Visit
from sidebar.vault import JSON, Vault

HEADER = "Sidebar-Context"
_RENEWABLE_MS = 12 * 3_600_000  # a panel left open longer starts anew


@dataclass(frozen=True, slots=True)
class Context:
    """`stamp` is the Door's: of the host secret with which the visit was proven. `customer`: under what is remembered
    whom people say the customer is; empty where nothing can be."""

    workspace_id: str
    host: str
    stamp: str
    agent: Agent
    conversation: str
    customer: str
    language: str
    records: tuple[str, ...]
    expires: int

    def continues(self, visit: Visit) -> bool:
        """Whether `visit` is the same agent in the same conversation."""
        return (self.agent.id, self.conversation) == (visit.agent.id, visit.conversation)


class Contexts:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def sign(self, context: Context) -> str:
        agent = context.agent
        claims: dict[str, JSON] = {
            "w": context.workspace_id,
            "h": context.host,
            "s": context.stamp,
            "a": [agent.id, agent.email, agent.name],
            "c": context.conversation,
            "p": context.customer,
            "l": context.language,
            "r": list(context.records),
        }
        return self._vault.sign("context", claims, context.expires)

    def read(self, signed: str, now: int) -> Context | None:
        """None where it is not ours or no longer valid: the panel then asks its host for a new one."""
        return _context(self._vault.verify("context", signed, now))

    def read_for_renewal(self, signed: str, now: int) -> Context | None:
        context = _context(self._vault.verify_expired("context", signed))
        return context if context and context.expires > now - _RENEWABLE_MS else None


def _context(claims: dict[str, JSON] | None) -> Context | None:
    if claims is None:
        return None
    agent = Agent(*map(str, cast("Sequence[str]", claims["a"])))
    return Context(
        workspace_id=str(claims["w"]),
        host=str(claims["h"]),
        stamp=str(claims.get("s", "")),
        agent=agent,
        conversation=str(claims["c"]),
        customer=str(claims.get("p", "")),
        language=str(claims["l"]),
        records=tuple(map(str, cast("Sequence[str]", claims["r"]))),
        expires=cast(int, claims["exp"]),
    )
