"""Single records over HTTP: create, read, change, delete, and what is refused."""

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import NOT_FOUND, V, as_colleague

pytestmark = pytest.mark.anyio


async def test_a_contact_is_created_read_changed_and_deleted(admin: httpx.AsyncClient) -> None:
    made = await admin.post(f"{V}/sobjects/Contact/", json={"lastname": "Weiß", "MobilePhone": "0171 / 392 00 34"})
    assert made.status_code == 201
    id_ = made.json()["id"]
    assert made.json() == {"id": id_, "success": True, "errors": []}
    assert made.headers["location"] == f"{V}/sobjects/Contact/{id_}"
    assert made.headers["content-type"] == "application/json;charset=UTF-8"
    path = made.headers["location"]
    changed = await admin.patch(path, json={"Title": "Einkaufsleiter", "MobilePhone": None})
    assert (changed.status_code, changed.content) == (204, b"")
    row = (await admin.get(path)).json()
    assert list(row)[:2] == ["attributes", "Id"]
    assert row["attributes"] == {"type": "Contact", "url": path}
    assert (row["LastName"], row["Title"], row["MobilePhone"]) == ("Weiß", "Einkaufsleiter", None)
    assert (await admin.delete(path[:-3])).status_code == 204
    assert (await admin.get(path)).json() == NOT_FOUND
    gone = await admin.delete(path)
    assert gone.status_code == 404
    assert gone.json() == [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]


async def test_only_the_asked_fields_come_back(admin: httpx.AsyncClient, contact: str) -> None:
    row = (await admin.get(f"{V}/sobjects/contact/{contact}", params={"fields": "name,email"})).json()
    assert list(row) == ["attributes", "Name", "Email", "Id"]
    refused = await admin.get(f"{V}/sobjects/Contact/{contact}", params={"fields": "Bacon"})
    message = "No such column 'Bacon' on sobject of type Contact"
    assert refused.json() == [{"message": message, "errorCode": "INVALID_FIELD"}]


