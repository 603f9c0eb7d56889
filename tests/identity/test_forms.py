"""Formatting never changes the key, in any region; and no two numbers share a strong one."""

from collections import defaultdict

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from sidebar.identity import phone_keys
from sidebar.identity.ranges import is_given_out
from tests.numbers.forms import FORMS, Parts

EXAMPLES = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    if (number := phonenumbers.example_number_for_type(region, kind))
]


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def strong(raw: str, *regions: str) -> list[str]:
    return [key.value for key in phone_keys(raw, regions) if key.strong]


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, PhoneNumber]:
    """A fixed line or a mobile of any region, of which the last digits are anybody's."""
    region, example = draw(st.sampled_from(EXAMPLES))
    written, last = e164(example), draw(st.integers(1, 4))
    other = phonenumbers.parse(written[:-last] + draw(st.text("0123456789", min_size=last, max_size=last)))
    is_theirs = phonenumbers.is_valid_number_for_region(other, region)
    return region, other if is_theirs else example


def test_there_are_at_least_twenty_forms_and_every_region() -> None:
    assert len(FORMS) >= 20
    assert {region for region, _ in EXAMPLES} == set(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_every_region_has_the_key_of_its_number(form: str) -> None:
    """RI-34, section 3 items 3 and 4: the text need not be the same, and no format is asked for."""
    written = [(region, e164(number), FORMS[form](Parts.of(number, region))) for region, number in EXAMPLES]
    assert [each for each in written if strong(each[2], each[0]) != [each[1]]] == []


@given(numbers(), st.sampled_from(sorted(FORMS)))
def test_every_form_of_any_number_has_its_key(chosen: tuple[str, PhoneNumber], form: str) -> None:
    region, number = chosen
    assert strong(FORMS[form](Parts.of(number, region)), region) == [e164(number)]


@given(numbers(), numbers(), st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(FORMS)))
def test_two_numbers_never_share_a_strong_key_however_they_are_written(
    one: tuple[str, PhoneNumber], other: tuple[str, PhoneNumber], form: str, other_form: str
) -> None:
    mine = strong(FORMS[form](Parts.of(one[1], one[0])), one[0])
    theirs = strong(FORMS[other_form](Parts.of(other[1], other[0])), other[0])
    assert (not set(mine).isdisjoint(theirs)) is (e164(one[1]) == e164(other[1]))


@pytest.mark.parametrize("form", FORMS)
def test_no_two_example_numbers_collide(form: str) -> None:
    """Of all kinds and regions: every strong key belongs to one number."""
    owners: dict[str, set[str]] = defaultdict(set)
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in range(PhoneNumberType.VOICEMAIL + 1):
            if number := phonenumbers.example_number_for_type(region, kind):
                for key in strong(FORMS[form](Parts.of(number, region)), region):
                    owners[key].add(e164(number))
    assert {key: found for key, found in owners.items() if len(found) > 1} == {}


@given(numbers(), st.text("0123456789", max_size=4))
def test_a_number_is_given_out_where_phonenumbers_says_it_is_valid(
    chosen: tuple[str, PhoneNumber], digits: str
) -> None:
    """Our own answer is one expression a country; theirs is asked range by range."""
    written = e164(chosen[1])
    number = phonenumbers.parse(written[: len(written) - len(digits)] + digits)
    assert is_given_out(number) is phonenumbers.is_valid_number(number)
