"""Renewing a connection's tokens: one renewal at a time, whichever process asks, and never at the price of the grant.

Salesforce may rotate refresh tokens: the old one dies with its first use, and using it again ends the whole grant. So
from reading a token until its successor is committed a connection belongs to one renewal; a browser that goes away does
not interrupt that, and a process that ends waits for it.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeAlias

import httpx
import structlog

from sidebar.orgs.leaving import give_back
from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import GrantEnded, SignInRefused, Unauthorized
from sidebar.salesforce.login import Tokens, is_salesforce, refresh
from sidebar.store import connections
from sidebar.store.connections import App, Grant, Salesforce
from sidebar.store.database import AsyncConnection, Database
from sidebar.vault import Vault

_LAST_WAIT = 10  # seconds: longer than a login host is waited for
_MOST, _WITHIN_MS = 2, 60_000  # renewals of one connection
_log = structlog.get_logger()

Transaction: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class NotConnected(Exception):
    """An admin has to act. `reason`: "never" (no consent yet), "ended" (Salesforce ended it: consent again),
    "refused" (Salesforce no longer takes the app's key or secret), "replaced" (another org by now: ask again)."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The workspace has no working connection to Salesforce ({reason})")
        self.reason = reason


class Renewals:
    """All renewals of this process."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        http: httpx.AsyncClient,
        further: frozenset[str],
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._vault = vault
        self._http = http
        self._further = further
        self._clock = clock
        self._running: set[asyncio.Task[Access]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._renewed_at: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_MOST))

    def start(self, workspace_id: str, org_id: str, refused: Access) -> asyncio.Task[Access]:
        """Brings access newer than `refused`, or NotConnected, Unreachable, Unauthorized; runs on whoever waits."""
        task = asyncio.create_task(self._renew(workspace_id, org_id, refused))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self) -> None:
        """Wait for what is under way, ten seconds at most."""
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_WAIT)

    async def _renew(self, workspace_id: str, org_id: str, refused: Access) -> Access:
        async with self._turn(workspace_id) as transaction:
            async with transaction() as connection:
                held, grant = _usable(await connections.locked(connection, workspace_id), org_id)
            stored = Access(grant.instance_url, self._vault.open(grant.access_token))
            if stored != refused:
                return stored  # somebody else was faster
            self._refuse_haste(workspace_id)
            answer = await self._ask(held, grant)
            async with transaction() as connection:
                kept = await self._keep(connection, held, grant, answer)
        if kept:
            return self._outcome(workspace_id, answer)
        await self._discard(held.app, answer)
        return await self._renew(workspace_id, org_id, refused)

    def _refuse_haste(self, workspace_id: str) -> None:
        """An org may refuse what it has just given, as when it locks sessions to addresses: every request would cost a
        refresh, to no avail. A first renewal may be needed, and a second, where somebody ended the new session."""
        times = self._renewed_at[workspace_id]
        if len(times) == _MOST and self._clock() - times[0] < _WITHIN_MS:
            raise Unauthorized("Salesforce does not take the token it has just given")

    @asynccontextmanager
    async def _turn(self, workspace_id: str) -> AsyncIterator[Transaction]:
        """Nobody else renews this connection meanwhile. On PostgreSQL its row is locked for all processes, in one
        transaction; SQLite has one process, and one writer: it shall not wait for Salesforce."""
        if self._database.is_sqlite:
            async with self._turns[workspace_id]:
                yield self._database.write
        else:
            async with self._database.write() as connection:
                yield lambda: nullcontext(connection)

    async def _ask(self, held: Salesforce, grant: Grant) -> Tokens | NotConnected:
        app, spent = held.app, self._vault.open(grant.refresh_token)
        secret = self._vault.open(app.consumer_secret)
        try:
            tokens = await refresh(self._http, app.login_origin, app.consumer_key, secret, spent)
        except GrantEnded as ended:
            return _ended(held, "ended", ended.message)
        except SignInRefused as refused:
            return _ended(held, "refused", refused.code)
        if not is_salesforce(tokens.instance_url, self._further):
            return _ended(held, "refused", "the answer names a host that is not Salesforce's")
        return tokens

    async def _keep(
        self, connection: AsyncConnection, held: Salesforce, grant: Grant, answer: Tokens | NotConnected
    ) -> bool:
        """False where an admin changed the connection meanwhile, so that the answer is about another."""
        present = await connections.locked(connection, held.workspace_id)
        if isinstance(answer, NotConnected):
            if present == held:
                await connections.put_problem(connection, held.workspace_id, answer.reason)
            return present == held
        if present is None or present.grant != grant:
            return False
        lasting = answer.refresh_token or self._vault.open(grant.refresh_token)
        locked = self._vault.lock(answer.access_token), self._vault.lock(lasting)
        await connections.put_tokens(connection, held.workspace_id, *locked, answer.instance_url)
        return True

    async def _discard(self, app: App, answer: Tokens | NotConnected) -> None:
        if isinstance(answer, Tokens):
            await give_back(self._http, app, answer.refresh_token or answer.access_token)

    def _outcome(self, workspace_id: str, answer: Tokens | NotConnected) -> Access:
        """Only once it has been committed."""
        if isinstance(answer, NotConnected):
            raise answer
        _log.info("salesforce access renewed", workspace=workspace_id, rotated=answer.refresh_token is not None)
        self._renewed_at[workspace_id].append(self._clock())
        return Access(answer.instance_url, answer.access_token)


def _usable(held: Salesforce | None, org_id: str) -> tuple[Salesforce, Grant]:
    if held is None or held.grant is None:
        raise NotConnected("never")
    if held.problem is not None or held.grant.org_id != org_id:
        raise NotConnected(held.problem or "replaced")
    return held, held.grant


def _ended(held: Salesforce, reason: str, why: str) -> NotConnected:
    _log.warning("salesforce refuses to renew a connection", workspace=held.workspace_id, reason=reason, why=why)
    return NotConnected(reason)
