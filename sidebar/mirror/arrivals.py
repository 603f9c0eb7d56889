"""A Contact that is new in Salesforce becomes a local contact: made once, or linked where the person is known here.

Must not know how its record came to be known.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from sidebar.contacts import keys, tags
from sidebar.mirror.following import name_of, phone_of, take_over
from sidebar.random import Random, token
from sidebar.store import contacts, marks, records, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection
from sidebar.store.records import Record
from sidebar.store.workspaces import Creating

TAG = tags.SYSTEM
SLACK = 60_000
"""In ms: how far the org's clock may be from ours. What an event tells to be older than a connection by more predates
it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A living record that is new; `evidence`: why it counts as a bulk import, or None; `slack` in ms, as above."""

    record: Record
    evidence: str | None = None
    slack: int = SLACK


@dataclass(frozen=True, slots=True)
class Door:
    """Where those who arrive in an org are let in."""

    connection: AsyncConnection
    org_id: str
    now: int
    random: Random

    async def welcome(self, arrivals: Sequence[Arrival]) -> list[Contact]:
        """The local contacts that were made, in every workspace that wants them."""
        made: list[Contact] = []
        for workspace in await workspaces.auto_creating(self.connection, self.org_id) if arrivals else ():
            wanted = [arrival for arrival in arrivals if _wants(workspace, arrival)]
            if wanted:
                await workspaces.lock(self.connection, workspace.id)
            made += [contact async for contact in self._let_in(workspace, wanted)]
        return made

    async def _let_in(self, workspace: Creating, arrivals: Sequence[Arrival]) -> AsyncIterator[Contact]:
        there = await contacts.linked(self.connection, workspace.id, [arrival.record.id for arrival in arrivals])
        for arrival in arrivals:
            if arrival.record.id not in there:
                contact = await self._made(workspace, arrival)
                if contact:
                    yield contact

    async def _made(self, workspace: Creating, arrival: Arrival) -> Contact | None:
        """None where somebody who is here already was linked."""
        owned = list(dict.fromkeys(keys.of_record(arrival.record.values, workspace.region)))
        if known := await self._known(workspace, arrival.record.id, owned):
            await contacts.link(self.connection, known.id, arrival.record.id)
            await take_over(self.connection, known, {}, arrival.record.values, workspace.region)
            return None
        contact = _contact(workspace, arrival, token(self.random), self.now)
        if not await contacts.add_once(self.connection, contact):
            return None
        await contacts.own(self.connection, workspace.id, contact.id, owned)
        return contact

    async def _known(self, workspace: Creating, id: str, owned: Collection[str]) -> Contact | None:
        """The one person here who has a key of theirs and no living record yet. Several are not one."""
        found = await contacts.by_keys(self.connection, workspace.id, owned) if owned else {}
        people = {found[key].id: found[key] for key in found if not await self._is_shared(key, id, workspace.region)}
        if len(people) != 1:
            return None
        [person] = people.values()
        if person.salesforce_id is None:
            return person
        of = (await records.of(self.connection, self.org_id, [person.salesforce_id])).get(person.salesforce_id)
        return person if of and of.deleted else None

    async def _is_shared(self, key: str, id: str, region: str) -> bool:
        """Whether others have the number, too: it tells a household or an office, not a person."""
        tail = marks.of_phone(key.removeprefix("phone:")) if key.startswith("phone:") else None
        others = set(await marks.find(self.connection, self.org_id, [tail])) - {id} if tail else ()
        beside = await records.of(self.connection, self.org_id, others)
        return any(key in keys.of_record(each.values, region) for each in beside.values())


def _wants(workspace: Creating, arrival: Arrival) -> bool:
    recent = arrival.record.appeared_at >= workspace.since - arrival.slack
    return recent and (workspace.include_bulk or arrival.evidence is None)


def _contact(workspace: Creating, arrival: Arrival, id: str, now: int) -> Contact:
    values = arrival.record.values
    email = keys.text(values.get("Email"))
    phone = phone_of(values)
    return Contact(
        id=id,
        workspace_id=workspace.id,
        salesforce_id=arrival.record.id,
        name=name_of(values) or email or phone or arrival.record.id,
        email=email,
        phone=phone,
        source="salesforce",
        tags=(TAG,) if workspace.tag_created else (),
        created_at=now,
        dormant=arrival.evidence is not None,
        evidence=arrival.evidence,
    )
