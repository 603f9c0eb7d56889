"""Records by an external id: upserts, and lookups inside a body."""

import httpx
import pytest

from sidebar.twin.org import Actor, Org

from .conftest import NOT_FOUND, V

pytestmark = pytest.mark.anyio
BY_KEY = f"{V}/sobjects/Contact/Ext_Id__c"
BY_EMAIL = f"{V}/sobjects/Contact/Email"


async def test_an_upsert_creates_once_and_then_updates(admin: httpx.AsyncClient, org: Org) -> None:
    """REST API guide v67, "Insert or Update (Upsert)"."""
    made = await admin.patch(f"{BY_KEY}/a%2F1", json={"LastName": "Weiß"})
    id_ = made.json()["id"]
    assert (made.status_code, made.json()) == (201, {"id": id_, "success": True, "errors": [], "created": True})
    assert made.headers["location"] == f"{V}/sobjects/Contact/{id_}"
    again = await admin.patch(f"{BY_KEY}/a%2F1", json={"Title": "Head"})
    assert (again.status_code, again.json()) == (200, {**made.json(), "created": False})
    row = org.row("Contact", id_) or {}
    assert (row["Ext_Id__c"], row["LastName"], row["Title"]) == ("a/1", "Weiß", "Head")


async def test_before_v46_an_update_by_key_says_nothing(admin: httpx.AsyncClient, contact: str) -> None:
    path = "/sobjects/Contact/Email/AMARA.okafor@brightloom.example"
    old = await admin.patch(f"/services/data/v45.0{path}", json={"Title": "x"})
    assert (old.status_code, old.content) == (204, b"")
    new = await admin.patch(f"/services/data/v46.0{path}", json={"Title": "x"})
    assert (new.status_code, new.json()["id"]) == (200, contact)


async def test_several_matches_are_listed_and_nothing_is_written(
    admin: httpx.AsyncClient, org: Org, contact: str
) -> None:
    other = org.create(Actor(org.admin), "Contact", {"LastName": "B", "Email": "amara.okafor@brightloom.example"})
    path = f"{BY_EMAIL}/amara.okafor@brightloom.example"
    urls = [f"{V}/sobjects/Contact/{contact}", f"{V}/sobjects/Contact/{other}"]
    for answer in (await admin.patch(path, json={"Title": "x"}), await admin.get(path), await admin.delete(path)):
        assert (answer.status_code, answer.json()) == (300, urls)
    assert [row["Title"] for row in org.rows("Contact")] == [None, None]


async def test_update_only_creates_nothing(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await admin.patch(f"{BY_KEY}/new?updateOnly=true", json={"LastName": "x"})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert list(org.rows("Contact")) == []


@pytest.mark.parametrize("key", ["rid", "Title", "Id"])
async def test_a_field_that_is_no_external_id_is_404(admin: httpx.AsyncClient, key: str) -> None:
    """restforce keeps the text; an upsert never goes by the record id."""
    message = f"Provided external ID field does not exist or is not accessible: {key}"
    for method in ("GET", "DELETE", "PATCH"):
        answer = await admin.request(method, f"{V}/sobjects/Contact/{key}/x", json={})
        assert (answer.status_code, answer.json()) == (404, [{"message": message, "errorCode": "NOT_FOUND"}])


async def test_the_key_stands_in_the_address_only(admin: httpx.AsyncClient) -> None:
    answer = await admin.patch(f"{BY_KEY}/a1", json={"LastName": "x", "ext_id__C": "a1"})
    message = "The Ext_Id__c field should not be specified in the sobject data."
    assert (answer.status_code, answer.json()) == (400, [{"message": message, "errorCode": "INVALID_FIELD"}])


async def test_a_record_is_read_and_deleted_by_its_key(admin: httpx.AsyncClient, contact: str) -> None:
    path = f"{BY_EMAIL}/amara.okafor@brightloom.example"
    shown = await admin.get(path, params={"fields": "LastName"})
    assert (shown.json()["LastName"], shown.json()["Id"]) == ("Okafor", contact)
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.get(path)).json() == NOT_FOUND


async def test_posting_to_id_creates_and_says_so(admin: httpx.AsyncClient) -> None:
    answer = await admin.post(f"{V}/sobjects/Contact/Id", json={"LastName": "x"})
    assert (answer.status_code, answer.json()["created"]) == (201, True)
    assert (await admin.get(f"{V}/sobjects/Contact/Id")).status_code == 405


async def test_a_lookup_may_name_the_parents_external_id(admin: httpx.AsyncClient, org: Org, contact: str) -> None:
    by_email = {
        "LastName": "x",
        "ReportsTo": {"attributes": {"type": "Contact"}, "email": "amara.okafor@brightloom.example"},
    }
    made = await admin.post(f"{V}/sobjects/Contact", json=by_email)
    row = org.row("Contact", made.json()["id"]) or {}
    assert row["ReportsToId"] == contact


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ({"Ext_Id__c": "1580"}, "Foreign key external ID: 1580 not found for field Ext_Id__c in entity Contact"),
        ({"Title": "x"}, "Field name provided, Title does not match an External ID for Contact"),
        ({}, "Field name provided,  does not match an External ID for Contact"),
    ],
)
async def test_a_parent_that_is_not_found_is_a_bad_field(
    admin: httpx.AsyncClient, parent: dict[str, str], message: str
) -> None:
    """The first text is quoted from live answers in public code."""
    answer = await admin.post(f"{V}/sobjects/Contact", json={"LastName": "x", "ReportsTo": parent})
    assert (answer.status_code, answer.json()) == (
        400,
        [{"message": message, "errorCode": "INVALID_FIELD", "fields": []}],
    )


async def test_an_alert_to_duplicates_is_passed_by_header(admin: httpx.AsyncClient, org: Org, contact: str) -> None:
    org.setup.contact_duplicates = "alert"
    double = {"LastName": "Okafor", "Email": "amara.okafor@brightloom.example"}
    refused = await admin.post(f"{V}/sobjects/Contact", json=double)
    [error] = refused.json()
    assert (refused.status_code, error["errorCode"]) == (400, "DUPLICATES_DETECTED")
    assert error["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]["Id"] == contact
    item = await admin.post(
        f"{V}/composite/sobjects", json={"records": [{"attributes": {"type": "Contact"}, **double}]}
    )
    assert set(item.json()[0]["errors"][0]) == {"statusCode", "message", "fields"}
    header = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false"}
    assert (await admin.post(f"{V}/sobjects/Contact", json=double, headers=header)).status_code == 201
    org.setup.contact_duplicates = "block"
    assert (await admin.post(f"{V}/sobjects/Contact", json=double, headers=header)).status_code == 400
