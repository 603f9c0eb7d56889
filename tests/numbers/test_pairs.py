"""Our keys and the published pairs agree: which numbers are one subscriber's, which may be, and which are not."""

import pytest

from tests.numbers.measure import pairs, verdict

HARD, GENERATED = pairs("hard.csv"), pairs("pairs.csv")


@pytest.mark.parametrize("row", HARD, ids=[row["case"] for row in HARD])
def test_a_hard_case_is_judged_as_it_should_be(row: dict[str, str]) -> None:
    """Section 3 items 3 to 7 and 9, and what people write besides."""
    assert verdict(row) == row["verdict"], row["reason"]


def test_no_two_subscribers_share_a_strong_key() -> None:
    wrong = [row for row in GENERATED if row["verdict"] != "same" and verdict(row) == "same"]
    assert wrong == []


def test_one_subscriber_is_recognised_in_every_form() -> None:
    assert [row for row in GENERATED if row["verdict"] == "same" and verdict(row) != "same"] == []


def test_what_may_be_one_subscriber_is_suggested() -> None:
    assert [row for row in GENERATED if row["verdict"] == "perhaps" and verdict(row) != "perhaps"] == []


def test_every_case_is_told_once_and_says_where_it_comes_from() -> None:
    assert len({row["case"] for row in HARD}) == len(HARD)
    for row in (*HARD, *GENERATED):
        assert row["verdict"] in ("same", "perhaps", "different")
        assert row["one"] and row["other"] and row["reason"] and row["source"]
