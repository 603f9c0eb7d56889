"""Change events against real ones: recorded schemas, recorded bytes, and what the twin says about its own writes."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastavro
import pytest

from sidebar.twin.events.payload import bitmaps, encode
from sidebar.twin.events.schemas import EventSchema, Place, build, schema_id
from sidebar.twin.org import Actor, Org
from sidebar.twin.org.changes import Change
from sidebar.twin.org.people import User

DATA = Path(__file__).parent / "data"
NOW = 1_795_334_400_123


@dataclass(frozen=True)
class Recorded:
    schema: dict[str, Any]
    schema_id: str
    payload: bytes

    @property
    def event(self) -> dict[str, Any]:
        return read(self.schema, self.payload)


def recorded_schema(name: str) -> dict[str, Any]:
    return json.loads((DATA / "schemas" / f"{name}.avsc").read_text("utf-8"))


def _captures() -> Iterator[Any]:
    schemas = {schema_id(schema): schema for schema in map(recorded_schema, SCHEMAS)}
    for file in sorted((DATA / "captures").iterdir()):
        for number, entry in enumerate(json.loads(file.read_text("utf-8"))["events"]):
            event = entry["event"]
            payload = base64.b64decode(event["payload"])
            schema = schemas.get(event["schemaId"]) or seen_in(payload)
            yield pytest.param(Recorded(schema, event["schemaId"], payload), id=f"{file.stem}-{number}")


def seen_in(payload: bytes) -> dict[str, Any]:
    """What the recorded update of 20 accounts shows of its schema, which is not public: the header, how many fields
    follow, and the types of the two that have a value. 23 was LastModifiedDate in every schema of that time."""
    header = recorded_schema("AccountChangeEvent.2023-05")["fields"][0]
    stream = io.BytesIO(payload)
    fastavro.schemaless_reader(stream, {"type": "record", "name": "Seen", "fields": [header]}, None)
    fields = [header]
    while more := stream.read(1):
        known = len(fields) == 23
        kind, name = ("long", "LastModifiedDate") if known else ("string", f"Field{len(fields)}")
        if more != b"\0":
            fastavro.schemaless_reader(stream, kind, None)
        doc = "Data:DateTime" if known else "Data:Text"
        fields.append({"name": name, "type": ["null", kind], "default": None, "doc": doc})
    return {"type": "record", "name": "Seen", "fields": fields}


SCHEMAS = [
    "AccountChangeEvent.2023-05",
    "AccountChangeEvent.2023-07",
    "AccountChangeEvent.2026-01",
    "ContactChangeEvent.2026-08",
]


def read(schema: dict[str, Any], payload: bytes) -> dict[str, Any]:
    stream = io.BytesIO(payload)
    event = fastavro.schemaless_reader(stream, fastavro.parse_schema(schema, named_schemas={}), None)
    assert stream.read() == b"", "every byte is part of the event"
    assert isinstance(event, dict)
    return event


def write(schema: dict[str, Any], event: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(schema, named_schemas={}), event)
    return stream.getvalue()


CAPTURES = list(_captures())


def places_of(schema: dict[str, Any]) -> dict[str, Place]:
    """Places as a recorded schema implies them. Only addresses and people's names are taken apart."""
    found = {}
    leaves: list[str] = []
    for index, field in enumerate(schema["fields"][1:], start=1):
        kind = {"DateTime": "datetime", "DateOnly": "date"}.get(field.get("doc", "").split(":")[-1], "string")
        inner = field["type"][1]
        if field["name"].endswith("Address"):
            leaves = [leaf["name"] for leaf in inner["fields"]] if isinstance(inner, dict) else leaves
            prefix, parts = field["name"].removesuffix("Address"), leaves
        elif isinstance(inner, dict) and inner["name"].endswith("PersonName"):
            prefix, parts = "", [leaf["name"] for leaf in inner["fields"]]
        else:
            found[field["name"]] = Place(field["name"], kind, index)
            continue
        for child, leaf in enumerate(parts):
            found[prefix + leaf] = Place(prefix + leaf, "string", index, field["name"], child, leaf)
    return found


