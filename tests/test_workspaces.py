"""Making a workspace, on both databases."""

import asyncio
import secrets

import pytest

from sidebar.passwords import hash_password, is_password
from sidebar.store import admins, workspaces
from sidebar.store.database import Database
from sidebar.vault import Vault
from sidebar.workspaces import Created, NewWorkspace, OwnerExists, create_workspace

pytestmark = pytest.mark.anyio

VAULT = Vault(["a key of the tests, long enough to be one"])


async def make(database: Database, email: str = "owner@brightside.example", *, first: bool = False) -> Created:
    wish = NewWorkspace("Brightside", "GB", email, "a long password", ("Name", "Email"))
    return await create_workspace(database, VAULT, secrets.token_bytes, 1, wish, first=first)


async def test_a_workspace_has_an_owner_an_install_and_its_fields(database: Database) -> None:
    made = await make(database, " Owner@Brightside.Example ")
    async with database.read() as connection:
        assert await workspaces.by_key(connection, made.workspace.key) == made.workspace
        assert await admins.by_email(connection, "owner@brightside.example") == made.owner
        install = await workspaces.install(connection, made.workspace.id, "generic")
    assert made.workspace.fields == ("Name", "Email")
    assert install is not None and VAULT.open(install.secret) == made.host_secret


async def test_of_two_who_want_to_be_first_one_is(database: Database) -> None:
    wishes = [make(database, f"{number}@brightside.example", first=True) for number in range(2)]
    outcomes = await asyncio.gather(*wishes, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Created, OwnerExists}


async def test_secrets_are_not_printed(database: Database) -> None:
    made = await make(database)
    assert made.host_secret not in repr(made)
    assert "a long password" not in repr(NewWorkspace("Brightside", "GB", "x", "a long password", ()))


async def test_a_password_fits_its_own_hash_only() -> None:
    hashed = await hash_password("a long password")
    assert await is_password("a long password", hashed)
    assert not await is_password("a long password ", hashed)
    assert not await is_password("the password of nobody", None)
    assert not await is_password("a long password", "not a hash")
