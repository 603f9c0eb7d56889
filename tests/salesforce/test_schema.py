"""Change events as recorded from an org, and as the Change Data Capture guide describes them."""

import base64
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_writer

from sidebar.salesforce.errors import Refused
from sidebar.salesforce.schema import Event, Schema

DATA = Path(__file__).parent / "data"
SCHEMAS = {
    "i8wgJwwM-AVcDbFkbRl5Nw": "AccountChangeEvent.2026-01",
    "4egfTTaxua4Y39nYlBXfNg": "AccountChangeEvent.2023-07",
    "S3-K_S0GYegWTRZnKLjeag": "AccountChangeEvent.2023-05",
}


def schema(name: str) -> Schema:
    return Schema((DATA / f"{name}.avsc").read_text())


def recorded(name: str) -> list[Event]:
    return [
        schema(SCHEMAS[each["event"]["schemaId"]]).event(
            each["event"]["id"], base64.b64decode(each["replayId"]), base64.b64decode(each["event"]["payload"])
        )
        for each in json.loads((DATA / f"{name}.json").read_text())["events"]
    ]


def contact_event(name: str = "ContactChangeEvent.2026-08", **given: Any) -> Event:
    """An event of ours, written with a recorded schema: header fields by their names, the rest in `values`."""
    source = json.loads((DATA / f"{name}.avsc").read_text())
    return Schema(json.dumps(source)).event("e1", b"\1", payload(source, **given))


def payload(source: Any, values: Mapping[str, object] | None = None, **header: object) -> bytes:
    written = BytesIO()
    whole = {
        "entityName": "Contact",
        "recordIds": ["0035e00000TEST1AAA"],
        "changeType": "UPDATE",
        "changeOrigin": "",
        "transactionKey": "t",
        "sequenceNumber": 1,
        "commitTimestamp": 1_795_000_000_000,
        "commitNumber": 1_795_000_000_123_456_789,
        "commitUser": "0055e0000000001AAA",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
        **header,
    }
    schemaless_writer(written, parse_schema(source, named_schemas={}), {**(values or {}), "ChangeEventHeader": whole})
    return written.getvalue()


def test_three_creates_of_one_transaction_are_three_whole_records() -> None:
    events = recorded("account-create-3-in-one-transaction")
    assert [event.values["Name"] for event in events] == ["Bulk Acc1", "Bulk Acc2", "Bulk Acc3"]
    assert all(event.header.kind == "CREATE" and event.header.entity == "Account" for event in events)
    assert all(not event.changed | event.nulled | event.diffed for event in events)


def test_the_header_is_read_whole() -> None:
    [event] = recorded("account-update-single-field")
    assert event.id == "4e734081-3b33-451a-906a-bb943fe7f5ee"
    assert event.replay_id == bytes.fromhex("00000000001790290000")
    assert event.header.record_ids == ("001Dp00000JJkkHIAT",)
    assert event.header.origin == "com/salesforce/api/soap/66.0;client=SfdcInternalAPI/"
    assert event.header.user == "005000000000001AAA"
    assert "ChangeEventHeader" not in event.values


def test_a_custom_field_far_up_the_bitmap_is_named() -> None:
    [event] = recorded("account-update-single-field")
    assert event.changed == {"LastModifiedDate", "Amount_Owed__c"}
    assert event.values["Amount_Owed__c"] == 3233


def test_a_bitmap_that_is_only_nested_is_named_too() -> None:
    typed, geocoded = recorded("account-address-update-then-geocode")
    assert typed.changed == {"LastModifiedDate", "ShippingAddress.Street"}
    assert geocoded.changed == {"ShippingAddress.Latitude", "ShippingAddress.Longitude"}
    assert geocoded.header.origin == ""


def test_a_name_may_be_a_plain_text() -> None:
    [event] = recorded("account-update-name-2023")
    assert event.changed == {"LastModifiedDate", "Name"}
    assert event.values["Name"] == "Burlington Textiles Corp of AmeAa"


@pytest.mark.parametrize(
    ("bitmaps", "fields"),
    [
        (["0x04002000"], {"Email", "LastModifiedDate"}),
        (["0x04000000", "3-0x04"], {"LastModifiedDate", "Name.LastName"}),
        (["5-0x06"], {"MailingAddress.City", "MailingAddress.State"}),
        (["0x08"], {"Name"}),
        ([], set()),
    ],
)
def test_bitmaps_are_resolved_by_the_schema(bitmaps: list[str], fields: set[str]) -> None:
    """The last but one marks a compound as a whole; 5 names a type that was defined at field 4."""
    event = contact_event(changedFields=bitmaps, nulledFields=bitmaps, diffFields=bitmaps)
    assert event.changed == event.nulled == event.diffed == fields


def test_the_same_bitmap_means_other_fields_where_there_are_no_person_accounts() -> None:
    source = json.loads((DATA / "ContactChangeEvent.2026-08.avsc").read_text())
    source["fields"] = [field for field in source["fields"] if field["name"] != "IsPersonAccount"]
    written = payload(source, changedFields=["0x02001000", "2-0x04", "4-0x06"])
    assert Schema(json.dumps(source)).event("e", b"", written).changed == {
        "Email",
        "LastModifiedDate",
        "Name.LastName",
        "MailingAddress.City",
        "MailingAddress.State",
    }


def test_types_of_one_name_keep_the_body_of_their_own_schema() -> None:
    """PersonName lost three of its parts between these two schemas of one org."""
    name = {"Salutation": "Ms.", "FirstName": "Zofia", "LastName": "Wiśniewska"}
    older = contact_event("ContactChangeEvent.2023-05", values={"Name": {**name, "Suffix": "II"}})
    newer = contact_event("ContactChangeEvent.2026-08", values={"Name": name})
    assert older.values["Name"] == {**name, "MiddleName": None, "InformalName": None, "Suffix": "II"}
    assert newer.values["Name"] == name


def test_a_payload_with_bytes_left_over_is_refused() -> None:
    whole = json.loads((DATA / "ContactChangeEvent.2026-08.avsc").read_text())
    with pytest.raises(Refused, match="Change event e1 does not fit its schema"):
        schema("ContactChangeEvent.2026-08").event("e1", b"", payload(whole) + b"\0")


@pytest.mark.parametrize("broken", [b"", b"\x0eContact", b"\xff" * 40])
def test_a_payload_that_breaks_off_is_refused(broken: bytes) -> None:
    with pytest.raises(Refused, match="e1"):
        schema("ContactChangeEvent.2026-08").event("e1", b"", broken)


def test_a_refusal_does_not_quote_the_payload() -> None:
    with pytest.raises(Refused) as refused:
        schema("ContactChangeEvent.2026-08").event("e1", b"", b"\x0eamara\xff\xff")
    assert "amara" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '"int"', '{"type":"record","name":"X","fields":[]}'])
def test_a_text_that_is_no_event_schema_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="schema"):
        Schema(text)
