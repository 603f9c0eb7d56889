"""What the twin costs: to fill it with people and to ask it. What it costs to write to it stands in bulk.py."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import httpx

from bench import bulk
from bench.figures import Figure, compared
from bench.process import Process, running
from bench.throughput import Question, Questions, ask, side_by_side

_WHAT = {
    "twin_email": "GET …/query?q=SELECT … WHERE Email = …",
    "twin_ids": "GET …/query?q=SELECT … WHERE Id IN (200 ids)",
    "twin_phone": "GET …/search?q=FIND {a phone number} IN PHONE FIELDS …",
}
_PEOPLE = "SELECT Id, Email, Phone FROM Contact WHERE Email != null AND Phone LIKE '%5%' LIMIT 2000"
_QUESTIONS = 16
_IDS = 200
_READ = "the same contacts as JSON texts, read into dicts by json.loads"


async def measure(
    bare: Process,
    say: Callable[[str], None],
    sizes: Sequence[int] = (1_000_000, 100_000),
    rows: int = 10_000,
    rounds: int = 3,
    seconds: float = 1.0,
) -> list[Figure]:
    """Each size in a process of its own, whose memory goes away with it; the last one is asked and written to."""
    found: list[Figure] = []
    for size in sizes:
        say(f"a twin with {size:,} contacts")
        async with running("crowd", {"CONTACTS": str(size)}) as twin:
            found += _filled(size, twin.told)
            if size == sizes[-1]:
                found += await side_by_side(twin, bare, _WHAT, partial(_questions, twin), rounds, seconds)
                found += await bulk.measure(twin, rows, rounds)
    return found


def _filled(contacts: int, told: Mapping[str, Any]) -> list[Figure]:
    start, bare = f"start of a twin with {contacts:,} contacts", told["bare"]
    megabytes, texts = [told["bytes"] / 1e6], [bare["bytes"] / 1e6]
    return [
        compared(f"twin_start_{contacts}", start, "s", [told["seconds"]], [bare["seconds"]], _READ),
        compared(f"twin_memory_{contacts}", f"{start}: growth of the process", "MB", megabytes, texts, "those texts"),
    ]


async def _questions(twin: Process) -> Questions:
    headers = {"Authorization": f"Bearer {twin.told['access_token']}", "Accept-Encoding": "identity"}
    found: dict[str, list[Question]] = {kind: [] for kind in _WHAT}
    async with httpx.AsyncClient(base_url=f"http://localhost:{twin.port}") as http:
        people = (await ask(http, "GET", _path("query", _PEOPLE), headers)).answer.json()["records"]
        ids = "','".join(person["Id"] for person in people[: _IDS - 1])
        for person in people[_IDS - 1 :: len(people) // _QUESTIONS][:_QUESTIONS]:
            for kind, path in _paths(person, ids).items():
                found[kind].append(await ask(http, "GET", path, headers))
                if person["Id"] not in found[kind][-1].answer.text:
                    raise RuntimeError(f"The twin did not find {person} by {path[:200]}")
    return found


def _paths(person: Mapping[str, str], ids: str) -> Mapping[str, str]:
    columns, number = "Id, Name, Email, Phone", re.sub(r"\D", "", person["Phone"])
    return {
        "twin_email": _path("query", f"SELECT {columns} FROM Contact WHERE Email = '{person['Email']}'"),
        "twin_ids": _path("query", f"SELECT {columns} FROM Contact WHERE Id IN ('{person['Id']}','{ids}')"),
        "twin_phone": _path("search", f"FIND {{{number}}} IN PHONE FIELDS RETURNING Contact({columns})"),
    }


def _path(door: str, text: str) -> str:
    return f"/services/data/v67.0/{door}?{httpx.QueryParams(q=text)}"
