"""What our own copies tell of people, for workspaces that are `live`: as long as the change stream is provably alive.

None where only Salesforce can tell. Must not know what is remembered of answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sidebar.cache import Cache
from sidebar.contacts import people
from sidebar.contacts.asking import Asking
from sidebar.contacts.copies import RELATED_SECONDS, Copies, Wanted
from sidebar.contacts.fields import Spec
from sidebar.contacts.here import Here
from sidebar.contacts.memory import Scope
from sidebar.contacts.pulse import Pulse, Pulses
from sidebar.contacts.trail import Trail
from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce.client import Record
from sidebar.salesforce.errors import SalesforceError
from sidebar.store.database import Database
from sidebar.store.notices import Hub
from sidebar.store.workspaces import Workspace

_MANY = 2000  # rows in one answer


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What the mirror brings: notices of changes, whether the stream is alive, and our copies of records."""

    database: Database
    hub: Hub
    pulses: Pulses
    copies: Copies
    here: Here


class Live:
    def __init__(self, mirrored: Mirrored, asking: Asking, orgs: Orgs, clock: Callable[[], int]) -> None:
        self._mirrored = mirrored
        self._asking = asking
        self._orgs = orgs
        self._learnt: Cache[Scope, bool] = Cache(seconds=RELATED_SECONDS, size=1_000, clock=clock)

    async def pulse(self, scope: Scope) -> Pulse:
        """Whether what is shown of a record is true until a notice says otherwise. No event tells of a formula."""
        pulse = await self._mirrored.pulses.of(scope.org_id)
        known = await self._asking.specs(scope.workspace) if pulse.alive else {}
        hidden = any(known[name].calculated for name in scope.workspace.fields if name in known)
        return replace(pulse, alive=pulse.alive and not hidden)

    async def find(self, scope: Scope, trail: Trail) -> None:
        """Leaves in `trail` whom our copies tell of."""
        contacts = people.contacts(await self._asking.specs(scope.workspace), scope.workspace.fields)
        await self._mirrored.here.find(scope.org_id, contacts, trail)

    async def near(self, scope: Scope, trail: Trail) -> None:
        """Leaves in `trail` whose number nearly was the one."""
        contacts = people.contacts(await self._asking.specs(scope.workspace), scope.workspace.fields)
        await self._mirrored.here.near(scope.org_id, contacts, trail)

    async def record(self, scope: Scope, id: str) -> Record | None:
        wanted = self._wanted(scope.workspace, await self._asking.specs(scope.workspace))
        record = await self._mirrored.copies.record(scope.org_id, id, wanted)
        if record is None and await self._have_learnt(scope, wanted):
            record = await self._mirrored.copies.record(scope.org_id, id, wanted)
        return record

    async def learn(self, scope: Scope, found: Sequence[Record]) -> None:
        wanted = self._wanted(scope.workspace, await self._asking.specs(scope.workspace))
        await self._mirrored.copies.learn(scope.org_id, wanted, found)

    def forget(self, workspace_id: str) -> None:
        self._learnt.drop(lambda scope: scope.workspace.id == workspace_id)
        self._mirrored.copies.forget(workspace_id)

    def _wanted(self, workspace: Workspace, known: Mapping[str, Spec]) -> Wanted:
        return Wanted(workspace.id, known, workspace.fields)

    async def _have_learnt(self, scope: Scope, wanted: Wanted) -> bool:
        """One call that tells the names of many accounts, instead of one for each."""
        try:
            return await self._learnt.load(scope, lambda: self._learn_names(scope, wanted))
        except (SalesforceError, NotConnected):
            return False  # a reading of the record itself tells what is wrong

    async def _learn_names(self, scope: Scope, wanted: Wanted) -> bool:
        related = [spec for name in wanted.shown if (spec := wanted.known.get(name)) and spec.relationship]
        names = ", ".join(
            ["Id, Name, LastModifiedDate", *(f"{each.name}, {each.relationship}.Name" for each in related)]
        )
        client = await self._orgs.client(scope.workspace.id, "names")
        found = await client.query(f"SELECT {names} FROM Contact ORDER BY LastModifiedDate DESC LIMIT {_MANY}")  # noqa: S608 - names from describe
        await self.learn(scope, found)
        return True
