"""The forms in which a number may stand in Salesforce: those people type are among those we ask for."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from sidebar.contacts.phones import LONGEST, digit_strings, spellings
from sidebar.identity import phone_key
from sidebar.salesforce import soql
from sidebar.twin.query.grammar import parse, unquoted

NUMBERS = [
    number
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number(region)) is not None
]


def e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("key", "digits"),
    [
        ("+442079460123", {"2079460123", "02079460123", "442079460123", "00442079460123"}),
        ("+491713920034", {"1713920034", "01713920034", "491713920034", "4901713920034"}),
        ("+14155550100", {"4155550100", "14155550100"}),
        ("+48225550147", {"225550147", "48225550147"}),
        ("+81355550142", {"355550142", "0355550142", "81355550142", "０３５５５５０１４２"}),
        ("+971505550187", {"505550187", "0505550187", "971505550187", "٠٥٠٥٥٥٠١٨٧"}),
        ("+919855551234", {"9855551234", "09855551234", "९८५५५५१२३४"}),
        ("+551155574310", {"1155574310", "01155574310"}),
        ("+39065550123", {"065550123", "39065550123"}),
        ("+442079460123;ext=12", {"2079460123", "02079460123", "442079460123"}),
        ("+525512345678", {"5512345678", "525512345678", "15512345678", "5215512345678", "0445512345678"}),
        ("+5511987654321", {"11987654321", "5511987654321", "1187654321", "551187654321"}),
        ("~9460123", {"9460123"}),
        ("123", {"123"}),
    ],
)
def test_a_number_is_searched_by_the_digits_people_type(key: str, digits: set[str]) -> None:
    assert digits <= set(digit_strings([key]))


@pytest.mark.parametrize(
    ("key", "forms"),
    [
        ("+442079460123", {"020 7946 0123", "02079460123", "+44 20 7946 0123", "+442079460123", "00442079460123"}),
        ("+14155550100", {"(415) 555-0100", "415-555-0100", "415.555.0100", "4155550100", "14155550100",
                          "+1 415-555-0100", "+1 415 555 0100", "1-415-555-0100", "+14155550100"}),
        ("+491713920034", {"0171 3920034", "01713920034", "+49 171 3920034", "491713920034"}),
        ("+48225550147", {"22 555 01 47", "225550147", "+48 22 555 01 47"}),
        ("+81355550142", {"03-5555-0142", "0355550142", "０３-５５５５-０１４２", "０３５５５５０１４２"}),
        ("+971505550187", {"050 555 0187", "0505550187", "٠٥٠ ٥٥٥ ٠١٨٧", "٠٥٠٥٥٥٠١٨٧"}),
        ("+525512345678", {"+525512345678", "+5215512345678", "0445512345678", "55 1234 5678"}),
        ("+5511987654321", {"+5511987654321", "(11) 98765-4321", "+551187654321", "1187654321"}),
        ("+14155550100;ext=204", {"+14155550100 x204", "(415) 555-0100 x204", "(415) 555-0100 ext. 204"}),
        ("123", {"123"}),
    ],
)  # fmt: skip
def test_a_number_is_asked_for_in_the_forms_people_type(key: str, forms: set[str]) -> None:
    assert forms <= set(spellings([], [key]))


def test_it_is_also_asked_for_as_the_host_wrote_it() -> None:
    assert spellings([" 0171/392 00 34 ", "12 3"], ["123"])[:2] == ["0171/392 00 34", "12 3"]


def test_nothing_is_asked_for_twice_and_nothing_that_a_field_cannot_hold() -> None:
    forms = spellings(["+14155550100", "", "  ", "1" * 41, "1 " * 100], ["+14155550100", "+14155550100"])
    assert len(forms) == len(set(forms))
    assert all(0 < len(form) <= LONGEST for form in forms)


def test_several_numbers_are_asked_for_together() -> None:
    assert set(digit_strings(["+442079460123", "123"])) == {*digit_strings(["+442079460123"]), "123"}
    assert digit_strings([]) == spellings([], []) == []


@pytest.mark.parametrize("number", NUMBERS, ids=e164)
def test_in_every_region_national_and_international_forms_are_among_them(number: phonenumbers.PhoneNumber) -> None:
    key = e164(number)
    usual = [
        phonenumbers.format_number(number, form)
        for form in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)
    ]
    assert {*usual, key} <= set(spellings([], [key]))
    joined = {"".join(filter(str.isdigit, form)) for form in usual}
    assert joined <= set(digit_strings([key]))
    assert all(each.isdecimal() for each in digit_strings([key]))


@given(st.text(max_size=60), st.sampled_from(["", "US", "GB", "JP"]))
def test_whatever_has_a_key_can_be_asked_for_and_does_not_leave_its_quotes(raw: str, region: str) -> None:
    key = phone_key(raw, [region])
    if key is None:
        return
    assert digit_strings([key])
    forms = spellings([raw], [key])
    statement = parse(f"SELECT Id FROM Contact WHERE Phone IN {soql.texts(forms)}", "query")
    literals = list(statement.scan_values(lambda token: token.type == "STRING"))
    assert [unquoted(literal) for literal in literals] == forms
