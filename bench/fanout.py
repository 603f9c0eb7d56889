"""From a commit in the org to changed bytes in many open panels, beside a bare app that only sends those bytes."""

import asyncio
import json
import time
from collections.abc import Sequence

import httpx

from bench.figures import Figure, quantile
from bench.ground import Ground
from bench.panels import heard, look_out, opened
from bench.people import Person, people
from bench.process import Process, running
from bench.throughput import ask
from sidebar.twin.org import Actor

BARE = "a Starlette route under uvicorn and uvloop that is told by a line and sends the same bytes to as many, same run"
_PAUSE = 0.1  # seconds between two changes: nothing of the former one is under way
_PATIENCE = 60
_OURS = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}


async def measure(ground: Ground, panels: int = 200, rounds: int = 60) -> list[Figure]:
    """All panels show one record, each another agent's. A B A B …, after one change that is not counted."""
    ours, bare = list[float](), list[float]()
    async with asyncio.timeout(_PATIENCE + rounds), running("panels") as crowd:
        person = await _opened(ground, crowd, panels)
        for number in range(rounds + 1):
            waits, event = await _ours(ground, crowd, person, panels, f"Change {number}.")
            await asyncio.sleep(_PAUSE)
            ours += waits if number else []
            waits = await _bare(ground.bare, crowd, panels, event, f"Change {number}.", f"Again {number}.")
            await asyncio.sleep(_PAUSE)
            bare += waits if number else []
    return [_figure(share, panels, ours, bare) for share in (0.5, 0.99)]


async def _opened(ground: Ground, crowd: Process, panels: int) -> Person:
    person = next(each for each in await people(ground.stage, panels) if each.emails)
    async with httpx.AsyncClient(base_url=f"http://localhost:{ground.product.port}") as http:
        requests = [await _request(ground, http, agent, person) for agent in range(panels)]
    await opened(crowd, ground.product.port, requests, '"state": "live"')
    at_bare = b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
    await opened(crowd, ground.bare.port, [at_bare] * panels, "event: ready")
    return person


async def _request(ground: Ground, http: httpx.AsyncClient, agent: int, person: Person) -> bytes:
    form = httpx.QueryParams(token=ground.visit(agent, person))
    typed = {**_OURS, "Content-Type": "application/x-www-form-urlencoded"}
    match = await ask(http, "POST", f"{ground.panel}/match", typed, str(form).encode())
    sent = {
        **_OURS,
        "Host": f"localhost:{ground.product.port}",
        "Accept": "text/event-stream",
        "Sidebar-Context": match.answer.headers["Sidebar-Context"],
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"GET {ground.panel}/live?record={person.id} HTTP/1.1\r\n{lines}\r\n".encode()


async def _ours(ground: Ground, crowd: Process, person: Person, panels: int, text: str) -> tuple[Sequence[float], str]:
    """Seconds from the commit until each panel has the change, and what it was sent."""
    org = ground.stage.twin.org
    await look_out(crowd, text)
    org.update(Actor(org.colleague), "Contact", person.id, {"Title": text})
    committed = time.perf_counter()
    found = await heard(crowd, text, panels)
    return [at - committed for at in found.at], found.event


async def _bare(bare: Process, crowd: Process, panels: int, event: str, text: str, other: str) -> Sequence[float]:
    await look_out(crowd, other)
    order = json.dumps({"event": event.replace(text, other)})
    told = time.perf_counter()
    await bare.tell(order)
    return [at - told for at in (await heard(crowd, other, panels)).at]


def _figure(share: float, panels: int, ours: Sequence[float], bare: Sequence[float]) -> Figure:
    figure, baseline = quantile(ours, share), quantile(bare, share)
    return Figure(
        name=f"fanout_p{round(share * 100)}",
        what=f"commit in the org to changed bytes in {panels} open panels, each panel's wait",
        figure=round(figure * 1000, 2),
        unit="ms",
        baseline=round(baseline * 1000, 2),
        baseline_is=BARE,
        ratio=round(figure / baseline, 3),
        samples=len(ours),
    )
