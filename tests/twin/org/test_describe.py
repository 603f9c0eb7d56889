"""The describes: their shape, what is read out of them, and custom fields that come and go."""

from typing import Any

import pytest

from sidebar.twin import ids
from sidebar.twin.org import describe, permissions, recordtypes
from sidebar.twin.org.describe import Field, schema

ALL = sorted(schema())
CUSTOMER, PARTNER, _ = (kind.id for kind in schema()["contact"].record_types)


def field(object_name: str, name: str) -> Field:
    return schema()[object_name.lower()].fields[name.lower()]


@pytest.mark.parametrize("name", ALL)
def test_every_field_has_the_same_keys_in_the_same_order(name: str):
    """As recorded by CumulusCI: 57 keys a field, nulls included."""
    recorded = list(schema()["contact"].raw["fields"][0])
    assert len(recorded) == 57
    assert all(list(entry) == recorded for entry in schema()[name].raw["fields"])
    assert list(schema()[name].raw) == list(schema()["contact"].raw)


@pytest.mark.parametrize("name", ALL)
def test_what_a_describe_points_at_exists(name: str):
    sobject = schema()[name]
    for entry in sobject.fields.values():
        assert all(target.lower() in schema() for target in entry.targets), entry.name
        assert entry.controller is None or entry.controller.lower() in sobject.fields
        assert entry.compound is None or entry.compound.lower() in sobject.fields
    for child in sobject.children:
        assert sobject.name in field(child.object, child.field).targets
    assert all(ids.full(kind.id) == kind.id for kind in sobject.record_types)


def test_every_type_of_field_is_there():
    types = {entry.type for sobject in schema().values() for entry in sobject.fields.values()}
    numbers = {"int", "double", "currency", "percent"}
    texts = {"string", "textarea", "picklist", "multipicklist", "combobox", "phone", "email", "url", "encryptedstring"}
    assert types == {"id", "reference", "boolean", "date", "datetime", "time", "address", "location"} | numbers | texts


def test_a_task_points_at_several_objects():
    assert field("Task", "WhoId").targets == ("Contact", "Lead")
    assert "Subscription__c" in field("Task", "WhatId").targets
    assert field("Task", "WhoId").target == "Contact"


def test_a_dependent_value_goes_with_the_controlling_values_whose_bits_are_set():
    """The most significant bit of the first byte is the controller's first value, as in the recorded picklists."""
    tiers = [entry.value for entry in field("Contact", "Tier__c").picklist]
    benefit = field("Contact", "Benefit__c")
    assert benefit.controller == "Tier__c"
    found = {entry.value: {tiers[at] for at in entry.valid_for or ()} for entry in benefit.picklist}
    assert found["Newsletter"] == {"Bronze", "Silver", "Gold", "Platinum"}
    assert found["Priority support"] == {"Gold", "Platinum"}
    assert found["Lounge access"] == {"Platinum"}
    assert [entry["validFor"] for entry in benefit.raw["picklistValues"]] == ["8A==", "cA==", "MA==", "EA=="]


@pytest.mark.parametrize(
    ("bitmap", "positions"), [("gAAA", {0}), ("QAAA", {1}), ("EAAA", {3}), ("hAAA", {0, 5}), ("", set())]
)
def test_a_recorded_bitmap_names_its_controlling_values(bitmap: str, positions: set[int]):
    """SwiftlySalesforce, MockAccountMetadata.json: Boston is in the USA (0), Vienna there and in Austria (5)."""
    raw = describe.custom_field("City__c", "City", "picklist", 255, ["A city"])
    raw["picklistValues"][0]["validFor"] = bitmap
    (city,) = describe.with_field(schema()["contact"], raw).fields["city__c"].picklist
    assert city.valid_for == positions


@pytest.mark.parametrize(
    ("object_name", "name", "value"),
    [
        ("Task", "Status", "Not Started"),
        ("Task", "Priority", "Normal"),
        ("Case", "Status", "New"),
        ("Lead", "Status", "Open - Not Contacted"),
        ("Subscription__c", "Active__c", False),
        ("Contact", "Email", None),
    ],
)
def test_a_field_knows_its_default(object_name: str, name: str, value: object):
    assert field(object_name, name).default == value


