"""The access token of one connection: handed out as long as it works, renewed once for all who were refused it."""

import asyncio

from sidebar.orgs.renewals import Renewals
from sidebar.salesforce.client import Access


class Keyring:
    """Holds one workspace's access in memory; `org_id` is whose it is, and no other org's will be given out for it."""

    def __init__(self, workspace_id: str, org_id: str, current: Access, renewals: Renewals) -> None:
        self._workspace_id = workspace_id
        self._org_id = org_id
        self._current = current
        self._renewals = renewals
        self._renewal: asyncio.Task[Access] | None = None

    async def access(self, refused: Access | None) -> Access:
        """All who are refused the same token wait for one renewal and share its outcome, good or bad."""
        if refused is None or refused != self._current:
            return self._current
        if self._renewal is None or self._renewal.done():
            self._renewal = self._renewals.start(self._workspace_id, self._org_id, refused)
        self._current = await asyncio.shield(self._renewal)
        return self._current
