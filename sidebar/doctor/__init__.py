"""`sidebar doctor`: looks whether everything is in order, and says what to do where it is not.

May look into every room below; must not serve anything, nor tell a secret.
"""

from collections.abc import Callable

import httpx

from sidebar.doctor.finding import Finding, House, bounded, stops, table
from sidebar.doctor.house import database_finding, missing_file, settings_findings, vault_finding
from sidebar.doctor.workspace import workspace_findings
from sidebar.orgs import Orgs
from sidebar.settings import Settings, SettingsProblem
from sidebar.store import workspaces
from sidebar.store.database import Database, DatabaseProblem
from sidebar.vault import Vault

__all__ = ["Finding", "examine", "of_settings_problem", "stops", "table"]


def of_settings_problem(problem: SettingsProblem) -> list[Finding]:
    return [Finding("Settings", "stop", line) for line in str(problem).splitlines()]


async def examine(settings: Settings, http: httpx.AsyncClient, clock: Callable[[], int]) -> list[Finding]:
    """Everything that can be looked at; what depends on something that does not work is left out."""
    found = list(settings_findings(settings))
    if missing := missing_file(settings):
        return [*found, missing]
    try:
        database = Database(settings.database)
    except DatabaseProblem as problem:
        return [*found, Finding("Database", "stop", str(problem))]
    try:
        return found + await _stored(settings, http, clock, database)
    finally:
        await database.close()


async def _stored(
    settings: Settings, http: httpx.AsyncClient, clock: Callable[[], int], database: Database
) -> list[Finding]:
    found = [await bounded("Database", lambda: database_finding(database))]
    if found[0].state != "ok" or not settings.secret_keys:
        return found
    vault = Vault(settings.secret_keys)
    found.append(await bounded("Accounts", lambda: vault_finding(database, vault)))
    if stops(found):
        return found
    orgs = Orgs(database=database, vault=vault, http=http, settings=settings, clock=clock)
    house = House(settings, http, database, vault, orgs, clock)
    async with database.read() as connection:
        every = await workspaces.every(connection)
    for workspace in every:
        found += await workspace_findings(house, workspace)
    await orgs.close()
    return found
