"""What users have granted to the app: refresh tokens, the access tokens made from them, and how they die.

Knows users by id only, and nothing of HTTP.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from sidebar.twin.org.disk import Disk

SESSION = 2 * 60 * 60 * 1000


@dataclass(slots=True)
class Grant:
    id: str
    user_id: str
    scopes: list[str]
    refresh: str | None = field(default=None, repr=False)
    retired: list[str] = field(default_factory=list, repr=False)  # refresh tokens rotated out
    access: dict[str, int] = field(default_factory=dict, repr=False)  # access token → when it ends, ms


class Grants:
    def __init__(self, org_id: str, clock: Callable[[], int], disk: Disk) -> None:
        self._prefix = f"{org_id[:15]}!"
        self._clock = clock
        self._disk = disk
        self._grants = {kept["id"]: Grant(**kept) for kept in disk.grants()}

    def open(self, user_id: str, scopes: list[str]) -> Grant:
        """A new grant; it can be refreshed when its scopes say so."""
        lasting = {"refresh_token", "offline_access"} & set(scopes)
        grant = Grant(secrets.token_hex(8), user_id, scopes, refresh=_refresh_token() if lasting else None)
        self._keep(grant)
        return grant

    def access_token(self, grant: Grant) -> str:
        now = self._clock()
        token = f"{self._prefix}AQ.{secrets.token_urlsafe(64)}"
        grant.access = {old: end for old, end in grant.access.items() if end > now} | {token: now + SESSION}
        self._keep(grant)
        return token

    def of_session(self, access_token: str) -> Grant | None:
        """The grant of a living access token."""
        now = self._clock()
        return next((grant for grant in self._grants.values() if grant.access.get(access_token, 0) > now), None)

    def of_refresh(self, refresh_token: str) -> Grant | None:
        """The grant of a refresh token. Showing one that was rotated out ends its grant: somebody has a copy."""
        for grant in list(self._grants.values()):
            if refresh_token in grant.retired:
                self._end(grant)
            elif grant.refresh and secrets.compare_digest(grant.refresh.encode(), refresh_token.encode()):
                return grant
        return None

    def rotate(self, grant: Grant) -> str:
        grant.retired.append(grant.refresh or "")
        grant.refresh = _refresh_token()
        self._keep(grant)
        return grant.refresh

    def revoke(self, token: str) -> bool:
        """End a refresh token with everything made from it, or one access token. False: no such token."""
        if grant := self.of_refresh(token):
            self._end(grant)
            return True
        if grant := self.of_session(token):
            del grant.access[token]
            self._keep(grant)
        return grant is not None

    def approved(self, user_id: str, scopes: set[str]) -> bool:
        return any(grant.user_id == user_id and scopes <= set(grant.scopes) for grant in self._grants.values())

    def expire_sessions(self) -> None:
        for grant in self._grants.values():
            grant.access.clear()
            self._keep(grant)

    def _keep(self, grant: Grant) -> None:
        self._grants[grant.id] = grant
        self._disk.put_grant(grant.id, asdict(grant))

    def _end(self, grant: Grant) -> None:
        del self._grants[grant.id]
        self._disk.drop_grant(grant.id)


def _refresh_token() -> str:
    return f"5Aep861{secrets.token_urlsafe(60)}"
