"""What two addresses have in common, and how far it goes."""

import pytest

from sidebar.identity import Key, phone_keys, shared


def common(one: str, other: str, region: str = "GB") -> tuple[Key, ...]:
    return shared(phone_keys(one, [region]), phone_keys(other, [region]))


def test_a_number_and_itself_share_a_strong_key_first() -> None:
    assert common("020 7946 0123", "+44 20 7946 0123")[0] == Key("phone", "+442079460123")


def test_an_extension_is_another_line_than_its_main_number_but_suggests_it() -> None:
    assert common("020 7946 0123 x12", "020 7946 0123") == (Key("phone", "+442079460123", strong=False),)


@pytest.mark.parametrize(
    ("one", "other"),
    [("020 7946 0123 x12", "020 7946 0123 x13"), ("+44 20 7946 0123", "+49 20 7946 0123"), ("123 x4", "123 x5")],
)
def test_whole_numbers_that_differ_have_nothing_in_common(one: str, other: str) -> None:
    assert common(one, other) == ()


def test_the_last_digits_suggest_a_number_only_while_a_plan_is_unknown() -> None:
    assert common("7946 0123", "020 7946 0123", "") == (Key("phone", "~9460123", strong=False),)


def test_a_number_two_people_read_in_different_countries_is_suggested() -> None:
    mine, theirs = phone_keys("020 917 0142", ["DE"]), phone_keys("020 917 0142", ["IE", "DE"])
    assert shared(mine, theirs)[0] == Key("phone", "+49209170142", strong=False)


def test_a_masked_number_has_no_key() -> None:
    assert phone_keys("415-555-XXXX", ["US"]) == phone_keys("**** 0123", ["US"]) == ()


def test_a_company_name_is_no_mask() -> None:
    assert phone_keys("Exxon 020 7946 0123", ["GB"])[0].value == "+442079460123"


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_field_may_hold_several_numbers(count: int) -> None:
    numbers = [f"+44 20 7946 010{each}" for each in range(count)]
    for between in (" / ", ", ", "; ", "\n", " or ", " | ", " & "):
        keys = phone_keys(between.join(numbers), [])
        assert [key.value for key in keys if key.strong] == [f"+44207946010{each}" for each in range(count)]
