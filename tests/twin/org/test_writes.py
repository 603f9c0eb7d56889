"""What a write leaves behind for each kind of field, and what is refused."""

import pytest

from sidebar.twin import ids
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org, describe
from sidebar.twin.org.rows import JSON

from ..conftest import Clock

VALUES = [
    ("Contact", "Title", "  Buyer ", "Buyer"),
    ("Contact", "Title", "", None),
    ("Contact", "About__c", "<p>Knows <b>everyone</b>.</p>", "<p>Knows <b>everyone</b>.</p>"),
    ("Contact", "LeadSource", "A source nobody has listed", "A source nobody has listed"),
    ("Contact", "Interests__c", "Training;Events;Training", "Events;Training"),
    ("Contact", "Credit_Limit__c", 1200, 1200.0),
    ("Contact", "Preferred_Time__c", "09:30:00", "09:30:00.000Z"),
    ("Contact", "Birthdate", "1984-02-29", "1984-02-29"),
    ("Contact", "Phone", "call +49 30 1234", "call +49 30 1234"),
    ("Contact", "DoNotCall", True, True),
    ("Contact", "DoNotCall", None, False),
    ("Account", "Website", "not really a url", "not really a url"),
    ("Lead", "NumberOfEmployees", 12, 12),
    ("Subscription__c", "Discount__c", 12.5, 12.5),
    ("Subscription__c", "Renews_At__c", "2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00.000+0000"),
]
REFUSED = [
    ("Tier__c", "Paper", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Paper"),
    ("Interests__c", "Events;Napping", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "field: Napping"),
    ("Credit_Limit__c", 1e17, "NUMBER_OUTSIDE_VALID_RANGE", "value outside of valid range"),
    ("Credit_Limit__c", 10**400, "NUMBER_OUTSIDE_VALID_RANGE", "value outside of valid range"),
    ("Credit_Limit__c", "much", "JSON_PARSER_ERROR", "Cannot deserialize instance of double from VALUE_STRING"),
    ("Preferred_Time__c", "25:00:00", "JSON_PARSER_ERROR", "Cannot deserialize instance of time"),
    ("Birthdate", "2026-02-29", "JSON_PARSER_ERROR", "Cannot deserialize instance of date"),
    ("DoNotCall", "yes", "JSON_PARSER_ERROR", "Cannot deserialize instance of boolean"),
    ("Email", "badone", "INVALID_EMAIL_ADDRESS", "Email: invalid email address: badone"),
    ("Phone", "1" * 41, "STRING_TOO_LONG", r"Business Phone: data value too large: 1+ \(max length=40\)"),
    ("MailingAddress", {"city": "Leeds"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "MailingAddress"),
    ("Greeting__c", "Hello", "INVALID_FIELD_FOR_INSERT_UPDATE", "Greeting__c"),
    ("Name", "Amara Okafor", "INVALID_FIELD_FOR_INSERT_UPDATE", "Name"),
    ("AccountId", "0035e0000000001AAA", "MALFORMED_ID", "Account ID: id value of incorrect type: 0035e"),
    ("AccountId", "0015e0000000001AAB", "MALFORMED_ID", "Account ID: id value of incorrect type"),
    ("AccountId", "0015e00000zzzzz", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    ("RecordTypeId", "0125e00000zzzzz", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    ("LastName", None, "REQUIRED_FIELD_MISSING", r"\[LastName\]"),
    ("OwnerId", None, "REQUIRED_FIELD_MISSING", r"\[OwnerId\]"),
]
LEAST: dict[str, dict[str, JSON]] = {
    "Contact": {"LastName": "Okafor"},
    "Account": {"Name": "Brightloom Ltd"},
    "Lead": {"LastName": "Okafor", "Company": "Brightloom Ltd"},
    "Task": {},
    "Subscription__c": {},
}


def made(org: Org, object_name: str, **fields: JSON) -> str:
    return org.create(Actor(org.admin), object_name, LEAST[object_name] | fields)


def value(org: Org, object_name: str, id_: str, field: str) -> JSON:
    row = org.row(object_name, id_)
    assert row is not None
    return row[field]


@pytest.mark.parametrize(("object_name", "field", "sent", "kept"), VALUES)
def test_each_kind_of_field_keeps_its_kind_of_value(org: Org, object_name: str, field: str, sent: JSON, kept: JSON):
    assert value(org, object_name, made(org, object_name, **{field: sent}), field) == kept


@pytest.mark.parametrize(("field", "sent", "code", "message"), REFUSED)
def test_what_a_field_cannot_take_is_refused_by_name(org: Org, field: str, sent: JSON, code: str, message: str):
    id_ = made(org, "Contact")
    before = org.row("Contact", id_)
    with pytest.raises(SalesforceError, match=message) as refused:
        org.update(Actor(org.admin), "Contact", id_, {field: sent})
    assert refused.value.code == code
    assert org.row("Contact", id_) == before


def test_a_dependent_picklist_takes_values_of_another_controlling_value(org: Org):
    """The API checks a restricted picklist against its whole list only."""
    id_ = made(org, "Contact", Tier__c="Bronze")
    for entry in org.sobject("Contact").fields["benefit__c"].picklist:
        org.update(Actor(org.admin), "Contact", id_, {"Benefit__c": entry.value})
        assert value(org, "Contact", id_, "Benefit__c") == entry.value


def test_a_new_record_has_the_defaults_of_its_describe(org: Org):
    task = made(org, "Task")
    assert value(org, "Task", task, "Status") == "Not Started"
    assert value(org, "Task", task, "Priority") == "Normal"
    assert value(org, "Lead", made(org, "Lead"), "Status") == "Open - Not Contacted"
    kinds = {kind.id for kind in org.sobject("Contact").record_types if kind.default}
    assert value(org, "Contact", made(org, "Contact"), "RecordTypeId") in kinds


def test_a_record_type_of_another_object_is_not_valid(org: Org):
    [*kinds] = (kind.id for kind in org.sobject("Contact").record_types if not kind.master)
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "RecordTypeId": kinds[-1][:15]})
    org.load("RecordType", [{"Id": ids.new("012", 77), "Name": "Partner", "SobjectType": "Account"}])
    with pytest.raises(SalesforceError, match="this ID value isn't valid for the user: 012"):
        org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "RecordTypeId": ids.new("012", 77)})


