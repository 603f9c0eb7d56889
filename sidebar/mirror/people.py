"""Who is here already, of those who arrive: read at once for all of them, then judged one after the other.

Must not know what becomes of who is not.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sidebar.contacts import keys
from sidebar.store import contacts, marks, records
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection
from sidebar.store.workspaces import Creating

_PHONE = "phone:"


@dataclass(slots=True)
class People:
    """`owners`: who has a key; `holders`: the records that have a phone number; `gone`: records that are no more;
    `linked`: whom `link` has found, and which record each is."""

    people: dict[str, Contact]
    owners: dict[str, str]
    holders: Mapping[str, Collection[str]]
    gone: Collection[str]
    linked: list[tuple[Contact, str]]

    def link(self, id: str, owned: Collection[str]) -> Contact | None:
        """The one person here who has a key of theirs and no living record yet. Several are not one."""
        found = {self.owners[key] for key in owned if key in self.owners and not self._is_shared(key, id)}
        person = self.people[found.pop()] if len(found) == 1 else None
        if person is None or (person.salesforce_id is not None and person.salesforce_id not in self.gone):
            return None
        self.linked.append((person, id))
        self.join(replace(person, salesforce_id=id), owned)
        return person

    def join(self, contact: Contact, owned: Iterable[str]) -> None:
        """Who arrives next may have the same keys."""
        self.people[contact.id] = contact
        for key in owned:
            self.owners.setdefault(key, contact.id)

    def _is_shared(self, key: str, id: str) -> bool:
        """Whether others have the number, too: it tells a household or an office, not a person."""
        return any(other != id for other in self.holders.get(key, ()))


async def look(
    connection: AsyncConnection, org_id: str, workspace: Creating, owned: Mapping[str, Collection[str]]
) -> People:
    """`owned`: the keys of who arrives, by record."""
    found = await contacts.by_keys(connection, workspace.id, {key for theirs in owned.values() for key in theirs})
    numbers = [key for key in found if key.startswith(_PHONE)]
    others = await _others(connection, org_id, workspace.region, numbers, owned)
    linked = await records.of(connection, org_id, {each.salesforce_id for each in found.values() if each.salesforce_id})
    return People(
        people={each.id: each for each in found.values()},
        owners={key: each.id for key, each in found.items()},
        holders=_holders({**others, **owned}),
        gone={each.id for each in linked.values() if each.deleted},
        linked=[],
    )


async def _others(
    connection: AsyncConnection, org_id: str, region: str, numbers: Iterable[str], but: Collection[str]
) -> dict[str, Collection[str]]:
    """Further records that may have one of these numbers, and their keys."""
    tails = {mark for key in numbers if (mark := marks.of_phone(key.removeprefix(_PHONE)))}
    ids = set(await marks.find(connection, org_id, tails)).difference(but)
    return {
        id: list(keys.of_record(each.values, region))
        for id, each in (await records.of(connection, org_id, ids)).items()
    }


def _holders(owned: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for id, theirs in owned.items():
        for key in theirs:
            if key.startswith(_PHONE):
                found.setdefault(key, set()).add(id)
    return found
