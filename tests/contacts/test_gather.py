"""Questions of many go as one: without waiting where nothing is on its way, and without one harming another."""

import asyncio
from collections.abc import Sequence

import pytest

from sidebar.contacts.gather import Answer, Gather

pytestmark = pytest.mark.anyio


class Bureau:
    """Answers a word with itself in capitals, once it is let; keeps what it was asked at once."""

    room = 10

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.refuses: set[str] = set()
        self.breaks = False

    def size(self, want: str) -> int:
        return len(want)

    async def ask(self, wants: Sequence[str]) -> Sequence[Sequence[str]]:
        self.asked.append(list(wants))
        await self.open.wait()
        if self.breaks:
            raise ConnectionError
        if self.refuses & set(wants):
            raise ValueError(*wants)
        return [[want.upper()] for want in wants]

    def is_for_one(self, problem: Exception) -> bool:
        return isinstance(problem, ValueError)


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


class Office:
    """Whoever asks the bureau, on one line unless told."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.gather: Gather[str, str] = Gather()

    def ask(self, want: str, line: str = "line") -> "asyncio.Task[Answer[str]]":
        return asyncio.create_task(self.gather.ask(line, want, self.bureau))

    async def shut(self, *wants: str) -> "list[asyncio.Task[Answer[str]]]":
        """These are on their way, and are not answered yet."""
        self.bureau.open.clear()
        tasks = [self.ask(want) for want in wants]
        await self.rest()
        return tasks

    async def rest(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
def office(bureau: Bureau) -> Office:
    return Office(bureau)


async def test_nobody_waits_where_nothing_is_on_its_way(office: Office) -> None:
    await office.shut("a")
    assert office.bureau.asked == [["a"]]


async def test_while_one_is_on_its_way_the_next_gather_and_go_as_one(office: Office) -> None:
    tasks = await office.shut("a")
    tasks += [office.ask(each) for each in "bcd"]
    await office.rest()
    assert office.bureau.asked == [["a"]]
    office.bureau.open.set()
    answers = await asyncio.gather(*tasks)
    assert office.bureau.asked == [["a"], ["b", "c", "d"]]
    assert [list(each.rows) for each in answers] == [["A"], ["B"], ["C"], ["D"]]
    assert [each.calls for each in answers] == [1, 1, 0, 0]


async def test_an_answer_that_takes_long_holds_nobody_up(bureau: Bureau) -> None:
    office = Office(bureau)
    office.gather = Gather(patience=0.01)
    await office.shut("a")
    office.ask("b")
    while len(bureau.asked) < 2:
        await asyncio.sleep(0.01)
    assert bureau.asked == [["a"], ["b"]]


async def test_other_lines_do_not_wait(office: Office) -> None:
    await office.shut("a")
    office.ask("b", "other")
    await office.rest()
    assert office.bureau.asked == [["a"], ["b"]]


async def test_what_does_not_fit_into_one_goes_as_several_at_once(office: Office) -> None:
    wants = ["four", "five", "six", "seven", "far too long for one"]
    answers = await asyncio.gather(*(office.ask(each) for each in wants))
    assert office.bureau.asked == [["four", "five"], ["six", "seven"], ["far too long for one"]]
    assert [each.rows[0] for each in answers] == [each.upper() for each in wants]
    assert sum(each.calls for each in answers) == 3


async def test_each_gets_their_own_error(office: Office) -> None:
    """What is refused of several is asked again of each alone."""
    office.bureau.refuses = {"b"}
    a, b, c = await asyncio.gather(*map(office.ask, "abc"), return_exceptions=True)
    assert isinstance(a, Answer)
    assert isinstance(c, Answer)
    assert (a.rows, c.rows, str(b)) == (["A"], ["C"], "b")
    assert office.bureau.asked == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert a.calls + c.calls == 3


async def test_where_nothing_is_answered_all_are_told_and_nothing_is_asked_again(office: Office) -> None:
    office.bureau.breaks = True
    told = await asyncio.gather(*map(office.ask, "abc"), return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError] * 3
    assert len(office.bureau.asked) == 1


async def test_after_a_failure_it_goes_on(office: Office) -> None:
    office.bureau.breaks = True
    await asyncio.gather(office.ask("a"), return_exceptions=True)
    office.bureau.breaks = False
    assert (await office.ask("b")).rows == ["B"]


async def test_who_goes_away_before_is_not_asked_for(office: Office) -> None:
    first = await office.shut("a")
    b, c = office.ask("b"), office.ask("c")
    await office.rest()
    b.cancel()
    await office.rest()
    office.bureau.open.set()
    assert (await c).rows == ["C"]
    await first[0]
    assert office.bureau.asked == [["a"], ["c"]]


async def test_who_goes_away_meanwhile_harms_nobody(office: Office) -> None:
    a, b = await office.shut("a", "b")
    a.cancel()
    await office.rest()
    office.bureau.open.set()
    assert (await b).rows == ["B"]
    assert a.cancelled()


async def test_where_all_have_gone_nothing_is_left(office: Office) -> None:
    tasks = await office.shut("a")
    tasks.append(office.ask("b"))
    await office.rest()
    for each in tasks:
        each.cancel()
    office.bureau.open.set()
    await office.rest()
    assert office.bureau.asked == [["a"]]
    assert (await office.ask("c")).rows == ["C"]


async def test_what_cannot_be_asked_leaves_nobody_waiting(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = await office.shut("a")
    tasks += [office.ask("b"), office.ask("c")]
    monkeypatch.setattr(office.bureau, "size", lambda want: 1 // ("bc".index(want)))
    await office.rest()
    office.bureau.open.set()
    async with asyncio.timeout(10):
        told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in told] == [Answer, ZeroDivisionError, ZeroDivisionError]
