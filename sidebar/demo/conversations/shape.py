"""What a conversation is made of in the demo inbox. It must not know Salesforce."""

from dataclasses import dataclass
from typing import Literal

import phonenumbers

Channel = Literal["email", "whatsapp", "sms", "call", "chat"]


@dataclass(frozen=True, slots=True)
class Customer:
    """The other side as the inbox knows it; phones in E.164, country as ISO 3166 alpha-2."""

    external_id: str
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str = ""

    @property
    def label(self) -> str:
        """What the inbox calls the person: a number has to do where nobody gave a name."""
        return self.name or written(next(iter(self.phones + self.emails)))

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar, one for scripts without capitals, empty without a name."""
        letters = [word[0] for word in self.name.split() if word[0].isalpha()]
        capitals = [letter for letter in letters if letter.isupper()]
        return "".join(capitals[:2]) or "".join(letters[:1]).upper()


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a thread. `when` is "25m" (minutes before the demo started) or "2d 14:05" (days before, at)."""

    when: str
    text: str
    side: Literal["customer", "agent", "call"]


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    channel: Channel
    language: str
    subject: str
    customer: Customer
    messages: tuple[Message, ...]
    unread: bool = False

    @property
    def address(self) -> str:
        """Where the customer is reached on this channel."""
        by_text = self.channel in ("email", "chat")
        first, second = self.customer.emails, self.customer.phones
        return written(next(iter(first + second if by_text else second + first)))


def written(address: str) -> str:
    """An E.164 number with the blanks people put in it; an e-mail as it is."""
    if not address.startswith("+"):
        return address
    number = phonenumbers.parse(address)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def they(when: str, text: str) -> Message:
    return Message(when, text, "customer")


def we(when: str, text: str) -> Message:
    return Message(when, text, "agent")


def call(when: str, text: str) -> Message:
    """A line about a call, not something anybody said."""
    return Message(when, text, "call")
