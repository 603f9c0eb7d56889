"""Requests that travel together."""

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V

pytestmark = pytest.mark.anyio
PATH = f"{V}/composite/batch"


def new(name: object, version: str = "60.0") -> dict[str, object]:
    return {"method": "POST", "url": f"v{version}/sobjects/Account", "richInput": {"Name": name}}


async def test_each_request_commits_for_itself_and_is_counted(admin: httpx.AsyncClient, org: Org) -> None:
    """REST API guide v67, "Composite Batch": each subrequest counts."""
    answer = await admin.post(PATH, json={"batchRequests": [new("a"), new(None), new("b", "40.0")]})
    assert answer.status_code == 200
    assert answer.json()["hasErrors"] is True
    results = answer.json()["results"]
    assert [result["statusCode"] for result in results] == [201, 400, 201]
    assert results[0]["result"]["success"] is True
    assert results[1]["result"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert len({change.transaction for change in org.changes}) == 2
    assert answer.headers["sforce-limit-info"] == "api-usage=3/15000"


async def test_a_halted_batch_does_nothing_after_the_failure(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await admin.post(PATH, json={"batchRequests": [new("a"), new(None), new("b")], "haltOnError": True})
    results = answer.json()["results"]
    assert [result["statusCode"] for result in results] == [201, 400, 412]
    assert results[2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert [row["Name"] for row in org.rows("Account")] == ["a"]


async def test_the_headers_of_the_batch_are_those_of_its_requests(admin: httpx.AsyncClient, org: Org) -> None:
    """A request of a batch has none of its own."""
    own = await admin.post(PATH, json={"batchRequests": [new("a") | {"httpHeaders": {}}]})
    assert (own.status_code, own.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    await admin.post(PATH, json={"batchRequests": [new("a")]}, headers={"Sforce-Call-Options": "client=Sidebar"})
    assert org.changes[0].actor.origin.endswith(";client=Sidebar")


async def test_an_update_has_no_result_and_all_well_is_said(admin: httpx.AsyncClient, contact: str) -> None:
    change = {"method": "PATCH", "url": f"{V}/sobjects/Contact/{contact}", "richInput": {"Title": "Head"}}
    answer = await admin.post(PATH, json={"batchRequests": [change]})
    assert answer.json() == {"hasErrors": False, "results": [{"statusCode": 204, "result": None}]}


@pytest.mark.parametrize("requests", [[], [new("x")] * 26, [new("x"), new("y", "61.0")], [{"url": "v60.0/limits"}]])
async def test_a_batch_that_cannot_be_done_does_nothing(
    admin: httpx.AsyncClient, org: Org, requests: list[dict[str, object]]
) -> None:
    """Too many, too new for their batch, without a method: an error while reading refuses the whole."""
    answer = await admin.post(PATH, json={"batchRequests": requests})
    assert answer.status_code == 400
    assert list(org.rows("Account")) == []


async def test_a_batch_runs_into_the_daily_limit_like_anybody(admin: httpx.AsyncClient, org: Org) -> None:
    org.setup.daily_limit = 2
    answer = await admin.post(PATH, json={"batchRequests": [new("a"), new("b"), new("c")]})
    assert [result["statusCode"] for result in answer.json()["results"]] == [201, 201, 403]
