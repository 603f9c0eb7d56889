"""The commands as a person types them: what they print, and how they refuse."""

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from sidebar.__main__ import cli
from sidebar.store.database import Database
from sidebar.vault import Vault
from sidebar.workspaces import NewWorkspace, create_workspace
from tests.conftest import fresh_postgresql

pytestmark = pytest.mark.anyio

KEY = "k" * 44
ORG = {
    "instance_url", "access_token", "organization_id", "user_id", "username", "password", "client_id", "client_secret",
    "pubsub_endpoint", "pubsub_tls", "ca_file",
}  # fmt: skip
DEMO = {
    "inbox_url", "panel_url", "admin_url", "admin_email", "admin_password", "api_url", "api_key", "host_secret",
    "events_url", "events_secret", "org",
}  # fmt: skip


@asynccontextmanager
async def sidebar(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIDEBAR_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sidebar", *arguments),
        env={**clean, "SIDEBAR_VAR_DIR": str(folder), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(15):
            await process.communicate()


def refusal(folder: Path, *arguments: str, **environment: str) -> str:
    clean = {name: None for name in os.environ if name.startswith("SIDEBAR_")}
    result = CliRunner().invoke(cli, arguments, env={**clean, "SIDEBAR_VAR_DIR": str(folder), **environment})
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


async def told(folder: Path, *arguments: str, **environment: str) -> str:
    """What a process says that refuses to start."""
    async with sidebar(folder, *arguments, **environment) as process:
        _, said = await process.communicate()
        assert process.returncode == 1
    return said.decode()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def first_line(process: asyncio.subprocess.Process) -> dict[str, object]:
    assert process.stdout is not None
    line: dict[str, object] = json.loads(await process.stdout.readline())
    return line


def test_serve_and_work_refuse_to_start_without_a_key(tmp_path: Path) -> None:
    for command in ("serve", "work"):
        assert "SIDEBAR_SECRET_KEY is not set" in refusal(tmp_path, command)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SIDEBAR_SECRET_KEY", "short", "SIDEBAR_SECRET_KEY"),
        ("SIDEBAR_PUBLIC_URL", "sidebar.example.com/x", "SIDEBAR_PUBLIC_URL"),
        ("PORT", "many", "PORT"),
        ("PORT", "99999", "PORT"),
        ("SIDEBAR_BIND", "nonsense", "SIDEBAR_BIND"),
        ("SIDEBAR_BIND", "a..b", "SIDEBAR_BIND"),
        ("SIDEBAR_BIND", "a" * 64, "SIDEBAR_BIND"),
        ("SIDEBAR_BIND", "192.0.2.1", "SIDEBAR_BIND"),
        ("SIDEBAR_PUBSUB_CA_FILE", "/nowhere/ca.pem", "SIDEBAR_PUBSUB_CA_FILE"),
        ("SIDEBAR_VAR_DIR", "/proc/x", "SIDEBAR_VAR_DIR"),
        ("DATABASE_URL", "mysql://localhost/x", "mysql"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("DATABASE_URL", "postgresql://localhost:port/x", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite:////proc/x/y", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite:////proc/y", "DATABASE_URL"),
        ("DATABASE_URL", f"sqlite:///{__file__}", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite://", "names no file"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, variable: str, value: str, said: str) -> None:
    assert said in refusal(tmp_path, "serve", **{"SIDEBAR_SECRET_KEY": KEY, "PORT": "0", variable: value})


@pytest.mark.parametrize("command", [("demo",), ("twin", "--folder", "/proc/x"), ("twin", "--folder", "/proc")])
def test_a_state_folder_that_cannot_be_written_to_is_named(command: tuple[str, ...]) -> None:
    said = refusal(Path("/proc/x"), *command)
    assert "/proc" in said
    assert ("SIDEBAR_VAR_DIR" if command == ("demo",) else "--folder") in said


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal(tmp_path, "serve", SIDEBAR_SECRET_KEY=KEY, PORT=port)
    assert port in said and "Set PORT" in said


async def test_another_key_than_the_one_that_locked_what_is_stored_stops_the_start(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    wish = NewWorkspace("Brightside", "GB", "owner@brightside.example", "correct horse battery", ("Name",))
    await create_workspace(database, Vault([KEY]), os.urandom, 1, wish)
    await database.close()
    for command in ("serve",) if database_url.startswith("sqlite") else ("serve", "work"):
        said = await told(tmp_path, command, DATABASE_URL=database_url, SIDEBAR_SECRET_KEY="n" * 44, PORT="0")
        assert said.startswith("Error: ") and "SIDEBAR_SECRET_KEY" in said and "Put the former key back" in said


async def test_tables_that_are_not_there_yet_are_made_by_migrate(postgresql: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": fresh_postgresql(postgresql), "SIDEBAR_SECRET_KEY": KEY, "PORT": "0"}
    for command in ("serve", "work"):
        said = await told(tmp_path, command, **environment)
        assert said.startswith("Error: ") and "sidebar migrate" in said


def test_work_needs_postgresql(tmp_path: Path) -> None:
    assert "runs the worker itself" in refusal(tmp_path, "work", SIDEBAR_SECRET_KEY=KEY)


async def test_serve_answers_and_tells_where_the_first_account_is_made(tmp_path: Path) -> None:
    async with sidebar(tmp_path / "state", "serve", SIDEBAR_SECRET_KEY=KEY, PORT="0") as process:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().split(":")[-1].strip(" )\n")
        await process.stdout.readline()
        setup = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{address}") as browser:
            assert (await browser.get("/healthz")).text == "ok\n"
            assert (await browser.get("/readyz")).json()["database"] == "ok"
            page = await browser.get(httpx.URL(setup).raw_path.decode())
            assert page.status_code == 200
        assert mode(tmp_path / "state") == 0o700
        assert {mode(file) for file in (tmp_path / "state").iterdir()} == {0o600}
    assert process.returncode == 0


async def test_the_twins_first_line_lets_a_client_in(tmp_path: Path) -> None:
    folder = tmp_path / "twins" / "org"
    async with sidebar(tmp_path, "twin", "--json", "--contacts", "20", "--folder", str(folder)) as process:
        org = await first_line(process)
        assert set(org) == ORG
        headers = {"Authorization": f"Bearer {org['access_token']}"}
        async with httpx.AsyncClient(base_url=str(org["instance_url"]), headers=headers) as client:
            answer = await client.get("/services/data/v67.0/query?q=SELECT Id FROM Contact LIMIT 1")
            assert answer.json()["totalSize"] == 1
        assert mode(folder.parent) == mode(folder) == 0o700
    assert process.returncode == 0


async def test_the_demos_first_line_has_every_address_and_null_for_what_is_not_built(tmp_path: Path) -> None:
    async with sidebar(tmp_path, "demo", "--json", "--port", "0") as process:
        line = await first_line(process)
        assert set(line) == DEMO
        assert set(line["org"]) == ORG  # type: ignore[call-overload]
        assert [name for name, value in line.items() if value is None] == ["events_url", "events_secret"]
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(str(line["inbox_url"]))).status_code == 200
            assert (await browser.get(str(line["panel_url"]))).status_code == 200
            key = {"Authorization": f"Bearer {line['api_key']}"}
            assert (await browser.get(f"{line['api_url']}/contacts", headers=key)).status_code == 200
        assert mode(tmp_path / "demo") == 0o700
    assert process.returncode == 0


async def test_a_demo_that_is_killed_comes_back_as_it_was(tmp_path: Path) -> None:
    """Keys, password, connection and the org's records outlive the process; a taken port is replaced."""
    async with sidebar(tmp_path, "demo", "--json", "--port", "0") as process:
        before = await first_line(process)
        process.kill()
        await process.wait()
    async with sidebar(tmp_path, "demo", "--json", "--port", "0") as process:
        after = await first_line(process)
    assert after["admin_password"] == before["admin_password"]
    assert after["host_secret"] == before["host_secret"]
    assert after["org"]["client_secret"] == before["org"]["client_secret"]  # type: ignore[index]
