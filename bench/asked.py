"""Agents who ask who somebody is: what they are told to ask, and how it went. What processes of the bench tell each
other of look-ups.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

from bench.people import Person
from bench.process import Process

APART = 0.001
"""Seconds: nobody's question comes in the very moment of another's."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`waits`: the seconds from each question to its answer; `seconds`: from the first question to the last answer."""

    waits: list[float]
    seconds: float


async def asked(side: Process, agents: Sequence[Sequence[Person]]) -> Outcome:
    """Every agent a moment after the one before, each about one person after the other."""
    order = [[asdict(person) for person in each] for each in agents]
    return Outcome(**json.loads(await side.tell(json.dumps(order))))


async def play(order: str, find: Callable[[Person], Awaitable[str]]) -> str:
    """The other side; `find` says whose id it is."""
    waits = list[float]()

    async def ask(number: int, people: Sequence[Person]) -> None:
        await asyncio.sleep(number * APART)
        for person in people:
            asked_at = time.perf_counter()
            found = await find(person)
            waits.append(time.perf_counter() - asked_at)
            if found != person.id:
                raise RuntimeError(f"{person} was taken for {found or 'nobody'}")

    agents = [[person_of(each) for each in people] for people in json.loads(order)]
    began = time.perf_counter()
    await asyncio.gather(*(ask(number, people) for number, people in enumerate(agents)))
    return json.dumps(asdict(Outcome(waits, time.perf_counter() - began)))


def person_of(told: dict[str, object]) -> Person:
    return Person(str(told["id"]), _texts(told["emails"]), _texts(told["phones"]), str(told["country"]))


def _texts(told: object) -> tuple[str, ...]:
    return tuple(map(str, told)) if isinstance(told, list) else ()
