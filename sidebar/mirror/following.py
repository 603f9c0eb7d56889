"""What changes in a record changes in the local contact it has: how it is called, and by what it is found.

What the record never said stays as an inbox told it. Must not know how a change came to be known.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sidebar.contacts import keys
from sidebar.store import contacts
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection
from sidebar.store.records import Record, Value

Values = Mapping[str, Value]

_NAME_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")
_PERSON = (*_NAME_PARTS, "Email", *keys.PHONES, *keys.COUNTRY)


async def follow(
    connection: AsyncConnection, org_id: str, before: Mapping[str, Record], now: Iterable[Record], but: Collection[str]
) -> None:
    """In every workspace of the org. `but`: ids of contacts that were made of these records just now."""
    former = {id: record.values for id, record in before.items()}
    changed = {each.id: each.values for each in now if each.counts and _changes(former.get(each.id, {}), each.values)}
    for contact, region in await contacts.of_records(connection, org_id, list(changed)):
        id = str(contact.salesforce_id)
        if contact.id not in but:
            await take_over(connection, contact, former.get(id, {}), changed[id], region)


async def take_over(connection: AsyncConnection, contact: Contact, before: Values, now: Values, region: str) -> None:
    """`before`: what the record said when the contact followed it last; nothing where it never did."""
    called = _called(contact, _changes(before, now), now)
    if called != contact:
        await contacts.call(connection, contact, called)
    theirs = list(dict.fromkeys(keys.of_record(now, region)))
    known = {name: value for name, value in before.items() if name in now}
    await contacts.disown(connection, contact, set(keys.of_record(known, region)).difference(theirs))
    await contacts.own(connection, contact.workspace_id, contact.id, theirs)


def name_of(values: Values) -> str:
    """Empty where the record says none."""
    return " ".join(keys.texts(values, _NAME_PARTS))


def phone_of(values: Values) -> str | None:
    return next(keys.texts(values, keys.PHONES), None)


def _changes(before: Values, now: Values) -> frozenset[str]:
    """A field that is hidden from us by now has not changed."""
    return frozenset(name for name in _PERSON if name in now and now[name] != before.get(name))


def _called(contact: Contact, changes: frozenset[str], now: Values) -> Contact:
    name = name_of(now)
    if name and not changes.isdisjoint(_NAME_PARTS) and sorted(name.split()) != sorted(contact.name.split()):
        contact = replace(contact, name=name)  # the same words in another order are how Salesforce writes the name
    if "Email" in changes:
        contact = replace(contact, email=keys.text(now["Email"]))
    return contact if changes.isdisjoint(keys.PHONES) else replace(contact, phone=phone_of(now))
