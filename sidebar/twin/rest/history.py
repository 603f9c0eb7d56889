"""Which records somebody touched, changed or deleted lately: /recent, …/updated and …/deleted."""

import re
from collections.abc import Iterator
from itertools import islice

from starlette.responses import Response

from sidebar.twin import moments
from sidebar.twin.answers import answer
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Row
from sidebar.twin.query.columns import record
from sidebar.twin.rest.call import Call, Resources

_FURTHEST = 30 * moments.DAY
_MINUTE = 60_000


def recent(call: Call) -> Response:
    asked = call.query.get("limit", "")
    most = int(asked) if asked.isdecimal() and len(asked) < 9 else 200
    return answer(list(islice(_touched(call), min(most, 200))))


def updated(call: Call) -> Response:
    start, end = _window(call)
    table = call.org.tables[call.org.sobject(call.args[0], call.user).name]
    first, last = moments.stamp(start), moments.stamp(end)
    ids = [id_ for id_, row in table.live.items() if first <= str(row["LastModifiedDate"]) <= last]
    return answer({"ids": ids, "latestDateCovered": moments.stamp(end // _MINUTE * _MINUTE)})


def deleted(call: Call) -> Response:
    """The org remembers for 72 hours when a record was deleted."""
    start, end = _window(call)
    table = call.org.tables[call.org.sobject(call.args[0], call.user).name]
    gone = {
        id_: moments.stamp(change.at)
        for change in call.org.changes
        if change.kind == "DELETE" and change.object == table.sobject.name and start <= change.at <= end
        for id_ in change.ids
        if id_ in table.bin
    }
    return answer(
        {
            "deletedRecords": [{"deletedDate": at, "id": id_} for id_, at in gone.items()],
            "earliestDateAvailable": moments.stamp(call.org.clock() - _FURTHEST),
            "latestDateCovered": moments.stamp(end // _MINUTE * _MINUTE),
        }
    )


def _touched(call: Call) -> Iterator[Row]:
    """The living records this user wrote to, the latest first."""
    seen: set[str] = set()
    for change in reversed(call.org.changes):
        table = call.org.tables[change.object]
        for id_ in change.ids if change.actor.user.id == call.user.id else ():
            if id_ not in seen and (row := table.live.get(id_)):
                seen.add(id_)
                yield record([], row, table, call.version) | {"Id": id_, "Name": row.get("Name")}


def _window(call: Call) -> tuple[int, int]:
    start, end = _moment(call, "start"), min(_moment(call, "end"), call.org.clock())
    if start >= end:
        raise _refused("endDate must be at least one minute greater than startDate")
    if start < call.org.clock() - _FURTHEST:
        raise _refused("startDate cannot be more than 30 days ago")
    return start, end


def _moment(call: Call, name: str) -> int:
    text = call.query.get(name, "").replace(" ", "+")
    try:
        return moments.from_stamp(text)
    except (ValueError, OverflowError):
        raise _refused(f"{name} is not a date with time and offset: {text}") from None


def _refused(message: str) -> SalesforceError:
    return SalesforceError(400, "INVALID_REPLICATION_DATE", message)


RESOURCES: Resources = [
    (re.compile(r"/recent"), {"GET": recent}),
    (re.compile(r"/sobjects/([^/]+)/updated"), {"GET": updated}),
    (re.compile(r"/sobjects/([^/]+)/deleted"), {"GET": deleted}),
]
