"""Our own index of addresses: look-ups at no call among ever more people, and what those people weigh."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Figure, compared
from bench.process import Process, running

SIZES = (1_000, 100_000, 1_000_000)
BARE = "the same question as one SQL statement with the key already known, by aiosqlite; same file, same run"
_WHAT = {
    "records": "whom our copies of the org's Contacts tell of, by e-mail or phone, compared and ranked",
    "contacts": "the local contact that owns an e-mail address or a phone number",
}
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Rates:
    """Look-ups per second, round by round, and what the process weighed at last."""

    ours: Sequence[float]
    bare: Sequence[float]
    rss: int


async def measure(
    folder: Path, say: Callable[[str], None], sizes: Sequence[int] = SIZES, rounds: int = 3, seconds: float = 0.8
) -> list[Figure]:
    """Each size in a file and a process of its own; the smallest is what the others' notes compare with."""
    found: list[Figure] = []
    smallest: dict[str, float] = {}
    for size in sizes:
        say(f"an index of {size:,} people")
        path = folder / f"index-{size}.sqlite"
        async with running("shelf", {"PEOPLE": str(size), "FILE": str(path)}) as shelf:
            rates = {kind: await _rates(shelf, kind, rounds, seconds) for kind in _WHAT}
            found += [_rate(kind, size, each, smallest) for kind, each in rates.items()]
            found += _weights(size, shelf.told, max(each.rss for each in rates.values()))
        _drop(path)
    return found


async def _rates(shelf: Process, kind: str, rounds: int, seconds: float) -> Rates:
    ours, bare, rss = list[float](), list[float](), 0
    for what in (kind, f"bare_{kind}"):
        await shelf.tell(json.dumps([what, seconds / 4]))  # the first of all are slow
    for _ in range(rounds):
        for what, rates in ((kind, ours), (f"bare_{kind}", bare)):
            told = json.loads(await shelf.tell(json.dumps([what, seconds])))
            rates.append(told["per_second"])
            rss = told["rss"]
    return Rates(ours, bare, rss)


def _rate(kind: str, size: int, rates: Rates, smallest: dict[str, float]) -> Figure:
    what = f"{_WHAT[kind]}: among {size:,}"
    figure = compared(f"index_{kind}_{size}", what, "look-ups/s", rates.ours, rates.bare, BARE)
    beside = smallest.setdefault(kind, figure.figure)
    return replace(figure, notes={"beside_the_smallest": round(figure.figure / beside, 3)})


def _weights(size: int, told: Mapping[str, int], rss: int) -> list[Figure]:
    weight, before = [rss / _MB], [told["rss"] / _MB]
    memory = f"resident memory of the process after look-ups among {size:,} people"
    disk = f"the database with {size:,} people as records and as local contacts, their keys included"
    return [
        compared(f"index_memory_{size}", memory, "MB", weight, before, "before there was anybody"),
        compared(f"index_disk_{size}", disk, "MB", [told["bytes"] / _MB], [told["texts"] / _MB], "them as JSON texts"),
    ]


def _drop(path: Path) -> None:
    """The largest is a gigabyte that nobody needs any more."""
    path.unlink()
