"""Fields as the panel shows and takes them; the describe is the recorded one of a real org's Contact."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebar.contacts.fields import (
    DEFAULT,
    EDITABLE,
    Invalid,
    Option,
    Spec,
    columns,
    field,
    fits,
    modified,
    parse,
    same,
    show,
    specs,
    view,
)
from sidebar.salesforce.client import JSON, Record
from sidebar.twin.org.describe import schema

LANGUAGES = ("en", "pl", "fr", "ja", "ar")
CONTACT = specs(dict(schema()["contact"].raw))
NBSP, NARROW, RLM = "\u00a0", "\u202f", "\u200f"


def spec(type: str, **more: object) -> Spec:
    plain: dict[str, object] = {
        "name": "Field__c", "label": "Field", "type": type, "length": 0, "scale": 0, "required": False,
        "writable": True, "restricted": False, "relationship": "", "options": (),
    }  # fmt: skip
    return Spec(**{**plain, **more})  # type: ignore[arg-type]


def described(**more: JSON) -> Spec:
    """As describe tells of a text field, but for `more`."""
    field: dict[str, JSON] = {
        "name": "Field__c", "label": "Field", "type": "string", "length": 80, "scale": 0, "nillable": True,
        "updateable": True, "calculated": False, "autoNumber": False, "restrictedPicklist": False,
        "defaultedOnCreate": False, "relationshipName": None, "picklistValues": [],
    }  # fmt: skip
    return specs({"fields": [{**field, **more}]})["Field__c"]


def problem(spec: Spec, typed: str) -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        parse(spec, typed)
    return refused.value.problem, refused.value.limit


PICKLIST = spec("picklist", options=(Option("web", "Web"), Option("phone", "Phone call")))


# What is typed


@pytest.mark.parametrize(
    ("spec", "typed", "value"),
    [
        (spec("string"), " Head of Operations ", "Head of Operations"),
        (spec("string"), "東京都", "東京都"),
        (spec("string"), "<b>O'Brien</b> & \"Söhne\"", "<b>O'Brien</b> & \"Söhne\""),
        (spec("string"), "", None),
        (spec("string"), " \t ", None),
        (spec("string", length=5), "12345", "12345"),
        (spec("textarea"), "one\r\ntwo\r\n\r\nthree", "one\ntwo\n\nthree"),
        (spec("textarea"), "\r\n  \r\n", None),
        (spec("textarea"), "  one\n\n", "one"),
        (spec("boolean"), "true", True),
        (spec("boolean"), "", False),
        (spec("boolean"), "false", False),
        (spec("picklist"), "anything", "anything"),
        (spec("picklist", restricted=True, options=(Option("web", "Web"),)), "web", "web"),
        (spec("picklist", restricted=True, options=(Option("web", "Web"),)), "", None),
        (spec("combobox", options=(Option("Call", "Call"),)), "Something else", "Something else"),
        (spec("date"), "1984-03-09", "1984-03-09"),
        (spec("date"), "1700-01-01", "1700-01-01"),
        (spec("date"), "4000-12-31", "4000-12-31"),
        (spec("date"), "", None),
        (spec("int"), "42", 42),
        (spec("int"), "-7", -7),
        (spec("int"), "+7", 7),
        (spec("int"), "42.0", 42),
        (spec("int"), "1 234", 1234),
        (spec("int"), f"1{NBSP}234", 1234),
        (spec("int"), f"1{NARROW}234", 1234),
        (spec("int"), "٤٢", 42),
        (spec("int"), "", None),
        (spec("double", scale=2), "1234.5", 1234.5),
        (spec("double", scale=2), "1234,5", 1234.5),
        (spec("double", scale=2), f"1{NARROW}234,5", 1234.5),
        (spec("double", scale=2), "12,50", 12.5),
        (spec("double", scale=3), "0,125", 0.125),
        (spec("double", scale=2), ".5", 0.5),
        (spec("double", scale=2), "5.", 5),
        (spec("double", scale=2), "5.1000000", 5.1),
        (spec("currency", scale=2), "99,99", 99.99),
        (spec("percent", scale=1), "12.5", 12.5),
        (spec("int"), "9" * 18, int("9" * 18)),
        (spec("double", scale=15), "9" * 18, int("9" * 18)),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_a_value_for_the_wire(spec: Spec, typed: str, value: JSON) -> None:
    parsed = parse(spec, typed)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("spec", "typed", "why"),
    [
        (spec("string", required=True), "", ("required", "")),
        (spec("string", required=True), "   ", ("required", "")),
        (spec("date", required=True), "", ("required", "")),
        (spec("picklist", required=True), "", ("required", "")),
        (spec("string", length=5), "123456", ("long", "5")),
        (spec("textarea", length=10), "x" * 1_000_000, ("long", "10")),
        (spec("picklist", length=3), "four", ("long", "3")),
        (spec("picklist", restricted=True, options=PICKLIST.options), "Web", ("option", "")),
        (spec("picklist", restricted=True), "anything", ("option", "")),
        (spec("boolean"), "yes", ("option", "")),
        (spec("boolean"), "True", ("option", "")),
        (spec("date"), "09.03.1984", ("date", "")),
        (spec("date"), "03/09/1984", ("date", "")),
        (spec("date"), "1984-02-30", ("date", "")),
        (spec("date"), "1984-3-9", ("date", "")),
        (spec("date"), "19840309", ("date", "")),
        (spec("date"), "1984-W10-5", ("date", "")),
        (spec("date"), "1699-12-31", ("date", "")),
        (spec("date"), "4001-01-01", ("date", "")),
        (spec("date"), "99999-01-01", ("date", "")),
        (spec("date"), "today", ("date", "")),
        (spec("date"), "1984-03-09T00:00:00", ("date", "")),
        (spec("int"), "forty", ("number", "")),
        (spec("int"), "1.5", ("scale", "0")),
        (spec("int"), "1,5", ("scale", "0")),
        (spec("double", scale=2), "1.234", ("scale", "2")),
        (spec("double", scale=2), "1.234,5", ("number", "")),
        (spec("double", scale=2), "1,234.5", ("number", "")),
        (spec("double", scale=3), "1,234", ("number", "")),
        (spec("double", scale=3), "1,234,567", ("number", "")),
        (spec("int"), "12,345", ("number", "")),
        (spec("int"), "NaN", ("number", "")),
        (spec("int"), "Infinity", ("number", "")),
        (spec("int"), "-inf", ("number", "")),
        (spec("int"), "1e5", ("number", "")),
        (spec("int"), "1e999999999", ("number", "")),
        (spec("int"), "1_000", ("number", "")),
        (spec("int"), "0x10", ("number", "")),
        (spec("int"), "9" * 19, ("number", "")),
        (spec("int"), "9" * 100_000, ("number", "")),
        (spec("int"), "--5", ("number", "")),
        (spec("int"), ".", ("number", "")),
        (spec("int"), "٫", ("number", "")),
        (spec("double", scale=15), "99999999999999999.123456789012345678", ("scale", "15")),
        (spec("double", scale=1), "0." + "0" * 17 + "1", ("scale", "1")),
    ],
    ids=lambda case: case[:24] if isinstance(case, str) else None,
)  # fmt: skip
def test_what_cannot_be_a_value_is_refused_and_the_reason_named(spec: Spec, typed: str, why: tuple[str, str]) -> None:
    assert problem(spec, typed) == why


@given(st.sampled_from(sorted(EDITABLE)), st.text(max_size=60), st.integers(0, 18), st.integers(0, 40), st.booleans())
def test_no_text_breaks_a_field(type: str, typed: str, scale: int, length: int, required: bool) -> None:
    try:
        value = parse(spec(type, scale=scale, length=length, required=required), typed)
    except Invalid:
        return
    assert value is not None or not required
    if isinstance(value, str) and type != "date":
        assert not length or len(value) <= length


@given(st.data(), st.integers(0, 10))
def test_a_number_keeps_every_digit_whichever_decimal_sign_it_has(data: st.DataObject, scale: int) -> None:
    most = 10 ** (15 - scale) - 1  # what a double holds
    number = data.draw(st.decimals(-most, most, places=scale))
    written = format(number, "f")
    for typed in (written, f" {written} "):
        assert Decimal(str(parse(spec("double", scale=scale), typed))) == number
    if scale != 3:
        assert Decimal(str(parse(spec("double", scale=scale), written.replace(".", ",")))) == number


@given(st.dates(date(1700, 1, 1), date(4000, 12, 31)))
def test_every_date_salesforce_takes_comes_through(day: date) -> None:
    assert parse(spec("date"), day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    ("spec", "value", "fitting"),
    [
        (spec("string"), None, True),
        (spec("string"), "Partner", True),
        (spec("string"), 5, False),
        (spec("string"), ["Partner"], False),
        (spec("string"), {"a": 1}, False),
        (spec("string"), "\ud800", False),
        (spec("boolean"), True, True),
        (spec("boolean"), 1, False),
        (spec("boolean"), "true", False),
        (spec("double"), 1.5, True),
        (spec("double"), 1, True),
        (spec("double"), True, False),
        (spec("double"), "1.5", False),
        (spec("date"), "1984-03-09", True),
        (spec("date"), "9 March", False),
    ],
)
def test_a_value_said_to_have_been_on_screen_must_be_one_of_the_fields_kind(
    spec: Spec, value: JSON, fitting: bool
) -> None:
    assert fits(spec, value) is fitting


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("a\r\nb", "a\nb", True),
        ("a", "a", True),
        (5, 5.0, True),
        (None, None, True),
        (None, "", False),
        ("a", "A", False),
        ("a\nb", "a b", False),
        ("5", 5, False),
    ],
)
def test_two_values_are_one_whatever_their_line_ends(one: JSON, other: JSON, are_one: bool) -> None:
    assert same(one, other) is are_one


# What is shown


@pytest.mark.parametrize(
    ("language", "day", "time", "number"),
    [
        ("en", "Mar 9, 1984", f"Nov 22, 2026, 8:05:00{NARROW}AM", "1,234,567.8912"),
        ("pl", "9 mar 1984", "22 lis 2026, 08:05:00", f"1{NBSP}234{NBSP}567,8912"),
        ("fr", "9 mars 1984", "22 nov. 2026, 08:05:00", f"1{NARROW}234{NARROW}567,8912"),
        ("ja", "1984/03/09", "2026/11/22 8:05:00", "1,234,567.8912"),
        ("ar", f"09{RLM}/03{RLM}/1984", f"22{RLM}/11{RLM}/2026، 8:05:00 ص", "1,234,567.8912"),
    ],
)
def test_dates_and_numbers_are_shown_as_the_reader_writes_them(language: str, day: str, time: str, number: str) -> None:
    assert show(spec("date"), "1984-03-09", {}, language) == day
    assert show(spec("datetime"), "2026-11-22T08:05:00.000+0000", {}, language) == time
    for kind in ("double", "currency", "int"):
        assert show(spec(kind), 1234567.8912, {}, language) == number
    shares = {"en": "12.5%", "pl": "12,5%", "fr": "12,5\u00a0%", "ja": "12.5%", "ar": "12.5%"}
    assert show(spec("percent"), 12.5, {}, language) == shares[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("spec", "raw", "shown"),
    [
        (spec("string"), None, ""),
        (spec("string"), "", ""),
        (spec("date"), None, ""),
        (spec("int"), 0, "0"),
        (spec("double"), 7.0, "7"),
        (spec("string"), "<b>Ann</b>", "<b>Ann</b>"),
        (spec("textarea"), "one\ntwo", "one\ntwo"),
        (spec("email"), "ann@example.com", "ann@example.com"),
        (spec("phone"), "0171 / 392 00 34", "0171 / 392 00 34"),
        (spec("url"), "https://example.com", "https://example.com"),
        (spec("time"), "10:00:00.000Z", "10:00:00.000Z"),
        (PICKLIST, "phone", "Phone call"),
        (PICKLIST, "retired value", "retired value"),
        (spec("multipicklist", options=PICKLIST.options), "web;phone;old", "Web; Phone call; old"),
        (spec("address"), {"street": "Line 1", "city": "London", "country": None, "latitude": 51.5}, "Line 1, London"),
    ],
)  # fmt: skip
def test_other_values_are_shown_as_they_are(language: str, spec: Spec, raw: JSON, shown: str) -> None:
    assert show(spec, raw, {}, language) == shown


def test_a_reference_is_shown_by_the_name_of_what_it_leads_to() -> None:
    account = CONTACT["AccountId"]
    assert account.label == "Account"
    assert show(account, "0015e0000000001AAA", {"Account": {"Name": "Brightloom Ltd"}}, "en") == "Brightloom Ltd"
    assert show(account, "0015e0000000001AAA", {"Account": None}, "en") == "0015e0000000001AAA"
    assert show(account, None, {"Account": None}, "en") == ""


@pytest.mark.parametrize("language", LANGUAGES)
@given(number=st.decimals(-(10**9), 10**9, places=6))
def test_no_digit_of_a_number_is_lost_on_screen(language: str, number: Decimal) -> None:
    shown = show(spec("double"), float(number), {}, language)
    digits = "".join(str(unicodedata.digit(char)) for char in shown if char.isdigit())
    assert digits.strip("0") == format(Decimal(str(float(number))), "f").replace(".", "").strip("-0")


# What may be seen and edited


@pytest.mark.parametrize(
    ("change", "editable"),
    [
        ({}, True),
        ({"type": "textarea"}, True),
        ({"type": "boolean"}, True),
        ({"type": "picklist"}, True),
        ({"type": "date"}, True),
        ({"type": "double"}, True),
        ({"type": "email"}, False),
        ({"type": "phone"}, False),
        ({"type": "reference", "relationshipName": "Account"}, False),
        ({"type": "datetime"}, False),
        ({"type": "url"}, False),
        ({"type": "address"}, False),
        ({"type": "encryptedstring"}, False),
        ({"type": "something new"}, False),
        ({"updateable": False}, False),
        ({"calculated": True}, False),
        ({"autoNumber": True}, False),
        ({"calculated": True, "updateable": False}, False),
    ],
)
def test_what_is_editable_follows_from_kind_and_rights(change: dict[str, JSON], editable: bool) -> None:
    """RI-17, RI-18."""
    assert field(described(**change), {}, True, "en").editable is editable
    assert field(described(**change), {}, False, "en").editable is False


def test_no_email_and_no_phone_of_a_contact_is_ever_editable() -> None:
    """RI-18."""
    phones = {"Phone", "MobilePhone", "Fax", "HomePhone", "OtherPhone", "AssistantPhone", "WhatsApp__c"}
    addresses = {"Email", "Second_Email__c"} | phones
    assert {each.name for each in CONTACT.values() if each.type in ("email", "phone")} == addresses
    assert not any(field(CONTACT[name], {}, True, "en").editable for name in addresses)


def test_a_compound_is_not_editable_but_its_parts_are() -> None:
    """RI-17."""
    editable = {each.spec.name for each in view(CONTACT, {}, tuple(CONTACT), True, "en") if each.editable}
    assert {"FirstName", "LastName", "Salutation", "MailingStreet", "MailingCity", "MailingCountry"} <= editable
    assert not {"Name", "MailingAddress", "OtherAddress", "Id", "OwnerId", "CreatedDate", "IsEmailBounced"} & editable


def test_what_describe_says_of_a_field_is_taken_over() -> None:
    title, last_name, source = CONTACT["Title"], CONTACT["LastName"], CONTACT["LeadSource"]
    assert (title.label, title.type, title.length, title.required) == ("Title", "string", 128, False)
    assert last_name.required
    assert not CONTACT["DoNotCall"].required, "a checkbox has a default"
    assert Option("Partner Referral", "Partner Referral") in source.options
    assert CONTACT["MailingLatitude"].scale == 15


def test_values_that_were_retired_are_not_offered() -> None:
    values: list[JSON] = [
        {"value": "a", "label": "A", "active": True},
        {"value": "b", "label": "B", "active": False},
    ]
    assert described(type="picklist", picklistValues=values).options == (Option("a", "A"),)


def test_a_field_that_describe_leaves_out_is_neither_asked_for_nor_shown() -> None:
    """Field security of the connected user."""
    known = {name: each for name, each in CONTACT.items() if name not in ("Birthdate", "MobilePhone")}
    shown = ("Title", "Birthdate", "MobilePhone", "Nonsense__c")
    record: Record = {"Title": "Partner", "Birthdate": "1984-03-09", "MobilePhone": "123"}
    assert [each.spec.name for each in view(known, record, shown, True, "en")] == ["Title"]
    assert not {"Birthdate", "MobilePhone", "Nonsense__c"} & set(columns(known, shown))


def test_fields_are_shown_in_the_order_chosen_and_no_others() -> None:
    record: Record = {"Name": "Ann", "Email": "ann@example.com", "Title": "Partner"}
    assert [(each.spec.name, each.raw) for each in view(CONTACT, record, ("Title", "Name"), True, "en")] == [
        ("Title", "Partner"),
        ("Name", "Ann"),
    ]


def test_each_column_is_asked_for_once_with_those_that_people_are_found_by() -> None:
    asked = columns(CONTACT, DEFAULT)
    assert len(asked) == len(set(asked))
    assert {"Id", "Name", "LastModifiedDate", "MailingCountry", "Email", "Fax", "Account.Name"} <= set(asked)
    assert "MailingCountryCode" not in asked, "this org has no country picklists"
    assert "Owner.Name" not in asked, "nobody wants to see it"


def test_what_a_new_workspace_shows_exists_in_the_recorded_org() -> None:
    assert set(DEFAULT) <= set(CONTACT)


def test_the_moment_of_the_last_change_is_a_whole_second() -> None:
    assert modified({"LastModifiedDate": "2026-11-22T08:05:06.000+0000"}) == datetime(2026, 11, 22, 8, 5, 6, tzinfo=UTC)
