"""A question to an org, with the fields its connected user may see: asked again where one has been hidden since.

Must not know what is asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from sidebar.cache import Cache
from sidebar.contacts import people
from sidebar.contacts.fields import Spec, specs
from sidebar.contacts.people import People
from sidebar.orgs import Orgs
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import NotFound, Refused
from sidebar.store.workspaces import Workspace

T = TypeVar("T")
_SECONDS = 600  # as describe itself is remembered


class Asking:
    def __init__(self, orgs: Orgs, clock: Callable[[], int]) -> None:
        self._orgs = orgs
        self._specs: dict[str, tuple[Record, dict[str, Spec]]] = {}
        self._leads: dict[str, tuple[Record, People]] = {}
        self._no_leads: Cache[str, bool] = Cache(seconds=_SECONDS, size=1_000, clock=clock)

    async def specs(self, workspace: Workspace) -> dict[str, Spec]:
        describe = await self._orgs.describe(workspace.id, "Contact")
        known = self._specs.get(workspace.id)
        if known is None or known[0] is not describe:
            known = self._specs[workspace.id] = (describe, specs(describe))
        return known[1]

    async def leads(self, workspace: Workspace) -> People | None:
        """None where the connected user may not read leads, or the org has none."""
        if self._no_leads.get(workspace.id):
            return None
        try:
            describe = await self._orgs.describe(workspace.id, "Lead")
        except (NotFound, Refused):
            self._no_leads.put(workspace.id, True)
            return None
        known = self._leads.get(workspace.id)
        if known is None or known[0] is not describe:
            known = self._leads[workspace.id] = (describe, people.leads(specs(describe)))
        return known[1]

    async def ask(self, workspace: Workspace, purpose: str, question: Callable[[Client, People], Awaitable[T]]) -> T:
        """INVALID_FIELD means that something has been hidden from us since we asked for describe: ask for it again, and
        then without the names of related records, whose own describe we do not know."""
        client = await self._orgs.client(workspace.id, purpose)
        try:
            return await question(client, people.contacts(await self.specs(workspace), workspace.fields))
        except Refused as problem:
            _check_hidden(problem)
        self._orgs.forget_describe(workspace.id)
        known = await self.specs(workspace)
        try:
            return await question(client, people.contacts(known, workspace.fields))
        except Refused as problem:
            _check_hidden(problem)
        alone = {name: replace(spec, relationship="") for name, spec in known.items()}
        return await question(client, people.contacts(alone, workspace.fields))

    def forget(self, workspace_id: str) -> None:
        self._specs.pop(workspace_id, None)
        self._leads.pop(workspace_id, None)
        self._no_leads.drop(lambda key: key == workspace_id)


def _check_hidden(problem: Refused) -> None:
    if problem.code != "INVALID_FIELD":
        raise problem
