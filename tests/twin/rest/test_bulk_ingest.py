"""Bulk API 2.0 ingest: a CSV file becomes records. Texts of refusals are recorded ones where the docstring says so."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from sidebar.twin.org import Actor, Org

pytestmark = pytest.mark.anyio
V = "/services/data/v60.0"
INGEST = f"{V}/jobs/ingest"
CSV = {"Content-Type": "text/csv; charset=UTF-8"}


async def opened(client: httpx.AsyncClient, operation: str = "insert", **wanted: str) -> str:
    answer = await client.post(INGEST, json={"object": "Contact", "operation": operation, **wanted})
    assert answer.status_code == 200, answer.text
    return f"{INGEST}/{answer.json()['id']}"


async def state(client: httpx.AsyncClient, job: str, state: str) -> httpx.Response:
    return await client.patch(job, json={"state": state})


async def ended(client: httpx.AsyncClient, job: str) -> dict[str, Any]:
    while True:
        shown: dict[str, Any] = (await client.get(job)).json()
        if shown["state"] in ("JobComplete", "Failed", "Aborted"):
            return shown
        await asyncio.sleep(0)


async def loaded(client: httpx.AsyncClient, data: str | bytes, operation: str = "insert", **wanted: str) -> str:
    """The address of a job that has ended."""
    job = await opened(client, operation, **wanted)
    assert (await client.put(f"{job}/batches", content=data, headers=CSV)).status_code == 201
    assert (await state(client, job, "UploadComplete")).status_code == 200
    await ended(client, job)
    return job


async def test_a_new_job_has_the_recorded_shape(admin: httpx.AsyncClient, org: Org) -> None:
    """As recorded of a real org, a content address without a leading slash and a version that is a number included."""
    wanted = {"object": "contact", "operation": "upsert", "externalIdFieldName": "ext_id__c", "contentType": "CSV"}
    answer = await admin.post(INGEST, json=wanted)
    id_ = answer.json()["id"]
    assert answer.json() == {
        "id": id_,
        "operation": "upsert",
        "object": "Contact",
        "createdById": org.admin.id,
        "createdDate": "2026-11-22T08:00:00.000+0000",
        "systemModstamp": "2026-11-22T08:00:00.000+0000",
        "state": "Open",
        "externalIdFieldName": "Ext_Id__c",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 60.0,
        "contentUrl": f"services/data/v60.0/jobs/ingest/{id_}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    assert '"apiVersion":60.0' in answer.text
    assert id_.startswith("750")


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        ({"object": ""}, "INVALIDJOB", "InvalidJob : Unable to find object: "),
        ({"operation": ""}, "API_ERROR", "Invalid value: '' supplied for property: 'operation'"),
        ({"contentType": "XML"}, "API_ERROR", "Invalid value: 'XML' supplied for property: 'contentType'"),
        ({"lineEnding": "CR"}, "API_ERROR", "Invalid value: 'CR' supplied for property: 'lineEnding'"),
        ({"columnDelimiter": ","}, "API_ERROR", "Invalid value: ',' supplied for property: 'columnDelimiter'"),
        (
            {"operation": "upsert"},
            "INVALIDJOB",
            "InvalidJob : External ID was blank for Contact. An External ID must be specified for upsert.",
        ),
        (
            {"operation": "upsert", "externalIdFieldName": "Title"},
            "INVALIDJOB",
            "InvalidJob : Field name provided, Title does not match an External ID for Contact",
        ),
    ],
)
async def test_a_job_that_makes_no_sense_is_not_opened(
    admin: httpx.AsyncClient, wanted: dict[str, str], code: str, message: str
) -> None:
    """The texts are recorded ones, or follow their pattern."""
    answer = await admin.post(INGEST, json={"object": "Contact", "operation": "insert", **wanted})
    assert (answer.status_code, answer.json()) == (400, [{"message": message, "errorCode": code}])


async def test_a_property_nobody_knows_and_a_value_that_is_no_text_are_refused(admin: httpx.AsyncClient) -> None:
    for strange, code in (({"speed": "high"}, "JSON_PARSER_ERROR"), ({"object": 5}, "API_ERROR")):
        answer = await admin.post(INGEST, json={"operation": "insert", **strange})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_a_job_goes_from_open_to_complete(admin: httpx.AsyncClient, org: Org) -> None:
    job = await opened(admin)
    sent = await admin.put(f"{job}/batches", content="LastName\nOkafor\n", headers=CSV)
    assert (sent.status_code, sent.content) == (201, b"")
    assert "contentUrl" in (await admin.get(job)).json()
    closed = (await state(admin, job, "UploadComplete")).json()
    assert (closed["state"], list(closed)[-1]) == ("UploadComplete", "apiVersion")
    done = await ended(admin, job)
    assert (done["state"], done["jobType"]) == ("JobComplete", "V2Ingest")
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (1, 0)
    assert "contentUrl" not in done
    assert "errorMessage" not in done
    [row] = org.rows("Contact")
    assert row["LastName"] == "Okafor"


async def test_result_files_have_the_recorded_shape(admin: httpx.AsyncClient, org: Org) -> None:
    """A complete job may have failed rows. The file of the failed ones is a recorded one, its error text included."""
    data = "LastName,Title,Birthdate\nGood,,2003-04-09\nBad,x,2003-04-987654321987654321\n"
    job = await loaded(admin, data)
    done = (await admin.get(job)).json()
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    failed = await admin.get(f"{job}/failedResults")
    assert failed.headers["content-type"].startswith("text/csv")
    assert failed.text == (
        '"sf__Id","sf__Error",LastName,Title,Birthdate\n'
        '"","INVALID_FIELD:Failed to deserialize field at col 2. Due to, \'2003-04-987654321987654321\' is not a valid '
        'value for the type xsd:date:Birthdate --","Bad","x","2003-04-987654321987654321"\n'
    )
    [row] = org.rows("Contact")
    assert (await admin.get(f"{job}/successfulResults")).text == (
        f'"sf__Id","sf__Created",LastName,Title,Birthdate\n"{row["Id"]}","true","Good","","2003-04-09"\n'
    )
    assert (await admin.get(f"{job}/unprocessedrecords")).text == "LastName,Title,Birthdate\n"


async def test_an_error_names_code_message_and_fields(admin: httpx.AsyncClient) -> None:
    job = await loaded(admin, "FirstName,Email\nA,\n")
    failed = (await admin.get(f"{job}/failedResults")).text
    assert '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --","A",""' in failed


async def test_a_column_that_is_no_field_fails_the_job_and_leaves_every_row(admin: httpx.AsyncClient, org: Org) -> None:
    """Recorded."""
    job = await loaded(admin, "LastName,Surname\nA,B\n")
    done = (await admin.get(job)).json()
    assert (done["state"], done["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Surname")
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (0, 0)
    assert (await admin.get(f"{job}/unprocessedrecords")).text == 'LastName,Surname\n"A","B"\n'
    assert list(org.rows("Contact")) == []


async def test_a_field_hidden_from_the_user_is_no_column(admin: httpx.AsyncClient, org: Org) -> None:
    admin.headers["Authorization"] = f"Bearer {org.grant(org.colleague)}"
    done = (await admin.get(await loaded(admin, "LastName,Birthdate\nA,2000-01-01\n"))).json()
    assert done["errorMessage"] == "InvalidBatch : Field name not found : Birthdate"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (
            "LastName\r\nA\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        ('LastName\n"A\n', "InvalidBatch : Failed to parse CSV"),
        (b"LastName\n\xff\n", "InvalidBatch : Failed to parse CSV"),
        ("LastName,Title\nA\n", "InvalidBatch : Row 1 has 1 fields, the header row 2"),
        ("LastName,\nA,\n", "InvalidBatch : Field name not found : "),
    ],
)
async def test_a_file_that_cannot_be_read_fails_the_job(
    admin: httpx.AsyncClient, org: Org, data: str | bytes, complaint: str
) -> None:
    """The complaint about line endings is recorded."""
    done = (await admin.get(await loaded(admin, data))).json()
    assert done["state"] == "Failed"
    assert done["errorMessage"].startswith(complaint)
    assert list(org.rows("Contact")) == []


async def test_a_file_of_nothing_but_its_header_is_complete(admin: httpx.AsyncClient) -> None:
    done = (await admin.get(await loaded(admin, "LastName\n"))).json()
    assert (done["state"], done["numberRecordsProcessed"]) == ("JobComplete", 0)


async def test_files_speak_other_delimiters_and_line_endings_and_quote_what_they_must(
    admin: httpx.AsyncClient, org: Org
) -> None:
    """Bulk API 2.0 guide, Prepare CSV Files; results come in the dialect of the job."""
    data = '\ufeffLastName;Description\r\n"O""Neil; Jr";"two\r\nlines"\r\n'
    job = await loaded(admin, data.encode(), columnDelimiter="SEMICOLON", lineEnding="CRLF")
    [row] = org.rows("Contact")
    assert (row["LastName"], row["Description"]) == ('O"Neil; Jr', "two\r\nlines")
    assert (await admin.get(f"{job}/successfulResults")).text == (
        f'"sf__Id";"sf__Created";LastName;Description\r\n"{row["Id"]}";"true";"O""Neil; Jr";"two\r\nlines"\r\n'
    )


async def test_an_empty_text_changes_nothing_and_na_empties_the_field(admin: httpx.AsyncClient, org: Org) -> None:
    """Bulk API 2.0 guide: empty field values are ignored when you update records, #N/A sets a field to null."""
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "A", "Title": "T", "Department": "D"})
    await loaded(admin, f"Id,Title,Department\n{id_[:15]},#N/A,\n", "update")
    row = org.row("Contact", id_)
    assert row is not None
    assert (row["Title"], row["Department"]) == (None, "D")


