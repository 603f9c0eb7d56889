"""From the address a host was given to the workspace behind it; remembered for a moment: a panel costs no query."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sidebar.cache import Cache
from sidebar.hosts import Host, find
from sidebar.store import workspaces
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from sidebar.vault import Vault

_SECONDS = 2  # how long a change on the admin pages takes to reach every process


@dataclass(frozen=True, slots=True)
class Door:
    workspace: Workspace
    host: Host
    origins: tuple[str, ...]
    secret: str

    @property
    def stamp(self) -> str:
        """Tells one secret from the next without giving it away: a context lives no longer than the secret it was
        proven with."""
        return hashlib.blake2b(self.secret.encode(), digest_size=8, person=b"sidebar door").hexdigest()

    def __repr__(self) -> str:
        return f"<Door {self.host.kind} of {self.workspace.key}>"


class Doors:
    def __init__(self, database: Database, vault: Vault, clock: Callable[[], int]) -> None:
        self._database = database
        self._vault = vault
        self._known: Cache[tuple[str, str], Door | None] = Cache(seconds=_SECONDS, size=10_000, clock=clock)

    async def find(self, kind: str, key: str) -> Door | None:
        """The door at /h/{kind}/{key}; None where nobody lives there."""
        if len(key) > 64:
            return None
        return await self._known.load((kind, key), lambda: self._look(kind, key))

    async def _look(self, kind: str, key: str) -> Door | None:
        host = find(kind)
        if host is None:
            return None
        async with self._database.read() as connection:
            workspace = await workspaces.by_key(connection, key)
            install = await workspaces.install(connection, workspace.id, kind) if workspace else None
        if workspace is None or install is None:
            return None
        return Door(workspace, host, install.origins, self._vault.open(install.secret))
