"""Moments, spans and numbers as the reader of a page writes them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

_EXACT = 10_000  # ms: shorter spans are told in tenths of a second


@dataclass(frozen=True, slots=True)
class Words:
    """Moments (ms), spans and numbers as the reader writes them."""

    now: int
    language: str

    def ago(self, at: int) -> str:
        """ "3 minutes ago", "in 2 hours"."""
        return format_timedelta(
            timedelta(milliseconds=at - self.now), threshold=1, add_direction=True, locale=self.language
        )

    def span(self, milliseconds: int) -> str:
        """ "0.4 sec", "5 minutes"."""
        if milliseconds < _EXACT:
            return format_unit(round(milliseconds / 1000, 1), "duration-second", "short", locale=self.language)
        return format_timedelta(timedelta(milliseconds=milliseconds), locale=self.language)

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.language)

    def share(self, part: float) -> str:
        return format_percent(part, locale=self.language)

    def clock(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
