"""From a workspace to its Salesforce org: a live client, what describe says, and the end of a connection.

Knows tokens and who holds them; knows nothing of contacts, panels or pages.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import structlog

from sidebar.cache import Cache
from sidebar.orgs.budget import Budget
from sidebar.orgs.leaving import give_back, leave
from sidebar.orgs.renewals import NotConnected, Renewals
from sidebar.orgs.tokens import Keyring
from sidebar.salesforce.client import Access, Client, Record
from sidebar.settings import Settings
from sidebar.store import connections
from sidebar.store.connections import App, Grant, Salesforce
from sidebar.store.database import Database
from sidebar.vault import Vault, VaultProblem

__all__ = ["NotConnected", "Orgs"]

_CONNECTION_SECONDS = 5.0
_DESCRIBE_SECONDS = 600.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Open:
    """`connected_at` tells a connection from the one that replaced it."""

    client: Client
    keyring: Keyring
    connected_at: int


class Orgs:
    """One live client per connected workspace."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        http: httpx.AsyncClient,
        settings: Settings,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._vault = vault
        self._http = http
        further = settings.further_salesforce_origins
        self._renewals = Renewals(database=database, vault=vault, http=http, further=further, clock=clock)
        self.outcomes: Counter[str] = Counter()  # of all calls of this process
        self.budget = Budget(database, clock)
        self._open: dict[str, _Open] = {}
        self._connections: Cache[str, Salesforce | None] = Cache(seconds=_CONNECTION_SECONDS, size=1000, clock=clock)
        self._describes: Cache[tuple[str, int, str], Record] = Cache(seconds=_DESCRIBE_SECONDS, size=200, clock=clock)
        self._on_disconnect: list[Callable[[str], None]] = []

    async def client(self, workspace_id: str, purpose: str = "") -> Client:
        """`purpose`: what its calls are for, one of budget.LANES. Raises NotConnected, here and, besides the errors of
        salesforce/, from every call of the client."""
        return (await self._opened(workspace_id)).client.on(purpose)

    async def access(self, workspace_id: str, refused: Access | None = None) -> Access:
        """The current access; a newer one when told which has just been refused. Raises NotConnected, Unreachable."""
        keyring = (await self._opened(workspace_id)).keyring
        return await self._newer(workspace_id, keyring, refused)

    async def connection(self, workspace_id: str) -> Salesforce | None:
        """What is stored of the connection, a few seconds old at most; None where no app has been entered."""
        return await self._connections.load(workspace_id, lambda: self._read(workspace_id))

    async def connected_at(self, workspace_id: str) -> int:
        """Tells a connection from the one that replaced it, in whichever process (ms). Raises NotConnected."""
        return (await self._opened(workspace_id)).connected_at

    async def describe(self, workspace_id: str, object: str) -> Record:
        """What the connected user may see and change of `object`, ten minutes old at most."""
        opened = await self._opened(workspace_id)
        key = workspace_id, opened.connected_at, object
        return await self._describes.load(key, lambda: opened.client.on("describe").describe(object))

    async def close(self) -> None:
        """Before the database and the HTTP client are closed: wait for tokens that are being renewed, ten seconds at
        most, since a new one that is not kept ends the connection."""
        await self._renewals.finish()
        await self.budget.close()

    def forget(self, workspace_id: str) -> None:
        """After every change of the connection."""
        self._open.pop(workspace_id, None)
        self._connections.drop(lambda key: key == workspace_id)
        self.forget_describe(workspace_id)

    def forget_describe(self, workspace_id: str) -> None:
        """Where an answer showed that fields or rights have changed."""
        self._describes.drop(lambda key: key[0] == workspace_id)

    def on_disconnect(self, purge: Callable[[str], None]) -> None:
        """`purge` is told the workspace whose mirrored values must go."""
        self._on_disconnect.append(purge)

    async def disconnect(self, workspace_id: str) -> bool:
        """Purge and revoke (RI-40). The app, settings, local contacts and journal stay. False: Salesforce not told."""
        async with self._database.write() as connection:
            held = await connections.locked_with_org(connection, workspace_id)
            if held is None or held.grant is None:
                return True
            await leave(connection, workspace_id, held.grant)
        return await self.left(held, held.grant)

    async def left(self, held: Salesforce, grant: Grant) -> bool:
        """What follows once the end of a connection is committed: purge and revoke. False: Salesforce not told."""
        self.forget(held.workspace_id)
        for purge in self._on_disconnect:
            purge(held.workspace_id)
        told = await self.revoke(held.app, grant)
        _log.info("salesforce disconnected", workspace=held.workspace_id, org=grant.org_id, salesforce_told=told)
        return told

    async def revoke(self, app: App, grant: Grant, *, unless: Grant | None = None) -> bool:
        """False: Salesforce not told. A refresh token that is also that of the grant `unless` stays."""
        try:
            token = self._vault.open(grant.refresh_token)
        except VaultProblem:
            return False
        if unless is not None and self._vault.open(unless.refresh_token) == token:
            return True
        return await give_back(self._http, app, token)

    async def _opened(self, workspace_id: str) -> _Open:
        found = await self.connection(workspace_id)
        if found is None or found.grant is None:
            raise NotConnected("never")
        if found.problem is not None:
            raise NotConnected(found.problem)
        opened = self._open.get(workspace_id)
        if opened is None or opened.connected_at != found.grant.connected_at:
            opened = self._open[workspace_id] = self._unlock(workspace_id, found.grant)
        return opened

    def _unlock(self, workspace_id: str, grant: Grant) -> _Open:
        current = Access(grant.instance_url, self._vault.open(grant.access_token))
        keyring = Keyring(workspace_id, grant.org_id, current, self._renewals)

        async def access(refused: Access | None) -> Access:
            return await self._newer(workspace_id, keyring, refused)

        meter = self.budget.meter(grant.org_id)
        client = Client(self._http, grant.api_version, access, self.outcomes, meter)
        return _Open(client, keyring, grant.connected_at)

    async def _newer(self, workspace_id: str, keyring: Keyring, refused: Access | None) -> Access:
        try:
            return await keyring.access(refused)
        except NotConnected:
            self.forget(workspace_id)
            raise

    async def _read(self, workspace_id: str) -> Salesforce | None:
        async with self._database.read() as connection:
            return await connections.of(connection, workspace_id)
