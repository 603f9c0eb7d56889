"""Bulk API 2.0 query: a statement becomes a CSV file, fetched in pieces."""

import asyncio

import httpx
import pytest

from sidebar.twin.org import Actor, Org

pytestmark = pytest.mark.anyio
QUERY = "/services/data/v60.0/jobs/query"


@pytest.fixture
def people(org: Org) -> list[str]:
    fields = ({"LastName": f"L{n}", "Email": f"l{n}@brightloom.example"} for n in range(5))
    return [org.create(Actor(org.admin), "Contact", each) for each in fields]


async def asked(client: httpx.AsyncClient, query: str, operation: str = "query", **wanted: str) -> str:
    """The address of a job that is complete."""
    answer = await client.post(QUERY, json={"operation": operation, "query": query, **wanted})
    assert answer.status_code == 200, answer.text
    job = f"{QUERY}/{answer.json()['id']}"
    while (await client.get(job)).json()["state"] != "JobComplete":
        await asyncio.sleep(0)
    return job


async def test_a_query_job_shows_what_it_is_and_how_much_it_found(
    admin: httpx.AsyncClient, org: Org, people: list[str]
) -> None:
    query = "SELECT Id FROM Contact"
    new = (await admin.post(QUERY, json={"operation": "query", "query": query})).json()
    assert new == {
        "id": new["id"],
        "operation": "query",
        "object": "Contact",
        "createdById": org.admin.id,
        "createdDate": "2026-11-22T08:00:00.000+0000",
        "systemModstamp": "2026-11-22T08:00:00.000+0000",
        "state": "UploadComplete",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 60.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    done = (await admin.get(await asked(admin, query))).json()
    assert (done["jobType"], done["numberRecordsProcessed"], done["state"]) == ("V2Query", 5, "JobComplete")
    assert [job["jobType"] for job in (await admin.get(QUERY)).json()["records"]] == ["V2Query", "V2Query"]


async def test_results_are_quoted_and_written_for_machines(admin: httpx.AsyncClient, org: Org) -> None:
    """Times end in Z here, where REST says +0000."""
    account = org.create(Actor(org.admin), "Account", {"Name": 'Bright "B" Loom'})
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "A", "AccountId": account})
    fields = "Id, Account.Name, Title, HasOptedOutOfEmail, CreatedDate"
    file = (await admin.get(f"{await asked(admin, f'SELECT {fields} FROM Contact')}/results")).text
    assert file == (
        '"Id","Account.Name","Title","HasOptedOutOfEmail","CreatedDate"\n'
        f'"{id_}","Bright ""B"" Loom","","false","2026-11-22T08:00:00.000Z"\n'
    )


async def test_pieces_lead_to_each_other_as_often_as_they_are_asked_for(
    admin: httpx.AsyncClient, people: list[str]
) -> None:
    """Bulk API 2.0 guide: the locator of a set does not change, and after the last one it is the text "null"."""
    job = await asked(admin, "SELECT Id FROM Contact ORDER BY LastName")
    for _ in range(2):
        locator, seen = "", []
        while locator != "null":
            params = {"maxRecords": "2", **({"locator": locator} if locator else {})}
            piece = await admin.get(f"{job}/results", params=params)
            header, *rows = piece.text.splitlines()
            assert (header, int(piece.headers["sforce-numberofrecords"])) == ('"Id"', len(rows))
            seen.append(rows)
            locator = piece.headers["sforce-locator"]
        assert [len(rows) for rows in seen] == [2, 2, 1]
        assert [row.strip('"') for rows in seen for row in rows] == people


async def test_nothing_found_is_a_header_and_no_more(admin: httpx.AsyncClient) -> None:
    piece = await admin.get(f"{await asked(admin, 'SELECT Id FROM Contact')}/results")
    assert (piece.text, piece.headers["sforce-numberofrecords"], piece.headers["sforce-locator"]) == (
        '"Id"\n', "0", "null",
    )  # fmt: skip


async def test_the_file_speaks_the_dialect_that_was_asked_for(admin: httpx.AsyncClient, people: list[str]) -> None:
    query = "SELECT Id, LastName FROM Contact LIMIT 1"
    job = await asked(admin, query, columnDelimiter="TAB", lineEnding="CRLF")
    assert (await admin.get(f"{job}/results")).text == f'"Id"\t"LastName"\r\n"{people[0]}"\t"L0"\r\n'


