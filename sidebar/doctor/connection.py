"""Does a workspace's connection to Salesforce work?

Nothing is changed, but that an access token that has run out may be renewed: never beside a running service on SQLite,
since two processes cannot share a refresh token there, and one that is used twice ends the connection.
"""

from functools import partial

from sidebar.contacts.fields import specs
from sidebar.doctor.finding import Finding, House, State
from sidebar.doctor.org import Org
from sidebar.orgs import NotConnected
from sidebar.salesforce.client import Access, Accessor, Client
from sidebar.salesforce.errors import (
    ApiDisabled,
    LimitExceeded,
    NotFound,
    SalesforceError,
    Unauthorized,
    Unreachable,
)
from sidebar.store.connections import Grant
from sidebar.store.standing import Standing
from sidebar.store.workspaces import Workspace


class Line:
    """One workspace's grant, tried out. `org` is None until it has answered."""

    def __init__(self, house: House, workspace: Workspace, grant: Grant, standing: Standing) -> None:
        self.org: Org | None = None
        self._house = house
        self._workspace = workspace
        self._grant = grant
        self._standing = standing
        self._renews = not house.database.is_sqlite or standing.held_until <= house.clock()

    async def check(self) -> Finding:
        """One call tells whether the grant holds, and what the user may read."""
        access = self._accessor()
        client = Client(self._house.http, self._grant.api_version, access)
        try:
            fields = specs(await client.describe("Contact"))
        except (NotConnected, SalesforceError) as problem:
            state: State = "warn" if isinstance(problem, Unauthorized) and not self._renews else "stop"
            return self._found(state, self._refusal(problem))
        self.org = Org(self._workspace, self._grant, self._standing, access, client, fields)
        return self._connected(client)

    def _accessor(self) -> Accessor:
        if self._renews:
            return partial(self._house.orgs.access, self._workspace.id)
        access = Access(self._grant.instance_url, self._house.vault.open(self._grant.access_token))

        async def as_it_is(refused: Access | None) -> Access:
            if refused is not None:
                raise Unauthorized("The stored access token has run out")
            return access

        return as_it_is

    def _refusal(self, problem: Exception) -> str:
        said, user = str(problem).rstrip("."), self._grant.username
        match problem:
            case Unauthorized() if not self._renews:
                why = "as it does after some hours; on SQLite only the running service may renew it"
                return f"{said}, {why}. Open {self._house.page('/health')}, then run this again."
            case Unreachable():
                where = self._grant.instance_url
                return f"{said}. Look whether this machine may open {where}, and at status.salesforce.com."
            case LimitExceeded():
                return f"{said}. Calls come back little by little; Setup, API Usage, tells who needs so many."
            case ApiDisabled():
                return f"{said}. The org needs an edition with API access, and the user {user} “API Enabled”."
            case NotFound():
                return f"The user {user} may not read Contacts. Give it a permission set that allows it."
        return f"{said}. Connect again at {self._house.page('/salesforce')}."

    def _connected(self, client: Client) -> Finding:
        grant, usage = self._grant, client.usage
        kind = "sandbox" if grant.is_sandbox else "production"
        text = f"{grant.org_name} ({kind}, {grant.edition}) as {grant.username}, API version {grant.api_version}."
        if usage is None:
            return self._found("ok", text)
        nearly_spent = usage.used * 10 >= usage.allowed * 9
        return self._found(
            "warn" if nearly_spent else "ok", f"{text} API calls within 24 hours: {usage.used} of {usage.allowed}."
        )

    def _found(self, state: State, text: str) -> Finding:
        return Finding("Connection", state, text, self._workspace.name)
