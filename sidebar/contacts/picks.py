"""What people say by hand: this customer is that record, or is not. Remembered for the customer, and revocable.

A customer is known by the inbox's id of them; without one by the e-mail addresses, without those by the phone numbers,
as a look-up would decide; at last by the conversation alone. Two customers who share a switchboard but not an e-mail
address are two. Must not know panels.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sidebar.contacts.edit import Author
from sidebar.contacts.rank import Told
from sidebar.identity import Identity, email_key, phone_key
from sidebar.random import Random, token
from sidebar.store import picks, workspaces
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.picks import Pick
from sidebar.store.workspaces import Workspace


def known_by(customer: Identity, region: str, host: str = "", conversation: str = "") -> str:
    """Under what a customer is remembered, as a digest; empty where there is nothing to remember them by. `region` is
    the workspace's country."""
    regions = [each for each in (customer.country, region) if each]
    emails = {key for raw in customer.emails if (key := email_key(raw))}
    phones = {key for raw in customer.phones if (key := phone_key(raw, regions))}
    if customer.external_id:
        return _digest("customer", host, customer.external_id)
    if emails or phones:
        return _digest("addresses", *sorted(emails or phones))
    return _digest("conversation", host, conversation) if conversation else ""


@dataclass(frozen=True, slots=True)
class Word:
    """What holds for one customer: the record that was picked, and those it is not."""

    pick: Pick | None = None
    unlinks: tuple[Pick, ...] = ()

    @property
    def told(self) -> Told:
        return Told(self.pick.record_id if self.pick else "", frozenset(each.record_id for each in self.unlinks))


def word_of(said: Iterable[Pick]) -> Word:
    """What of this holds."""
    held = [each for each in said if each.ended_at is None]
    picked = [each for each in held if each.picked]
    return Word(picked[-1] if picked else None, tuple(each for each in held if not each.picked))


class Picks:
    def __init__(self, database: Database, clock: Callable[[], int], random: Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random

    async def word(self, workspace_id: str, customer: str) -> Word:
        if not customer:
            return Word()
        async with self._database.read() as connection:
            return word_of(await picks.holding(connection, workspace_id, customer))

    async def pick(self, workspace: Workspace, author: Author, customer: str, record_id: str) -> None:
        """It is this one, instead of whoever was picked before; that it was unlinked no longer counts."""
        await self._say(workspace, author, Said(customer, record_id, True))

    async def unlink(self, workspace: Workspace, author: Author, customer: str, record_id: str) -> None:
        """It is not this one, and is not to be found again; that it was picked no longer counts."""
        await self._say(workspace, author, Said(customer, record_id, False))

    async def revoke(self, workspace: Workspace, author: Author, customer: str, id: str) -> None:
        """One pick or unlink no longer holds; nothing happens where it is another customer's."""
        async with self._database.write() as connection:
            held = await picks.holding(connection, workspace.id, customer)
            mine = [each.id for each in held if each.id == id]
            await picks.end(connection, mine, self._clock(), "revoked", _name(author))

    async def follow(self, workspace: Workspace, customer: str, lead: str, contact: str) -> None:
        """A lead that was picked has been converted: it is the Contact now."""
        async with self._database.write() as connection:
            held = await picks.holding(connection, workspace.id, customer)
            await picks.move(connection, [each.id for each in held if each.record_id == lead], contact)

    async def _say(self, workspace: Workspace, author: Author, said: "Said") -> None:
        async with self._database.write() as connection:
            await workspaces.lock(connection, workspace.id)
            held = await picks.holding(connection, workspace.id, said.customer)
            if not any(said.repeats(each) for each in held):
                against = [each.id for each in held if said.replaces(each)]
                await picks.end(connection, against, self._clock(), "replaced", _name(author))
                await self._add(connection, workspace, author, said)

    async def _add(self, connection: AsyncConnection, workspace: Workspace, author: Author, said: "Said") -> None:
        pick = Pick(
            id=token(self._random),
            workspace_id=workspace.id,
            customer=said.customer,
            record_id=said.record_id,
            picked=said.picked,
            at=self._clock(),
            agent_id=author.agent.id,
            agent_email=author.agent.email,
            agent_name=author.agent.name,
            host=author.host,
            conversation=author.conversation,
        )
        await picks.add(connection, pick)


@dataclass(frozen=True, slots=True)
class Said:
    customer: str
    record_id: str
    picked: bool

    def repeats(self, before: Pick) -> bool:
        return (before.record_id, before.picked) == (self.record_id, self.picked)

    def replaces(self, before: Pick) -> bool:
        """One customer is one person; and one word holds of each record."""
        return before.record_id == self.record_id or (before.picked and self.picked)


def _name(author: Author) -> str:
    return author.agent.name or author.agent.email or author.agent.id


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
