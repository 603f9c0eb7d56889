"""Jobs of Bulk API 2.0: whose they are, how they pass from state to state, how they are shown. Writes no record.

They live in memory: a restart forgets them, though not what they wrote.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sidebar.twin import ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org, Row, User
from sidebar.twin.rest.bulk.csv import Dialect

_ENDED = {"JobComplete": "Completed", "Failed": "Failed", "Aborted": "Aborted"}
TYPES = {"ingest": "V2Ingest", "query": "V2Query"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: an id, or an error."""

    id: str
    created: bool = False
    error: str = ""


@dataclass(slots=True, eq=False)
class Job:
    """`header` and `rows` are the file that came, or of a query the one to be fetched; `outcomes` are those of the
    first rows. `options` are the creating call's Sforce-Call-Options. Times are milliseconds."""

    id: str
    kind: str  # "ingest" or "query"
    operation: str
    object: str
    external_id: str
    user: User
    options: str
    version: str
    dialect: Dialect
    created: int
    changed: int
    state: str
    error: str = ""
    uploads: list[bytes] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def ended(self) -> str:
        """How, in one word; nothing while there is something to do or to wait for."""
        return _ENDED.get(self.state, "")

    def turn(self, state: str, at: int, error: str = "") -> None:
        self.state, self.changed, self.error = state, at, error

    def abort(self, at: int) -> None:
        if self.ended:
            raise wrong_state(f"Aborting already {self.ended} Job not allowed")
        self.turn("Aborted", at)

    def brief(self) -> Row:
        """As the answer to a change of state shows it."""
        key: Row = {"externalIdFieldName": self.external_id} if self.external_id else {}
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user.id,
            "createdDate": moments.stamp(self.created),
            "systemModstamp": moments.stamp(self.changed),
            "state": self.state,
            **key,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def opened(self) -> Row:
        """As the answer to its creation shows it. Real content addresses, too, begin without a slash."""
        url: Row = {"contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"}
        format: Row = {"lineEnding": self.dialect.ending, "columnDelimiter": self.dialect.delimiter}
        return {**self.brief(), **(url if self.state == "Open" else {}), **format}

    def listed(self) -> Row:
        return {**self.opened(), "jobType": TYPES[self.kind]}

    def full(self) -> Row:
        took = self.changed - self.created if self.ended else 0
        error: Row = {"errorMessage": self.error} if self.error else {}
        return {**self.listed(), **self._counts(), "retries": 0, "totalProcessingTime": took, **error}

    def _counts(self) -> Row:
        if self.kind == "query":
            return {"numberRecordsProcessed": len(self.rows)}
        failed = sum(1 for outcome in self.outcomes if outcome.error)
        counts: Row = {"numberRecordsProcessed": len(self.outcomes), "numberRecordsFailed": failed}
        return {**counts, "apiActiveProcessingTime": 0, "apexProcessingTime": 0}


class Jobs:
    """All jobs of one org by id, and what works on them."""

    def __init__(self) -> None:
        self.made: dict[str, Job] = {}
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def new_id(self) -> str:
        self._count += 1
        return ids.new("750", self._count)

    def work(self, work: Coroutine[None, None, None]) -> None:
        """Do this beside everything else on the running loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_JOBS: WeakKeyDictionary[Org, Jobs] = WeakKeyDictionary()


def jobs_of(org: Org) -> Jobs:
    return _JOBS.setdefault(org, Jobs())


def wrong_state(message: str) -> SalesforceError:
    return SalesforceError(400, "INVALIDJOBSTATE", message)
