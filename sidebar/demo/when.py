"""Dates and times as the inbox writes them, in this machine's time zone: the demo and its reader share a machine."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_skeleton, format_time

from sidebar.demo.words import words_in

_BEFORE = re.compile(r"(?P<minutes>\d+)m|(?P<days>\d+)d (?P<hour>\d\d):(?P<minute>\d\d)")


def local(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000).astimezone()


def moment(when: str, opened: datetime) -> datetime:
    """The time of a message written "25m" or "2d 14:05", counted back from `opened`; ValueError for other forms."""
    found = _BEFORE.fullmatch(when)
    if found is None:
        raise ValueError(f'A message is timed "25m" or "2d 14:05", not "{when}".')
    if found["minutes"]:
        return opened - timedelta(minutes=int(found["minutes"]))
    day = opened - timedelta(days=int(found["days"]))
    return day.replace(hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Writes times for a reader of one language who looks at the page at `now`."""

    now: datetime
    locale: str

    def clock(self, at: datetime) -> str:
        return format_time(at, "short", locale=self.locale)

    def day(self, at: datetime) -> str:
        """The line between two days of a thread."""
        return self._near(at) or format_skeleton("MMMMEEEEd", at, locale=self.locale)

    def stamp(self, at: datetime) -> str:
        """The short time beside a conversation in the list."""
        if at.date() == self.now.date():
            return self.clock(at)
        return self._near(at) or format_skeleton("MMMd", at, locale=self.locale)

    def _near(self, at: datetime) -> str:
        days = (self.now.date() - at.date()).days
        key = {0: "today", 1: "yesterday"}.get(days)
        return words_in(self.locale)[key] if key else ""
