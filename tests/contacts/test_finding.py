"""What is typed to find a contact by."""

import pytest

from sidebar.contacts.finding import typed
from sidebar.store.listing import Wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Amara OKAFOR ", ("amara", "okafor")),
        ("Ines Lefèvre", ("ines", "lefevre")),
        ("Łuka", ("luka",)),
        ("4711a", ("4711a",)),
        ("12", ("12",)),
        ("(Emile) @x.example, dupont,", ("emile", "x.example", "dupont")),
        ("%", ("%",)),
        ("", ()),
    ],
)
def test_words_are_compared_without_case_and_accents(text: str, words: tuple[str, ...]) -> None:
    assert typed(text, "US") == Wanted(words=words)


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("0171 392 00 34", "DE", "phone:+491713920034"),
        ("+49 171 / 392", "US", "phone:+49171392"),
        ("0049 171 392", "US", "phone:+49171392"),
        ("0171 39", "DE", "phone:+4917139"),
        ("٠١٧١٣٩٢٠٠٣٤", "DE", "phone:+491713920034"),
    ],
)
def test_a_number_is_read_however_it_is_written_and_wherever_it_stops(text: str, region: str, key: str) -> None:
    """RI-34"""
    assert key in typed(text, region).phones
    assert typed(text, region).words == ()


def test_a_number_of_no_plan_is_found_by_its_digits() -> None:
    assert "1234" in typed("12 34", "US").phones