async def test_texts_become_values_of_the_fields_type(admin: httpx.AsyncClient, org: Org) -> None:
    """A date may carry a zone: Bulk API 2.0 guide, Valid Date Format in Records."""
    await loaded(admin, "LastName,HasOptedOutOfEmail,Birthdate,MailingLatitude\nA,TRUE,1940-06-07Z,48.5\n")
    [row] = org.rows("Contact")
    assert (row["HasOptedOutOfEmail"], row["Birthdate"], row["MailingLatitude"]) == (True, "1940-06-07", 48.5)
    job = await loaded(admin, "LastName,HasOptedOutOfEmail,MailingLatitude\nA,maybe,\nB,,north\n")
    failed = (await admin.get(f"{job}/failedResults")).text
    assert "at col 1. Due to, 'maybe' is not a valid value for the type xsd:boolean:HasOptedOutOfEmail --" in failed
    assert "at col 2. Due to, 'north' is not a valid value for the type xsd:double:MailingLatitude --" in failed


async def test_an_upsert_creates_then_changes_and_wants_its_key(admin: httpx.AsyncClient, org: Org) -> None:
    for title, created in (("One", "true"), ("Two", "false")):
        data = f"LastName,Title,Ext_Id__c\nA,{title},k1\nB,{title},\n"
        job = await loaded(admin, data, "upsert", externalIdFieldName="Ext_Id__c")
        [row] = org.rows("Contact")
        assert row["Title"] == title
        assert f'"{row["Id"]}","{created}","A"' in (await admin.get(f"{job}/successfulResults")).text
        assert '"MISSING_ARGUMENT:Ext_Id__c not specified:--"' in (await admin.get(f"{job}/failedResults")).text


