"""The proof the inbox gives the panel: which agent is looking at which conversation, signed with the shared secret.

This is the generic host contract seen from the host's side; nothing of the product is used to write it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from sidebar.demo.choices import Choices
from sidebar.demo.conversations.shape import Conversation, Customer
from sidebar.demo.surroundings import Surroundings

LIFETIME = 300
"""Seconds; the contract allows 600."""


@dataclass(frozen=True, slots=True)
class Agent:
    id: str
    name: str
    email: str


AGENT = Agent("agent-7", "Robin Keller", "robin.keller@lindenlark.example")


def sign(house: Surroundings, conversation: Conversation, choices: Choices) -> str:
    """A compact JWT (HS256) that says who looks at whom for the next five minutes."""
    now = house.clock() // 1000
    claims = {
        "aud": house.workspace_key,
        "iat": now,
        "exp": now + LIFETIME,
        "sub": AGENT.id,
        "email": AGENT.email,
        "name": AGENT.name,
        "conversation": conversation.id,
        "customer": _described(conversation.customer),
        "locale": choices.locale,
        "theme": choices.theme,
    }
    return jwt.encode(claims, house.host_secret, algorithm="HS256")


def _described(customer: Customer) -> Mapping[str, object]:
    return {
        "emails": customer.emails,
        "phones": customer.phones,
        "name": customer.name,
        "external_id": customer.external_id,
        "country": customer.country,
    }
