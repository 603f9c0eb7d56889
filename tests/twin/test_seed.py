"""What stands in a new org: always the same people, all of them made up."""

import re
import unicodedata
from collections import Counter
from typing import Any

import pytest

from sidebar.twin.org import Org, formulas, recordtypes
from sidebar.twin.org.describe import schema
from sidebar.twin.seed import seed
from sidebar.twin.seed.cast import cast
from sidebar.twin.seed.crowd import countries

PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Fax")


def filled(contacts: int = 300) -> Org:
    org = Org(clock=lambda: 1_795_334_400_000, instance_url="http://localhost:1")
    seed(org, contacts)
    return org


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    org = filled()
    found = list(org.rows("Contact"))
    org.close()
    return found


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    return [row[field] for row in rows for field in PHONES if row[field]]


def digits(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())


def test_the_same_people_come_every_time(rows: list[dict[str, Any]]):
    org = filled()
    assert list(org.rows("Contact")) == rows
    org.close()


def test_as_many_contacts_as_asked_for(rows: list[dict[str, Any]]):
    assert len(rows) == 300


def test_the_cast_is_there_with_its_companies():
    org = filled(len(cast().contacts))
    rows = {row["Email"] or row["Name"]: row for row in org.rows("Contact")}
    amara = rows["amara.okafor@brightloom.example"]
    company = org.row("Account", amara["AccountId"])
    org.close()
    assert company is not None
    assert company["Name"] == "Brightloom Ltd"
    assert (amara["Phone"], amara["MobilePhone"], amara["OtherPhone"]) == (
        "020 7946 0123",
        "+44 7700 900123",
        "(0044) 1632 960 123",
    )
    assert rows["layla.haddad@alnakheel.example"]["MobilePhone"] == "٠٥٠ ٥٥٥ ٠١٨٧"
    assert rows["hanako.yamada@minato.example"]["LastName"] == "山田"
    assert rows["Tomás Ribeiro"]["Phone"] == "+351 22 555 0199"
    assert sum("4155550100" in digits(row["Phone"] or "") for row in rows.values()) == 3


def test_the_person_a_tour_creates_is_not_there_yet(rows: list[dict[str, Any]]):
    assert not [row for row in rows if "atelierlumen" in (row["Email"] or "")]
    assert not [number for number in numbers(rows) if "639981234" in digits(number)]


def test_nobody_in_the_crowd_has_a_number_of_the_cast(rows: list[dict[str, Any]]):
    known = {digits(number)[-9:] for number in numbers(rows[: len(cast().contacts)]) if "x204" not in number}
    crowd = {digits(number)[-9:] for number in numbers(rows[len(cast().contacts) :])}
    assert len(known) >= 10
    assert not known & crowd


def test_no_two_contacts_share_an_address(rows: list[dict[str, Any]]):
    found = Counter(row["Email"].lower() for row in rows if row["Email"])
    assert max(found.values()) == 1
    assert len(found) > 250
    assert all(address.isascii() and address.endswith(".example") for address in found)


def test_the_crowd_comes_from_many_countries_and_writes_many_scripts(rows: list[dict[str, Any]]):
    assert len({row["MailingCountry"] for row in rows}) >= 12
    letters = {unicodedata.name(char).split()[0] for row in rows for char in row["Name"] if char.isalpha()}
    assert {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "HANGUL", "CJK", "DEVANAGARI"} <= letters


@pytest.mark.parametrize(
    "form",
    [r"^00", r"\+", r"\.", r"/", r"\(", r"ext|x\d|wew", "[０-９]", "[٠-٩]", r"\(0\)", r"\+52 ?1", "15-?5", "^12 3$"],
)
def test_numbers_are_typed_in_every_messy_form(form: str):
    org = filled(1500)
    found = [number for number in numbers(list(org.rows("Contact"))) if re.search(form, number)]
    org.close()
    assert found


