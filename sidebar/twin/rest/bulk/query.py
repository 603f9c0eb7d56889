"""/jobs/query: a statement becomes a file of records, which is fetched in pieces."""

import asyncio
import re

from starlette.responses import Response

from sidebar.twin.answers import answer
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org
from sidebar.twin.org.rows import Stored
from sidebar.twin.query import soql
from sidebar.twin.query.columns import Column
from sidebar.twin.rest.bulk import requests
from sidebar.twin.rest.bulk.jobs import Job, jobs_of
from sidebar.twin.rest.call import Call, Resources

_TOGETHER = 1_000
_PAGE = "50000"
_OFFSET = re.compile(r"('(\\.|[^'\\])*')|\boffset\s+\d", re.IGNORECASE | re.DOTALL)


def create(call: Call) -> Response:
    wanted = requests.asked(call, "operation", "query", *requests.FORMAT)
    operation = requests.chosen("operation", wanted.get("operation", ""), ("query", "queryAll"))
    found = _found(call, wanted.get("query", ""), deleted=operation == "queryAll")
    job = requests.new_job(call, wanted, found.table.sobject.name, "UploadComplete")
    jobs_of(call.org).work(_extract(call.org, job, found.columns, found.rows))
    return answer(job.opened())


def change(call: Call) -> Response:
    job = requests.own(call)
    requests.chosen("state", requests.asked(call, "state").get("state", ""), ("Aborted",))
    job.abort(call.org.clock())
    return answer(job.brief())


def results(call: Call) -> Response:
    """One piece of the file, under the header row; Sforce-Locator leads to the next, "null" says it was the last."""
    job = requests.own(call)
    _check_fetchable(call, job)
    most = call.query.get("maxRecords", _PAGE)
    if not re.fullmatch(r"0*[1-9]\d{0,8}", most, re.ASCII):
        raise requests.wrong_value("maxRecords", most)
    start = requests.position(call.query.get("locator", ""), len(job.rows))
    rows = job.rows[start : start + int(most)]
    end = start + len(rows)
    following = requests.locator(end) if end < len(job.rows) else "null"
    headers = {"Sforce-NumberOfRecords": str(len(rows)), "Sforce-Locator": following}
    return Response("".join(map(job.dialect.line, [job.header, *rows])), headers=headers, media_type="text/csv")


async def _extract(org: Org, job: Job, columns: list[Column], rows: list[Stored]) -> None:
    """Turns the rows, as they were when asked for, into text."""
    if job.state != "UploadComplete":
        return
    job.turn("InProgress", org.clock())
    job.header = [column.name for column in columns]
    for start in range(0, len(rows), _TOGETHER):
        await asyncio.sleep(0)  # others want to be served, too
        if job.state != "InProgress":
            return
        job.rows += ([_text(column, row) for column in columns] for row in rows[start : start + _TOGETHER])
    job.turn("JobComplete", org.clock())


def _text(column: Column, row: Stored) -> str:
    value = column.read(row)
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value).replace("+0000", "Z") if column.field.type == "datetime" else str(value)


def _found(call: Call, text: str, *, deleted: bool) -> soql.Found:
    """Raises SalesforceError: what SOQL refuses, and what Bulk API 2.0 does not take."""
    found = soql.run(call.org, call.user, text, deleted=deleted)
    if len(found.columns) < len(found.items):
        raise _refused("Aggregate Relationships not supported in Bulk V2 Query with CSV content type")
    if not found.items:
        raise _refused("Aggregate functions and GROUP BY not supported in Bulk V2 Query")
    if any(not part[1] for part in _OFFSET.finditer(text)):
        raise _refused("OFFSET not supported in Bulk V2 Query")
    if any(column.field.type in ("address", "location") for column in found.columns):
        raise _refused("Selecting compound data not supported in Bulk Query")
    return found


def _refused(message: str) -> SalesforceError:
    return SalesforceError(400, "API_ERROR", message)


def _check_fetchable(call: Call, job: Job) -> None:
    if call.version != job.version:
        raise SalesforceError(409, "API_ERROR", f"The results are to be fetched with version {job.version}")
    if job.state != "JobComplete":
        status = re.sub(r"(?<!^)(?=[A-Z])", "_", job.state).upper()
        message = "can only download query results of successfully completed bulk job with status: JOB_COMPLETE."
        raise SalesforceError(412, "JOB_NOT_COMPLETE", f"{message} Current status: {status}")


RESOURCES: Resources = [
    (re.compile(r"/jobs/(query)"), {"GET": requests.list_jobs, "POST": create}),
    (re.compile(r"/jobs/(query)/([^/]+)"), {"GET": requests.show_job, "PATCH": change, "DELETE": requests.delete_job}),
    (re.compile(r"/jobs/(query)/([^/]+)/results"), {"GET": results}),
]
