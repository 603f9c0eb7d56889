"""Date literals, as the SOQL reference explains each: a stretch of days, seen from Sunday, 22 November 2026."""

from datetime import date

import pytest

from sidebar.twin.query.dates import span

from .conftest import World

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("literal", "first", "end"),
    [
        ("YESTERDAY", "2026-11-21", "2026-11-22"),
        ("today", "2026-11-22", "2026-11-23"),
        ("TOMORROW", "2026-11-23", "2026-11-24"),
        ("LAST_WEEK", "2026-11-15", "2026-11-22"),
        ("THIS_WEEK", "2026-11-22", "2026-11-29"),
        ("NEXT_WEEK", "2026-11-29", "2026-12-06"),
        ("LAST_MONTH", "2026-10-01", "2026-11-01"),
        ("THIS_MONTH", "2026-11-01", "2026-12-01"),
        ("NEXT_MONTH", "2026-12-01", "2027-01-01"),
        ("LAST_90_DAYS", "2026-08-24", "2026-11-23"),
        ("NEXT_90_DAYS", "2026-11-23", "2027-02-21"),
        ("LAST_N_DAYS:2", "2026-11-20", "2026-11-23"),
        ("NEXT_N_DAYS: 2", "2026-11-23", "2026-11-25"),
        ("N_DAYS_AGO:2", "2026-11-20", "2026-11-21"),
        ("LAST_N_WEEKS:2", "2026-11-08", "2026-11-22"),
        ("NEXT_N_WEEKS:2", "2026-11-29", "2026-12-13"),
        ("N_WEEKS_AGO:1", "2026-11-15", "2026-11-22"),
        ("LAST_N_MONTHS:2", "2026-09-01", "2026-11-01"),
        ("NEXT_N_MONTHS:2", "2026-12-01", "2027-02-01"),
        ("N_MONTHS_AGO:12", "2025-11-01", "2025-12-01"),
        ("THIS_QUARTER", "2026-10-01", "2027-01-01"),
        ("LAST_QUARTER", "2026-07-01", "2026-10-01"),
        ("NEXT_QUARTER", "2027-01-01", "2027-04-01"),
        ("LAST_N_QUARTERS:4", "2025-10-01", "2026-10-01"),
        ("N_QUARTERS_AGO:1", "2026-07-01", "2026-10-01"),
        ("THIS_YEAR", "2026-01-01", "2027-01-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
        ("NEXT_N_YEARS:2", "2027-01-01", "2029-01-01"),
        ("LAST_N_YEARS:2", "2024-01-01", "2026-01-01"),
        ("N_YEARS_AGO:2", "2024-01-01", "2025-01-01"),
        ("THIS_FISCAL_QUARTER", "2026-10-01", "2027-01-01"),
        ("LAST_N_FISCAL_YEARS:1", "2025-01-01", "2026-01-01"),
        ("N_FISCAL_QUARTERS_AGO:3", "2026-01-01", "2026-04-01"),
    ],
)
def test_a_literal_is_a_stretch_of_days(literal: str, first: str, end: str) -> None:
    assert span(literal, SUNDAY) == (date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize("day", [date(2026, 11, 22 + add) for add in range(7)])
def test_a_week_begins_on_sunday(day: date) -> None:
    assert span("THIS_WEEK", day) == (SUNDAY, date(2026, 11, 29))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("ActivityDate = LAST_WEEK", ["Mail"]),
        ("ActivityDate < THIS_WEEK", ["Mail"]),
        ("ActivityDate >= THIS_WEEK", []),
        ("ActivityDate <= LAST_WEEK", ["Mail"]),
        ("ActivityDate > LAST_MONTH", ["Mail"]),
        ("ActivityDate != LAST_WEEK", ["Call"]),
        ("ActivityDate IN (TODAY, N_DAYS_AGO:2)", ["Mail"]),
        ("CreatedDate = TODAY", ["Call", "Mail"]),
        ("CreatedDate > TODAY", []),
        ("CreatedDate < 2026-11-22T09:00:00+01:00", []),
        ("CreatedDate <= 2026-11-22T09:00:00+01:00", ["Call", "Mail"]),
    ],
)
def test_a_condition_on_days_finds_exactly_these(world: World, condition: str, found: list[str]) -> None:
    assert world.values(f"SELECT Subject FROM Task WHERE {condition} ORDER BY Subject") == found


def test_a_day_beyond_the_calendar_is_refused(world: World) -> None:
    for literal in ("LAST_N_YEARS:9999", "NEXT_N_DAYS:99999999999999999999", "N_MONTHS_AGO:99999"):
        assert world.refusal(f"SELECT Id FROM Task WHERE ActivityDate = {literal}").code == "INVALID_FIELD"