async def test_an_upsert_by_id_creates_where_there_is_none(admin: httpx.AsyncClient, org: Org) -> None:
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "Old"})
    await loaded(admin, f"Id,LastName\n{id_},Renamed\n,New\n", "upsert", externalIdFieldName="Id")
    assert sorted(str(row["LastName"]) for row in org.rows("Contact")) == ["New", "Renamed"]


async def test_a_parent_is_named_by_a_key_of_its_own(admin: httpx.AsyncClient, org: Org) -> None:
    """Bulk API 2.0 guide, Relationship Fields in a Header Row; ReportsTo.Email is its own example."""
    boss = org.create(Actor(org.admin), "Contact", {"LastName": "Boss", "Email": "boss@brightloom.example"})
    job = await loaded(admin, "LastName,ReportsTo.Email\nA,BOSS@brightloom.example\nB,no@body.example\nC,\n")
    named = {row["LastName"]: row["ReportsToId"] for row in org.rows("Contact")}
    assert named == {"Boss": None, "A": boss, "C": None}
    error = "INVALID_FIELD:Foreign key external ID: no@body.example not found for field Email in entity Contact:--"
    assert error in (await admin.get(f"{job}/failedResults")).text
    assert (await admin.get(await loaded(admin, "LastName,ReportsTo.Title\nA,x\n"))).json()["state"] == "Failed"


