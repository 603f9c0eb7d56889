"""The end of a connection: what belongs in the transaction that ends it, and telling Salesforce afterwards.

Knows neither who wants it to end nor why.
"""

import httpx
import structlog

from sidebar.salesforce.errors import SalesforceError, Unreachable
from sidebar.salesforce.login import revoke
from sidebar.store import connections, positions, records, sweeps
from sidebar.store.connections import App, Grant
from sidebar.store.database import AsyncConnection

_log = structlog.get_logger()


async def leave(connection: AsyncConnection, workspace_id: str, grant: Grant) -> None:
    """After `connections.locked_with_org`: drop the grant; with the org's last one all we know of it (RI-40)."""
    await connections.drop_grant(connection, workspace_id)
    if not await connections.holds_org(connection, grant.org_id):
        for kept in (positions, records, sweeps):
            await kept.drop(connection, grant.org_id)


async def give_back(http: httpx.AsyncClient, app: App, token: str) -> bool:
    """End a token that nobody will use. False: Salesforce could not be told, and will not be by us."""
    try:
        await revoke(http, app.login_origin, token)
    except Unreachable as problem:
        _log.warning("a token could not be revoked", why=problem.message)
        return False
    except SalesforceError:
        return True  # Salesforce knows no such token: it has ended already
    return True
