"""A process of its own: a bare Starlette app that sends what it was told to send. What the product is compared with.

Served by uvicorn on uvloop, its own default, so that a mistake in how the product is served shows in the ratio. Each
line on standard input is a JSON object with `name`, `status`, `headers` and `body`: the answer of /answer/<name> from
then on; or with `event` alone: what every open /stream is sent now. /host frames /frame, which fetches such an answer
when a button is clicked and paints it: the least a panel in an inbox can do.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bench.process import listen_to_orders
from sidebar.files import folder

_HOST = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare host</title>
<style>iframe { position: absolute; right: 0; top: 0; width: 360px; height: 100vh; border: 0 }</style>
<div id="rows"></div><iframe id="frame" title="panel"></iframe>
<script>
const frame = document.getElementById("frame");
frame.src = `http://localhost:${location.port}/frame`;
for (const name of new URLSearchParams(location.search).getAll("name")) {
  const row = document.createElement("button");
  row.dataset.conversation = row.textContent = name;
  row.addEventListener("click", () => frame.contentWindow.postMessage(name, "*"));
  document.getElementById("rows").append(row);
}
</script></html>"""
_FRAME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare panel</title>
<link rel="stylesheet" href="/static/sidebar.css">
<body class="panel"><main id="contact"></main>
<script>
addEventListener("message", async ({ data }) => {
  const answer = await fetch(`/answer/${data}`, { method: "POST" });
  document.getElementById("contact").innerHTML = await answer.text();
});
</script></body></html>"""


class Bare:
    def __init__(self) -> None:
        self._answers: dict[str, tuple[int, dict[str, str], str]] = {}
        self._streams: set[asyncio.Queue[str]] = set()

    def learn(self, order: str) -> None:
        told = json.loads(order)
        if "event" in told:
            for each in self._streams:
                each.put_nowait(told["event"])
            return
        self._answers[told["name"]] = (told["status"], told["headers"], told["body"])

    async def answer(self, request: Request) -> Response:
        status, headers, body = self._answers[request.path_params["name"]]
        return Response(body or None, status, headers)

    async def stream(self, _request: Request) -> Response:
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        waiting: asyncio.Queue[str] = asyncio.Queue()
        self._streams.add(waiting)
        try:
            yield "event: ready\ndata: {}\n\n"
            while True:
                yield await waiting.get()
        finally:
            self._streams.discard(waiting)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/answer/{name}", self.answer, methods=["GET", "POST"]),
                Route("/stream", self.stream),
                Route("/host", _host),
                Route("/frame", _frame),
                Mount("/static", StaticFiles(directory=folder("static"))),
            ]
        )


async def _host(_request: Request) -> Response:
    return HTMLResponse(_HOST)


async def _frame(_request: Request) -> Response:
    return HTMLResponse(_FRAME)


async def main() -> None:
    bare = Bare()
    config = uvicorn.Config(bare.app(), log_config=None, access_log=False, lifespan="off", server_header=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        orders = asyncio.create_task(listen_to_orders(listener.getsockname()[1], bare.learn))
        await uvicorn.Server(config).serve(sockets=[listener])
        orders.cancel()


if __name__ == "__main__":
    uvloop.run(main())
