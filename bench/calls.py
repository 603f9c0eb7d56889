"""Salesforce calls for a day of opens, counted by the org: what caching and sharing save."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from bench.clock import real
from bench.figures import Figure
from bench.ground import Ground
from bench.people import Person, people
from sidebar.twin.org import Actor

NAIVE = "one query per open"
MINUTE = "the same opens and changes where what was read is remembered for 60 s"
_PEOPLE = 200
_AGENTS = 50
_HOURS = {"day": 8, "hour": 1}
_RETURNS = 0.5
_RETURN_SECONDS = 90.0
_MINUTE_MS = 60_000
_CHANGE_EVERY = 20
_KEEPALIVE_MS = 30  # a day passes in half a minute: what Salesforce says every minute is said as much oftener


@dataclass(frozen=True, slots=True)
class Open:
    """`at`: ms since the day began."""

    at: int
    agent: int
    person: int


def opens(hours: float, count: int, seed: int = 1) -> Sequence[Open]:
    """The same every time. Half the opens begin something, at any moment, by any agent: everybody once, then some far
    oftener than others (weight 1/rank). The other half come back to what somebody opened before, 90 s later on average;
    one in three of those is another agent."""
    rng = random.Random(seed)
    weights = [1 / rank for rank in range(1, _PEOPLE + 1)]
    planned: list[Open] = []
    new = iter(range(_PEOPLE))
    while len(planned) < count:
        if planned and rng.random() < _RETURNS:
            planned.append(_return(rng, rng.choice(planned)))
        else:
            person = next(new, None)
            if person is None:
                person = rng.choices(range(_PEOPLE), weights)[0]
            planned.append(Open(rng.randrange(int(hours * 3_600_000)), rng.randrange(_AGENTS), person))
    return sorted(planned, key=lambda each: each.at)


def _return(rng: random.Random, earlier: Open) -> Open:
    agent = rng.randrange(_AGENTS) if rng.random() < 1 / 3 else earlier.agent
    return Open(earlier.at + int(rng.expovariate(1 / _RETURN_SECONDS) * 1000), agent, earlier.person)


async def measure(ground: Ground, count: int = 1000) -> list[Figure]:
    """Once spread over a working day, once squeezed into its busiest hour."""
    customers = await people(ground.stage, _PEOPLE)
    return [await _played(ground, name, opens(hours, count), customers) for name, hours in _HOURS.items()]


async def measure_live(ground: Ground, count: int = 5000) -> list[Figure]:
    """The same day, in which somebody now and then changes a record in the org: live, and as without."""
    customers, planned = await people(ground.stage, _PEOPLE), opens(_HOURS["day"], count)
    spent = {live: await _lived(ground, planned, customers, live=live) for live in (False, True)}
    what = f"calls per open, {count} opens and {count // _CHANGE_EVERY} changes in the org within one day, live"
    per_open, before = spent[True] / count, spent[False] / count
    ratio = round(per_open / before, 4)
    notes = {"calls": spent[True], "calls_without": spent[False], "opens": count}
    return [Figure("salesforce_calls_live", what, per_open, "calls/open", before, MINUTE, ratio, count, notes)]


async def _lived(ground: Ground, planned: Sequence[Open], customers: Sequence[Person], *, live: bool) -> int:
    await ground.switch_live(on=live)
    setup = ground.stage.twin.org.setup
    usual, setup.keepalive_ms = setup.keepalive_ms, _KEEPALIVE_MS
    try:
        calls, _ = await _replay(ground, planned, customers, changing=True, live=live)
        return calls
    finally:
        setup.keepalive_ms = usual
        await ground.switch_live(on=False)


async def _played(ground: Ground, name: str, planned: Sequence[Open], customers: Sequence[Person]) -> Figure:
    spent, seen = await _replay(ground, planned, customers)
    return Figure(
        name=f"salesforce_calls_{name}",
        what=f"calls for {len(planned)} opens by {_AGENTS} agents of the same {_PEOPLE} people within one {name}",
        figure=spent,
        unit="calls",
        baseline=len(planned),
        baseline_is=NAIVE,
        ratio=round(spent / len(planned), 3),
        samples=len(planned),
        notes={
            "opens": len(planned),
            "opens_after_the_minute": _forgotten(planned),
            "people_opened": len({each.person for each in planned}),
            "seen": dict(seen),
        },
    )


async def _replay(
    ground: Ground, planned: Sequence[Open], customers: Sequence[Person], *, changing: bool = False, live: bool = False
) -> tuple[int, Counter[str]]:
    """How many calls that has cost, and what agents saw how often."""
    await ground.pass_seconds(3600)  # nothing is remembered from before
    morning, before, seen = ground.clock(), ground.salesforce_calls(), Counter[str]()
    async with httpx.AsyncClient(base_url=f"http://localhost:{ground.product.port}") as http:
        for number, each in enumerate(planned):
            await ground.be_ahead(morning + each.at - real())
            if live:
                await ground.be_heard()
            seen[await _open(http, ground, each.agent, customers[each.person])] += 1
            if changing and number % _CHANGE_EVERY == 0:
                _change(ground, number, customers[planned[-number].person])
    return ground.salesforce_calls() - before, seen


def _change(ground: Ground, number: int, person: Person) -> None:
    org = ground.stage.twin.org
    org.update(Actor(org.colleague), "Contact", person.id, {"Title": f"Since open {number}"})


def _forgotten(planned: Sequence[Open]) -> int:
    """How many opens find nothing remembered: what no cache of a minute can save."""
    read: dict[int, int] = {}
    count = 0
    for each in planned:
        if each.at - read.get(each.person, -_MINUTE_MS) >= _MINUTE_MS:
            read[each.person] = each.at
            count += 1
    return count


async def _open(http: httpx.AsyncClient, ground: Ground, agent: int, person: Person) -> str:
    """What the agent sees: "the person", "a choice" among several, or "somebody else"."""
    headers = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
    answer = await http.post(f"{ground.panel}/match", data={"token": ground.visit(agent, person)}, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"An open was answered {answer.status_code}: {answer.text[:200]}")
    if f'data-record="{person.id}"' in answer.text:
        return "the person"
    return "a choice with the person" if person.id in answer.text else "somebody else or nobody"
