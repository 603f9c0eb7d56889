"""Conversations made ready for the page: messages gathered by day, times written out, the last line for the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sidebar.demo.conversations.shape import Conversation, Message
from sidebar.demo.when import Calendar, moment

TONES = 6
"""How many avatar colours the style sheet has."""


@dataclass(frozen=True, slots=True)
class Line:
    message: Message
    at: datetime
    clock: str


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Thread:
    conversation: Conversation
    days: Sequence[Day]
    last: Line
    stamp: str
    tone: int


def threads(conversations: Sequence[Conversation], opened: datetime, calendar: Calendar) -> Sequence[Thread]:
    """One Thread a conversation, latest first; `opened` is what the messages count back from."""
    laid_out = [_thread(tone, one, opened, calendar) for tone, one in enumerate(conversations)]
    return sorted(laid_out, key=lambda thread: thread.last.at, reverse=True)


def _thread(tone: int, conversation: Conversation, opened: datetime, calendar: Calendar) -> Thread:
    lines = [_line(message, opened, calendar) for message in conversation.messages]
    return Thread(conversation, _days(lines, calendar), lines[-1], calendar.stamp(lines[-1].at), tone % TONES)


def _line(message: Message, opened: datetime, calendar: Calendar) -> Line:
    at = moment(message.when, opened)
    return Line(message, at, calendar.clock(at))


def _days(lines: Sequence[Line], calendar: Calendar) -> Sequence[Day]:
    return [
        Day(calendar.day(day[0].at), day)
        for _, group in groupby(lines, key=lambda line: line.at.date())
        for day in [list(group)]
    ]