def change_behind(event: dict[str, Any], places: dict[str, Place]) -> Change:
    """The write an org must have seen to send this event."""
    header = event["ChangeEventHeader"]
    row, changed = {}, []
    for name, place in places.items():
        holder = event if place.parent is None else event[place.parent] or {}
        value = holder.get(place.leaf or name)
        if place.type in ("date", "datetime") and value is not None:
            value = datetime.fromtimestamp(value / 1000, UTC).isoformat()
        row[name] = value
        if value is not None and header["changeType"] == "UPDATE":
            changed.append(name)
    user = User(header["commitUser"], "", "", "", "", "")
    return Change(
        kind=header["changeType"],
        object=header["entityName"],
        ids=tuple(header["recordIds"]),
        row=row,
        changed=tuple(changed),
        actor=Actor(user, header["changeOrigin"]),
        transaction=header["transactionKey"],
        sequence=header["sequenceNumber"],
        at=header["commitTimestamp"] + 321,
    )


@pytest.fixture
def org() -> Iterator[Org]:
    org = Org(clock=lambda: NOW, instance_url="http://localhost:1")
    yield org
    org.close()


def told(org: Org, hidden: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The event of the org's latest change, read as a client reads it."""
    change = org.changes[-1]
    schema = build(org.describe(org.admin, change.object))
    return read(json.loads(schema.json), encode(schema, change, hidden))


@pytest.mark.parametrize("recorded", [case for case in CAPTURES if "merged" not in str(case.id)])
def test_the_schema_id_of_a_recorded_event_is_reproduced(recorded: Recorded):
    with_uuid = {**recorded.schema, "uuid": recorded.schema_id}
    assert schema_id(recorded.schema) == schema_id(with_uuid) == recorded.schema_id


@pytest.mark.parametrize("recorded", CAPTURES)
def test_a_recorded_event_is_written_back_to_the_same_bytes(recorded: Recorded):
    assert write(recorded.schema, recorded.event) == recorded.payload


@pytest.mark.parametrize("recorded", CAPTURES)
def test_the_twin_sends_the_recorded_bytes_for_the_same_write(recorded: Recorded):
    """But for the commit number, which nobody outside can know."""
    places = places_of(recorded.schema)
    schema = EventSchema("", "", fastavro.parse_schema(recorded.schema, named_schemas={}), places)
    ours = encode(schema, change_behind(recorded.event, places))
    expected = recorded.event
    expected["ChangeEventHeader"]["commitNumber"] = read(recorded.schema, ours)["ChangeEventHeader"]["commitNumber"]
    assert ours == write(recorded.schema, expected)


DOCUMENTED = json.loads((DATA / "documented_fields.json").read_text("utf-8"))
PARTS = {"Name": ["Salutation", "FirstName", "LastName"]}
STREETS = ["Street", "City", "State"]


def documented_place(object_name: str, path: str) -> Place:
    """Where the guide's examples have a field such as Email or MailingAddress.City."""
    field, _, leaf = path.partition(".")
    index = DOCUMENTED[object_name].index(field)
    if not leaf:
        return Place(field, "string", index)
    return Place(path, "string", index, field, PARTS.get(field, STREETS).index(leaf), leaf)


@pytest.mark.parametrize(
    ("object_name", "fields", "expected"),
    [
        ("Account", "Industry LastModifiedDate", ["0x400800"]),
        ("Account", "LastModifiedDate BillingAddress.Street", ["0x400000", "4-0x01"]),
        ("Account", "Fax LastModifiedDate", ["0x400080"]),
        ("Account", "Description LastModifiedDate", ["0x410000"]),
        ("Account", "Description", ["0x010000"]),
        (
            "Lead",
            "Status IsConverted ConvertedDate ConvertedAccountId ConvertedContactId ConvertedOpportunityId "
            "LastModifiedDate",
            ["0x08F81000"],
        ),
        (
            "Contact",
            "Email LastModifiedDate Name.LastName MailingAddress.City MailingAddress.State",
            ["0x02001000", "2-0x04", "4-0x06"],
        ),
    ],
)
def test_bitmaps_are_those_of_the_guide(object_name: str, fields: str, expected: list[str]):
    """Worked examples of the Change Data Capture Developer Guide, in an org without person accounts."""
    assert bitmaps(documented_place(object_name, path) for path in fields.split()) == expected


@pytest.mark.parametrize(
    ("schema", "fields", "expected"),
    [
        ("ContactChangeEvent.2026-08", ["Email", "LastModifiedDate"], ["0x04002000"]),
        ("ContactChangeEvent.2026-08", ["LastModifiedDate", "LastName"], ["0x04000000", "3-0x04"]),
        ("AccountChangeEvent.2026-01", ["LastModifiedDate", "ShippingStreet"], ["0x800000", "6-0x01"]),
        ("AccountChangeEvent.2026-01", ["ShippingLatitude", "ShippingLongitude"], ["6-0x0180"]),
        ("AccountChangeEvent.2026-01", ["Amount_Owed__c", "LastModifiedDate"], ["0x100000000000800000"]),
        ("AccountChangeEvent.2026-01", [], []),
    ],
)
def test_bitmaps_are_minimal_upper_case_and_split_by_parent(schema: str, fields: list[str], expected: list[str]):
    """Recorded, but for those of Contact, which the official Python utility agrees with."""
    places = places_of(recorded_schema(schema))
    assert bitmaps(places[name] for name in fields) == expected


def test_the_contact_schema_agrees_with_the_recorded_one(org: Org):
    """Same fields in the same order with the same types and notes, as far as this org has them; its own come last."""
    ours = json.loads(build(org.describe(org.admin, "Contact")).json)
    real = recorded_schema("ContactChangeEvent.2026-08")
    custom = [field for field in ours["fields"] if field["name"].endswith("__c")]
    assert ours["fields"][-len(custom) :] == custom
    del ours["fields"][-len(custom) :]
    assert ours["fields"].pop()["name"] == "RecordTypeId"  # the recorded org has no record types of contacts
    names = [field["name"] for field in ours["fields"]]
    expected = [field for field in real["fields"] if field["name"] in names]
    coded = {"StateCode", "CountryCode"}  # the recorded org has state and country picklists
    for field in expected:
        if field["name"] == "OtherAddress":
            leaves = field["type"][1]["fields"]
            field["type"][1]["fields"] = [leaf for leaf in leaves if leaf["name"] not in coded]
    assert ours["fields"] == expected
    assert list(ours) == ["name", "namespace", "type", "fields", "uuid"]
    assert {"Name", "MailingAddress", "Email", "AssistantPhone", "Birthdate"} <= set(names)
    assert not {"Id", "IsDeleted", "SystemModstamp", "LastActivityDate", "PhotoUrl", "LastName"} & set(names)


def test_the_account_schema_lets_a_name_be_text_or_a_person(org: Org):
    ours = json.loads(build(org.describe(org.admin, "Account")).json)
    real = recorded_schema("AccountChangeEvent.2026-01")
    assert ours["fields"][1] == real["fields"][1]


def test_a_custom_object_has_the_recorded_types(org: Org):
    """The Avro type of each kind of custom field, as its note names the kind."""
    ours = json.loads(build(org.describe(org.admin, "Subscription__c")).json)
    real = recorded_schema("Some_Custom_Object__ChangeEvent.2026-01")
    assert ours["name"] == "Subscription__ChangeEvent"
    assert [field["name"] for field in ours["fields"][:7]] == [field["name"] for field in real["fields"][:7]]
    types = {
        field["doc"].split(":")[1]: types_in(field) for field in real["fields"] if field["name"] != "LocalDecimal__c"
    }
    for field in ours["fields"]:
        kind = field["doc"].split(":")[1]
        if kind in types and field["name"] != "ChangeEventHeader":
            assert types_in(field) == types[kind], field["name"]
    assert {"Boolean", "Currency", "DateOnly", "DateTime", "Location"} <= {
        f["doc"].split(":")[1] for f in ours["fields"]
    }


def types_in(field: dict[str, Any]) -> list[Any]:
    return [dict(sorted(kind.items())) if isinstance(kind, dict) else kind for kind in field["type"]]


def test_a_change_is_told_the_same_after_a_restart(tmp_path: Path):
    """With what nobody stores: unticked checkboxes, formulas, masks."""
    first = Org(clock=lambda: NOW, instance_url="http://localhost:1", path=tmp_path / "org.sqlite")
    first.create(Actor(first.admin), "Contact", {"LastName": "Okafor", "Passport__c": "LX118402"})
    event = told(first)
    first.close()
    again = Org(clock=lambda: NOW, instance_url="http://localhost:1", path=tmp_path / "org.sqlite")
    assert told(again) == event
    assert (event["DoNotCall"], event["Greeting__c"], event["Passport__c"]) == (False, "Dear Okafor", "****8402")
    again.close()


def test_a_created_contact_is_told_whole(org: Org):
    actor = Actor(org.admin)
    fields = {"LastName": "Okafor", "FirstName": "Amara", "Birthdate": "1984-03-09", "MailingCity": "London"}
    contact = org.create(actor, "Contact", fields)
    event = told(org)
    header = event.pop("ChangeEventHeader")
    number = header.pop("commitNumber")
    assert number > 2**53
    assert header == {
        "entityName": "Contact",
        "recordIds": [contact],
        "changeType": "CREATE",
        "changeOrigin": actor.origin,
        "transactionKey": org.changes[-1].transaction,
        "sequenceNumber": 1,
        "commitTimestamp": 1_795_334_400_000,
        "commitUser": org.admin.id,
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    }
    assert event["Name"] == {"Salutation": None, "FirstName": "Amara", "LastName": "Okafor"}
    assert event["Birthdate"] == 447_638_400_000
    assert event["CreatedDate"] == 1_795_334_400_000
    assert event["MailingAddress"]["City"] == "London"
    assert event["OtherAddress"] is None
    assert event["OwnerId"] == org.admin.id


def test_an_update_tells_only_what_changed_and_what_was_cleared(org: Org):
    (contact,) = org.load("Contact", [{"LastName": "Okafor", "Title": "Buyer", "MailingCity": "Leeds", "Phone": "1"}])
    org.update(Actor(org.admin), "Contact", contact, {"Title": None, "MailingCity": "York", "LastName": "Weiß"})
    event = told(org)
    header = event.pop("ChangeEventHeader")
    schema = build(org.describe(org.admin, "Contact"))
    where = schema.places
    assert header["changedFields"] == bitmaps(
        where[name] for name in ("Title", "MailingCity", "LastName", "LastModifiedDate")
    )
    assert header["nulledFields"] == bitmaps([where["Title"]])
    told_values = {name: value for name, value in event.items() if value is not None}
    assert told_values.keys() == {"Name", "MailingAddress", "LastModifiedDate"}
    assert told_values["Name"] == {"Salutation": None, "FirstName": None, "LastName": "Weiß"}
    assert {leaf: value for leaf, value in told_values["MailingAddress"].items() if value} == {"City": "York"}


def test_another_editor_than_before_is_named(org: Org):
    (contact,) = org.load("Contact", [{"LastName": "Okafor"}])
    org.update(Actor(org.colleague), "Contact", contact, {"Title": "Buyer"})
    assert told(org)["LastModifiedById"] == org.colleague.id


def test_a_deletion_tells_nothing_but_the_id(org: Org):
    (contact,) = org.load("Contact", [{"LastName": "Okafor", "Email": "a@brightloom.example"}])
    org.delete(Actor(org.admin), "Contact", contact)
    event = told(org)
    header = event.pop("ChangeEventHeader")
    assert (header["changeType"], header["recordIds"], header["changedFields"]) == ("DELETE", [contact], [])
    assert set(event.values()) == {None}


def test_what_a_listener_may_not_read_is_null(org: Org):
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Birthdate": "1984-03-09"})
    assert told(org, frozenset({"Birthdate"}))["Birthdate"] is None


def test_a_long_text_that_changed_a_little_is_told_by_its_difference(org: Org):
    letter = "".join(f"Line {number} of a long letter.\r\n" for number in range(60))
    (contact,) = org.load("Contact", [{"LastName": "Okafor", "Description": letter}])
    org.update(Actor(org.admin), "Contact", contact, {"Description": letter.replace("Line 7 ", "Verse 7 ") + "Yours"})
    event = told(org)
    header = event["ChangeEventHeader"]
    description = build(org.describe(org.admin, "Contact")).places["Description"]
    assert header["diffFields"] == bitmaps([description])
    after = str(org.tables["Contact"].live[contact]["Description"])
    assert event["Description"].startswith(f"--- \n+++ {hashlib.sha256(after.encode()).hexdigest()}\n@@ ")


def test_one_event_may_be_about_many_records(org: Org):
    contacts = org.load("Contact", [{"LastName": "Okafor"}, {"LastName": "Weiß"}])
    with org.transaction():
        for contact in contacts:
            org.update(Actor(org.admin), "Contact", contact, {"Title": "Buyer"})
    event = told(org)
    places = build(org.describe(org.admin, "Contact")).places
    assert event["ChangeEventHeader"]["recordIds"] == contacts
    assert event["ChangeEventHeader"]["changedFields"] == bitmaps([places["Title"]])
    assert (event["Title"], event["LastModifiedDate"]) == ("Buyer", None)


def test_a_place_on_earth_and_a_time_of_day_have_their_recorded_shapes(org: Org):
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Preferred_Time__c": "08:30:00.000Z"})
    assert told(org)["Preferred_Time__c"] == 30_600_000
    org.create(Actor(org.admin), "Subscription__c", {"Office__Latitude__s": 51.5, "Office__Longitude__s": -0.1})
    assert told(org)["Office__c"] == {"Latitude": 51.5, "Longitude": -0.1}
