"""By which addresses our copies are found: never missed for the way an address is written."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from sidebar.identity import email_keys, phone_keys
from sidebar.store import marks, records
from sidebar.store.database import Database
from sidebar.store.records import Record
from tests.numbers.forms import FORMS, Parts

pytestmark = pytest.mark.anyio

ORG, AMARA, OWEN = "00D000000000001EAA", "003000000000001AAA", "003000000000002AAA"


@pytest.mark.parametrize(
    "written", ["+44 20 7946 0123", "020 7946 0123", "(020) 7946-0123", "020 7946 0123 ext. 5", "02079460123 x5"]
)
def test_every_way_to_write_a_number_has_one_mark(written: str) -> None:
    assert list(marks.of_values({"Phone": written})) == [marks.of_phone("+442079460123")]


@pytest.mark.parametrize(
    "value",
    [
        "003000000000001AAA",
        "0031234567890123AAA"[:18],
        "https://brightloom.example/12345678",
        "1984-03-09",
        "2026-11-22T12:00:00.000+0000",
        "Suite 12, 4th floor",
        "",
        None,
        7,
        True,
    ],
)
def test_what_is_no_address_has_no_mark(value: object) -> None:
    assert list(marks.of_values({"Something__c": value})) == []


@pytest.mark.parametrize("form", FORMS)
def test_whatever_form_a_record_has_it_is_found_by_the_keys_of_its_number(form: str) -> None:
    """In every region, and without any country to read it by."""
    missed = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
            if number := phonenumbers.example_number_for_type(region, kind):
                written = FORMS[form](parts := Parts.of(number, region))
                if not marks.of_keys(phone_keys(parts.e164, [])) & set(marks.of_values({"Phone": written})):
                    missed.append((region, written))
    assert missed == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("020 7946 0000 / 07700 900123", "+447700900123"),
        ("020 7946 0123 x12", "020 7946 0123"),
        ("020 7946 0123", "020 7946 0123 x12"),
        ("020 7946 0123 12", "+442079460123;ext=12"),
        ("1-800-FLOWERS", "+18003569377"),
        ("02920 15 51-2345", "+54 9 2920 512345"),
        ("+55 11 8765-4321", "+5511987654321"),
        ("044 55 1234 5678", "+525512345678"),
        ("12 3", "123"),
        ("Ext. 204", "204"),
        ("https://wa.me/442079460123", "020 7946 0123"),
        ("Ann <ann+news@brightloom.example>", "ann@brightloom.example"),
        ("ann@xn--mnchen-3ya.example", "Ann@München.example"),
    ],
)
def test_who_may_be_the_same_is_found(written: str, told: str) -> None:
    keys = email_keys(told) if "@" in told else phone_keys(told, ["GB"])
    assert marks.of_keys(keys) & set(marks.of_values({"Field__c": written}))


async def test_records_are_found_by_the_addresses_they_have_now(database: Database) -> None:
    async with database.write() as connection:
        values = {"Email": "Amara@Brightloom.example", "Phone": "020 7946 0123"}
        await records.put(connection, ORG, [Record(AMARA, values, 1, 1), Record(OWEN, {"Email": "o@x.example"}, 1, 1)])
    async with database.write() as connection:
        assert await marks.find(connection, ORG, ["e:amara@brightloom.example", "p:9460123"]) == [AMARA]
        changed = Record(AMARA, {"Email": "new@brightloom.example", "Phone": "020 7946 0123"}, 2, 1)
        await records.put(connection, ORG, [changed])
        assert await marks.find(connection, ORG, ["e:amara@brightloom.example"]) == []
        assert await marks.find(connection, ORG, ["e:new@brightloom.example"]) == [AMARA]
        await records.put(connection, ORG, [Record(AMARA, changed.values, 3, 1, deleted=True)])
        assert await marks.find(connection, ORG, ["p:9460123"]) == []
        await records.drop(connection, ORG)
        assert await marks.find(connection, ORG, ["e:o@x.example"]) == []


async def test_an_address_in_two_fields_is_lost_with_the_last_of_them(database: Database) -> None:
    async with database.write() as connection:
        for modified, values in enumerate((["Phone", "MobilePhone"], ["MobilePhone", "HomePhone"], ["HomePhone"])):
            held = dict.fromkeys(values, "020 7946 0123")
            await records.put(connection, ORG, [Record(AMARA, held, modified, 1)])
            assert await marks.find(connection, ORG, ["p:9460123"]) == [AMARA]
        await records.put(connection, ORG, [Record(AMARA, {}, 9, 1)])
        assert await marks.find(connection, ORG, ["p:9460123"]) == []
