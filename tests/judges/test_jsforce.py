"""An independent judge: jsforce 3, on Node, against the twin on real sockets."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from sidebar.twin import Twin
from tests.judges.conftest import Console, Refused, console

pytestmark = pytest.mark.anyio

MANY = 4_500


@pytest.fixture(scope="module")
async def js(twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    """Connected by the web-server flow, as an administrator would; the access token is used up at once."""
    twin.org.load("Contact", ({"LastName": f"Many{n:04}", "Department": "Many"} for n in range(MANY)))
    async with console("jsforce.mjs", tmp_path_factory.mktemp("js") / "stderr", TWIN=twin.first_line()) as js:
        code = await consent(twin, await js("oauth2.getAuthorizationUrl({scope: 'api id refresh_token'})"))
        assert await js("conn.authorize(code)", code=code) == {
            "id": twin.org.admin.id,
            "organizationId": twin.org.id,
            "url": f"{twin.instance_url}/id/{twin.org.id}/{twin.org.admin.id}",
        }
        yield js


async def consent(twin: Twin, address: str) -> str:
    """The code a person's consent ends in."""
    user = twin.org.admin
    async with httpx.AsyncClient() as browser:
        page = await browser.post(address, data={"username": user.username, "password": user.password})
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket is not None, page.text
        answer = await browser.post(address, data={"ticket": ticket[1], "decision": "allow"})
    return httpx.URL(answer.headers["location"]).params["code"]


async def test_an_expired_session_is_renewed_by_the_client_itself(js: Console, twin: Twin) -> None:
    first = await js("conn.accessToken")
    async with httpx.AsyncClient() as http:
        await http.post(f"{twin.instance_url}/twin/faults", json={"expire_sessions": True})
    assert (await js("conn.query('SELECT COUNT() FROM Contact WHERE Department = \\'Many\\'')"))["totalSize"] == MANY
    assert await js("renewals") == [await js("conn.accessToken")]
    assert await js("conn.accessToken") != first


async def test_the_identity_of_the_session_is_told(js: Console, twin: Twin) -> None:
    told = await js("conn.identity()")
    assert (told["username"], told["organization_id"]) == (twin.org.admin.username, twin.org.id)
    assert told["urls"]["rest"].endswith("/services/data/v{version}/")


async def test_a_connection_that_has_only_a_token_finds_its_identity(js: Console, twin: Twin) -> None:
    """The address of the identity stands among the resources of the version."""
    bare = "new jsforce.Connection({instanceUrl: conn.instanceUrl, accessToken: conn.accessToken, version: '60.0'})"
    assert (await js(f"{bare}.identity()"))["user_id"] == twin.org.admin.id


async def test_a_query_nests_its_parents(js: Console) -> None:
    found = await js("conn.query('SELECT Name, Account.Name FROM Contact WHERE Account.Name != null LIMIT 3')")
    assert (found["totalSize"], found["done"], len(found["records"])) == (3, True, 3)
    assert {row["Account"]["attributes"]["type"] for row in found["records"]} == {"Account"}


async def test_auto_fetch_follows_every_page(js: Console) -> None:
    query = "SELECT LastName FROM Contact WHERE Department = 'Many' ORDER BY LastName"
    found = await js("conn.query(q, {autoFetch: true, maxFetch: 10_000})", q=query)
    assert [row["LastName"] for row in found["records"]] == [f"Many{n:04}" for n in range(MANY)]
    one = await js("conn.query(q)", q=query)
    assert (len(one["records"]), one["done"], one["totalSize"]) == (2000, False, MANY)
    two = await js("conn.queryMore(url)", url=one["nextRecordsUrl"])
    assert two["records"][0]["LastName"] == "Many2000"


async def test_a_record_lives_its_life(js: Console) -> None:
    made = await js("contacts.create({LastName: 'Lefèvre', FirstName: 'Inès', Birthdate: '1980-02-29'})")
    assert (made["success"], made["errors"]) == (True, [])
    kept = await js("contacts.retrieve(id)", id=made["id"])
    assert (kept["Name"], kept["Birthdate"]) == ("Inès Lefèvre", "1980-02-29")
    changed = await js("contacts.update({Id: id, Title: 'Fondatrice', Birthdate: null})", id=made["id"])
    assert changed["success"]
    kept = await js("contacts.retrieve(id)", id=made["id"])
    assert (kept["Title"], kept["Birthdate"]) == ("Fondatrice", None)
    assert (await js("contacts.destroy(id)", id=made["id"]))["success"]
    with pytest.raises(Refused) as refused:
        await js("contacts.retrieve(id)", id=made["id"])
    assert refused.value.code == "NOT_FOUND"


async def test_an_upsert_by_external_id_says_what_it_did(js: Console) -> None:
    first = await js("contacts.upsert({LastName: 'Upserted', Ext_Id__c: 'js-1'}, 'Ext_Id__c')")
    again = await js("contacts.upsert({Title: 'Twice', Ext_Id__c: 'js-1'}, 'Ext_Id__c')")
    assert (first["success"], first["created"], again["success"], again["created"]) == (True, True, True, False)
    assert (again["id"], (await js("contacts.retrieve(id)", id=first["id"]))["Title"]) == (first["id"], "Twice")