async def test_rows_are_deleted_and_deleted_for_ever(admin: httpx.AsyncClient, org: Org) -> None:
    first, second = (org.create(Actor(org.admin), "Contact", {"LastName": name}) for name in "AB")
    job = await loaded(admin, f"Id\n{first}\n", "delete")
    assert (await admin.get(f"{job}/successfulResults")).text.endswith(f'\n"{first}","false","{first}"\n')
    await loaded(admin, f"Id\n{second}\n", "hardDelete")
    table = org.tables["Contact"]
    assert (list(table.live), list(table.bin)) == ([], [first])
    assert [change.kind for change in org.changes[-2:]] == ["DELETE", "DELETE"]


async def test_rows_that_name_no_record_say_why(admin: httpx.AsyncClient) -> None:
    gone = "0035e00000009ZZ"
    job = await loaded(admin, f"Id,Title\n{gone},x\n,y\nnonsense,z\n", "update")
    failed = (await admin.get(f"{job}/failedResults")).text.splitlines()
    assert failed[1] == f'"{gone}","INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--","{gone}","x"'
    assert failed[2] == '"","MISSING_ARGUMENT:Id not specified in an update call:Id --","","y"'
    assert "MALFORMED_ID" in failed[3]
    job = await loaded(admin, "Title\nx\n", "delete")
    assert (await admin.get(job)).json()["errorMessage"] == "InvalidBatch : Field name not found : Id"
    job = await loaded(admin, f"Id,LastName\n{gone},x\n")
    assert "cannot specify Id in an insert call" in (await admin.get(f"{job}/failedResults")).text


async def test_rows_go_200_in_a_transaction_and_a_bad_one_alone_is_undone(admin: httpx.AsyncClient, org: Org) -> None:
    rows = [f"L{n},{'bad' if n == 3 else ''}" for n in range(450)]
    job = await opened(admin)
    admin.headers["Sforce-Call-Options"] = "client=someone-else"
    await admin.put(f"{job}/batches", content="\n".join(["LastName,Email", *rows]), headers=CSV)
    await state(admin, job, "UploadComplete")
    await ended(admin, job)
    assert list(Counter(change.transaction for change in org.changes).values()) == [199, 200, 50]
    assert {change.actor.origin for change in org.changes if change.actor} == {"com/salesforce/api/bulkapi/60.0"}


async def test_what_a_job_writes_says_who_created_it(admin: httpx.AsyncClient, org: Org) -> None:
    admin.headers["Sforce-Call-Options"] = "client=loader/1"
    await loaded(admin, "LastName\nA\n")
    [change] = org.changes
    assert change.actor
    assert change.actor.origin == "com/salesforce/api/bulkapi/60.0;client=loader/1"


async def test_the_door_serves_others_while_a_job_is_in_progress(admin: httpx.AsyncClient) -> None:
    job = await opened(admin)
    await admin.put(f"{job}/batches", content="LastName\n" + "A\n" * 1_000, headers=CSV)
    await state(admin, job, "UploadComplete")
    seen = []
    while (shown := (await admin.get(job)).json())["state"] != "JobComplete":
        seen.append((shown["state"], shown["numberRecordsProcessed"]))
        await asyncio.sleep(0)
    assert {("InProgress", 200), ("InProgress", 800)} <= set(seen)


async def test_an_aborted_job_keeps_what_it_has_written_and_leaves_the_rest(admin: httpx.AsyncClient, org: Org) -> None:
    job = await opened(admin)
    await admin.put(f"{job}/batches", content="LastName\n" + "A\n" * 1_000, headers=CSV)
    await state(admin, job, "UploadComplete")
    while (await admin.get(job)).json()["numberRecordsProcessed"] == 0:
        await asyncio.sleep(0)
    assert (await state(admin, job, "Aborted")).json()["state"] == "Aborted"
    assert (await admin.get(f"{job}/failedResults")).text == '"sf__Id","sf__Error",LastName\n'
    for _ in range(5):
        await asyncio.sleep(0)
    written = len(org.tables["Contact"].live)
    assert 0 < written < 1_000
    assert (await admin.get(f"{job}/successfulResults")).text.count('"true"') == written
    assert (await admin.get(f"{job}/unprocessedrecords")).text.count("A") == 1_000 - written


