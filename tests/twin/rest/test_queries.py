"""SOQL and SOSL over HTTP: pages, locators, records found."""

import re

import httpx
import pytest

from sidebar.twin.org import Actor, Org

from ..conftest import Clock
from .conftest import V, as_colleague

pytestmark = pytest.mark.anyio


async def test_a_long_answer_comes_in_pages(admin: httpx.AsyncClient, org: Org) -> None:
    org.load("Contact", ({"LastName": f"L{n}"} for n in range(450)))
    small = {"Sforce-Query-Options": "batchSize=200"}
    page = (await admin.get(f"{V}/query", params={"q": "SELECT LastName FROM Contact"}, headers=small)).json()
    names = [row["LastName"] for row in page["records"]]
    assert (page["totalSize"], page["done"], len(names)) == (450, False, 200)
    assert page["nextRecordsUrl"].startswith(f"{V}/query/01g")
    assert page["nextRecordsUrl"].endswith("-200")
    locator = page["nextRecordsUrl"]
    while not page["done"]:
        page = (await admin.get(page["nextRecordsUrl"], headers=small)).json()
        names += [row["LastName"] for row in page["records"]]
    assert "nextRecordsUrl" not in page
    assert names == [f"L{n}" for n in range(450)]
    stolen = await as_colleague(admin, org).get(locator)
    assert stolen.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


async def test_an_org_may_answer_less_than_asked_for(admin: httpx.AsyncClient, org: Org) -> None:
    org.load("Contact", ({"LastName": f"L{n}"} for n in range(300)))
    org.setup.largest_page = 120
    page = (await admin.get(f"{V}/query/", params={"q": "SELECT Id FROM Contact"})).json()
    assert (len(page["records"]), page["done"]) == (120, False)


async def test_a_search_answers_with_search_records(admin: httpx.AsyncClient, contact: str) -> None:
    text = "FIND {amara} IN NAME FIELDS RETURNING Contact(Id, Name)"
    found = (await admin.get(f"{V}/search", params={"q": text})).json()
    [row] = found["searchRecords"]
    assert (row["attributes"]["type"], row["Id"], row["Name"]) == ("Contact", contact, "Amara Okafor")


async def test_query_all_finds_deleted_records_too(admin: httpx.AsyncClient, org: Org, contact: str) -> None:
    org.delete(Actor(org.admin), "Contact", contact)
    text = {"q": "SELECT Id, IsDeleted FROM Contact"}
    assert (await admin.get(f"{V}/query", params=text)).json()["totalSize"] == 0
    [row] = (await admin.get(f"{V}/queryAll/", params=text)).json()["records"]
    assert (row["Id"], row["IsDeleted"]) == (contact, True)


async def test_the_rest_of_query_all_has_a_locator_of_its_own(admin: httpx.AsyncClient, org: Org) -> None:
    org.load("Contact", ({"LastName": f"L{n}"} for n in range(300)))
    org.setup.largest_page = 200
    first = (await admin.get(f"{V}/queryAll", params={"q": "SELECT Id FROM Contact"})).json()
    again = [(await admin.get(first["nextRecordsUrl"])).json() for _ in range(2)]
    assert (len(again[0]["records"]), again[0]["done"]) == (100, True)
    assert again[0] == again[1]


@pytest.mark.parametrize("text", ["", "  ", None])
async def test_a_query_without_a_statement_is_refused(admin: httpx.AsyncClient, text: str | None) -> None:
    for resource in ("query", "queryAll"):
        answer = await admin.get(f"{V}/{resource}", params={} if text is None else {"q": text})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")


@pytest.mark.parametrize("other", ["q=SELECT+Id+FROM+Contact&columns=true", "explain=SELECT+Id+FROM+Contact"])
async def test_what_is_asked_about_a_query_is_refused_by_name(admin: httpx.AsyncClient, other: str) -> None:
    """The Salesforce CLI asks for the columns of a query, jsforce for its plan: records would be the wrong answer."""
    refused = await admin.get(f"{V}/query?{other}")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")
    assert re.search("columns|explain", refused.json()[0]["message"])


async def test_a_locator_ends_after_two_days(admin: httpx.AsyncClient, org: Org, clock: Clock) -> None:
    org.load("Contact", ({"LastName": f"L{n}"} for n in range(300)))
    org.setup.largest_page = 200
    first = (await admin.get(f"{V}/query", params={"q": "SELECT Id FROM Contact"})).json()
    locator = first["nextRecordsUrl"]
    for wrong in (locator.replace("-200", ""), locator.replace("-200", "-300"), f"{V}/query/01gNothing-200"):
        answer = await admin.get(wrong)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
    clock.wait(hours=48)
    admin.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    assert (await admin.get(locator)).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


async def test_a_search_by_parameters_is_the_same_in_the_address_and_in_the_body(
    admin: httpx.AsyncClient, contact: str
) -> None:
    """REST API guide v67, "Search with Parameters in the URI"."""
    path = f"{V}/parameterizedSearch"
    where = "LastName = 'Okafor'"
    named = {"name": "Contact", "fields": ["Id", "Name"], "where": where, "limit": 3}
    body = {"q": "amara", "in": "NAME", "sobjects": [named, {"name": "Lead"}], "defaultLimit": 10}
    in_address = {"q": "amara", "in": "NAME", "sobject": "Contact,Lead", "defaultLimit": "10"}
    own = {"Contact.fields": "Id, Name", "Contact.where": where, "Contact.limit": "3"}
    posted = await admin.post(path, json=body)
    [row] = posted.json()["searchRecords"]
    assert (row["Id"], row["Name"], row["attributes"]["type"]) == (contact, "Amara Okafor", "Contact")
    assert (await admin.get(path, params=in_address | own)).json() == posted.json()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "MISSING_ARGUMENT"),
        ({"q": "ab", "sobject": "Contact", "Contact.limit": "many"}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"q": "ab", "sobject": "Contact", "Lead.limit": "1"}, "JSON_PARSER_ERROR"),
        ({"q": "ab", "sobject": ""}, "INVALID_FIELD"),
    ],
)
async def test_parameters_that_cannot_be_read_are_refused(
    admin: httpx.AsyncClient, asked: dict[str, str], code: str
) -> None:
    answer = await admin.get(f"{V}/parameterizedSearch", params=asked)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
