"""Times are told as an inbox tells them."""

from datetime import UTC, datetime, timedelta

import pytest

from sidebar.demo.conversations import CONVERSATIONS
from sidebar.demo.when import Calendar, moment

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def test_minutes_are_counted_back_from_the_start_of_the_demo():
    assert moment("25m", NOON) == NOON - timedelta(minutes=25)


def test_days_are_counted_back_to_a_time_of_day():
    assert moment("2d 14:05", NOON) == datetime(2026, 3, 9, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "25", "m", "1d", "1d 9:05", "25 m", "-3m"])
def test_another_way_of_writing_a_time_is_an_error_that_quotes_it(written: str):
    with pytest.raises(ValueError, match=f'not "{written}"'):
        moment(written, NOON)


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.id)
def test_messages_never_run_backwards_whenever_the_demo_is_started(conversation, hour: int):
    opened = NOON.replace(hour=hour, minute=1)
    times = [moment(message.when, opened) for message in conversation.messages]
    assert times == sorted(times)
    assert times[-1] < opened


def test_today_shows_the_clock_yesterday_its_name_and_older_days_their_date():
    calendar = Calendar(NOON, "fr")
    assert calendar.stamp(moment("25m", NOON)) == "11:35"
    assert calendar.stamp(moment("1d 09:00", NOON)) == "Hier"
    assert calendar.stamp(moment("3d 09:00", NOON)) == "8 mars"


def test_the_line_between_days_is_written_in_the_readers_language():
    at = moment("3d 09:00", NOON)
    assert Calendar(NOON, "pl").day(at) == "niedz., 8 marca"
    assert Calendar(NOON, "ja").day(NOON) == "今日"
