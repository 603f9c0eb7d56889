"""The Pub/Sub API of an org served over TLS on a free port, and a client of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio
import pytest

from sidebar.twin.certificate import certificate_in
from sidebar.twin.events.pubsub import PubSub
from sidebar.twin.org import JSON, Org
from tests.twin.events.client import Client


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Client]]:
    @asynccontextmanager
    async def serve(org: Org, **setup: JSON) -> AsyncIterator[Client]:
        org.setup.switch(setup)
        certificate = certificate_in(tmp_path)
        root = certificate.certificate.read_bytes()
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((PubSub(org).handler(),))
        secret = grpc.ssl_server_credentials([(certificate.key.read_bytes(), root)])
        port = server.add_secure_port("127.0.0.1:0", secret)
        await server.start()
        try:
            credentials = grpc.ssl_channel_credentials(root)
            async with grpc.aio.secure_channel(f"localhost:{port}", credentials) as channel:
                yield Client(channel, org)
        finally:
            await server.stop(None)

    return serve
