"""Several requests in one, as recorded."""

from typing import Any

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V
from .recordings import recorded, shape

pytestmark = pytest.mark.anyio
RECORDED = recorded("composite")
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}


def part(name: str, method: str, path: str, **more: object) -> dict[str, object]:
    return {"referenceId": name, "method": method, "url": f"{V}{path}", **more}


async def sent(client: httpx.AsyncClient, *parts: dict[str, object], **options: bool) -> list[dict[str, Any]]:
    answer = await client.post(f"{V}/composite", json={"compositeRequest": list(parts), **options})
    assert answer.status_code == 200
    assert set(answer.json()) == {"compositeResponse"}
    return list(answer.json()["compositeResponse"])


async def test_good_and_bad_parts_are_answered_as_recorded(admin: httpx.AsyncClient) -> None:
    good, bad = RECORDED["composite_with_errors"]["compositeResponse"]
    items = await sent(
        admin,
        part("refAccount", "GET", "/query?q=select+count()+from+Account"),
        part("refXYZZY", "GET", "/query?q=select+count()+from+XYZZY"),
        part("CCI__RefId__0__", "GET", "/sobjects/PlayingCard__c"),
    )
    assert items[0] == {**good, "body": {**good["body"], "totalSize": 0}}
    assert items[1] == bad
    assert items[2] == RECORDED["composite_subrequest_404"]["compositeResponse"][0]


async def test_a_later_part_quotes_earlier_answers(admin: httpx.AsyncClient, org: Org) -> None:
    items = await sent(
        admin,
        part("acc", "POST", "/sobjects/Account", body={"Name": "Brightloom"}),
        part("con", "POST", "/sobjects/Contact", body={"LastName": "Weiß", "AccountId": "@{acc.id}"}),
        part("row", "GET", "/sobjects/Contact/@{con.id}?fields=AccountId,LastName"),
        part("all", "GET", "/query?q=SELECT+Id+FROM+Contact"),
        part("end", "PATCH", "/sobjects/Contact/@{all.records[0].Id}", body={"Title": "of @{row.LastName}"}),
        allOrNone=True,
    )
    assert shape(items[0]) == shape(RECORDED["created"])
    assert items[2]["body"]["AccountId"] == items[0]["body"]["id"]
    assert items[4] == {"body": None, "httpHeaders": {}, "httpStatusCode": 204, "referenceId": "end"}
    row = org.row("Contact", items[1]["body"]["id"]) or {}
    assert row["Title"] == "of Weiß"
    assert len({change.transaction for change in org.changes}) == 1
    assert [change.kind for change in org.changes] == ["CREATE", "CREATE"]


async def test_all_or_none_takes_everything_back(admin: httpx.AsyncClient, org: Org) -> None:
    items = await sent(
        admin,
        part("one", "POST", "/sobjects/Account", body={"Name": "Brightloom"}),
        part("two", "POST", "/sobjects/Contact", body={}),
        part("three", "POST", "/sobjects/Account", body={"Name": "Never"}),
        allOrNone=True,
    )
    assert [item["httpStatusCode"] for item in items] == [400, 400, 400]
    assert items[0]["body"] == [HALTED] == items[2]["body"]
    assert items[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert list(org.rows("Account")) == []
    assert org.changes == []


async def test_what_depends_on_a_failed_part_is_halted_and_the_rest_goes_on(admin: httpx.AsyncClient) -> None:
    items = await sent(
        admin,
        part("refContact", "POST", "/sobjects/Contact", body={}),
        part("next", "POST", "/sobjects/Contact", body={"LastName": "@{refContact.FirstName}"}),
        part("last", "POST", "/sobjects/Contact", body={"LastName": "x"}),
    )
    assert [item["httpStatusCode"] for item in items] == [400, 400, 201]
    assert shape(items[0]) == shape(RECORDED["refused"])
    assert items[1]["body"] == [RECORDED["no_value"]]


async def test_a_part_has_its_own_headers(admin: httpx.AsyncClient) -> None:
    seen = (await admin.get(f"{V}/sobjects")).headers["last-modified"]
    [item] = await sent(admin, part("CCI__RefId__0__", "GET", "/sobjects", httpHeaders={"If-Modified-Since": seen}))
    [expected] = RECORDED["composite_describe_not_modified"]["compositeResponse"]
    assert shape(item) == shape(expected)
    assert (item["httpStatusCode"], item["httpHeaders"]["Last-Modified"]) == (304, seen)


async def test_a_composite_is_one_call_and_one_origin(admin: httpx.AsyncClient, org: Org) -> None:
    admin.headers["Sforce-Call-Options"] = "client=Sidebar"
    body = {"compositeRequest": [part(f"r{n}", "POST", "/sobjects/Account", body={"Name": "x"}) for n in range(3)]}
    answer = await admin.post(f"{V}/composite", json=body)
    assert answer.headers["sforce-limit-info"] == "api-usage=1/15000"
    assert {change.actor.origin for change in org.changes} == {"com/salesforce/api/rest/60.0;client=Sidebar"}


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([part("a", "GET", "/limits")] * 2, "DUPLICATE_REFERENCE_ID"),
        ([part("a-b", "GET", "/limits")], "INVALID_REFERENCE_ID"),
        ([part(f"r{n}", "GET", "/query?q=x") for n in range(6)], "LIMIT_EXCEEDED"),
        ([], "REQUIRED_FIELD_MISSING"),
    ],
)
async def test_a_composite_that_cannot_be_done_is_refused_inside(
    admin: httpx.AsyncClient, parts: list[dict[str, object]], code: str
) -> None:
    [item] = await sent(admin, *parts)
    assert (item["httpStatusCode"], item["referenceId"]) == (400, None)
    assert item["body"][0]["errorCode"] == code


async def test_more_than_25_parts_are_refused_as_recorded(admin: httpx.AsyncClient, org: Org) -> None:
    parts = [part(f"r{n}", "POST", "/sobjects/Account", body={"Name": "x"}) for n in range(26)]
    answer = await admin.post(f"{V}/composite", json={"compositeRequest": parts})
    assert (answer.status_code, answer.json()) == (200, RECORDED["too_many"])
    assert list(org.rows("Account")) == []


async def test_a_composite_in_a_composite_is_refused(admin: httpx.AsyncClient) -> None:
    parts = [
        part("a", "POST", "/composite", body={}),
        part("b", "POST", "/composite/batch", body={}),
        {"referenceId": "c", "method": "GET", "url": "https://elsewhere.example/"},
        {"referenceId": "d", "method": "GET", "url": "/services/data/v99.0/limits"},
    ]
    items = await sent(admin, *parts)
    assert [item["httpStatusCode"] for item in items] == [400, 400, 400, 404]
