"""Keys of e-mail addresses and phone numbers: what makes two spellings the same, and what must never be."""

import re
import unicodedata

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from sidebar.identity import (
    LONGEST_EMAIL,
    MOST_DIGITS,
    Key,
    dialled,
    email_key,
    email_spellings,
    phone_key,
    phone_keys,
    region_of,
)

NUMBERS = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    if (number := phonenumbers.example_number_for_type(region, kind))
]
ZEROS = {"Arabic-Indic": 0x660, "Persian": 0x6F0, "Devanagari": 0x966, "full-width": 0xFF10}
SEPARATORS = (
    " ",
    "  ",
    "-",
    ".",
    "/",
    "\u00a0",
    "\u2009",
    "\u2011",
    "–",
    "\t",
    "_",
    "'",
    "·",
    "|",
    ":",
    "\u200e",
    "\u200b",
)
numbers = st.sampled_from(NUMBERS)
separators = st.sampled_from(SEPARATORS)


def e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def digits_of(number: phonenumbers.PhoneNumber) -> str:
    return e164(number)[1:]


def in_script(text: str, zero: int) -> str:
    return text.translate({ord("0") + value: zero + value for value in range(10)})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ann@example.com", "ann@example.com"),
        (" Ann@Example.COM \n", "ann@example.com"),
        ("ANN.O'BRIEN@Shamrock.Example", "ann.o'brien@shamrock.example"),
        ("ann+sidebar@mail.brightloom.example", "ann+sidebar@mail.brightloom.example"),
        ("ann@MÜNCHEN.example", "ann@münchen.example"),
        ("ann@mu\u0308nchen.example", "ann@münchen.example"),
        ("李@みなと.example", "李@みなと.example"),
        ("\u200bann@example.com\u202c", "ann@example.com"),
        ("j.weiß@nordlicht.example", "j.weiß@nordlicht.example"),
    ],
)
def test_an_address_is_compared_without_regard_to_case_and_surroundings(written: str, key: str) -> None:
    assert email_key(written) == key


def test_letters_that_only_fold_to_the_same_are_two_mailboxes() -> None:
    assert email_key("j.weiß@nordlicht.example") != email_key("j.weiss@nordlicht.example")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "ann",
        "@example.com",
        "ann@",
        "ann@localhost",
        "ann@example.",
        "ann@.example",
        "ann@@example.com",
        "ann@example.com, bob@example.com",
        "Ann <ann>",
        "mailto:ann",
        "<script>@example.com",
        "ann@example.com\x00",
        "an\x00n@example.com",
        "ann\x1b@example.com",
        "a" * LONGEST_EMAIL + "@example.com",
    ],
)
def test_what_is_no_address_has_no_key(written: str) -> None:
    assert email_key(written) is None


@given(st.emails())
def test_every_address_that_fits_has_a_key_of_its_own_however_it_is_capitalised(written: str) -> None:
    assume(len(written) <= LONGEST_EMAIL)
    key = email_key(written)
    assert key == email_key(written.upper()) == email_key(f"  {written.title()}\t")
    assert key is not None
    assert written.lower() in email_spellings(key)


@pytest.mark.parametrize("region", ["", "US", "GB", "DE", "JP", "AE", "IN"])
@pytest.mark.parametrize("written", ["12 3", "123", "1-2-3", "(12) 3", "1.2.3", "12\u00a03", "١٢ ٣", "１２３", "12_3"])
def test_an_inside_number_is_its_digits(written: str, region: str) -> None:
    """RI-34: "12 3" equals "123", literally."""
    assert phone_key(written, [region]) == phone_key("123", [region]) == "123"


