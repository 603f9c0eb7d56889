"""A Contact that is new in Salesforce becomes a local contact: made once, or linked where the person is known here.

Must not know how its record came to be known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidebar.contacts import keys, tags
from sidebar.contacts.following import Step, name_of, phone_of, take_over
from sidebar.mirror.people import look
from sidebar.random import Random, token
from sidebar.store import contacts, records, standing, workspaces
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
                made += await self._let_in(workspace, wanted)
        return made

    async def take_back(self, evidence: Mapping[str, str]) -> None:
        """Who was let in before an import was known for one rests like those after them, or is here no more where
        imports are not wanted; but not with whom a conversation has begun, nor whom somebody has tagged."""
        if not evidence:
            return
        copies = await records.of(self.connection, self.org_id, evidence)
        for workspace in await workspaces.auto_creating(self.connection, self.org_id):
            await workspaces.lock(self.connection, workspace.id)
            made = await contacts.untouched(self.connection, workspace.id, list(evidence))
            new = [(each, copies[str(each.salesforce_id)]) for each in made if _is_made_of(each, copies)]
            if workspace.include_bulk:
                resting = {each.id: evidence[copy.id] for each, copy in new}
                await contacts.put_to_rest(self.connection, resting)
            else:
                await contacts.disown_all(
                    self.connection, [(each, _keys(copy, workspace.region)) for each, copy in new]
                )
                await contacts.remove(self.connection, [each.id for each, _ in new])

    async def _let_in(self, workspace: Creating, arrivals: Sequence[Arrival]) -> list[Contact]:
        there = await contacts.linked(self.connection, workspace.id, [arrival.record.id for arrival in arrivals])
        new = {arrival.record.id: arrival for arrival in arrivals if arrival.record.id not in there}
        owned = {id: _keys(arrival.record, workspace.region) for id, arrival in new.items()}
        people = await look(self.connection, self.org_id, workspace, owned)
        made: list[Contact] = []
        for id, arrival in new.items():
            if people.link(id, owned[id]) is None:
                made.append(_contact(workspace, arrival, token(self.random), self.now))
                people.join(made[-1], owned[id])
        made = await contacts.add(self.connection, made)
        await contacts.own_all(
            self.connection, [(workspace.id, each.id, owned[str(each.salesforce_id)]) for each in made]
        )
        await self._link(workspace, [(person, new[id].record) for person, id in people.linked])
        return made

    async def _link(self, workspace: Creating, linked: Sequence[tuple[Contact, Record]]) -> None:
        """Who is here already, and is somebody's record now."""
        await contacts.link_all(self.connection, [(person.id, record.id) for person, record in linked])
        await take_over(
            self.connection, [Step(person, {}, record.values, workspace.region) for person, record in linked]
        )


def _wants(workspace: Creating, arrival: Arrival) -> bool:
    recent = arrival.record.appeared_at >= workspace.since - arrival.slack
    return recent and (workspace.include_bulk or arrival.evidence is None)


def _is_made_of(contact: Contact, copies: Mapping[str, Record]) -> bool:
    """Who was here before their record is somebody who was linked."""
    copy = copies.get(str(contact.salesforce_id))
    made = contact.source == standing.MADE and set(contact.tags) <= {TAG}
    return made and copy is not None and contact.created_at >= copy.appeared_at - SLACK


def _keys(record: Record, region: str) -> list[str]:
    return list(dict.fromkeys(keys.of_record(record.values, region)))


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
        source=standing.MADE,
        tags=(TAG,) if workspace.tag_created else (),
        created_at=now,
        dormant=arrival.evidence is not None,
        evidence=arrival.evidence,
    )
