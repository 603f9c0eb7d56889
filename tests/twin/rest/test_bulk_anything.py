"""Whatever a client sends to Bulk API 2.0: a refusal or a job that ends, never a 500 and never a job that hangs."""

import asyncio
import csv
import io
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import Org

pytestmark = pytest.mark.anyio
JOBS = "/services/data/v60.0/jobs"
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KEYS = ["Id", "LastName", "lastname", "Ext_Id__c", "Email", "ReportsTo.Email", "ReportsToId", "OwnerId"]
VALUES = ["Birthdate", "HasOptedOutOfEmail", "MailingLatitude", "MailingAddress", "Name", "LastModifiedDate", "Fax"]
columns = st.sampled_from([*KEYS, *VALUES])
cells = st.text(max_size=8) | st.sampled_from(
    ["", "#N/A", "1", "1e999", "nan", "true", "2026-11-22", "003", "a@b.example"]
)
tables = st.lists(columns, min_size=1, max_size=5).flatmap(
    lambda header: st.lists(st.lists(cells, min_size=len(header), max_size=len(header)), max_size=4).map(
        lambda rows: [header, *rows]
    )
)
operations = st.sampled_from(["insert", "update", "upsert", "delete", "hardDelete"])
values = st.none() | st.booleans() | st.text(max_size=5) | st.lists(st.integers(), max_size=1)
names = st.sampled_from(["object", "operation", "externalIdFieldName", "query", "state", "lineEnding"])


def written(table: list[list[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    return file.getvalue().encode("utf-8", "replace")


@often
@given(data=st.binary(max_size=60) | tables.map(written), operation=operations, key=columns)
async def test_every_file_comes_to_an_end(
    admin: httpx.AsyncClient, org: Org, data: bytes, operation: str, key: str
) -> None:
    wanted = {"object": "Contact", "operation": operation, "externalIdFieldName": key}
    opened = await admin.post(f"{JOBS}/ingest", json=wanted)
    if opened.status_code != 200:
        assert opened.json()[0]["errorCode"] == "INVALIDJOB"
        return
    job = f"{JOBS}/ingest/{opened.json()['id']}"
    await admin.put(f"{job}/batches", content=data, headers={"Content-Type": "text/csv"})
    await admin.patch(job, json={"state": "UploadComplete"})
    for _ in range(10):
        await asyncio.sleep(0)
    assert (await admin.get(job)).json()["state"] in ("JobComplete", "Failed")
    for name in ("successfulResults", "failedResults", "unprocessedrecords"):
        assert (await admin.get(f"{job}/{name}")).status_code == 200


@often
@given(body=st.dictionaries(names | st.text(max_size=3), values, max_size=4) | values)
async def test_no_body_ends_in_a_500(admin: httpx.AsyncClient, body: object) -> None:
    job = (await admin.post(f"{JOBS}/ingest", json={"object": "Contact", "operation": "insert"})).json()["id"]
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    for method, path in (("POST", "ingest"), ("POST", "query"), ("PATCH", f"ingest/{job}")):
        answer = await admin.request(method, f"{JOBS}/{path}", content=content, headers=headers)
        assert answer.status_code in (200, 400)
