"""What a record says of a person, the local contact it has says, too: how they are called, and by what they are found.

What the record never said stays as an inbox told it. Must not know how it came to be known.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sidebar.contacts import keys
from sidebar.store import contacts
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection

Values = Mapping[str, object]

_NAME_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")
_NAMES = (*_NAME_PARTS, "Name")  # as a whole it is told by REST only
_PERSON = (*_NAMES, "Email", *keys.PHONES, *keys.COUNTRY)


@dataclass(frozen=True, slots=True)
class Step:
    """Of a contact that follows its record. `before`: what that said when it was followed last; nothing where it never
    was. `region`: the country of the workspace."""

    contact: Contact
    before: Values
    now: Values
    region: str


async def take_over(connection: AsyncConnection, steps: Sequence[Step]) -> None:
    """What their records say now."""
    called = [(each.contact, _called(each.contact, changes(each.before, each.now), each.now)) for each in steps]
    await contacts.call_all(connection, [(before, now) for before, now in called if now != before])
    owned = [(each, list(dict.fromkeys(keys.of_record(each.now, each.region)))) for each in steps]
    await contacts.disown_all(connection, [(each.contact, _lost(each, theirs)) for each, theirs in owned])
    await contacts.own_all(connection, [(each.contact.workspace_id, each.contact.id, theirs) for each, theirs in owned])


def changes(before: Values, now: Values) -> frozenset[str]:
    """The fields that tell of a person. One that is hidden from us by now has not changed."""
    return frozenset(name for name in _PERSON if name in now and now[name] != before.get(name))


def name_of(values: Values) -> str:
    """Empty where the record says none."""
    return " ".join(keys.texts(values, _NAME_PARTS)) or keys.text(values.get("Name")) or ""


def phone_of(values: Values) -> str | None:
    return next(keys.texts(values, keys.PHONES), None)


def _called(contact: Contact, changed: frozenset[str], now: Values) -> Contact:
    name = name_of(now)
    if name and not changed.isdisjoint(_NAMES) and sorted(name.split()) != sorted(contact.name.split()):
        contact = replace(contact, name=name)  # the same words in another order are how Salesforce writes the name
    if "Email" in changed:
        contact = replace(contact, email=keys.text(now["Email"]))
    return contact if changed.isdisjoint(keys.PHONES) else replace(contact, phone=phone_of(now))


def _lost(step: Step, theirs: Collection[str]) -> set[str]:
    known = {name: value for name, value in step.before.items() if name in step.now}
    return set(keys.of_record(known, step.region)).difference(theirs)
