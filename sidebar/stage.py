"""The demo's stage: twin, product, worker and inbox in one process, connected with each other before anybody looks.

Everything is set up through the doors a person would use: the admin pages over HTTP, and Salesforce's consent at the
twin. What must be the same after a restart (keys, the demo's password) is kept in the state folder.
"""

import asyncio
import json
import re
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

import httpx

from sidebar import settings as environment
from sidebar.app import House, compose
from sidebar.contacts.fields import DEFAULT
from sidebar.demo.inbox import Surroundings
from sidebar.demo.inbox import app as inbox
from sidebar.files import own_folder
from sidebar.process import client, clock, listen, serving, working
from sidebar.store import admins, connections, workspaces
from sidebar.store.workspaces import Workspace
from sidebar.twin.run import Twin
from sidebar.worker import Pace
from sidebar.workspaces import HOST, NewWorkspace, api_key_hash, create_workspace

EMAIL = "owner@lindenlark.example"
_STATE = "demo.json"
_BROWSER = {"Sec-Fetch-Site": "same-origin"}


class Kept(TypedDict):
    """What the state folder keeps of a demo besides its databases."""

    secret_key: str
    admin_password: str
    api_key: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo."""

    house: House
    twin: Twin
    workspace: Workspace
    inbox_url: str
    admin_password: str
    host_secret: str
    api_key: str

    def first_line(self) -> dict[str, object]:
        """What `sidebar demo --json` prints first; null for what is not built yet."""
        public = self.house.settings.public_url
        return {
            "inbox_url": self.inbox_url,
            "panel_url": f"{public}/h/{HOST}/{self.workspace.key}",
            "admin_url": f"{public}/admin",
            "admin_email": EMAIL,
            "admin_password": self.admin_password,
            "api_url": f"{public}/api/v1",
            "api_key": self.api_key,
            "host_secret": self.host_secret,
            "events_url": None,
            "events_secret": None,
            "org": self.twin.first_line(),
        }


@asynccontextmanager
async def stage(
    *,
    port: int,
    fresh: bool,
    folder: Path,
    database_url: str = "",
    clock: Callable[[], int] = clock,
    pace: Pace = Pace(),  # noqa: B008 - it is frozen
) -> AsyncIterator[Stage]:
    """`port` is the panel's; inbox and twin take the next ones. Each that is taken becomes a free one."""
    kept = _kept(folder, fresh)
    async with AsyncExitStack() as stack:
        panel_socket, inbox_socket = _socket(stack, port), _socket(stack, port and port + 1)
        twin = await stack.enter_async_context(
            Twin(http_port=port and port + 2, grpc_port=port and port + 3, folder=folder / "org", keepalive_ms=1_000)
        )
        http = await stack.enter_async_context(client())
        settings = environment.read(
            database_url=database_url or f"sqlite:///{folder / 'sidebar.sqlite'}",
            public_url=f"http://localhost:{panel_socket.getsockname()[1]}",
            secret_key=kept["secret_key"],
            var_dir=folder,
            salesforce_origins=twin.instance_url,
            pubsub_endpoint=twin.pubsub_endpoint,
            pubsub_ca_file=str(twin.ca_file),
        )
        house = compose(settings, clock, secrets.token_bytes, http, pace)
        stack.push_async_callback(house.close)
        await house.database.migrate()
        await house.check()
        await stack.enter_async_context(serving(house.web(), panel_socket))
        inbox_url = f"http://127.0.0.1:{inbox_socket.getsockname()[1]}"
        workspace, secret = await _set_up(house, twin, kept["admin_password"], inbox_url)
        api_key = await _api_key(house, kept, folder)
        ready = Stage(house, twin, workspace, inbox_url, kept["admin_password"], secret, api_key)
        await stack.enter_async_context(serving(inbox(_surroundings(ready, http)), inbox_socket))
        await stack.enter_async_context(working(house))
        await _listening(house)
        yield ready


async def _set_up(house: House, twin: Twin, password: str, inbox_url: str) -> tuple[Workspace, str]:
    """The demo's workspace, made at the first run, and connected to the twin wherever that now is."""
    async with house.database.read() as connection:
        owner = await admins.by_email(connection, EMAIL)
    created = None
    if owner is None:
        wanted = NewWorkspace(name="Linden & Lark", region="US", email=EMAIL, password=password, fields=DEFAULT)
        created = await create_workspace(house.database, house.vault, house.random, house.clock(), wanted)
        owner = created.owner
    async with httpx.AsyncClient(base_url=house.settings.public_url, headers=_BROWSER) as browser:
        await _post(browser, "/admin/signin", email=EMAIL, password=password)
        if created:
            await _post(browser, "/admin/switches", editing="on", auto_create="on")
        await _let_frame(house, browser, owner.workspace_id, inbox_url)
        if not await _is_connected(house, owner.workspace_id, twin.instance_url):
            await _connect(browser, twin)
    async with house.database.read() as connection:
        workspace = await workspaces.by_id(connection, owner.workspace_id)
        install = await workspaces.install(connection, owner.workspace_id, HOST)
        salesforce = await connections.of(connection, owner.workspace_id)
    if not (workspace and install and salesforce and salesforce.grant):
        raise RuntimeError("The demo could not connect itself; `sidebar demo --fresh` starts anew.")
    return workspace, house.vault.open(install.secret)


