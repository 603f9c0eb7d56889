"""Dates and times as the API writes and reads them. Milliseconds UTC inside."""

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

DAY = 86_400_000


def stamp(at: int) -> str:
    """2026-11-22T08:00:00.000+0000, in whole seconds as orgs store them."""
    return _stamp(at // 1000)


def day(at: int) -> date:
    return _moment(at).date()


def http_date(at: int) -> str:
    return format_datetime(_moment(at), usegmt=True)


def from_http_date(text: str) -> int | None:
    """Milliseconds of an HTTP date; None when it is none."""
    try:
        return _millis(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None


def from_stamp(text: str) -> int:
    """Milliseconds of an ISO 8601 moment with its offset. ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text:
        raise ValueError("a moment needs a time and an offset")
    return _millis(moment)


def from_day(text: str) -> date:
    """The day of YYYY-MM-DD. ValueError when it is none."""
    if len(text) != 10:
        raise ValueError("a day is written YYYY-MM-DD")
    return date.fromisoformat(text)


def start_of(when: date) -> int:
    return _millis(datetime(when.year, when.month, when.day, tzinfo=UTC))


@lru_cache
def _stamp(second: int) -> str:
    """One text for all that happens in a second: rows hold three stamps each."""
    return _moment(second * 1000).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)


def _millis(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
