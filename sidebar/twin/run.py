"""Starts and stops a whole twin inside a running event loop: HTTP for REST, OAuth and pages, gRPC for Pub/Sub.

The caller owns signals and logging. Must not know what the org holds or how its doors answer.
"""

import asyncio
import json
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import grpc
import grpc.aio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sidebar.twin import controls, oauth, pages, rest
from sidebar.twin.certificate import Certificate, certificate_in
from sidebar.twin.events.pubsub import PubSub
from sidebar.twin.org import Org
from sidebar.twin.seed import seed as fill

_HERE = "127.0.0.1"
_MANY = 10_000  # contacts that take a while to make
_GRPC_OPTIONS = (
    ("grpc.so_reuseport", 0),  # else a taken port is silently shared
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)


def now() -> int:
    return time.time_ns() // 1_000_000


class Twin:
    """`async with Twin() as twin:` a running org. Port 0, or a taken one, becomes a free one.

    `tls` is for the HTTP side; gRPC has TLS unless `grpc_plain`. With a `folder` the org and its certificate outlive
    the run; without one everything is forgotten. `callbacks`: redirect URIs beyond this machine's own.
    `keepalive_ms`: how often quiet streams speak, until the org's set-up says otherwise.
    """

    org: Org
    instance_url: str
    pubsub_endpoint: str
    ca_file: Path

    def __init__(
        self,
        *,
        http_port: int = 0,
        grpc_port: int = 0,
        tls: bool = False,
        grpc_plain: bool = False,
        seed: Literal["demo", "empty"] = "demo",
        contacts: int = 300,
        folder: Path | None = None,
        clock: Callable[[], int] = now,
        callbacks: tuple[str, ...] = (),
        keepalive_ms: int = 60_000,
    ) -> None:
        self.pubsub_tls = not grpc_plain
        self._http_port, self._grpc_port = http_port, grpc_port
        self._tls = tls
        self._contacts = contacts if seed == "demo" else 0
        self._folder = folder
        self._clock = clock
        self._callbacks = callbacks
        self._keepalive_ms = keepalive_ms
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def first_line(self) -> dict[str, str | bool]:
        """What `sidebar twin --json` prints first: where the org is, and a session of its administrator."""
        user = self.org.admin
        return {
            "instance_url": self.instance_url,
            "access_token": self.org.grant(user),
            "organization_id": self.org.id,
            "user_id": user.id,
            "username": user.username,
            "password": user.password,
            "client_id": self.org.client_id,
            "client_secret": self.org.client_secret,
            "pubsub_endpoint": self.pubsub_endpoint,
            "pubsub_tls": self.pubsub_tls,
            "ca_file": str(self.ca_file),
        }

    async def _start(self, stack: AsyncExitStack) -> None:
        folder = self._folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        certificate = certificate_in(folder)
        self.ca_file = certificate.certificate
        listener = stack.enter_context(_listener(self._http_port))
        self.instance_url = f"http{'s' if self._tls else ''}://localhost:{listener.getsockname()[1]}"
        self.org = self._open_org()
        stack.callback(self.org.close)
        self.org.setup.keepalive_ms = self._keepalive_ms
        if self._contacts and not self.org.tables["Contact"].live:
            if self._contacts > _MANY:
                sys.stderr.write(f"Filling the org with {self._contacts:,} contacts …\n")
            fill(self.org, self._contacts)
        await self._serve_grpc(stack, certificate)
        await _serve_http(stack, self.org, listener, certificate if self._tls else None)

    def _open_org(self) -> Org:
        path = self._folder / "org.sqlite" if self._folder else None
        return Org(clock=self._clock, instance_url=self.instance_url, path=path, redirect_uris=self._callbacks)

    async def _serve_grpc(self, stack: AsyncExitStack, certificate: Certificate) -> None:
        server = grpc.aio.server(options=_GRPC_OPTIONS)
        server.add_generic_rpc_handlers((PubSub(self.org).handler(),))
        credentials = _credentials(certificate) if self.pubsub_tls else None
        port = _grpc_port(server, self._grpc_port, credentials)
        self.pubsub_endpoint = f"localhost:{port}"
        await server.start()
        stack.push_async_callback(server.stop, None)


async def serve_twin(twin: Twin, *, as_json: bool) -> None:
    """`sidebar twin`: print where the org is, then run until cancelled."""
    async with twin:
        line = twin.first_line()
        sys.stdout.write(json.dumps(line) + "\n" if as_json else _told(line))
        sys.stdout.flush()
        await asyncio.Event().wait()


def _told(line: dict[str, str | bool]) -> str:
    width = max(map(len, line))
    rows = [f"  {name:<{width}}  {value}" for name, value in line.items()]
    return "\n".join(["Twin: a local stand-in for Salesforce. Ctrl-C ends it.", *rows]) + "\n"


@contextmanager
def _listener(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((_HERE, port))
    except OSError:
        listener = socket.create_server((_HERE, 0))
    with listener:
        # asyncio does this only for sockets it has made itself; without it answers wait for the client's delayed ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _grpc_port(server: grpc.aio.Server, port: int, credentials: grpc.ServerCredentials | None) -> int:
    try:
        return _add_port(server, port, credentials)
    except RuntimeError:
        return _add_port(server, 0, credentials)


def _add_port(server: grpc.aio.Server, port: int, credentials: grpc.ServerCredentials | None) -> int:
    if credentials is None:
        return server.add_insecure_port(f"{_HERE}:{port}")
    return server.add_secure_port(f"{_HERE}:{port}", credentials)


def _credentials(certificate: Certificate) -> grpc.ServerCredentials:
    pair = (certificate.key.read_bytes(), certificate.certificate.read_bytes())
    return grpc.ssl_server_credentials([pair])


async def _serve_http(
    stack: AsyncExitStack, org: Org, listener: socket.socket, certificate: Certificate | None
) -> None:
    routes = [*oauth.routes(org), *rest.app(org), *pages.routes(org), *controls.routes(org)]
    app = Starlette(routes=routes, exception_handlers={ClientDisconnect: _nobody_listens})
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate.certificate if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stack.push_async_callback(_stop, server, serving)
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)


def _nobody_listens(request: Request, gone: Exception) -> Response:
    """The client went away in the middle of its own request."""
    return Response(status_code=400)


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever runs the loop."""
        yield
