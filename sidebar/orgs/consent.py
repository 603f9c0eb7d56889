"""Connecting a workspace: ask for consent at Salesforce, take the answer, find out whose org it is, keep the grant.

Knows nothing of pages: who asks and where the answer arrived come in as arguments.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import structlog

from sidebar.orgs import Orgs
from sidebar.orgs.leaving import give_back, leave
from sidebar.random import Random, token
from sidebar.salesforce.client import Access, Client, newest_version
from sidebar.salesforce.errors import Unauthorized
from sidebar.salesforce.login import Tokens, authorize_url, challenge_of, exchange, is_salesforce
from sidebar.salesforce.soql import text
from sidebar.settings import Settings
from sidebar.store import connections
from sidebar.store.connections import App, Consent, Grant, Salesforce
from sidebar.store.database import Database
from sidebar.vault import Vault

CONSENT_MINUTES = 10
_IDENTITY = re.compile(r".*/id/(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)/(005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)")
_log = structlog.get_logger()


class ConsentProblem(Exception):
    """`reason`: "app" (no key and secret entered, or others since Salesforce was asked), "state" (not asked for, asked
    by somebody else, used or too old), "host" (the answer names hosts that are not Salesforce's, or contradicts
    itself), "refresh" (no refresh token)."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The consent cannot be used ({reason})")
        self.reason = reason


class OtherOrg(Exception):
    """The workspace is connected to `present`; the consent was given in `offered` (RI-06)."""

    def __init__(self, present: Grant, offered: Grant) -> None:
        super().__init__("A workspace connects to one org")
        self.present = present
        self.offered = offered


@dataclass(frozen=True, slots=True)
class Asker:
    """The admin who connects a workspace."""

    workspace_id: str
    admin_id: str


class Consents:
    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        http: httpx.AsyncClient,
        orgs: Orgs,
        settings: Settings,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._database = database
        self._vault = vault
        self._http = http
        self._orgs = orgs
        self._settings = settings
        self._clock = clock
        self._random = random

    @property
    def callback_url(self) -> str:
        """What the app in Salesforce must list, to the letter (IM-08)."""
        return f"{self._settings.public_url}/oauth/callback"

    async def ask(self, asker: Asker, *, replace: bool) -> str:
        """Salesforce's address to send the admin to; `replace` allows an answer from another org than the present."""
        state, verifier = token(self._random, 32), token(self._random, 48)
        consent = Consent(asker.workspace_id, asker.admin_id, self._vault.lock(verifier), replace)
        expires = self._clock() + CONSENT_MINUTES * 60_000
        async with self._database.write() as connection:
            found = await connections.of(connection, asker.workspace_id)
            if found is None:
                raise ConsentProblem("app")
            await connections.add_consent(connection, _hash(state), consent, expires)
        app = found.app
        return authorize_url(app.login_origin, app.consumer_key, self.callback_url, state, challenge_of(verifier))

    async def claim(self, asker: Asker, state: str) -> Consent:
        """The consent this answer belongs to, once. Raises ConsentProblem("state")."""
        async with self._database.write() as connection:
            consent = await connections.take_consent(connection, _hash(state), self._clock())
        if consent is None or (consent.workspace_id, consent.admin_id) != (asker.workspace_id, asker.admin_id):
            raise ConsentProblem("state")
        return consent

    async def keep(self, consent: Consent, code: str) -> Grant:
        """Turn the code into a kept grant. Raises ConsentProblem, OtherOrg and the errors of salesforce/."""
        async with self._database.read() as connection:
            found = await connections.of(connection, consent.workspace_id)
        if found is None:
            raise ConsentProblem("app")
        tokens = await self._exchange(found.app, consent, code)
        try:
            grant = await self._confirm(tokens)
            former = await self._put(consent, found.app, grant)
        except Exception:
            await give_back(self._http, found.app, tokens.refresh_token or tokens.access_token)
            raise
        await self._part(former, grant)
        _log.info("salesforce connected", workspace=consent.workspace_id, org=grant.org_id, version=grant.api_version)
        return grant

    async def _exchange(self, app: App, consent: Consent, code: str) -> Tokens:
        secret, verifier = self._vault.open(app.consumer_secret), self._vault.open(consent.verifier)
        return await exchange(self._http, app.login_origin, app.consumer_key, secret, self.callback_url, code, verifier)

    async def _confirm(self, tokens: Tokens) -> Grant:
        """Ask the org who it is; by query, since our two scopes do not cover the identity service (IM-09)."""
        org_id, user_id = self._checked(tokens)
        if tokens.refresh_token is None:
            raise ConsentProblem("refresh")
        version = await newest_version(self._http, tokens.instance_url, self._settings.api_version)
        client = Client(self._http, version, _only(Access(tokens.instance_url, tokens.access_token)))
        orgs = await client.query("SELECT Id, Name, OrganizationType, IsSandbox FROM Organization")
        users = await client.query("SELECT Username FROM User WHERE Id = " + text(user_id))  # noqa: S608
        if not users or [str(each["Id"])[:15] for each in orgs] != [org_id[:15]]:
            raise ConsentProblem("host")
        org, user = orgs[0], users[0]
        return Grant(
            instance_url=tokens.instance_url,
            access_token=self._vault.lock(tokens.access_token),
            refresh_token=self._vault.lock(tokens.refresh_token),
            org_id=str(org["Id"]),
            org_name=str(org["Name"]),
            edition=str(org["OrganizationType"]),
            is_sandbox=org["IsSandbox"] is True,
            user_id=user_id,
            username=str(user["Username"]),
            api_version=version,
            connected_at=self._clock(),
        )

    def _checked(self, tokens: Tokens) -> tuple[str, str]:
        """Org and user id, after a look at the hosts the answer wants us to talk to."""
        further = self._settings.further_salesforce_origins
        identity = _IDENTITY.fullmatch(tokens.id)
        if identity is None or not is_salesforce(tokens.id, further) or not is_salesforce(tokens.instance_url, further):
            raise ConsentProblem("host")
        return identity[1], identity[2]

    async def _put(self, consent: Consent, app: App, grant: Grant) -> Salesforce:
        """Keep the grant; gives what was there before. Salesforce was asked meanwhile: another tab may have connected
        another org, or entered another app."""
        async with self._database.write() as connection:
            held = await connections.locked_with_org(connection, consent.workspace_id)
            if held is None or not _is_same(held.app, app):
                raise ConsentProblem("app")
            if held.grant is not None and held.grant.org_id != grant.org_id:
                if not consent.replaces:
                    raise OtherOrg(held.grant, grant)
                await leave(connection, held.workspace_id, held.grant)
            await connections.put_grant(connection, held.workspace_id, grant)
        return held

    async def _part(self, former: Salesforce, grant: Grant) -> None:
        """Nothing of a grant outlives its successor, here or, as far as it can be told, at Salesforce."""
        self._orgs.forget(former.workspace_id)
        if former.grant is None:
            return
        if former.grant.org_id != grant.org_id:
            await self._orgs.left(former, former.grant)
        else:
            await self._orgs.revoke(former.app, former.grant, unless=grant)


def _only(access: Access) -> Callable[[Access | None], Awaitable[Access]]:
    """An accessor for a token that is brand-new: refused means refused."""

    async def current(refused: Access | None) -> Access:
        if refused is not None:
            raise Unauthorized("Salesforce does not take the token it has just given")
        return access

    return current


def _is_same(app: App, other: App) -> bool:
    """Its secret may have been entered anew."""
    return (app.login_origin, app.consumer_key) == (other.login_origin, other.consumer_key)


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