@pytest.mark.parametrize(
    ("written", "regions", "key"),
    [
        ("020 7946 0123", ["GB"], "+442079460123"),
        ("(020) 7946 0123", ["GB"], "+442079460123"),
        ("+44 (0)20 7946 0123", [], "+442079460123"),
        ("+44 (0) 20 7946-0123", ["US"], "+442079460123"),
        ("0044 20 7946 0123", ["US"], "+442079460123"),
        ("(0044) 1632 960 123", ["GB"], "+441632960123"),
        ("00 44 20 7946 0123", [], "+442079460123"),
        ("011 44 20 7946 0123", ["US"], "+442079460123"),
        ("0011 44 20 7946 0123", ["AU"], "+442079460123"),
        ("0171 / 392 00 34", ["DE"], "+491713920034"),
        ("+49 (0)171 392 00 34", ["PL"], "+491713920034"),
        ("(415) 555-0100", ["US"], "+14155550100"),
        ("1-415-555-0100", ["US"], "+14155550100"),
        ("+1 415 555 0100 x204", ["US"], "+14155550100;ext=204"),
        ("415.555.0100 ext. 204", ["US"], "+14155550100;ext=204"),
        ("tel:+1-415-555-0100", [], "+14155550100"),
        ("Tel.: +1 415 555 0100", [], "+14155550100"),
        ("22 555 01 47", ["PL"], "+48225550147"),
        ("٠٥٠ ٥٥٥ ٠١٨٧", ["AE"], "+971505550187"),
        ("０３－５５５５－０１４２", ["JP"], "+81355550142"),
        ("\u202a+971 50 555 0187\u202c", [], "+971505550187"),
        ("+39 06 555 0123", ["DE"], "+39065550123"),
        ("06 555 0123", ["IT"], "+39065550123"),
        ("020 7946 0123", ["US", "GB"], "+442079460123"),
        ("020 7946 0123", [], "02079460123"),
        ("020 7946 0123", ["XX"], "02079460123"),
        ("4155550100", [], "4155550100"),
    ],
)
def test_a_number_is_read_as_people_write_it(written: str, regions: list[str], key: str) -> None:
    assert phone_key(written, regions) == key


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "call me",
        "-",
        "+",
        "()",
        "7",
        "\x00\x01",
        "<b></b>",
        "9" * 500,
        "1 " * 100_000,
        "9" * (MOST_DIGITS + 1),
    ],
)
def test_what_cannot_be_a_number_has_no_key(written: str) -> None:
    assert phone_key(written, ["GB", "US"]) is None


def test_nothing_is_cut_off_to_make_a_number() -> None:
    assert phone_key("12 3" + " " * 300 + "456", ["GB"]) is None


@pytest.mark.parametrize(
    "form",
    [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.RFC3966],
)
def test_every_usual_form_of_every_region_has_the_key_of_its_number(form: int) -> None:
    wrong = [
        (region, written)
        for region, number in NUMBERS
        if phone_key(written := phonenumbers.format_number(number, form), [region]) != e164(number)
    ]
    assert wrong == []


@given(numbers, separators, st.integers(1, 4), st.sampled_from(["+", "00", "(00", "( +", "\u202a+"]))
@example(("GB", phonenumbers.parse("+442079460123")), "\t", 2, "(00")
def test_signs_between_the_digits_never_change_the_key(
    chosen: tuple[str, phonenumbers.PhoneNumber], separator: str, every: int, prefix: str
) -> None:
    """RI-34: spaces and special characters do not stop a match."""
    _, number = chosen
    country, rest = str(number.country_code), digits_of(number)[len(str(number.country_code)) :]
    groups = separator.join(rest[at : at + every] for at in range(0, len(rest), every))
    close = ")" if "(" in prefix else ""
    assert phone_key(f"{prefix}{country}{close}{separator}{groups}", ["US"]) == e164(number)


@given(
    numbers,
    st.sampled_from(sorted(ZEROS)),
    st.sampled_from([PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL]),
)
def test_the_script_of_the_digits_never_changes_the_key(
    chosen: tuple[str, phonenumbers.PhoneNumber], script: str, form: int
) -> None:
    region, number = chosen
    written = in_script(phonenumbers.format_number(number, form), ZEROS[script])
    assert phone_key(written, [region]) == e164(number)


@given(numbers, numbers)
def test_numbers_of_different_plans_never_share_a_key(
    one: tuple[str, phonenumbers.PhoneNumber], other: tuple[str, phonenumbers.PhoneNumber]
) -> None:
    """Written nationally, each in its own country."""
    keys = [
        phone_key(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), [region])
        for region, number in (one, other)
    ]
    assert (keys[0] == keys[1]) is (e164(one[1]) == e164(other[1]))


@given(numbers)
def test_a_number_whose_plan_is_not_known_never_has_the_key_of_one_that_is(
    chosen: tuple[str, phonenumbers.PhoneNumber],
) -> None:
    _, number = chosen
    bare = phone_key(digits_of(number), [])
    assert bare == digits_of(number) != e164(number)


