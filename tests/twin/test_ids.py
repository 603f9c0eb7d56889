"""Ids: 15 or 18 characters, and a checksum that is really checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebar.twin import ids

# Ids of recorded answers of real orgs.
REAL = ["0034S000005YJO1QAO", "0054S000000JFmhQAG", "a00B000000FSjVUIA1", "01gB000003OCxSPIA1", "001B000001PUvQUIA1"]


@pytest.mark.parametrize("real", REAL)
def test_the_checksum_of_a_real_id_is_found_again(real: str) -> None:
    assert ids.full(real[:15]) == real
    assert ids.full(real) == real


def test_a_wrong_checksum_is_no_id() -> None:
    assert ids.full("a00B000000FSjVUIB1") is None


def test_an_id_in_other_letters_is_another_id() -> None:
    assert ids.full("0034S000005YJO1QAO".lower()) is None
    assert ids.full("0034s000005yjo1") != ids.full("0034S000005YJO1")


@given(st.text(max_size=20))
def test_any_text_is_an_id_or_none(text: str) -> None:
    whole = ids.full(text)
    assert whole is None or (len(whole) == 18 and whole.startswith(text[:15]))


def test_new_ids_are_ids_and_sort_as_they_were_made() -> None:
    made = [ids.new("003", number) for number in range(1, 500)]
    assert made == sorted(made)
    assert all(ids.full(id_) == id_ for id_ in made)
    assert len(set(made)) == len(made)