async def test_data_is_uploaded_once(admin: httpx.AsyncClient) -> None:
    """Recorded: a second upload is taken, and the job cannot be closed any more."""
    job = await opened(admin)
    missing = await state(admin, job, "UploadComplete")
    assert (missing.status_code, missing.json()[0]["errorCode"]) == (400, "INVALIDJOB")
    for _ in range(2):
        assert (await admin.put(f"{job}/batches", content="LastName\nA\n", headers=CSV)).status_code == 201
    refused = await state(admin, job, "UploadComplete")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALIDJOB")
    assert refused.json()[0]["message"].startswith("Found multipe contents for job: <750")
    assert (await state(admin, job, "Aborted")).json()["state"] == "Aborted"


async def test_only_csv_of_a_bearable_size_is_taken(admin: httpx.AsyncClient) -> None:
    """Bulk API 2.0 guide: 150 MB, counted after the base64 encoding that makes three bytes four."""
    job = await opened(admin)
    assert (await admin.put(f"{job}/batches", content="{}", headers={"Content-Type": "application/json"})).is_error
    whale = bytes(112_500_001)
    assert (await admin.put(f"{job}/batches", content=whale, headers=CSV)).status_code == 413


async def test_a_job_turns_only_where_it_can(admin: httpx.AsyncClient) -> None:
    """The refusal to abort what is complete is recorded."""
    job = await loaded(admin, "LastName\nA\n")
    late = await state(admin, job, "Aborted")
    message = "Aborting already Completed Job not allowed"
    assert (late.status_code, late.json()) == (400, [{"message": message, "errorCode": "INVALIDJOBSTATE"}])
    for again in (
        await state(admin, job, "UploadComplete"),
        await admin.put(f"{job}/batches", content="x", headers=CSV),
    ):
        assert (again.status_code, again.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    assert (await state(admin, job, "JobComplete")).json()[0]["errorCode"] == "API_ERROR"


async def test_results_are_there_when_the_job_has_ended(admin: httpx.AsyncClient) -> None:
    job = await opened(admin)
    for name in ("successfulResults", "failedResults", "unprocessedrecords"):
        early = await admin.get(f"{job}/{name}")
        assert (early.status_code, early.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")


async def test_a_job_is_deleted_unless_it_is_open(admin: httpx.AsyncClient) -> None:
    """Bulk API 2.0 guide: UploadComplete, JobComplete, Aborted or Failed."""
    assert (await admin.delete(await opened(admin))).status_code == 400
    job = await loaded(admin, "LastName\nA\n")
    assert (await admin.delete(job)).status_code == 204
    assert (await admin.get(job)).status_code == 404


async def test_a_job_deleted_before_its_turn_writes_nothing(admin: httpx.AsyncClient, org: Org) -> None:
    job = await opened(admin)
    await admin.put(f"{job}/batches", content="LastName\nA\n", headers=CSV)
    await state(admin, job, "UploadComplete")
    assert (await admin.delete(job)).status_code == 204
    await asyncio.sleep(0.01)
    assert list(org.rows("Contact")) == []


async def test_a_job_belongs_to_its_creator_though_others_may_see_it(admin: httpx.AsyncClient, org: Org) -> None:
    job = await loaded(admin, "LastName\nA\n")
    admin.headers["Authorization"] = f"Bearer {org.grant(org.colleague)}"
    assert (await admin.get(job)).json()["createdById"] == org.admin.id
    for answer in (await admin.get(f"{job}/successfulResults"), await admin.delete(job)):
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INVALIDUSER")


async def test_jobs_are_listed_a_thousand_at_a_time(admin: httpx.AsyncClient, org: Org) -> None:
    """Bulk API 2.0 guide, Get All Jobs."""
    assert (await admin.get(INGEST)).json() == {"done": True, "records": [], "nextRecordsUrl": None}
    for _ in range(1_001):
        await opened(admin)
    page = (await admin.get(INGEST)).json()
    assert (page["done"], len(page["records"]), page["records"][0]["jobType"]) == (False, 1_000, "V2Ingest")
    assert (await admin.get(INGEST, params={"jobType": "Classic"})).json()["records"] == []
    last = (await admin.get(page["nextRecordsUrl"])).json()
    assert (last["done"], len(last["records"]), last["nextRecordsUrl"]) == (True, 1, None)


async def test_every_call_counts_and_what_is_not_there_is_not_found(admin: httpx.AsyncClient, org: Org) -> None:
    for job in ("7505e0000000099", "nonsense"):
        assert (await admin.get(f"{INGEST}/{job}")).json()[0]["errorCode"] == "NOT_FOUND"
    assert org.calls()[0] == 2
