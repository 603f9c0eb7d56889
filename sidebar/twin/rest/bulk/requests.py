"""What requests under /jobs have in common: which job, whose, with which properties; and how jobs are listed."""

import base64
import json
import re
from collections.abc import Collection, Mapping

from starlette.responses import Response

from sidebar.twin import bodies, errors, ids
from sidebar.twin.answers import answer, empty
from sidebar.twin.errors import SalesforceError
from sidebar.twin.rest.bulk.csv import DELIMITERS, LINE_ENDINGS, Dialect
from sidebar.twin.rest.bulk.jobs import TYPES, Job, jobs_of, wrong_state
from sidebar.twin.rest.call import Call

FORMAT = ("contentType", "columnDelimiter", "lineEnding")
_PAGE = 1_000


def new_job(call: Call, wanted: Mapping[str, str], object: str, state: str, external_id: str = "") -> Job:
    """`wanted` are its properties. Raises API_ERROR."""
    chosen("contentType", wanted.get("contentType", "CSV"), ("CSV",))
    delimiter = chosen("columnDelimiter", wanted.get("columnDelimiter", "COMMA"), DELIMITERS)
    now, jobs = call.org.clock(), jobs_of(call.org)
    job = Job(
        id=jobs.new_id(),
        kind=call.args[0],
        operation=wanted["operation"],
        object=object,
        external_id=external_id,
        user=call.user,
        options=call.headers.get("sforce-call-options", ""),
        version=call.version,
        dialect=Dialect(delimiter, chosen("lineEnding", wanted.get("lineEnding", "LF"), LINE_ENDINGS)),
        created=now,
        changed=now,
        state=state,
    )
    jobs.made[job.id] = job
    return job


def found(call: Call) -> Job:
    """The job of the call's address. Raises NOT_FOUND."""
    kind, id_ = call.args
    job = jobs_of(call.org).made.get(ids.full(id_) or "")
    if job is None or job.kind != kind:
        raise errors.not_found()
    return job


def own(call: Call) -> Job:
    """The same, where only its creator may come."""
    job = found(call)
    if job.user.id != call.user.id:
        raise SalesforceError(403, "INVALIDUSER", "InvalidUser : The job was created by another user")
    return job


def list_jobs(call: Call) -> Response:
    kind = call.args[0]
    wanted = call.query.get("jobType", TYPES[kind]) == TYPES[kind]
    jobs = [job for job in jobs_of(call.org).made.values() if wanted and job.kind == kind]
    start = position(call.query.get("queryLocator", ""), len(jobs))
    more = start + _PAGE < len(jobs)
    following = f"{call.root}{call.path}?queryLocator={locator(start + _PAGE)}" if more else None
    shown = [job.listed() for job in jobs[start : start + _PAGE]]
    return answer({"done": not more, "records": shown, "nextRecordsUrl": following})


def show_job(call: Call) -> Response:
    return answer(found(call).full())


def delete_job(call: Call) -> Response:
    job = own(call)
    if job.state in ("Open", "InProgress"):
        raise wrong_state(f"Deleting {job.state} Job not allowed")
    job.turn("Aborted", call.org.clock())
    del jobs_of(call.org).made[job.id]
    return empty()


def locator(at: int) -> str:
    """The guide's own example, MTAwMDA, stands for 10000."""
    return base64.b64encode(str(at).encode()).decode().rstrip("=")


def position(text: str, size: int) -> int:
    """Where among so many a locator leads; 0 for none. Raises INVALID_QUERY_LOCATOR."""
    try:
        number = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode() if text else "0"
    except ValueError:
        number = ""
    if not re.fullmatch(r"\d{1,9}", number, re.ASCII) or (text and int(number) >= size):
        raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(number)


def asked(call: Call, *known: str) -> dict[str, str]:
    """The properties in the call's body, the nulls left out. Raises JSON_PARSER_ERROR, API_ERROR."""
    fields = call.fields()
    bodies.check_known(fields, known)
    for name, value in fields.items():
        if not isinstance(value, str | None):
            raise wrong_value(name, json.dumps(value))
    return {name: str(value) for name, value in fields.items() if value is not None}


def chosen(name: str, value: str, values: Collection[str]) -> str:
    if value not in values:
        raise wrong_value(name, value)
    return value


def wrong_value(name: str, value: str) -> SalesforceError:
    return SalesforceError(400, "API_ERROR", f"Invalid value: '{value}' supplied for property: '{name}'")
