"""composite/graph: several transactions in one request, as Salesforce's own libraries send it."""

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V
from .recordings import recorded, shape
from .test_composite import HALTED, part

pytestmark = pytest.mark.anyio
RECORDED = recorded("graph")


async def sent(client: httpx.AsyncClient, **graphs: list[dict[str, object]]) -> httpx.Response:
    body = [{"graphId": name, "compositeRequest": parts} for name, parts in graphs.items()]
    return await client.post(f"{V}/composite/graph", json={"graphs": body})


async def test_a_tree_of_records_is_created_as_recorded(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await sent(
        admin,
        graph0=[
            part("referenceId0", "POST", "/sobjects/Account", body={"Name": "Brightloom"}),
            part(
                "insert-anh", "POST", "/sobjects/Contact", body={"LastName": "Weiß", "AccountId": "@{referenceId0.id}"}
            ),
        ],
    )
    assert shape(answer.json()) == shape(RECORDED["created"])
    account, contact = answer.json()["graphs"][0]["graphResponse"]["compositeResponse"]
    assert (org.row("Contact", contact["body"]["id"]) or {})["AccountId"] == account["body"]["id"]
    assert contact["referenceId"] == "insert-anh"


async def test_a_graph_that_fails_leaves_nothing_and_the_others_stand(admin: httpx.AsyncClient, org: Org) -> None:
    answer = await sent(
        admin,
        bad=[
            part("one", "POST", "/sobjects/Account", body={"Name": "Never"}),
            part("two", "POST", "/sobjects/Contact", body={}),
        ],
        good=[part("one", "POST", "/sobjects/Account", body={"Name": "Brightloom"})],
    )
    bad, good = answer.json()["graphs"]
    assert (answer.status_code, bad["isSuccessful"], good["isSuccessful"]) == (200, False, True)
    halted, cause = bad["graphResponse"]["compositeResponse"]
    assert halted == {"body": [HALTED], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "one"}
    assert shape(cause) == shape(RECORDED["refused"]["graphs"][0]["graphResponse"]["compositeResponse"][0])
    assert [row["Name"] for row in org.rows("Account")] == ["Brightloom"]
    assert [change.kind for change in org.changes] == ["CREATE"]


@pytest.mark.parametrize("reference", ["@{con.id}", "@%7Bcon.id%7D", "%40%7Bcon.id%7d"])
async def test_a_reference_in_an_address_may_be_percent_encoded(
    admin: httpx.AsyncClient, org: Org, reference: str
) -> None:
    made = part("con", "POST", "/sobjects/Contact", body={"LastName": "Okafor"})
    answer = await sent(admin, one=[made, part("end", "DELETE", f"/sobjects/Contact/{reference}")])
    assert answer.json()["graphs"][0]["graphResponse"]["compositeResponse"][1] == {
        **RECORDED["deleted"]["graphs"][0]["graphResponse"]["compositeResponse"][0],
        "referenceId": "end",
    }
    assert list(org.rows("Contact")) == []


@pytest.mark.parametrize(
    ("graphs", "code"),
    [
        ([], "LIMIT_EXCEEDED"),
        ([{"graphId": "a", "compositeRequest": []}], "LIMIT_EXCEEDED"),
        (
            [{"graphId": "a", "compositeRequest": [part(f"r{n}", "GET", "/limits") for n in range(501)]}],
            "LIMIT_EXCEEDED",
        ),
        ([{"graphId": "a", "compositeRequest": [part("r", "GET", "/limits")] * 2}], "DUPLICATE_REFERENCE_ID"),
        ([{"graphId": "a", "compositeRequest": [part("r", "GET", "/limits")]}] * 2, "INVALID_INPUT"),
        ("graph0", "JSON_PARSER_ERROR"),
    ],
)
async def test_graphs_that_cannot_be_done_are_refused_as_a_whole(
    admin: httpx.AsyncClient, graphs: object, code: str
) -> None:
    answer = await admin.post(f"{V}/composite/graph", json={"graphs": graphs})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
