"""A workspace that is connected to a twin in another process, without anybody having signed in anywhere."""

import os

from bench.process import Process
from sidebar.app import House
from sidebar.contacts.fields import DEFAULT
from sidebar.process import clock
from sidebar.store import connections, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.workspaces import Workspace

WORKSPACE = "bench"
_KEY = "a key for the bench that nobody else has"
_AGO = 60_000  # ms: whose connection is older than a moment begins at the earliest event


def environment(twin: Process) -> dict[str, str]:
    """What a process needs to be told of the twin."""
    told = twin.told
    return {
        "ENDPOINT": told["pubsub_endpoint"],
        "CA_FILE": told["ca_file"],
        "ACCESSTOKEN": told["access_token"],
        "INSTANCEURL": told["instance_url"],
        "TENANTID": told["organization_id"],
        "USER_ID": told["user_id"],
        "USERNAME": told["username"],
        "CLIENT_ID": told["client_id"],
        "CLIENT_SECRET": told["client_secret"],
        "SIDEBAR_SECRET_KEY": _KEY,
        "SIDEBAR_SALESFORCE_ORIGINS": told["instance_url"],
        "SIDEBAR_PUBSUB_ENDPOINT": told["pubsub_endpoint"],
        "SIDEBAR_PUBSUB_CA_FILE": told["ca_file"],
    }


async def connect(house: House) -> Workspace:
    """In that process: the house's only workspace, in a database that was empty."""
    told, settings, lock = os.environ, house.settings, house.vault.lock
    url, then = settings.salesforce_origins, clock() - _AGO
    app = App(url, told["CLIENT_ID"], lock(told["CLIENT_SECRET"]))
    tokens = lock(told["ACCESSTOKEN"]), lock("none is needed")
    user = told["USER_ID"], told["USERNAME"]
    grant = Grant(
        url, *tokens, told["TENANTID"], "Bench", "Developer Edition", False, *user, settings.api_version, then
    )
    await house.database.migrate()
    workspace = Workspace(WORKSPACE, "key", "Bench", "GB", DEFAULT, editing=False, auto_create=False)
    async with house.database.write() as connection:
        await workspaces.add(connection, workspace, then)
        await connections.put_app(connection, WORKSPACE, app)
        await connections.put_grant(connection, WORKSPACE, grant)
    return workspace
