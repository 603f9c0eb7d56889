"""Who changed a field, by name: only where an event or our own journal showed it."""

from collections.abc import Callable
from dataclasses import dataclass

from sidebar.cache import Cache
from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce import soql
from sidebar.salesforce.errors import SalesforceError
from sidebar.store import journal
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace

_DAY = 24 * 3600
_JUST_NOW = 60_000  # in ms: the event of an edit of ours may come before we know that it was taken


@dataclass(frozen=True, slots=True)
class Change:
    """When (ms), and by whom: a Salesforce user, or an entry of the journal; both empty where nobody told."""

    at: int
    by: str = ""
    entry: str = ""


class Changers:
    def __init__(self, database: Database, orgs: Orgs, clock: Callable[[], int]) -> None:
        self._database = database
        self._orgs = orgs
        self._clock = clock
        self._names: Cache[tuple[str, str], str] = Cache(seconds=_DAY, size=10_000, clock=clock)

    async def name(self, workspace: Workspace, record_id: str, field: str, change: Change) -> str:
        """Empty where it is not known. An agent's name is for the colleagues of the same workspace only."""
        held = await self._orgs.connection(workspace.id)
        own = held is not None and held.grant is not None and held.grant.user_id == change.by
        if change.entry or (change.by and own):
            return await self._agent(workspace.id, record_id, field, change)
        if not change.by:
            return ""
        try:
            return await self._names.load((workspace.id, change.by), lambda: self._user(workspace.id, change.by))
        except (SalesforceError, NotConnected):
            return ""

    async def _agent(self, workspace_id: str, record_id: str, field: str, change: Change) -> str:
        async with self._database.read() as connection:
            entries = await journal.of_record(connection, workspace_id, record_id)
        for entry in reversed(entries):
            recent = entry.field == field and entry.at > self._clock() - _JUST_NOW and entry.outcome != "refused"
            if entry.id == change.entry or (not change.entry and recent):
                return entry.agent_name
        return ""

    async def _user(self, workspace_id: str, id: str) -> str:
        client = await self._orgs.client(workspace_id, "names")
        found = await client.query(f"SELECT Name FROM User WHERE Id = {soql.text(id)}")  # noqa: S608 - quoted
        return str(found[0]["Name"]) if found else ""
