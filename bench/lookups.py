"""Who is that? The product's look-up in an org that takes its time, beside simple-salesforce asking one by one."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from bench.asked import Outcome, asked, person_of
from bench.connected import environment
from bench.figures import Figure, compared, quantile
from bench.people import Person
from bench.process import Process, running
from bench.town import BY_PHONE_EVERY

ONE_BY_ONE = "simple-salesforce, a thread for each agent and a call for each question; same run"


@dataclass(frozen=True, slots=True)
class Spent:
    """`trips`: how often an answer of Salesforce's could have been waited for in that time."""

    outcome: Outcome
    calls: int
    trips: float


@dataclass(frozen=True, slots=True)
class Sides:
    """The product and simple-salesforce, asked the same."""

    town: Process
    product: Process
    bare: Process
    latency_ms: int

    async def ask(self, agents: Sequence[Sequence[Person]]) -> tuple[Spent, Spent]:
        return await self._spent(self.product, agents), await self._spent(self.bare, agents)

    async def _spent(self, side: Process, agents: Sequence[Sequence[Person]]) -> Spent:
        before = await self._calls()
        outcome = await asked(side, agents)
        return Spent(outcome, await self._calls() - before, outcome.seconds * 1000 / self.latency_ms)

    async def _calls(self) -> int:
        return int(json.loads(await self.town.tell(str(self.latency_ms))))


async def measure(
    folder: Path,
    say: Callable[[str], None],
    *,
    singles: int = 12,
    burst: int = 50,
    bursts: int = 5,
    agents: int = 100,
    each: int = 10,
    latency_ms: int = 150,
) -> list[Figure]:
    """`singles`: people asked about alone, by e-mail and as many by phone. Nobody is asked about twice."""
    say(f"look-ups in an org that takes {latency_ms} ms to answer")
    crowd = max(agents, burst)
    wanted = crowd + BY_PHONE_EVERY * (singles + 1) + burst * bursts + agents * each + 1
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(running("town", {"PEOPLE": str(wanted)}))
        told = environment(town)
        database = {"DATABASE_URL": f"sqlite:///{folder / 'lookups.sqlite'}"}
        product = await stack.enter_async_context(running("seeker", {**told, **database}))
        bare = await stack.enter_async_context(running("onebyone", told))
        sides, people = Sides(town, product, bare, latency_ms), map(person_of, town.told["people"])
        await sides.ask([[person] for person in islice(people, crowd)])  # fields learnt, connections open
        return [
            *await _alone(sides, people, singles),
            *await _burst(sides, people, burst, bursts),
            *await _crowd(sides, people, agents, each),
            await _same(sides, next(people), burst),
        ]


async def _alone(sides: Sides, people: Iterator[Person], count: int) -> list[Figure]:
    by_email, by_phone = list[Person](), list[Person]()
    while min(len(by_email), len(by_phone)) < count:
        person = next(people)
        (by_email if person.emails else by_phone).append(person)
    return [await _single("email", sides, by_email[:count]), await _single("phone", sides, by_phone[:count])]


async def _single(kind: str, sides: Sides, people: Sequence[Person]) -> Figure:
    pairs = [await sides.ask([[person]]) for person in people]
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    what = f"one look-up by {kind} of whom nobody has asked about, at {sides.latency_ms} ms a round trip"
    trips = _trips(f"lookup_cold_{kind}", what, ours, theirs)
    return replace(trips, notes={"calls": sum(each.calls for each in ours) / len(ours)})


async def _burst(sides: Sides, people: Iterator[Person], count: int, rounds: int) -> list[Figure]:
    pairs = [await sides.ask([[person] for person in islice(people, count)]) for _ in range(rounds)]
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    what = f"{count} agents ask about {count} people at once, every third by phone"
    return [_calls("lookup_burst_calls", what, ours, theirs), _trips("lookup_burst_trips", what, ours, theirs)]


async def _crowd(sides: Sides, people: Iterator[Person], agents: int, each: int) -> list[Figure]:
    ours, theirs = await sides.ask([list(islice(people, each)) for _ in range(agents)])
    what = f"{agents} agents ask about {each} people each without a rest, {agents * each} in all"
    waits = [_waits(share, what, ours.outcome, theirs.outcome) for share in (0.5, 0.99)]
    return [_calls("lookup_crowd_calls", what, [ours], [theirs]), *waits]


async def _same(sides: Sides, person: Person, agents: int) -> Figure:
    ours, theirs = await sides.ask([[person]] * agents)
    return _calls("lookup_same_calls", f"{agents} agents ask about the same person at once", [ours], [theirs])


def _trips(name: str, what: str, ours: Sequence[Spent], theirs: Sequence[Spent]) -> Figure:
    both = [each.trips for each in ours], [each.trips for each in theirs]
    return compared(name, f"{what}: until the last answer", "round trips", *both, ONE_BY_ONE)


def _calls(name: str, what: str, ours: Sequence[Spent], theirs: Sequence[Spent]) -> Figure:
    both = [each.calls for each in ours], [each.calls for each in theirs]
    return compared(name, what, "calls", *both, ONE_BY_ONE)


def _waits(share: float, what: str, ours: Outcome, theirs: Outcome) -> Figure:
    figure, baseline = (quantile(each.waits, share) * 1000 for each in (ours, theirs))
    return Figure(
        name=f"lookup_crowd_p{round(share * 100)}",
        what=what,
        figure=round(figure, 1),
        unit="ms",
        baseline=round(baseline, 1),
        baseline_is=ONE_BY_ONE,
        ratio=round(figure / baseline, 3),
        samples=len(ours.waits),
    )
