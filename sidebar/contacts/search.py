"""Asks Salesforce who has an e-mail address or a phone number: e-mail first, then phone, each however it is written.

Step by step, and no further than it takes. Whoever a search brings is compared by key. A question on its way is shared
with everybody who asks the same of another person.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence

from sidebar.contacts import phones
from sidebar.contacts.gather import Gather
from sidebar.contacts.people import LEAD_PREFIX, People
from sidebar.contacts.questions import ByDigits, ByText, Texts, kind_of, select
from sidebar.contacts.receipt import Input
from sidebar.contacts.trail import MOST, Trail
from sidebar.identity import email_spellings
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import NotFound

Gathered = Gather[Texts, Record]


class Search:
    """`leads`: how the connected user may see them, None where not at all; `line`: whose questions go together."""

    def __init__(
        self,
        client: Client,
        contacts: People,
        leads: Callable[[], Awaitable[People | None]],
        gather: Gathered,
        line: Hashable,
    ) -> None:
        self._client = client
        self._contacts = contacts
        self._leads = leads
        self._gather = gather
        self._line = line

    async def find(self, trail: Trail) -> None:
        """Leaves in `trail` whatever decides who it is."""
        contacts = [] if trail.knows_contacts else [self._contacts]
        wanted = [] if trail.sought.policy == "contacts" else await self._readable_leads()
        for step in (self._by_email, self._by_phone, self._by_spelling):
            if await step(trail, [*contacts, *wanted]):
                await self._bring_picked(trail)
                await self._bring_heirs(trail)
            if trail.is_settled:
                return
        await self._bring_picked(trail)
        await self._bring_heirs(trail)
        if trail.sought.policy == "contacts" and trail.ranking.outcome == "nobody":
            await self._only_leads(trail)

    async def by_id(self, id: str) -> Record:
        """Of a Contact or a Lead. Raises NotFound where it has been deleted, or the connected user may not see it."""
        people = self._contacts if not id.startswith(LEAD_PREFIX) else next(iter(await self._readable_leads()), None)
        found = await self._of_ids(people, [id]) if people else []
        if not found:
            raise NotFound("no such record")
        return found[0]

    async def _only_leads(self, trail: Trail) -> None:
        """No Contact has been found: is there a lead? Then it is said (RI-31)."""
        if not any(each.keys for each in trail.compared.inputs):
            return
        leads = await self._readable_leads()
        await asyncio.gather(self._by_email(trail, leads), self._by_phone(trail, leads))
        await self._bring_heirs(trail)

    async def _by_email(self, trail: Trail, places: Sequence[People]) -> bool:
        """Contact.Email and Lead.Email are indexed: an exact query is cheap. An org's own fields for e-mail are asked
        only where those hold nobody."""
        texts = sorted({text for each in trail.usable("email") for text in _texts(each)})
        if not texts or not places:
            return False
        await asyncio.gather(*(self._emails_of(trail, people, texts) for people in places))
        return True

    async def _emails_of(self, trail: Trail, people: People, texts: Sequence[str]) -> None:
        for name in people.emails:
            question = ByText(self._client, people, (name,))
            found, calls = await self._ask(question, question.parts(texts))
            trail.take("lead email" if people.kind == "Lead" else "email", calls, people, found)
            if any(each.is_strong for each in trail.candidates if each.id in map(_id, found)):
                return

    async def _by_phone(self, trail: Trail, places: Sequence[People]) -> bool:
        """The search index: one search for all kinds of records."""
        looked = tuple(people for people in places if people.phones)
        numbers = trail.usable("phone")
        if not numbers or not looked:
            return False
        question = ByDigits(self._client, looked)
        found, calls = await self._ask(question, question.parts(phones.digit_strings(_values(numbers))))
        for people in looked:
            theirs = [record for record in found if kind_of(record) == people.kind]
            trail.take(_named("phone search", people), calls if people is looked[0] else 0, people, theirs)
        return True

    async def _by_spelling(self, trail: Trail, places: Sequence[People]) -> bool:
        """Where the search index has nobody (it lags behind writes): the usual spellings, exactly."""
        looked = [people for people in places if people.phones]
        numbers = trail.usable("phone")
        if not numbers or not looked:
            return False
        forms = phones.spellings([each.raw for each in numbers], _values(numbers))
        await asyncio.gather(*(self._spelt(trail, people, forms) for people in looked))
        return True

    async def _spelt(self, trail: Trail, people: People, forms: Sequence[str]) -> None:
        question = ByText(self._client, people, people.phones)
        found, calls = await self._ask(question, question.parts(forms))
        trail.take(_named("phone query", people), calls, people, found)

    async def _bring_picked(self, trail: Trail) -> None:
        """Whom an agent picked, where their address is not what was looked for."""
        if not trail.lacks_picked:
            return
        picked = trail.sought.told.picked
        for people in await self._readable_leads() if picked.startswith(LEAD_PREFIX) else [self._contacts]:
            trail.take("picked", 1, people, await self._of_ids(people, [picked]))

    async def _bring_heirs(self, trail: Trail) -> None:
        """A converted lead gives way to the Contact it has become, whatever address that has now."""
        if heirs := trail.heirs:
            found = await self._of_ids(self._contacts, heirs)
            trail.take("converted", 1, self._contacts, found)
        trail.inherit()

    async def _of_ids(self, people: People, ids: Sequence[str]) -> list[Record]:
        return await self._client.query(select(people, f"Id IN {soql.texts(ids)}", MOST))

    async def _readable_leads(self) -> list[People]:
        leads = await self._leads()
        return [leads] if leads else []

    async def _ask(self, question: "ByText | ByDigits", parts: Iterable[Texts]) -> tuple[list[Record], int]:
        line = (self._line, question.line)
        answers = await asyncio.gather(*(self._gather.ask(line, part, question) for part in parts))
        return [row for each in answers for row in each.rows], sum(each.calls for each in answers)


def _named(step: str, people: People) -> str:
    return f"lead {step}" if people.kind == "Lead" else step


def _values(numbers: Iterable[Input]) -> set[str]:
    return {key.value for each in numbers for key in each.keys}


def _texts(each: Input) -> Iterable[str]:
    return (text for key in each.keys for text in email_spellings(key.value))


def _id(record: Record) -> str:
    return str(record["Id"])
