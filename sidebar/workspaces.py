"""Making a workspace: the team, its owner, and the secret with which its inbox signs what it tells the panel."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sidebar.passwords import hash_password
from sidebar.random import Random, token
from sidebar.store import admins, workspaces
from sidebar.store.admins import Admin
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from sidebar.vault import Vault

HOST = "generic"


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    """What somebody asks for. `region` is an ISO country, `email` as typed, `fields` API names of Contact."""

    name: str
    region: str
    email: str
    password: str = field(repr=False)
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Created:
    """`host_secret` is in the clear here and nowhere else: it can be shown now and never again."""

    workspace: Workspace
    owner: Admin
    host_secret: str = field(repr=False)


class OwnerExists(Exception):
    """Somebody owns this installation already."""


async def create_workspace(
    database: Database, vault: Vault, random: Random, now: int, wanted: NewWorkspace, *, first: bool = False
) -> Created:
    """Raises OwnerExists where this should be the `first` workspace and is not."""
    workspace = Workspace(
        id=token(random),
        key=token(random),
        name=wanted.name,
        region=wanted.region,
        fields=tuple(wanted.fields),
        editing=False,
        auto_create=False,
    )
    hashed = await hash_password(wanted.password)
    owner = Admin(token(random), workspace.id, normal_email(wanted.email), hashed, "owner")
    secret = new_host_secret(random)
    async with database.write() as connection:
        await admins.lock(connection)
        if first and await admins.any_at_all(connection):
            raise OwnerExists
        await workspaces.add(connection, workspace, now)
        await admins.add(connection, owner, now)
        await workspaces.put_install(connection, workspace.id, HOST, vault.lock(secret))
    return Created(workspace, owner, secret)


def new_host_secret(random: Random) -> str:
    return token(random, 32)


def new_api_key(random: Random) -> str:
    """For the JSON API: shown once, kept as `api_key_hash` only."""
    return f"sidebar_{token(random, 32)}"


def api_key_hash(key: str) -> str:
    """Of 32 random bytes a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def normal_email(typed: str) -> str:
    """How the addresses of admins are kept and compared."""
    return typed.strip().lower()
