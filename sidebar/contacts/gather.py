"""Questions of many, asked as one: while one is on its way the next ones gather, and go together when it is answered.

Nobody waits where nothing is on its way. Each asker gets their own answer, or their own error; who goes away harms
nobody. Must not know what is asked, nor of whom.
"""

import asyncio
from collections.abc import Coroutine, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

W = TypeVar("W")
A = TypeVar("A")
W_contra = TypeVar("W_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[A]):
    """`calls`: how many it took; 0 where it came with those of others."""

    rows: Sequence[A]
    calls: int


class Question(Protocol[W_contra, A_co]):
    """What can be asked for several wants at once; `room`: how much of them fits into one call."""

    @property
    def room(self) -> int: ...

    def size(self, want: W_contra) -> int: ...

    async def ask(self, wants: Sequence[W_contra]) -> Sequence[Sequence[A_co]]:
        """One call: for each want its own rows."""

    def is_for_one(self, problem: Exception) -> bool:
        """Whether a problem with several may be none with each alone."""


@dataclass(frozen=True, slots=True)
class _Asker(Generic[W, A]):
    want: W
    question: Question[W, A]
    answer: "asyncio.Future[Answer[A]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def tell(self, rows: Sequence[A], calls: int) -> None:
        if not self.answer.done():
            self.answer.set_result(Answer(rows, calls))

    def fail(self, problem: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(problem)


class Gather(Generic[W, A]):
    """What is asked on one line goes together; it has to be the same question but for what is wanted. An answer that
    takes longer than `patience` (seconds) holds nobody else up."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._waiting: dict[Hashable, list[_Asker[W, A]]] = {}
        self._flying: set[asyncio.Task[None]] = set()

    async def ask(self, line: Hashable, want: W, question: Question[W, A]) -> Answer[A]:
        asker = _Asker(want, question)
        if line in self._waiting:
            self._waiting[line].append(asker)
        else:
            self._waiting[line] = [asker]
            self._begin(self._serve(line))
        return await asker.answer

    def _begin(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
        return task

    async def _serve(self, line: Hashable) -> None:
        """Until nobody waits on that line any more."""
        while askers := [each for each in self._waiting[line] if not each.answer.done()]:
            self._waiting[line] = []
            await asyncio.wait([self._begin(_fly(askers))], timeout=self._patience)
        del self._waiting[line]


async def _fly(askers: Sequence[_Asker[W, A]]) -> None:
    try:
        await asyncio.gather(*map(_ask, _parts(askers)))
    except Exception as problem:  # nobody is left waiting, whatever cannot be asked
        for each in askers:
            each.fail(problem)


def _parts(askers: Sequence[_Asker[W, A]]) -> Iterator[list[_Asker[W, A]]]:
    part: list[_Asker[W, A]] = []
    left = room = askers[0].question.room
    for each in askers:
        size = each.question.size(each.want)
        if part and size > left:
            yield part
            part, left = [], room
        part.append(each)
        left -= size
    yield part


async def _ask(askers: Sequence[_Asker[W, A]], calls: int = 1) -> None:
    """One call for all of them, else one for each; the first is told what it cost."""
    first = askers[0]
    try:
        answers = await first.question.ask([each.want for each in askers])
        for each, rows in zip(askers, answers, strict=True):
            each.tell(rows, calls if each is first else 0)
    except Exception as problem:
        if len(askers) > 1 and first.question.is_for_one(problem):
            await asyncio.gather(*(_ask([each], 2 if each is first else 1) for each in askers))
            return
        for each in askers:
            each.fail(problem)
