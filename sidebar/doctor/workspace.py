"""What the doctor looks at for each workspace: its inbox, its connection, who listens, and the org itself."""

from functools import partial

from sidebar.doctor.connection import Line
from sidebar.doctor.finding import Check, Finding, House, State, bounded
from sidebar.doctor.org import Org, clocks, events, rights
from sidebar.mirror import CONTACTS, lease
from sidebar.store import connections, standing, workspaces
from sidebar.store.connections import Salesforce
from sidebar.store.standing import Standing
from sidebar.store.workspaces import Workspace
from sidebar.web.streams import KEPT, condition, position_age
from sidebar.workspaces import HOST


async def workspace_findings(house: House, workspace: Workspace) -> list[Finding]:
    return await Checkup(house, workspace).findings()


class Checkup:
    def __init__(self, house: House, workspace: Workspace) -> None:
        self._house = house
        self._workspace = workspace

    async def findings(self) -> list[Finding]:
        """Where the connection does not work, the org is asked nothing more."""
        found = [await self._look("Inbox", self._inbox)]
        held, now = await self._held()
        if held is None or held.grant is None or now is None:
            text = f"Not connected to Salesforce yet. Do so at {self._house.page('/salesforce')}."
            return [*found, self._found("Connection", "warn", text)]
        if held.problem is not None:
            text = f"Salesforce no longer takes the consent ({held.problem})."
            text += f" Connect again at {self._house.page('/salesforce')}."
            return [*found, self._found("Connection", "stop", text)]
        line = Line(self._house, self._workspace, held.grant, now)
        found.append(await self._look("Connection", line.check))
        found.append(await self._look("Listener", partial(self._listener, now)))
        return found + await self._asked(line.org) if line.org else found

    async def _asked(self, org: Org) -> list[Finding]:
        house = self._house
        return [
            await self._look("Rights", partial(rights, org)),
            await self._look("Change events", partial(events, org, house.settings, house.clock)),
            await self._look("Clock", partial(clocks, org, house.http, house.clock)),
        ]

    async def _held(self) -> tuple[Salesforce | None, Standing | None]:
        async with self._house.database.read() as connection:
            held = await connections.of(connection, self._workspace.id)
            if held is None or held.grant is None:
                return held, None
            org_id = held.grant.org_id
            return held, await standing.of(connection, org_id, CONTACTS, lease(org_id))

    async def _inbox(self) -> Finding:
        async with self._house.database.read() as connection:
            install = await workspaces.install(connection, self._workspace.id, HOST)
        if install is None or not install.origins:
            text = f"No inbox may frame the panel yet. Enter its origin at {self._house.page('')}."
            return self._found("Inbox", "warn", text)
        return self._found("Inbox", "ok", f"May be framed by {', '.join(install.origins)}.")

    async def _listener(self, standing: Standing) -> Finding:
        now = self._house.clock()
        age, state = position_age(standing, now), condition(None, standing, now)
        if state == "nobody":
            text = "No process listens to this org. Start `sidebar serve` on SQLite, `sidebar work` on PostgreSQL."
            return self._found("Listener", "warn", text)
        if state == "silent":
            text = f"A process listens, but nothing arrives. Look at {self._house.page('/health')} and at its log."
            return self._found("Listener", "warn" if age < KEPT else "stop", text)
        return self._found("Listener", "ok", f"A process listens; last sign of life {age // 1000} s ago.")

    async def _look(self, name: str, check: Check) -> Finding:
        return await bounded(name, check, self._workspace.name)

    def _found(self, name: str, state: State, text: str) -> Finding:
        return Finding(name, state, text, self._workspace.name)