def test_a_field_knows_how_it_is_numbered():
    assert field("Subscription__c", "Name").auto_number == "SUB-{00000}"
    assert field("Case", "CaseNumber").auto_number == "{00000000}"
    assert field("Contact", "Ext_Id__c").auto_number is None


def test_an_external_id_finds_records():
    found = field("Contact", "Ext_Id__c")
    assert (found.external_id, found.unique, found.id_lookup, found.case_sensitive) == (True, True, True, False)


def test_a_case_keeps_its_contact_and_a_task_goes_with_it():
    children = {(child.object, child.relationship): child for child in schema()["contact"].children}
    assert children["Case", "Cases"].restricted
    assert children["Task", "Tasks"].cascade
    assert children["Subscription__c", "Subscriptions__r"].field == "Contact__c"


KINDS = ["string", "boolean", "double", "date", "datetime", "time", "email", "phone", "url", "picklist", "html"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_custom_field_has_the_recorded_shape(kind: str):
    raw = describe.custom_field("New__c", "New", kind)
    assert list(raw) == list(schema()["contact"].raw["fields"][0])
    assert (raw["custom"], raw["createable"], raw["updateable"]) == (True, True, True)


def test_custom_fields_come_and_go_without_touching_the_others():
    contact = schema()["contact"]
    more = describe.with_field(contact, describe.custom_field("Shoe_Size__c", "Shoe Size", "string", 12))
    assert more.fields["shoe_size__c"].length == 12
    assert set(more.fields) - set(contact.fields) == {"shoe_size__c"}
    less = describe.without_field(more, "SHOE_SIZE__C")
    assert list(less.fields) == list(contact.fields)
    assert "shoe_size__c" not in schema()["contact"].fields


def test_a_record_type_offers_its_own_values():
    contact = schema()["contact"]

    def offered(name: str, record_type: str | None) -> list[str]:
        return [entry.value for entry in recordtypes.allowed(contact, name, record_type)]

    assert offered("Tier__c", CUSTOMER) == ["Bronze", "Silver", "Gold"]
    assert offered("Tier__c", PARTNER) == ["Gold", "Platinum"]
    assert offered("tier__c", None) == offered("Tier__c", recordtypes.MASTER)
    assert len(offered("Tier__c", None)) == 4
    assert offered("Benefit__c", PARTNER) == offered("Benefit__c", None)


def test_every_value_a_record_type_offers_is_one_of_the_field():
    contact = schema()["contact"]
    for id_ in (CUSTOMER, PARTNER):
        for name, values in recordtypes.picklists(id_).items():
            assert set(values) <= {entry.value for entry in contact.fields[name.lower()].picklist}


def test_record_types_are_records_too():
    assert contact_types() == [("Customer", CUSTOMER), ("Partner", PARTNER)]
    assert schema()["contact"].default_record_type == CUSTOMER
    assert schema()["account"].default_record_type is None


def contact_types() -> list[tuple[Any, Any]]:
    rows = recordtypes.rows(schema().values())
    assert {row["SobjectType"] for row in rows} == {"Contact"}
    return [(row["Name"], row["Id"]) for row in rows]


def test_the_layout_of_a_record_type_has_an_address():
    infos = describe.record_type_infos(schema()["lead"], "60.0")
    assert infos[0]["urls"] == {"layout": f"/services/data/v60.0/sobjects/Lead/describe/layouts/{recordtypes.MASTER}"}


def test_support_may_less_than_an_administrator():
    profiles = permissions.profiles()
    account = schema()["account"]
    all_rights = {"createable": True, "updateable": True, "deletable": True}
    assert permissions.rights(profiles["System Administrator"], account) == all_rights
    assert permissions.rights(profiles["Support"], account) == all_rights | {"deletable": False}
    assert not profiles["Support"].may("read", "Subscription__c")
    assert not profiles["Support"].may("create", "Subscription__c")
    assert profiles["Support"].may("edit", "Contact")