async def test_collections_create_read_change_and_remove(js: Console) -> None:
    made = await js("contacts.create([{LastName: 'One'}, {LastName: 'Two'}, {LastName: 'Three'}])")
    ids = [each["id"] for each in made]
    assert [each["success"] for each in made] == [True] * 3
    assert [row["LastName"] for row in await js("contacts.retrieve(ids, {fields: ['LastName']})", ids=ids)] == [
        "One", "Two", "Three",
    ]  # fmt: skip
    changed = await js("contacts.update(ids.map(Id => ({Id, Title: 'One of three'})), {allOrNone: true})", ids=ids)
    assert [(each["id"], each["success"]) for each in changed] == [(id_, True) for id_ in ids]
    upserted = await js(
        "contacts.upsert([{LastName: 'A', Ext_Id__c: 'js-2'}, {LastName: 'B', Ext_Id__c: 'js-3'}], 'Ext_Id__c')"
    )
    assert [(each["success"], each["created"]) for each in upserted] == [(True, True)] * 2
    removed = await js("contacts.destroy(ids, {allOrNone: true})", ids=ids)
    assert [(each["id"], each["success"]) for each in removed] == [(id_, True) for id_ in ids]


@pytest.mark.parametrize("all_or_none", [False, True])
async def test_one_bad_record_spoils_a_collection_only_when_asked_to(js: Console, all_or_none: bool) -> None:
    good, bad = await js(
        "contacts.create([{LastName: 'Good ' + all}, {FirstName: 'Nobody'}], {allOrNone: all})", all=all_or_none
    )
    assert (good["success"], bad["success"]) == (not all_or_none, False)
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    if all_or_none:
        assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    found = await js("contacts.count({LastName: 'Good ' + all})", all=all_or_none)
    assert found == (0 if all_or_none else 1)


async def test_a_search_is_understood(js: Console) -> None:
    await js("contacts.create({LastName: 'Searched', Phone: '020 917 0177'})")
    found = await js("conn.search('FIND {0209170177} IN PHONE FIELDS RETURNING Contact(Id, LastName)')")
    assert [row["LastName"] for row in found["searchRecords"]] == ["Searched"]


async def test_the_describes_are_understood(js: Console) -> None:
    known = {each["name"] for each in (await js("conn.describeGlobal()"))["sobjects"]}
    assert {"Account", "Contact", "Lead", "User", "Task"} <= known
    described = await js("contacts.describe()")
    kinds = {field["name"]: field["type"] for field in described["fields"]}
    assert (described["keyPrefix"], kinds["Email"], kinds["MailingAddress"]) == ("003", "email", "address")


async def test_the_limits_and_the_usage_are_understood(js: Console) -> None:
    assert (await js("conn.limits()"))["DailyApiRequests"]["Max"] == 15_000
    assert (await js("conn.limitInfo"))["apiUsage"]["limit"] == 15_000


async def test_a_bulk_job_tells_good_rows_from_bad_ones(js: Console) -> None:
    rows = [{"LastName": 'Bulk, "quoted"\nand broken', "Department": "Bulk"}, {"FirstName": "Nobody"}]
    job = "conn.bulk2.loadAndWaitForResults({object: 'Contact', operation, input, externalIdFieldName})"
    done = await js(job, operation="insert", input=rows, externalIdFieldName=None)
    [good], [bad] = done["successfulResults"], done["failedResults"]
    assert (good["sf__Created"], good["LastName"]) == ("true", rows[0]["LastName"])
    assert bad["sf__Error"].startswith("REQUIRED_FIELD_MISSING")
    assert done["unprocessedRecords"] == []
    again = [{"LastName": "Bulk upserted", "Department": "Bulk", "Ext_Id__c": f"js-bulk-{n}"} for n in range(3)]
    for created in ("true", "false"):
        done = await js(job, operation="upsert", input=again, externalIdFieldName="Ext_Id__c")
        assert [row["sf__Created"] for row in done["successfulResults"]] == [created] * 3
    gone = await js(job, operation="delete", input=[{"Id": good["sf__Id"]}], externalIdFieldName=None)
    assert [row["sf__Id"] for row in gone["successfulResults"]] == [good["sf__Id"]]


async def test_a_bulk_query_gives_every_row(js: Console) -> None:
    query = "SELECT LastName FROM Contact WHERE Department = 'Many'"
    rows = await js("(await conn.bulk2.query(q)).toArray()", q=query)
    assert sorted(row["LastName"] for row in rows) == [f"Many{n:04}" for n in range(MANY)]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("conn.query('SELECT Bacon FROM Contact')", "INVALID_FIELD"),
        ("conn.query('SELECT Id FROM Spaceship')", "INVALID_TYPE"),
        ("conn.query('SELECT Id FROM Contact WHERE')", "MALFORMED_QUERY"),
        ("conn.queryMore('01g000000000000AAA-2000')", "INVALID_QUERY_LOCATOR"),
        ("conn.search('FIND {a} IN PHONE FIELDS')", "MALFORMED_SEARCH"),
        ("contacts.create({FirstName: 'Nobody'})", "REQUIRED_FIELD_MISSING"),
        ("contacts.create({LastName: 'X', Bacon: 1})", "INVALID_FIELD"),
        ("contacts.retrieve('not an id')", "MALFORMED_ID"),
        ("contacts.upsert({Bacon: 'x', LastName: 'X'}, 'Bacon')", "NOT_FOUND"),
        ("conn.describe('Spaceship')", "NOT_FOUND"),
    ],
)
async def test_a_refusal_carries_its_error_code(js: Console, expression: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await js(expression)
    assert refused.value.code == code