async def _api_key(house: House, kept: Kept, folder: Path) -> str:
    """It is shown only once, so the state folder keeps it; a database that does not know it gets a new one."""
    key = kept.get("api_key", "")
    async with house.database.read() as connection:
        if key and await workspaces.by_api_key(connection, api_key_hash(key)):
            return key
    async with httpx.AsyncClient(base_url=house.settings.public_url, headers=_BROWSER) as browser:
        await _post(browser, "/admin/signin", email=EMAIL, password=kept["admin_password"])
        shown = re.search(r'id="api-key" value="([^"]+)"', (await browser.post("/admin/api-key")).text)
    if shown is None:
        raise RuntimeError("The demo could not make itself an API key; `sidebar demo --fresh` starts anew.")
    (folder / _STATE).write_text(json.dumps({**kept, "api_key": shown[1]}))
    return shown[1]


async def _let_frame(house: House, browser: httpx.AsyncClient, workspace_id: str, inbox_url: str) -> None:
    """The inbox may have moved to another port since the last run; what an admin has added stays."""
    async with house.database.read() as connection:
        install = await workspaces.install(connection, workspace_id, HOST)
    others = [each for each in (install.origins if install else ()) if not each.startswith("http://127.0.0.1:")]
    await _post(browser, "/admin/origins", origins="\n".join((*others, inbox_url)))


async def _is_connected(house: House, workspace_id: str, instance_url: str) -> bool:
    async with house.database.read() as connection:
        held = await connections.of(connection, workspace_id)
    return bool(held and held.grant and not held.problem and held.grant.instance_url == instance_url)


async def _connect(browser: httpx.AsyncClient, twin: Twin) -> None:
    """An admin's way: enter the app, press Connect, sign in at the org, allow."""
    org, user = twin.org, twin.org.integration
    await _post(browser, "/admin/salesforce/disconnect")
    app = {"consumer_key": org.client_id, "consumer_secret": org.client_secret, "where": twin.instance_url}
    await _post(browser, "/admin/salesforce", **app)
    consent = await browser.get("/admin/salesforce/consent?replace=1", follow_redirects=True)
    signed_in = await browser.post(str(consent.url), data={"username": user.username, "password": user.password})
    ticket = re.search(r'name="ticket" value="([^"]+)"', signed_in.text)
    answer = {"ticket": ticket[1] if ticket else "", "decision": "allow"}
    await browser.post(str(signed_in.url), data=answer, follow_redirects=True)


async def _listening(house: House) -> None:
    """Until the change stream is heard: what is created in the org from now on arrives. A demo that was killed still
    holds its lease for some seconds."""
    async with asyncio.timeout(30):
        while not any(heard.state == "listening" for heard in house.work().states().values()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _post(browser: httpx.AsyncClient, path: str, **fields: str) -> None:
    response = await browser.post(path, data=fields)
    if response.status_code >= 400:
        raise RuntimeError(f"The demo could not set itself up: {path} answered {response.status_code}")


def _surroundings(ready: Stage, http: httpx.AsyncClient) -> Surroundings:
    org = ready.twin.org

    async def token() -> str:
        return org.grant(org.colleague)

    public = ready.house.settings.public_url
    return Surroundings(
        panel_origin=public,
        workspace_key=ready.workspace.key,
        host_secret=ready.host_secret,
        admin_url=f"{public}/admin",
        admin_email=EMAIL,
        admin_password=ready.admin_password,
        contacts_url=f"{public}/admin/contacts",
        org_url=ready.twin.instance_url,
        org_token=token,
        http=http,
        clock=clock,
    )


def _kept(folder: Path, fresh: bool) -> Kept:
    """What former runs left, or the beginning of a first one."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    own_folder(folder)
    path = folder / _STATE
    if path.exists():
        kept: Kept = json.loads(path.read_text())
        return kept
    kept = {"secret_key": secrets.token_urlsafe(48), "admin_password": secrets.token_urlsafe(12)}
    path.touch(mode=0o600)
    path.write_text(json.dumps(kept))
    return kept


def _socket(stack: AsyncExitStack, port: int) -> socket.socket:
    """A listening socket on that port of this machine, or on a free one."""
    try:
        listener = listen("127.0.0.1", port)
    except OSError:
        listener = listen("127.0.0.1", 0)
    return stack.enter_context(listener)