def test_every_phone_field_is_used(rows: list[dict[str, Any]]):
    assert all(any(row[field] for row in rows) for field in PHONES)
    assert all(any(row[field] for field in PHONES) for row in rows)


def test_every_number_in_the_patterns_fits_its_field():
    assert all(len(pattern) <= 40 for place in countries() for pattern in (*place.phones, *place.mobiles))


def test_seeding_tells_nobody():
    org = filled(20)
    assert org.changes == []
    org.close()


def test_an_empty_org_stays_empty():
    org = filled(0)
    assert not [name for name in ("Account", "Contact", "Lead", "Case", "Task") if list(org.rows(name))]
    org.close()


def test_a_small_org_has_the_first_of_the_cast():
    org = filled(3)
    assert [row["LastName"] for row in org.rows("Contact")] == ["Okafor", "Weiß", "Whitfield"]
    org.close()


@pytest.mark.parametrize("object_name", ["Lead", "Case", "Opportunity", "Task", "Subscription__c"])
def test_what_is_seeded_is_what_the_describe_allows(object_name: str):
    """Known fields, values of restricted picklists, lengths, and references to records that exist."""
    org = filled(200)
    sobject = org.sobject(object_name)
    rows = list(org.rows(object_name))
    for row in rows:
        for name, value in row.items():
            field = sobject.fields[name.lower()]
            assert value is None or field.values is None or value in field.values, (name, value)
            assert not isinstance(value, str) or not field.length or len(value) <= field.length
            if field.type == "reference" and isinstance(value, str):
                assert any(org.row(target, value) for target in field.targets), (name, value)
        required = [field.name for field in sobject.fields.values() if not field.nillable]
        assert all(row[name] is not None or formulas.known(object_name, name) for name in required)
    assert len(rows) >= 30
    org.close()


def test_the_org_s_own_fields_are_filled_for_some(rows: list[dict[str, Any]]):
    own = ("WhatsApp__c", "Second_Email__c", "Tier__c", "Interests__c", "Ext_Id__c")
    assert all(5 < sum(bool(row[name]) for row in rows) < 100 for name in own)
    kinds = Counter(row["RecordTypeId"] for row in rows)
    assert len(kinds) == 2
    assert min(kinds.values()) >= 20
    keys = Counter(row["Ext_Id__c"] for row in rows if row["Ext_Id__c"])
    assert max(keys.values()) == 1


def test_every_tier_is_one_its_record_type_offers(rows: list[dict[str, Any]]):
    contact = schema()["contact"]
    for row in rows:
        offered = {entry.value for entry in recordtypes.allowed(contact, "Tier__c", row["RecordTypeId"])}
        assert row["Tier__c"] is None or row["Tier__c"] in offered


def test_two_leads_have_an_address_of_the_cast_and_one_became_a_contact():
    org = filled()
    leads = list(org.rows("Lead"))
    contacts = {str(row["Email"]).lower() for row in org.rows("Contact") if row["Email"]}
    owen = next(row for row in org.rows("Contact") if row["LastName"] == "Gallagher")
    org.close()
    assert len(leads) == 40
    assert sum(str(lead["Email"]).lower() in contacts for lead in leads) == 2
    assert [lead["ConvertedContactId"] for lead in leads if lead["IsConverted"]] == [owen["Id"]]


def test_there_is_open_and_finished_business():
    org = filled()
    cases, tasks = list(org.rows("Case")), list(org.rows("Task"))
    stages = {row["StageName"] for row in org.rows("Opportunity")}
    org.close()
    assert {row["Status"] for row in cases} >= {"New", "Escalated", "Closed"}
    assert all(row["CreatedDate"] < row["ClosedDate"] for row in cases if row["ClosedDate"])
    assert {row["ActivityDate"] for row in tasks} >= {"2026-11-22", "2026-11-24"}
    assert {"Closed Won", "Closed Lost", "Prospecting"} <= stages
