"""What a process is made of."""

import asyncio
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sidebar.process import listen, serving, working
from sidebar.worker import Worker

pytestmark = pytest.mark.anyio


def test_connections_answer_without_waiting_for_the_clients_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(("trusted", "seen"), [("127.0.0.1", "192.0.2.7"), ("192.0.2.1", "127.0.0.1")])
async def test_a_proxy_that_is_named_tells_where_a_request_came_from(
    monkeypatch: pytest.MonkeyPatch, trusted: str, seen: str
) -> None:
    async def whence(request: Request) -> Response:
        return PlainTextResponse(request.client.host if request.client else "")

    monkeypatch.setenv("FORWARDED_ALLOW_IPS", trusted)
    with listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        async with serving(Starlette(routes=[Route("/", whence)]), listener), httpx.AsyncClient() as proxy:
            assert (await proxy.get(url, headers={"X-Forwarded-For": "192.0.2.7"})).text == seen


async def test_a_worker_that_dies_takes_its_process_with_it() -> None:
    class House:
        """One whose worker breaks at once."""

        def work(self) -> Worker:
            return Broken()  # type: ignore[return-value]

    class Broken:
        async def run(self) -> None:
            raise RuntimeError("broken")

    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.timeout(5), working(House()):  # type: ignore[arg-type]
            await asyncio.Event().wait()
    assert raised.group_contains(RuntimeError, match="broken")
