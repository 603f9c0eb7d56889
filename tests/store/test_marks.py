"""By which addresses our copies are found: never missed for the way an address is written."""

import pytest

from sidebar.store import marks, records
from sidebar.store.database import Database
from sidebar.store.records import Record

pytestmark = pytest.mark.anyio

ORG, AMARA, OWEN = "00D000000000001EAA", "003000000000001AAA", "003000000000002AAA"


@pytest.mark.parametrize(
    "written", ["+44 20 7946 0123", "020 7946 0123", "(020) 7946-0123", "020 7946 0123 ext. 5", "02079460123 x5"]
)
def test_every_way_to_write_a_number_has_one_mark(written: str) -> None:
    assert list(marks.of_values({"Phone": written})) == [marks.of_phone("+442079460123")]


@pytest.mark.parametrize(
    "value", ["1984-03-09", "2026-11-22T12:00:00.000+0000", "Suite 12, 4th floor", "", None, 7, True]
)
def test_what_is_no_address_has_no_mark(value: object) -> None:
    assert list(marks.of_values({"Something": value})) == []


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