def test_records_number_themselves(org: Org):
    first, second = made(org, "Subscription__c"), made(org, "Subscription__c")
    assert value(org, "Subscription__c", first, "Name") == "SUB-00001"
    assert value(org, "Subscription__c", second, "Name") == "SUB-00002"
    with pytest.raises(SalesforceError, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        made(org, "Subscription__c", Name="SUB-00009")


def test_a_formula_follows_its_fields(org: Org):
    id_ = made(org, "Subscription__c", Monthly_Fee__c=10, Discount__c=25)
    assert value(org, "Subscription__c", id_, "Yearly_Fee__c") == 90.0


def test_a_location_is_made_of_its_parts(org: Org):
    id_ = made(org, "Subscription__c", Office__Latitude__s=53.8, Office__Longitude__s=-1.55)
    assert value(org, "Subscription__c", id_, "Office__c") == {"latitude": 53.8, "longitude": -1.55}


def test_an_external_id_belongs_to_one_live_record(org: Org):
    first = made(org, "Contact", Ext_Id__c="crm-7")
    with pytest.raises(SalesforceError) as refused:
        made(org, "Contact", Ext_Id__c="CRM-7")
    assert refused.value.code == "DUPLICATE_VALUE"
    assert refused.value.message == f"duplicate value found: Ext_Id__c duplicates value on record with id: {first[:15]}"
    org.update(Actor(org.admin), "Contact", first, {"Ext_Id__c": "crm-7"})
    org.delete(Actor(org.admin), "Contact", first)
    made(org, "Contact", Ext_Id__c="crm-7")


def test_records_are_found_by_an_external_id_or_an_e_mail_address(org: Org):
    first = made(org, "Contact", Ext_Id__c="crm-7", Email="Amara@brightloom.example")
    second = made(org, "Contact", Email="amara@BRIGHTLOOM.example")
    assert org.find("Contact", "ext_id__c", "CRM-7") == [first]
    assert org.find("Contact", "Email", "amara@brightloom.example") == [first, second]
    assert org.find("Contact", "Id", second[:15]) == [second]
    for unfit in ("Title", "No_Such__c"):
        with pytest.raises(SalesforceError, match=f"does not exist or is not accessible: {unfit}") as refused:
            org.find("Contact", unfit, "x")
        assert refused.value.status == 404


def test_an_external_id_that_tells_cases_apart_is_another_in_capitals(org: Org):
    raw = describe.custom_field("Key__c", "Key", "string", 20)
    raw |= {"externalId": True, "unique": True, "caseSensitive": True}
    sobject = describe.with_field(org.sobject("Contact"), raw)
    org.schema["contact"] = org.tables["Contact"].sobject = sobject
    small, _ = made(org, "Contact", Key__c="k-7"), made(org, "Contact", Key__c="K-7")
    assert org.find("Contact", "Key__c", "k-7") == [small]
    with pytest.raises(SalesforceError, match="DUPLICATE_VALUE"):
        made(org, "Contact", Key__c="k-7")


def test_an_owner_has_to_be_active(org: Org):
    org.tables["User"].put({**org.tables["User"].live[org.colleague.id], "IsActive": False})
    with pytest.raises(SalesforceError, match="operation performed with inactive user") as refused:
        made(org, "Contact", OwnerId=org.colleague.id)
    assert refused.value.code == "INACTIVE_OWNER_OR_USER"


def test_a_task_is_about_a_contact_or_a_lead_and_something_besides(org: Org):
    contact, lead = made(org, "Contact"), made(org, "Lead")
    account = made(org, "Account")
    assert value(org, "Task", made(org, "Task", WhoId=lead[:15]), "WhoId") == lead
    made(org, "Task", WhoId=contact, WhatId=account)
    with pytest.raises(SalesforceError, match="MALFORMED_ID"):
        made(org, "Task", WhoId=account)
    with pytest.raises(SalesforceError, match="FIELD_INTEGRITY_EXCEPTION"):
        made(org, "Task", WhoId=lead, WhatId=account)
    org.delete(Actor(org.admin), "Contact", contact)
    with pytest.raises(SalesforceError, match="ENTITY_IS_DELETED"):
        made(org, "Task", WhoId=contact)


def test_the_account_of_a_task_comes_from_what_it_is_about(org: Org):
    mine, other = made(org, "Account"), made(org, "Account")
    contact = made(org, "Contact", AccountId=mine)
    assert value(org, "Task", made(org, "Task", WhoId=contact), "AccountId") == mine
    task = made(org, "Task", WhoId=contact, WhatId=other)
    assert value(org, "Task", task, "AccountId") == other
    org.update(Actor(org.admin), "Task", task, {"WhatId": None})
    assert value(org, "Task", task, "AccountId") == mine


def test_a_closed_task_says_when_and_moves_the_last_activity_on(org: Org, clock: Clock):
    contact = made(org, "Contact")
    task = made(org, "Task", WhoId=contact, ActivityDate="2026-11-20", Priority="High")
    assert value(org, "Task", task, "IsHighPriority") is True
    assert value(org, "Contact", contact, "LastActivityDate") is None
    clock.wait(hours=1)
    org.update(Actor(org.admin), "Task", task, {"Status": "Completed"})
    assert value(org, "Task", task, "IsClosed") is True
    assert value(org, "Task", task, "CompletedDateTime") == "2026-11-22T09:00:00.000+0000"
    assert value(org, "Contact", contact, "LastActivityDate") == "2026-11-20"
    clock.wait(hours=1)
    org.update(Actor(org.admin), "Task", task, {"Subject": "Call"})
    assert value(org, "Task", task, "CompletedDateTime") == "2026-11-22T09:00:00.000+0000"
    org.update(Actor(org.admin), "Task", task, {"Status": "In Progress"})
    assert value(org, "Task", task, "CompletedDateTime") is None
    assert [change.object for change in org.changes] == ["Contact", "Task", "Task", "Task", "Task"]
    assert {"Status", "IsClosed", "CompletedDateTime"} < set(org.changes[2].changed)


def test_a_checkbox_that_stays_empty_has_not_changed(org: Org):
    contact = made(org, "Contact")
    org.update(Actor(org.admin), "Contact", contact, {"DoNotCall": False})
    org.update(Actor(org.admin), "Contact", contact, {"DoNotCall": None})
    assert {change.changed for change in org.changes[1:]} == {("LastModifiedDate",)}


def test_the_subtype_of_a_task_is_chosen_once(org: Org):
    task = made(org, "Task", TaskSubtype="Call")
    assert value(org, "Task", made(org, "Task"), "TaskSubtype") == "Task"
    with pytest.raises(SalesforceError, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        org.update(Actor(org.admin), "Task", task, {"TaskSubtype": "Email"})


def test_a_stage_brings_its_probability_unless_one_is_sent(org: Org):
    deal = org.create(
        Actor(org.admin), "Opportunity", {"Name": "Rollout", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    )
    assert value(org, "Opportunity", deal, "Probability") == 10
    org.update(Actor(org.admin), "Opportunity", deal, {"StageName": "Needs Analysis", "Probability": 35})
    assert value(org, "Opportunity", deal, "Probability") == 35
    org.update(Actor(org.admin), "Opportunity", deal, {"StageName": "Closed Won"})
    assert value(org, "Opportunity", deal, "Probability") == 100
    assert value(org, "Opportunity", deal, "IsWon") is value(org, "Opportunity", deal, "IsClosed") is True


def test_a_closed_case_says_when(org: Org):
    contact = made(org, "Contact", AccountId=made(org, "Account"))
    case = org.create(Actor(org.admin), "Case", {"Subject": "It hums", "ContactId": contact})
    assert value(org, "Case", case, "CaseNumber") == "00000001"
    assert value(org, "Case", case, "AccountId") == value(org, "Contact", contact, "AccountId")
    org.update(Actor(org.admin), "Case", case, {"Status": "Closed"})
    assert value(org, "Case", case, "ClosedDate") == "2026-11-22T08:00:00.000+0000"


def test_a_profile_may_do_only_what_it_says(org: Org):
    account = org.create(Actor(org.admin), "Account", {"Name": "Brightloom Ltd"})
    with pytest.raises(SalesforceError) as refused:
        org.delete(Actor(org.colleague), "Account", account)
    assert (refused.value.status, refused.value.code) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        org.create(Actor(org.colleague), "Subscription__c", {})
    assert "Subscription__c" not in {sobject.name for sobject in org.sobjects(org.colleague)}


def test_a_withdrawn_field_does_not_exist_any_more(org: Org):
    contact = made(org, "Contact", Email="amara@brightloom.example")
    org.faults.switch({"withdrawn_fields": ["Contact.Email"]})
    assert "email" not in org.fields(org.admin, org.sobject("Contact"))
    assert "Email" not in {field["name"] for field in org.describe(org.admin, "Contact")["fields"]}
    with pytest.raises(SalesforceError, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        org.update(Actor(org.admin), "Contact", contact, {"Email": None})
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        org.find("Contact", "Email", "amara@brightloom.example", org.admin)


def test_what_no_permission_governs_cannot_be_withdrawn(org: Org):
    """In the recorded describe Id, the parts of the name and the dates of the org are not permissionable."""
    org.faults.switch({"withdrawn_fields": ["Contact.Id", "contact.LASTNAME", "Contact.Title"]})
    readable = org.fields(org.admin, org.sobject("Contact"))
    assert [key in readable for key in ("id", "lastname", "title")] == [True, True, False]
