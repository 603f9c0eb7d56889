"""Many records in one request, as recorded."""

from typing import Any

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V
from .recordings import recorded, shape

pytestmark = pytest.mark.anyio
PATH = f"{V}/composite/sobjects"
RECORDED = recorded("collections")


def contacts(*fields: dict[str, object], all_or_none: bool = False) -> dict[str, Any]:
    return {"allOrNone": all_or_none, "records": [{"attributes": {"type": "Contact"}, **each} for each in fields]}


async def test_records_are_created_in_order_in_one_transaction(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await admin.post(PATH, json=RECORDED["create_request"])
    assert answer.status_code == 200
    assert shape(answer.json()) == shape(RECORDED["create_success"])
    names = [org.row("Contact", item["id"]) or {} for item in answer.json()]
    assert [row["FirstName"] for row in names] == ["Alex", "Robin"]
    assert len({change.transaction for change in org.changes}) == 1
    assert [change.sequence for change in org.changes] == [1, 2]


async def test_all_or_none_rolls_the_good_ones_back_and_says_so(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await admin.post(PATH, json=contacts({"FirstName": "x"}, {"LastName": "y"}, all_or_none=True))
    assert (answer.status_code, answer.json()) == (200, RECORDED["create_all_or_none"])
    assert list(org.rows("Contact")) == []
    assert org.changes == []


async def test_without_all_or_none_a_bad_record_fails_alone(admin: httpx.AsyncClient, contact: str, org: Org) -> None:
    body = contacts({"id": contact, "Email": "new@brightloom.example"}, {"id": contact, "Email": "badone"})
    items = (await admin.patch(PATH, json=body)).json()
    assert items[0] == {"id": contact, "success": True, "errors": []}
    assert shape(items[1]) == shape(RECORDED["update_bad_email"][1])
    assert items[1]["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"
    row = org.row("Contact", contact) or {}
    assert row["Email"] == "new@brightloom.example"


async def test_an_update_must_name_its_records(admin: httpx.AsyncClient) -> None:
    answer = await admin.patch(PATH, json=contacts({"LastName": "x"}, {"LastName": "y"}))
    assert (answer.status_code, answer.json()) == (200, RECORDED["update_missing_id"])


async def test_a_failing_update_rolls_the_others_back(admin: httpx.AsyncClient, contact: str, org: Org) -> None:
    body = contacts({"id": contact, "LastName": "x"}, {"id": contact, "unknownField_LastName": "y"}, all_or_none=True)
    assert (await admin.patch(PATH, json=body)).json() == RECORDED["update_all_or_none"]
    row = org.row("Contact", contact) or {}
    assert row["LastName"] == "Okafor"


async def test_no_record_and_too_many_are_refused_as_a_whole(admin: httpx.AsyncClient) -> None:
    none = await admin.post(PATH, json={"records": []})
    assert (none.status_code, none.json()) == (400, RECORDED["create_empty"])
    many = await admin.post(PATH, json=contacts(*[{"LastName": "x"}] * 201))
    assert (many.status_code, many.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


async def test_objects_may_be_mixed_but_must_be_named(admin: httpx.AsyncClient, org: Org) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": "Brightloom"}, {"LastName": "x"}]
    items = (await admin.post(PATH, json={"records": records})).json()
    assert items[0]["id"].startswith("001")
    assert items[1]["errors"][0]["statusCode"] == "INVALID_TYPE"
    deleted = await admin.delete(PATH, params={"ids": f"{items[0]['id']},0035e0000000zzz"})
    assert [item["success"] for item in deleted.json()] == [True, False]
    assert list(org.rows("Account")) == []


async def test_an_upsert_says_which_records_are_new(admin: httpx.AsyncClient) -> None:
    path = f"{PATH}/Contact/Ext_Id__c"
    body = contacts({"Ext_Id__c": "a1", "LastName": "Weiß"}, {"LastName": "Nobody"})
    first = (await admin.patch(path, json=body)).json()
    assert (first[0]["created"], first[0]["success"]) == (True, True)
    assert first[1]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    again = (await admin.patch(path, json=body)).json()
    assert again[0] == {"id": first[0]["id"], "success": True, "errors": [], "created": False}
    wrong = await admin.patch(f"{PATH}/Contact/Title", json=body)
    assert (wrong.status_code, wrong.json()[0]["errorCode"]) == (404, "NOT_FOUND")


async def test_records_are_read_by_their_ids_and_null_where_there_is_none(
    admin: httpx.AsyncClient, contact: str
) -> None:
    by_url = await admin.get(f"{PATH}/Contact", params={"ids": f"{contact},0035e0000000zzz", "fields": "LastName"})
    by_body = await admin.post(f"{PATH}/Contact", json={"ids": [contact], "fields": ["LastName"]})
    row, missing = by_url.json()
    assert (row["LastName"], row["attributes"]["type"], missing) == ("Okafor", "Contact", None)
    assert by_body.json() == [row]
    unknown = await admin.get(f"{PATH}/Contact", params={"ids": contact, "fields": "Bacon"})
    assert unknown.json()[0]["errorCode"] == "INVALID_FIELD"


async def test_a_value_of_the_wrong_kind_spoils_the_whole_body(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await admin.post(PATH, json=contacts({"LastName": "x"}, {"LastName": 5}))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    assert list(org.rows("Contact")) == []


async def test_records_are_deleted_one_by_one(admin: httpx.AsyncClient, contact: str) -> None:
    answer = await admin.delete(PATH, params={"ids": f"{contact[:15]},0035e0000000zzz,nonsense"})
    deleted, unknown, nonsense = answer.json()
    assert deleted == {"id": contact, "success": True, "errors": []}
    assert unknown["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert nonsense["errors"][0]["statusCode"] == "MALFORMED_ID"
