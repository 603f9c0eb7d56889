"""What users have granted to the app: refresh tokens, the access tokens made from them, and how they die.

Knows users by id only, and nothing of HTTP.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

from sidebar.twin import moments
from sidebar.twin.org.disk import Disk
from sidebar.twin.org.setup import Setup

LASTING = frozenset({"refresh_token", "offline_access"})  # the scopes that come with a refresh token
_MOST = 5  # refresh tokens of one user for one app


@dataclass(slots=True)
class Grant:
    id: str
    user_id: str
    scopes: list[str]
    refresh: str | None = field(default=None, repr=False)
    retired: list[str] = field(default_factory=list, repr=False)  # refresh tokens rotated out
    access: dict[str, int] = field(default_factory=dict, repr=False)  # access token → when it ends, ms
    opened: int = 0
    used: int = 0  # when the refresh token was given or last shown


class Grants:
    def __init__(self, org_id: str, clock: Callable[[], int], disk: Disk, setup: Setup) -> None:
        self._prefix = f"{org_id[:15]}!"
        self._clock = clock
        self._disk = disk
        self._setup = setup
        self._grants: dict[str, Grant] = {}
        self._by_token: dict[str, Grant] = {}  # tokens of every kind, those rotated out included
        for kept in disk.grants():
            self._recall(Grant(**kept))

    def open(self, user_id: str, scopes: Iterable[str]) -> Grant:
        """A new grant. When its scopes let it be refreshed, it may push out the user's oldest."""
        now = self._clock()
        grant = Grant(secrets.token_hex(8), user_id, list(scopes), opened=now, used=now)
        if LASTING & set(grant.scopes):
            older = self._lasting(user_id)
            if len(older) >= _MOST:
                self._end(min(older, key=lambda grant: grant.opened))
            grant.refresh = _refresh_token()
        self._keep(grant)
        return grant

    def access_token(self, grant: Grant) -> str:
        now = self._clock()
        for old in [token for token, end in grant.access.items() if end <= now]:
            self._drop(grant, old)
        token = f"{self._prefix}AQ.{secrets.token_urlsafe(64).replace('-', '_')}"  # Salesforce's have no hyphen
        grant.access[token] = now + self._session()
        self._keep(grant)
        return token

    def known(self, token: str) -> Grant | None:
        """The grant of a token that is good now, of either kind. To look is not to use."""
        grant = self._by_token.get(token)
        if grant is None or (token != grant.refresh and grant.access.get(token, 0) <= self._clock()):
            return None
        return None if token == grant.refresh and self._idle(grant) else grant

    def of_session(self, access_token: str) -> Grant | None:
        """The grant of a living access token. The timeout counts from the last use, but a use in the first half of
        the time is not noted, as in every Salesforce session."""
        grant = self.known(access_token)
        if grant is None or access_token not in grant.access:
            return None
        now, whole = self._clock(), self._session()
        if grant.access[access_token] - now <= whole // 2:
            grant.access[access_token] = now + whole
            self._keep(grant)
        return grant

    def of_refresh(self, refresh_token: str) -> Grant | None:
        """The grant of a refresh token. Showing one that was rotated out ends its grant: somebody has a copy."""
        grant = self._by_token.get(refresh_token)
        if grant and (refresh_token in grant.retired or self._idle(grant)):
            self._end(grant)
            return None
        if grant is None or refresh_token != grant.refresh:
            return None
        grant.used = self._clock()
        self._keep(grant)
        return grant

    def rotate(self, grant: Grant) -> str:
        grant.retired.append(grant.refresh or "")
        grant.refresh = _refresh_token()
        self._keep(grant)
        return grant.refresh

    def revoke(self, token: str) -> bool:
        """End a refresh token with everything made from it, or one access token. False: no such token."""
        grant = self.known(token)
        if grant and token == grant.refresh:
            self._end(grant)
        elif grant:
            self._drop(grant, token)
            self._keep(grant)
        return grant is not None

    def approved(self, user_id: str) -> set[str]:
        """The scopes a user has granted for more than one session, all together."""
        return {scope for grant in self._lasting(user_id) for scope in grant.scopes}

    def expire_sessions(self) -> None:
        for grant in self._grants.values():
            for token in list(grant.access):
                self._drop(grant, token)
            self._keep(grant)

    def _session(self) -> int:
        return self._setup.session_minutes * 60_000

    def _idle(self, grant: Grant) -> bool:
        days = self._setup.refresh_idle_days
        return days > 0 and grant.used + days * moments.DAY <= self._clock()

    def _lasting(self, user_id: str) -> list[Grant]:
        return [grant for grant in self._grants.values() if grant.user_id == user_id and grant.refresh]

    def _recall(self, grant: Grant) -> None:
        if grant.refresh or any(end > self._clock() for end in grant.access.values()):
            self._index(grant)
        else:
            self._disk.drop_grant(grant.id)

    def _keep(self, grant: Grant) -> None:
        self._index(grant)
        self._disk.put_grant(grant.id, asdict(grant))

    def _index(self, grant: Grant) -> None:
        self._grants[grant.id] = grant
        self._by_token |= dict.fromkeys(_tokens(grant), grant)

    def _drop(self, grant: Grant, access_token: str) -> None:
        del grant.access[access_token], self._by_token[access_token]

    def _end(self, grant: Grant) -> None:
        for token in _tokens(grant):
            del self._by_token[token]
        del self._grants[grant.id]
        self._disk.drop_grant(grant.id)


def _tokens(grant: Grant) -> list[str]:
    return [*grant.access, *grant.retired, *([grant.refresh] if grant.refresh else [])]


def _refresh_token() -> str:
    return f"5Aep861{secrets.token_urlsafe(60)}"