@pytest.mark.parametrize(
    ("fields", "code", "message", "named"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        ({"LastName": "  "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        ({"Color__c": "Red"}, "INVALID_FIELD", "No such column 'Color__c' on sobject of type Contact", None),
        ({"Id": "x"}, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", None),
        (
            {"LastName": "x", "Email": "badone"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: badone",
            ["Email"],
        ),
        (
            {"LastName": "x", "Phone": "1" * 41},
            "STRING_TOO_LONG",
            f"Business Phone: data value too large: {'1' * 41} (max length=40)",
            ["Phone"],
        ),
        (
            {"LastName": "x", "MailingGeocodeAccuracy": "Terrible"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Mailing Geocode Accuracy: bad value for restricted picklist field: Terrible",
            ["MailingGeocodeAccuracy"],
        ),
        (
            {"LastName": "x", "Name": "y", "IsDeleted": True},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: Name, IsDeleted. Please check the security settings of this field and "
            "verify that it is read/write for your profile or permission set.",
            ["Name", "IsDeleted"],
        ),
        (
            {"LastName": "x", "AccountId": "0015e0000000001AAB"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 0015e0000000001AAB",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "AccountId": "0035e0000000001AAA"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 0035e0000000001AAA",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "AccountId": "0015e0000000009"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            [],
        ),
        (
            {"LastName": "x", "Title": "a Test"},
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Please enter the customer's real job title.",
            ["Title"],
        ),
    ],
)
async def test_a_bad_value_is_refused_as_real_orgs_refuse_it(
    admin: httpx.AsyncClient, org: Org, fields: dict[str, object], code: str, message: str, named: list[str] | None
) -> None:
    answer = await admin.post(f"{V}/sobjects/Contact", json=fields)
    expected = {"message": message, "errorCode": code} | ({} if named is None else {"fields": named})
    assert (answer.status_code, answer.json()) == (400, [expected])
    assert list(org.rows("Contact")) == []


async def test_a_wrong_checksum_is_a_malformed_id(admin: httpx.AsyncClient, contact: str) -> None:
    wrong = contact[:-1] + ("B" if contact[-1] == "A" else "A")
    for answer in (
        await admin.patch(f"{V}/sobjects/Contact/{wrong}", json={"Title": "x"}),
        await admin.get(f"{V}/sobjects/Contact/{wrong}"),
        await admin.delete(f"{V}/sobjects/Account/{contact}"),
    ):
        assert answer.status_code == 400
        assert answer.json()[0]["errorCode"] == "MALFORMED_ID"
        assert answer.json()[0]["fields"] == ["Id"]


async def test_support_sees_and_writes_less(http: httpx.AsyncClient, org: Org, contact: str) -> None:
    colleague = as_colleague(http, org)
    fields = {f["name"]: f for f in (await colleague.get(f"{V}/sobjects/Contact/describe")).json()["fields"]}
    assert "Birthdate" not in fields
    assert (fields["LeadSource"]["updateable"], fields["LeadSource"]["createable"]) == (False, False)
    assert fields["Title"]["updateable"] is True
    assert "Birthdate" not in (await colleague.get(f"{V}/sobjects/Contact/{contact}")).json()
    refused = await colleague.patch(f"{V}/sobjects/Contact/{contact}", json={"LeadSource": "Web"})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused.json()[0]["fields"] == ["LeadSource"]


async def test_the_clients_name_reaches_the_change(admin: httpx.AsyncClient, org: Org, contact: str) -> None:
    headers = {"Sforce-Call-Options": "client=Sidebar"}
    await admin.patch(f"{V}/sobjects/Contact/{contact}", json={"Title": "Head"}, headers=headers)
    assert [change.actor.origin for change in org.changes] == [
        "com/salesforce/api/rest/68.0",
        "com/salesforce/api/rest/60.0;client=Sidebar",
    ]


async def test_half_a_surrogate_pair_becomes_a_question_mark(admin: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    made = await admin.post(f"{V}/sobjects/Contact", content=b'{"LastName": "a\\ud800b"}', headers=headers)
    assert (await admin.get(made.headers["location"])).json()["LastName"] == "a?b"
    unknown = await admin.post(f"{V}/sobjects/Contact", content=b'{"\\ud800": 1}', headers=headers)
    assert unknown.json()[0]["message"] == "No such column '?' on sobject of type Contact"
    query = await admin.get(f"{V}/query", params={"q": r"SELECT Id FROM Contact WHERE LastName = '\ud800'"})
    assert query.json()["totalSize"] == 0


async def test_compound_fields_are_read_whole(admin: httpx.AsyncClient) -> None:
    fields = {"LastName": "Weiß", "FirstName": "Ada", "MailingCity": "Ulm", "MailingLatitude": 48.4}
    path = (await admin.post(f"{V}/sobjects/Contact", json=fields)).headers["location"]
    row = (await admin.get(path, params={"fields": "Name, mailingaddress"})).json()
    assert row["Name"] == "Ada Weiß"
    assert row["MailingAddress"] == {
        "city": "Ulm",
        "country": None,
        "geocodeAccuracy": None,
        "latitude": 48.4,
        "longitude": None,
        "postalCode": None,
        "state": None,
        "street": None,
    }


async def test_faults_of_the_org_look_like_real_ones(admin: httpx.AsyncClient, org: Org, contact: str) -> None:
    path = f"{V}/sobjects/Contact/{contact}"
    org.faults.switch({"locked_rows": 1, "withdrawn_fields": ["Contact.Email"]})
    locked = await admin.patch(path, json={"Title": "Head"})
    message = f"unable to obtain exclusive access to this record or 1 records: {contact}"
    assert (locked.status_code, locked.json()) == (
        400,
        [{"message": message, "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}],
    )
    assert "Email" not in (await admin.get(path)).json()
    withdrawn = await admin.patch(path, json={"Email": "x@brightloom.example"})
    assert (withdrawn.status_code, withdrawn.json()[0]["errorCode"]) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    org.faults.switch({"unavailable": True})
    assert (await admin.get(path)).status_code == 503


async def test_wrong_fields_are_told_before_a_wrong_id(admin: httpx.AsyncClient, contact: str) -> None:
    """Recorded: an id with a wrong suffix and an unknown field in one PATCH."""
    wrong = contact[:-1] + ("B" if contact[-1] == "A" else "A")
    refused = await admin.patch(f"{V}/sobjects/Contact/{wrong}", json={"Color__c": "Red"})
    message = "No such column 'Color__c' on sobject of type Contact"
    assert (refused.status_code, refused.json()) == (400, [{"message": message, "errorCode": "INVALID_FIELD"}])


async def test_what_never_was_can_be_neither_changed_nor_deleted(admin: httpx.AsyncClient) -> None:
    """django-salesforce takes the code of the deletion for a record that is gone for good."""
    nobody = f"{V}/sobjects/Contact/0035e0000000zzz"
    assert (await admin.patch(nobody, json={"Title": "x"})).json() == NOT_FOUND
    refused = await admin.delete(nobody)
    error = {"message": "invalid cross reference id", "errorCode": "INVALID_CROSS_REFERENCE_KEY", "fields": []}
    assert (refused.status_code, refused.json()) == (404, [error])
