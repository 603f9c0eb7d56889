"""The tokens of one connection: the current ones are handed out, refused ones are renewed, by one renewal at a time.

Salesforce may rotate refresh tokens: the old one dies with its first use, and using it again ends the whole grant. So a
renewal holds the connection's row from reading the token until its successor is committed, whichever process asks; and
a browser that goes away does not interrupt it.
"""

import asyncio

import httpx
import structlog

from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import GrantEnded, SignInRefused
from sidebar.salesforce.login import Tokens, is_salesforce, refresh
from sidebar.store import connections
from sidebar.store.connections import Grant, Salesforce
from sidebar.store.database import AsyncConnection, Database
from sidebar.vault import Vault

_log = structlog.get_logger()


class NotConnected(Exception):
    """An admin has to act. `reason`: "never" (no consent yet), "ended" (Salesforce ended it: consent again),
    "refused" (Salesforce no longer takes the app's key or secret), "replaced" (another org by now: ask again)."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The workspace has no working connection to Salesforce ({reason})")
        self.reason = reason


class Keyring:
    """Holds one workspace's access token in memory for as long as that token works."""

    def __init__(
        self,
        workspace_id: str,
        grant: Grant,
        *,
        database: Database,
        vault: Vault,
        http: httpx.AsyncClient,
        further: frozenset[str],
    ) -> None:
        self._workspace_id = workspace_id
        self._org_id = grant.org_id
        self._database = database
        self._vault = vault
        self._http = http
        self._further = further
        self._current = self._unlocked(grant)
        self._renewal: asyncio.Task[Access] | None = None

    async def access(self, refused: Access | None) -> Access:
        """All who are refused the same token wait for one renewal and share its outcome, good or bad."""
        if refused is None or refused != self._current:
            return self._current
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(refused))
        return await asyncio.shield(self._renewal)

    async def _renew(self, refused: Access) -> Access:
        async with self._database.write() as connection:
            outcome = await self._take_turn(connection, refused)
        if isinstance(outcome, NotConnected):  # raised only here, so that its reason has been committed
            raise outcome
        self._current = outcome
        return outcome

    async def _take_turn(self, connection: AsyncConnection, refused: Access) -> Access | NotConnected:
        held = await connections.locked(connection, self._workspace_id)
        if held is None or held.grant is None:
            return NotConnected("never")
        if held.problem is not None or held.grant.org_id != self._org_id:
            return NotConnected(held.problem or "replaced")
        stored = self._unlocked(held.grant)
        if stored != refused:
            return stored  # another process was faster
        return await self._refresh(connection, held, held.grant)

    async def _refresh(self, connection: AsyncConnection, held: Salesforce, grant: Grant) -> Access | NotConnected:
        app, spent = held.app, self._vault.open(grant.refresh_token)
        try:
            secret = self._vault.open(app.consumer_secret)
            tokens = await refresh(self._http, app.login_origin, app.consumer_key, secret, spent)
        except GrantEnded as ended:
            return await self._end(connection, "ended", ended.message)
        except SignInRefused as refused:
            return await self._end(connection, "refused", refused.code)
        if not is_salesforce(tokens.instance_url, self._further):
            return await self._end(connection, "refused", "the answer names a host that is not Salesforce's")
        await self._keep(connection, tokens, spent)
        return Access(tokens.instance_url, tokens.access_token)

    async def _keep(self, connection: AsyncConnection, tokens: Tokens, spent: str) -> None:
        locked = self._vault.lock(tokens.access_token), self._vault.lock(tokens.refresh_token or spent)
        await connections.put_tokens(connection, self._workspace_id, *locked, tokens.instance_url)
        _log.info("salesforce access renewed", workspace=self._workspace_id, rotated=tokens.refresh_token is not None)

    async def _end(self, connection: AsyncConnection, reason: str, why: str) -> NotConnected:
        await connections.put_problem(connection, self._workspace_id, reason)
        _log.warning("salesforce connection ended", workspace=self._workspace_id, reason=reason, why=why)
        return NotConnected(reason)

    def _unlocked(self, grant: Grant) -> Access:
        return Access(grant.instance_url, self._vault.open(grant.access_token))
