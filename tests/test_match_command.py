"""`sidebar match` says on the command line what the panel says: who it is, and why."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest

from sidebar.stage import Stage, stage
from sidebar.twin.org import Actor

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(port=0, fresh=True, folder=tmp_path_factory.mktemp("match")) as ready:
        yield ready


async def match(ready: Stage, *arguments: str) -> tuple[int, str, str]:
    settings = ready.house.settings
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIDEBAR_")}
    ours = {
        "DATABASE_URL": settings.database,
        "SIDEBAR_SECRET_KEY": settings.secret_keys[0],
        "SIDEBAR_SALESFORCE_ORIGINS": ready.twin.instance_url,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sidebar", "match", *arguments),
        env={**clean, **ours},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode or 0, said.decode(), complained.decode()


async def test_one_found_is_named(ready: Stage) -> None:
    code, said, _ = await match(ready, "--email", "AMARA.okafor@brightloom.example")
    assert code == 0
    assert said.startswith("Amara Okafor (Contact 003")
    assert said.count("\n") == 1


async def test_explained_it_tells_keys_fields_and_calls(ready: Stage) -> None:
    code, said, _ = await match(ready, "--phone", "0171 / 392 00 34", "--country", "de", "--explain")
    assert code == 0
    assert "+491713920034" in said
    assert "is the same as" in said
    assert "asked the search index, by phone: 1 found, 1 call" in said


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--email", "nobody@nowhere.example"), 1, "Nobody in Salesforce"),
        (("--phone", "+1 415 555 0100"), 4, "to choose from"),
    ],
)
async def test_the_exit_code_tells_nobody_and_several(
    ready: Stage, arguments: tuple[str, ...], code: int, word: str
) -> None:
    told, said, _ = await match(ready, *arguments)
    assert (told, word in said) == (code, True)


async def test_not_known_is_not_nobody(ready: Stage) -> None:
    ready.twin.org.faults.switch({"unavailable": True})
    try:
        code, said, complained = await match(ready, "--email", "amara.okafor@brightloom.example")
    finally:
        ready.twin.org.faults.switch({"unavailable": False})
    assert (code, said) == (3, "")
    assert "Nobody knows" in complained


async def test_it_asks_for_an_address_and_for_a_workspace_that_is_there(ready: Stage) -> None:
    assert (await match(ready))[0] == 2
    assert "--workspace" in (await match(ready, "--email", "a@b.example", "--workspace", "none"))[2]


async def test_what_stands_in_a_record_does_not_steer_the_terminal(ready: Stage) -> None:
    org = ready.twin.org
    org.create(Actor(org.admin), "Contact", {"LastName": "\x1b[2JGone", "Email": "steer@stranger.example"})
    code, said, _ = await match(ready, "--email", "steer@stranger.example", "--phone", "\udcff\udcff")
    assert (code, "\x1b" in said, "Gone" in said) == (0, False, True)
