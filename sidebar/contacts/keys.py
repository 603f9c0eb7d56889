"""Strong keys of people: what two of them never share, as records and inboxes know it. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sidebar.identity import Identity, email_keys, phone_keys, region_of

PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")
COUNTRY = ("MailingCountryCode", "MailingCountry")


def of_record(values: Mapping[str, object], region: str) -> Iterator[str]:
    """Of a Contact: its e-mail, and those of its numbers whose plan is known, as in its own country, then `region`."""
    country = region_of(next(texts(values, COUNTRY), ""))
    yield from _emails(texts(values, ["Email"]))
    yield from _phones(texts(values, PHONES), [each for each in (country, region) if each])


def of_customer(customer: Identity, region: str) -> Iterator[str]:
    """Of whom an inbox names: the same."""
    yield from _emails(customer.emails)
    yield from _phones(customer.phones, [each for each in (customer.country, region) if each])


def in_inbox(kind: str, host: str, id: str) -> str:
    """Of a "conversation" or "customer" with that id in an inbox: not the id itself, which may be long and personal."""
    return f"{kind}:{hashlib.blake2b(f'{host} {id}'.encode(), digest_size=16).hexdigest()}"


def text(value: object) -> str | None:
    """Without the one character PostgreSQL cannot keep: a record that holds it must not stop anything."""
    return value.replace("\0", "").strip() or None if isinstance(value, str) else None


def texts(values: Mapping[str, object], names: Iterable[str]) -> Iterator[str]:
    """What is written in these fields, in this order."""
    return (found for name in names if (found := text(values.get(name))))


def _emails(written: Iterable[str]) -> Iterator[str]:
    return (f"email:{key.value}" for each in written for key in email_keys(each) if key.strong)


def _phones(written: Iterable[str], regions: Sequence[str]) -> Iterator[str]:
    keys = (key for each in written for key in phone_keys(each, regions) if key.strong)
    return (f"phone:{key.value}" for key in keys if key.value.startswith("+"))
