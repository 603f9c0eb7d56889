"""Date literals: which stretch of days TODAY, LAST_N_WEEKS:3 or THIS_FISCAL_YEAR means. Knows no field and no row.

As in an org of Greenwich time and the locale en_US: weeks begin on Sunday, the fiscal year on 1 January.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_DAYS = {"yesterday": (-1, 0), "today": (0, 1), "tomorrow": (1, 2), "last_90_days": (-90, 1), "next_90_days": (1, 91)}
_PERIOD = re.compile(r"(last_n|next_n|n|last|this|next)_(?:fiscal_)?(day|week|month|quarter|year)s?(_ago)?(?::(\d+))?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` up to, not including, `end`; both in the form of the values they are compared with."""

    first: str
    end: str

    def against(self, sign: str, value: object) -> bool:
        if not isinstance(value, str):
            return sign in ("!=", "<>")
        inside = self.first <= value < self.end
        answers = {"=": inside, "<": value < self.first, ">=": value >= self.first, "<=": value < self.end}
        return answers.get(sign, value >= self.end if sign == ">" else not inside)


def span(literal: str, today: date) -> tuple[date, date]:
    """The first day and the day after the last. Raises OverflowError or ValueError beyond the calendar."""
    name = re.sub(r"\s", "", literal.lower())
    if name in _DAYS:
        first, end = _DAYS[name]
        return today + timedelta(days=first), today + timedelta(days=end)
    found = _PERIOD.fullmatch(name)
    assert found
    relation, unit, _, count = found.groups()
    number = int(count or 1)
    start, stop = {"n": (-number, 1 - number), "this": (0, 1), "last": (-1, 0), "next": (1, 2)}.get(
        relation, (-number, int(unit == "day")) if relation == "last_n" else (1, number + 1)
    )
    return _start(unit, start, today), _start(unit, stop, today)


def _start(unit: str, number: int, today: date) -> date:
    """The first day of the period that is `number` periods after today's."""
    if unit == "day":
        return today + timedelta(days=number)
    if unit == "week":
        return today + timedelta(days=7 * number - today.isoweekday() % 7)
    length = _MONTHS[unit]
    months = today.year * 12 + (today.month - 1) // length * length + number * length
    return date(months // 12, months % 12 + 1, 1)