@given(st.text(max_size=300), st.sampled_from(["", "US", "DE", "AE", "JP", "XX"]))
@example("+" * 100 + "0" * 100, "US")
@example("²³①⑵", "US")
@example("+1 415 555 0100;phone-context=<script>", "US")
@example("\ud800123", "GB")
def test_no_text_breaks_a_key_and_every_key_is_sane(text: str, region: str) -> None:
    keys = phone_keys(text, [region])
    assert phone_key(text, [region]) == (keys[0].value if keys else None)
    assert len({key.value for key in keys}) == len(keys)
    for key in keys:
        number, *said = key.value.removeprefix("~").removeprefix("+").split(";")
        assert number.isascii() and number.isdigit() and 2 <= len(number) <= MOST_DIGITS
        assert all(re.fullmatch(r"ext=\d{1,7}|phone-context=[a-z0-9.-]+", each) for each in said)
        if key.strong and key.value.startswith("+"):
            assert phone_key(key.value, []) == key.value
    email = email_key(text)
    if email is not None:
        assert email_key(email) == email
        assert not any(unicodedata.category(character) == "Cc" for character in email)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "5" * 1_000_000,
        " " * 1_000_000,
        "\u200b" * 1_000_000,
        "a\u0300" + "\u0316\u0300" * 500_000,
        "<img src=x onerror=alert(1)>" * 40_000,
        "' OR Email != '" * 70_000,
    ],
    ids=["letters", "digits", "spaces", "invisible", "accents", "markup", "SOQL"],
)
def test_a_megabyte_has_no_key_and_costs_no_time(text: str) -> None:
    assert email_key(text) is None
    assert phone_key(text, ["GB", "US"]) is None


def test_a_number_may_belong_to_each_of_several_countries() -> None:
    """The first country decides; what it would be in the other only suggests."""
    keys = phone_keys("020 917 0142", ["IE", "DE"])
    assert keys[:2] == (Key("phone", "+353209170142"), Key("phone", "+49209170142", strong=False))
    assert all(not key.strong for key in phone_keys("020 917 0142", []))
    assert phone_keys("no number", ["IE"]) == ()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+44 (0)20 7946 0123", "+442079460123"),
        ("(0044) 1632 960 123", "+441632960123"),
        ("+39 06 555 0123", "+39065550123"),
        ("Tel.: +1 415 555 0100", "+14155550100"),
        ("+1 415 555 0100 x204", "+14155550100"),
        ("020 7946 0123", "02079460123"),
        ("Tel. 020 7946 0123", "02079460123"),
        ("01632 960123 ext 12", "01632960123"),
        ("22 555 01 47 wew. 15", "225550147"),
        ("03-5555-0142 (内線 21)", "0355550142"),
        ("010-5555-0142转8", "01055550142"),
        ("٠٥٠ ٥٥٥ ٠١٨٧", "0505550187"),
        ("0xx11 5557-4310", "01155574310"),
        ("12 3", "123"),
        ("nobody", ""),
        ("", ""),
        ('"><script>alert(1)</script>', ""),
        ("javascript:alert(12)", "12"),
    ],
)
def test_a_telephone_is_given_what_it_can_dial(written: str, number: str) -> None:
    assert dialled(written) == number


@given(st.text(max_size=60))
def test_nothing_but_digits_is_ever_dialled(written: str) -> None:
    assert set(dialled(written)) <= set("+0123456789")


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("UK", "GB"),
        (" Germany ", "DE"),
        ("Deutschland", "DE"),
        ("NIEMCY", "DE"),
        ("Allemagne", "DE"),
        ("ドイツ", "DE"),
        ("ألمانيا", "DE"),
        ("日本", "JP"),
        ("中国", "CN"),
        ("United States", "US"),
        ("USA", "US"),
        ("États-Unis", "US"),
        ("Stany Zjednoczone", "US"),
        ("الإمارات العربية المتحدة", "AE"),
        ("Côte d’Ivoire", "CI"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Czech Republic", "CZ"),
        ("", ""),
        ("Atlantis", ""),
        ("???", ""),
        ("D3", ""),
    ],
)
def test_a_country_is_known_by_its_code_and_by_its_name_in_several_languages(country: str, region: str) -> None:
    assert region_of(country) == region
