"""A cached panel, as requests per second and as CPU per request, beside a bare route that sends the same bytes."""

import json
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urlencode

import httpx

from bench.figures import Figure, compared
from bench.ground import Ground
from bench.load import Task, drive
from bench.people import people
from bench.process import Process, usable_cores

BARE = "a Starlette route under uvicorn and uvloop that sends the same bytes and headers, in the same run"
_QUESTIONS = 16
_CONNECTIONS = 8
_SET_BY_SERVER = frozenset({"date", "content-length"})
_WHAT = {
    "match": "POST …/match of a remembered record",
    "contact": "GET …/contact/<id> of a remembered record, 200",
    "unchanged": "GET …/contact/<id> of a remembered record, 304",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what was answered when it was first asked."""

    request: bytes
    answer: httpx.Response


Questions: TypeAlias = Mapping[str, Sequence[Question]]


@dataclass(frozen=True, slots=True)
class Round:
    """One server asked one kind of question for a while."""

    per_second: float
    cpu_us: float


async def measure(ground: Ground, rounds: int = 6, seconds: float = 1.0) -> list[Figure]:
    """A match, the contact's fragment, and the same fragment unchanged: A B A B …, server and load on a core each."""
    return await side_by_side(ground.product, ground.bare, _WHAT, lambda: remembered(ground), rounds, seconds)


async def side_by_side(
    server: Process,
    bare: Process,
    what: Mapping[str, str],
    prepare: Callable[[], Awaitable[Questions]],
    rounds: int,
    seconds: float,
) -> list[Figure]:
    """Each kind of question, prepared anew for every round, to the server and then to the bare one. `what` says in
    words what each kind is."""
    found: dict[str, list[tuple[Round, Round]]] = {}
    questions: Questions = {}
    cores = usable_cores()
    server.pin(cores[:1])
    bare.pin(cores[:1])
    for _ in range(rounds):
        questions = await prepare()
        await _teach(bare, questions)
        for kind, asked in questions.items():
            ours = await _round(server, [each.request for each in asked], asked, seconds)
            same = [_on_bare(kind, number, each.request) for number, each in enumerate(asked)]
            found.setdefault(kind, []).append((ours, await _round(bare, same, asked, seconds)))
    server.pin([])
    bare.pin([])
    return [figure for kind, pairs in found.items() for figure in _figures(kind, what[kind], questions[kind], pairs)]


async def remembered(ground: Ground) -> Questions:
    """Asked once each, so that everything they need is remembered for the next minute."""
    kinds: dict[str, list[Question]] = {"match": [], "contact": [], "unchanged": []}
    async with httpx.AsyncClient(base_url=f"http://localhost:{ground.product.port}") as http:
        for agent, person in enumerate(await people(ground.stage, 3 * _QUESTIONS)):
            match = await _ask(http, "POST", f"{ground.panel}/match", {}, {"token": ground.visit(agent, person)})
            if person.id not in match.answer.text or 'id="record"' not in match.answer.text:
                continue  # a number that several share
            if len(kinds["match"]) == _QUESTIONS:
                break
            context = {"Sidebar-Context": match.answer.headers["Sidebar-Context"]}
            path = f"{ground.panel}/contact/{person.id}"
            contact = await _ask(http, "GET", path, context)
            known = context | {"If-None-Match": contact.answer.headers["ETag"]}
            kinds["match"].append(match)
            kinds["contact"].append(contact)
            kinds["unchanged"].append(await _ask(http, "GET", path, known))
    return kinds


async def _ask(
    http: httpx.AsyncClient, method: str, path: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> Question:
    """As htmx in Chromium asks, give or take a few headers."""
    body = urlencode(form).encode() if form else b""
    everyday = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Accept-Language": "en"}
    sent = everyday | dict(headers)
    if body:
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return await ask(http, method, path, sent, body)


async def ask(http: httpx.AsyncClient, method: str, path: str, sent: Mapping[str, str], body: bytes = b"") -> Question:
    answer = await http.request(method, path, headers=sent, content=body)
    if answer.status_code not in (200, 304):
        raise RuntimeError(f"{method} {path[:80]} was answered {answer.status_code}: {answer.text[:200]}")
    lines = "".join(
        f"{name}: {value}\r\n" for name, value in {"Host": answer.request.url.netloc.decode(), **sent}.items()
    )
    return Question(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body, answer)


async def _teach(bare: Process, questions: Questions) -> None:
    for kind, asked in questions.items():
        for number, each in enumerate(asked):
            headers = {name: value for name, value in each.answer.headers.items() if name not in _SET_BY_SERVER}
            told = {"name": f"{kind}-{number}", "status": each.answer.status_code, "headers": headers}
            await bare.tell(json.dumps({**told, "body": each.answer.text}))


def _on_bare(kind: str, number: int, request: bytes) -> bytes:
    """The same request, headers and body included, to the bare route's address."""
    method, _, rest = request.partition(b" ")
    return method + f" /answer/{kind}-{number} ".encode() + rest.partition(b" ")[2]


async def _round(server: Process, requests: Sequence[bytes], asked: Sequence[Question], seconds: float) -> Round:
    core = usable_cores()[-1]
    before = server.cpu_seconds()
    outcome = await drive(Task(server.port, seconds, _CONNECTIONS, requests, core))
    cpu = server.cpu_seconds() - before
    if set(outcome.statuses) != {str(asked[0].answer.status_code)}:
        raise RuntimeError(f"Under load the answers were {outcome.statuses}")
    return Round(outcome.answers / outcome.seconds, cpu / outcome.answers * 1e6)


def _figures(kind: str, what: str, asked: Sequence[Question], pairs: Sequence[tuple[Round, Round]]) -> list[Figure]:
    notes = {"bytes": round(statistics.mean(len(each.answer.content) for each in asked)), "people": len(asked)}
    ours, bare = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    both = (
        compared(f"{kind}_per_second", what, "requests/s", *_each("per_second", ours, bare), BARE),
        compared(f"{kind}_cpu", f"{what}: CPU of the server", "µs/request", *_each("cpu_us", ours, bare), BARE),
    )
    return [_noted(figure, notes) for figure in both]


def _each(name: str, ours: Sequence[Round], bare: Sequence[Round]) -> tuple[list[float], list[float]]:
    return [getattr(each, name) for each in ours], [getattr(each, name) for each in bare]


def _noted(figure: Figure, notes: Mapping[str, object]) -> Figure:
    return replace(figure, notes=notes)
