"""/jobs/ingest: a job is opened, filled once, closed, worked on, and asked what became of its rows."""

import re
from collections.abc import Callable
from dataclasses import replace

from starlette.datastructures import Headers
from starlette.responses import Response

from sidebar.twin import bodies
from sidebar.twin.answers import answer, empty
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.describe import SObject
from sidebar.twin.rest.bulk import requests
from sidebar.twin.rest.bulk.jobs import Job, Outcome, jobs_of, wrong_state
from sidebar.twin.rest.bulk.load import load
from sidebar.twin.rest.call import Call, Resources

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_MOST = 150_000_000 // 4 * 3  # 150 MB once it is base64


def create(call: Call) -> Response:
    wanted = requests.asked(call, "object", "operation", "externalIdFieldName", "assignmentRuleId", *requests.FORMAT)
    sobject = _sobject(call, wanted.get("object", ""))
    operation = requests.chosen("operation", wanted.get("operation", ""), _OPERATIONS)
    key = _external_id(call, sobject, wanted.get("externalIdFieldName")) if operation == "upsert" else ""
    return answer(requests.new_job(call, wanted, sobject.name, "Open", key).opened())


def upload(call: Call) -> Response:
    job = requests.own(call)
    if job.state != "Open":
        raise wrong_state(f"Uploading to {job.state} Job not allowed")
    bodies.check_type(call.headers.get("content-type", ""), "text/csv")
    if len(call.body) > _MOST:
        raise SalesforceError(413, "REQUEST_ENTITY_TOO_LARGE", "Job data is larger than 150 MB after base64 encoding")
    job.uploads.append(call.body)
    return empty(201)


def change(call: Call) -> Response:
    job = requests.own(call)
    state = requests.asked(call, "state").get("state", "")
    if requests.chosen("state", state, ("UploadComplete", "Aborted")) == "Aborted":
        job.abort(call.org.clock())
    else:
        _check_closable(job)
        job.turn(state, call.org.clock())
        jobs_of(call.org).work(load(_writer(call, job), job))
    return answer(job.brief())


def successes(call: Call) -> Response:
    return _results(call, "sf__Created", lambda outcome: "" if outcome.error else str(outcome.created).lower())


def failures(call: Call) -> Response:
    return _results(call, "sf__Error", lambda outcome: outcome.error)


def leftovers(call: Call) -> Response:
    """The rows nobody came to: of a failed job all, of an aborted one the rest."""
    job = _ended(call)
    lines = [job.dialect.line([], job.header), *map(job.dialect.line, job.rows[len(job.outcomes) :])]
    return Response("".join(lines), media_type="text/csv")


def _results(call: Call, column: str, told: Callable[[Outcome], str]) -> Response:
    """One file with the rows of which something is told in this column."""
    job = _ended(call)
    lines = [job.dialect.line(["sf__Id", column], job.header)]
    for outcome, row in zip(job.outcomes, job.rows, strict=False):
        if text := told(outcome):
            lines.append(job.dialect.line([outcome.id, text, *row]))
    return Response("".join(lines), media_type="text/csv")


def _ended(call: Call) -> Job:
    job = requests.own(call)
    if not job.ended:
        raise wrong_state(f"Results of a job in state {job.state} are not available")
    return job


def _check_closable(job: Job) -> None:
    if job.state != "Open":
        raise wrong_state(f"Closing already {job.ended or 'Closed'} Job not allowed")
    if not job.uploads:
        raise SalesforceError(400, "INVALIDJOB", f"Found no contents for job: <{job.id[:15]}>")
    if len(job.uploads) > 1:  # the misspelling is theirs
        message = (
            f"Found multipe contents for job: <{job.id[:15]}>, please 'Close' / 'Abort' / 'Delete' the current Job "
            "then create a new Job and make sure you only do 'PUT' once on a given Job."
        )
        raise SalesforceError(400, "INVALIDJOB", message)


def _writer(call: Call, job: Job) -> Call:
    """Everything a job writes came in by its creation."""
    return replace(call, api="bulkapi", version=job.version, headers=Headers({"sforce-call-options": job.options}))


def _sobject(call: Call, name: str) -> SObject:
    try:
        return call.org.sobject(name, call.user)
    except SalesforceError:
        raise _invalid(f"Unable to find object: {name}") from None


def _external_id(call: Call, sobject: SObject, name: str | None) -> str:
    if name is None:
        raise _invalid(f"External ID was blank for {sobject.name}. An External ID must be specified for upsert.")
    field = call.org.fields(call.user, sobject).get(name.lower())
    if field is None or not field.is_key:
        raise _invalid(f"Field name provided, {name} does not match an External ID for {sobject.name}")
    return field.name


def _invalid(message: str) -> SalesforceError:
    return SalesforceError(400, "INVALIDJOB", f"InvalidJob : {message}")


RESOURCES: Resources = [
    (re.compile(r"/jobs/(ingest)"), {"GET": requests.list_jobs, "POST": create}),
    (re.compile(r"/jobs/(ingest)/([^/]+)"), {"GET": requests.show_job, "PATCH": change, "DELETE": requests.delete_job}),
    (re.compile(r"/jobs/(ingest)/([^/]+)/batches"), {"PUT": upload}),
    (re.compile(r"/jobs/(ingest)/([^/]+)/successfulResults"), {"GET": successes}),
    (re.compile(r"/jobs/(ingest)/([^/]+)/failedResults"), {"GET": failures}),
    (re.compile(r"/jobs/(ingest)/([^/]+)/unprocessed[Rr]ecords"), {"GET": leftovers}),
]