async def test_query_all_sees_the_deleted(admin: httpx.AsyncClient, org: Org, people: list[str]) -> None:
    org.delete(Actor(org.admin), "Contact", people[0])
    for operation, count in (("query", 4), ("queryAll", 5)):
        done = (await admin.get(await asked(admin, "SELECT Id FROM Contact", operation))).json()
        assert done["numberRecordsProcessed"] == count


@pytest.mark.parametrize(
    ("query", "code", "word"),
    [
        ("", "MALFORMED_QUERY", "empty"),
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Bacon FROM Contact", "INVALID_FIELD", "ERROR at Row:1:Column:8"),
        ("SELECT Id FROM Spaceship", "INVALID_TYPE", "Spaceship"),
        ("SELECT COUNT() FROM Contact", "API_ERROR", "Aggregate functions"),
        ("SELECT LastName FROM Contact GROUP BY LastName", "API_ERROR", "GROUP BY"),
        ("SELECT Id FROM Contact WHERE Title = 'a' LIMIT 1 OFFSET 1", "API_ERROR", "OFFSET"),
        ("SELECT Id, MailingAddress FROM Contact", "API_ERROR", "Selecting compound data not supported in Bulk Query"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "Aggregate Relationships not supported"),
    ],
)
async def test_what_bulk_does_not_take_is_refused_at_once(
    admin: httpx.AsyncClient, query: str, code: str, word: str
) -> None:
    """Bulk API 2.0 guide, SOQL considerations; the two texts on compound data and relationships are recorded."""
    answer = await admin.post(QUERY, json={"operation": "query", "query": query})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert word in answer.json()[0]["message"]


async def test_words_in_quotes_and_semi_joins_are_taken(admin: httpx.AsyncClient) -> None:
    await asked(admin, "SELECT Id FROM Contact WHERE Title = 'offset 1' OR Title = 'it\\'s offset 2'")
    await asked(admin, "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)")


async def test_pieces_are_asked_for_in_sense(admin: httpx.AsyncClient, people: list[str]) -> None:
    job = await asked(admin, "SELECT Id FROM Contact")
    for params, code in (
        ({"maxRecords": "0"}, "API_ERROR"),
        ({"maxRecords": "many"}, "API_ERROR"),
        ({"locator": "%%%"}, "INVALID_QUERY_LOCATOR"),
        ({"locator": "bnVsbA"}, "INVALID_QUERY_LOCATOR"),
        ({"locator": "OTk5"}, "INVALID_QUERY_LOCATOR"),
    ):
        answer = await admin.get(f"{job}/results", params=params)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_results_wait_for_the_end_and_for_the_right_version(admin: httpx.AsyncClient, people: list[str]) -> None:
    """Bulk API 2.0 guide: 409 with another version than the job was created with; an older edition has the 412."""
    new = (await admin.post(QUERY, json={"operation": "query", "query": "SELECT Id FROM Contact"})).json()
    early = await admin.get(f"{QUERY}/{new['id']}/results")
    assert (early.status_code, early.json()[0]["errorCode"]) == (412, "JOB_NOT_COMPLETE")
    assert early.json()[0]["message"].endswith("Current status: UPLOAD_COMPLETE")
    job = await asked(admin, "SELECT Id FROM Contact")
    assert (await admin.get(f"{job.replace('v60.0', 'v59.0')}/results")).status_code == 409


async def test_a_query_job_is_aborted_and_deleted(admin: httpx.AsyncClient, people: list[str]) -> None:
    new = (await admin.post(QUERY, json={"operation": "query", "query": "SELECT Id FROM Contact"})).json()
    job = f"{QUERY}/{new['id']}"
    assert (await admin.patch(job, json={"state": "UploadComplete"})).json()[0]["errorCode"] == "API_ERROR"
    assert (await admin.patch(job, json={"state": "Aborted"})).json()["state"] == "Aborted"
    await asyncio.sleep(0.01)
    assert (await admin.get(job)).json()["numberRecordsProcessed"] == 0
    again = await admin.patch(job, json={"state": "Aborted"})
    assert again.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert (await admin.delete(job)).status_code == 204
    assert (await admin.get(f"{job}/results")).status_code == 404


async def test_the_two_kinds_of_jobs_have_an_address_each(admin: httpx.AsyncClient, people: list[str]) -> None:
    job = await asked(admin, "SELECT Id FROM Contact")
    assert (await admin.get(job.replace("/query/", "/ingest/"))).status_code == 404
