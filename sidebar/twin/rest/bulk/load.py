"""Works through the rows of an ingest job, 200 in a transaction; a row that is refused is undone alone."""

import asyncio
from collections.abc import Callable, Sequence

from sidebar.twin import ids
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Row
from sidebar.twin.rest import records
from sidebar.twin.rest.bulk.columns import Column, column_of, sent, unreadable
from sidebar.twin.rest.bulk.csv import BadData
from sidebar.twin.rest.bulk.jobs import Job, Outcome
from sidebar.twin.rest.call import Call

_TOGETHER = 200


async def load(call: Call, job: Job) -> None:
    """From UploadComplete to JobComplete or Failed, unless somebody aborts it. What it writes is written by `call`."""
    if job.state != "UploadComplete":
        return
    job.turn("InProgress", call.org.clock())
    try:
        columns = _columns(call, job)
    except BadData as error:
        job.turn("Failed", call.org.clock(), str(error))
        return
    for start in range(0, len(job.rows), _TOGETHER):
        await asyncio.sleep(0)  # others want to be served, too
        if job.state != "InProgress":
            return
        with call.org.transaction():
            job.outcomes += [_outcome(call, job, columns, row) for row in job.rows[start : start + _TOGETHER]]
    job.turn("JobComplete", call.org.clock())


def _columns(call: Call, job: Job) -> list[Column]:
    job.header, job.rows = job.dialect.read(job.uploads.pop())
    columns = [column_of(call, call.org.sobject(job.object), name) for name in job.header]
    key = {"insert": "", "upsert": job.external_id}.get(job.operation, "Id")
    if key and key not in (column.field.name for column in columns if not column.key):
        raise BadData(f"InvalidBatch : Field name not found : {key}")
    return columns


def _outcome(call: Call, job: Job, columns: Sequence[Column], row: Sequence[str]) -> Outcome:
    fields: Row = {}
    try:
        with call.org.transaction():
            fields = sent(columns, row)
            return _WRITERS[job.operation](call, job, dict(fields))
    except SalesforceError as error:
        complaint = unreadable(columns, row, error.field) if error.field else error
        return Outcome(str(fields.get("Id") or ""), error=_told(complaint))


def _insert(call: Call, job: Job, fields: Row) -> Outcome:
    if fields.pop("Id", None):
        raise SalesforceError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    return Outcome(records.create(call, job.object, fields), created=True)


def _update(call: Call, job: Job, fields: Row) -> Outcome:
    id_ = _id(job, fields)
    records.update(call, job.object, id_, fields)
    return Outcome(id_)


def _upsert(call: Call, job: Job, fields: Row) -> Outcome:
    if job.external_id == "Id":
        return _update(call, job, fields) if fields.get("Id") else _insert(call, job, fields)
    key = fields.pop(job.external_id, None)
    if key is None:
        raise SalesforceError(400, "MISSING_ARGUMENT", f"{job.external_id} not specified", [])
    return Outcome(*records.upsert(call, job.object, job.external_id, str(key), fields))


def _delete(call: Call, job: Job, fields: Row) -> Outcome:
    id_ = _id(job, fields)
    call.org.delete(call.actor, job.object, id_)
    if job.operation == "hardDelete":
        call.org.purge(call.actor, job.object, id_)
    return Outcome(id_)


_WRITERS: dict[str, Callable[[Call, Job, Row], Outcome]] = {
    "insert": _insert,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "hardDelete": _delete,
}


def _id(job: Job, fields: Row) -> str:
    given = str(fields.pop("Id", None) or "")
    if not given:
        article = "an" if job.operation.startswith("up") else "a"
        raise SalesforceError(400, "MISSING_ARGUMENT", f"Id not specified in {article} {job.operation} call", ["Id"])
    return ids.full(given) or given


def _told(error: SalesforceError) -> str:
    """As failedResults says it: code, message, fields. No address was asked for that could not be found."""
    names = "".join(f"{name} " for name in error.fields or ())
    if error.code == "NOT_FOUND":
        return "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--"
    return f"{error.code}:{error.message}:{names}--"
