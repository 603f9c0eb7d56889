"""What the org fills in by itself when a record is saved, and what it notes on the people a task was about.

What is worked out afresh at every reading stands in `formulas`. Decides values; writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import formulas
from sidebar.twin.org.rows import JSON, Row, Stored

Find: TypeAlias = Callable[[JSON], Stored]  # the live record of an id, an empty one where there is none
_FLAGS = {"Task": ("IsClosed", "IsHighPriority"), "Case": ("IsClosed",), "Opportunity": ("IsClosed", "IsWon")}
_LEAD, _ACCOUNT = "00Q", "001"


def filled_in(object_name: str, before: Stored, after: Stored, sent: Stored, now: str, find: Find) -> Row:
    """The fields to set besides those that were sent. Raises SalesforceError where two of them contradict."""
    fill = {"Task": _task, "Case": _case, "Opportunity": _opportunity}.get(object_name)
    return fill(before, after, sent, now, find) | _flags(object_name, after) if fill else {}


def last_activity(task: Stored, find: Find) -> Iterator[tuple[str, str]]:
    """Ids of the records a closed task was about whose LastActivityDate it moves on, with the day."""
    day = task.get("ActivityDate")
    if day is None or not formulas.value("Task", "IsClosed", task):
        return
    for id_ in {task.get(name) for name in ("WhoId", "WhatId", "AccountId")} - {None}:
        about = find(id_)
        if about and str(about.get("LastActivityDate", "")) < str(day):
            yield str(id_), str(day)


def _flags(object_name: str, after: Stored) -> Row:
    """Kept as well as worked out, so that a change of theirs shows."""
    return {name: formulas.value(object_name, name, after) for name in _FLAGS[object_name]}


def _task(before: Stored, after: Stored, _: Stored, now: str, find: Find) -> Row:
    if str(after.get("WhoId")).startswith(_LEAD) and after.get("WhatId"):
        message = "Related To ID: a task of a lead cannot be related to another record"
        raise SalesforceError(400, "FIELD_INTEGRITY_EXCEPTION", message, ["WhatId"])
    account = _account_of(after.get("WhatId"), find) or _account_of(after.get("WhoId"), find)
    closed = _closed("Task", "CompletedDateTime", before, after, now)
    return closed | {"AccountId": account, "TaskSubtype": after.get("TaskSubtype") or "Task"}


def _case(before: Stored, after: Stored, sent: Stored, now: str, find: Find) -> Row:
    closed = _closed("Case", "ClosedDate", before, after, now)
    if before or "AccountId" in sent:
        return closed
    return closed | {"AccountId": _account_of(after.get("ContactId"), find)}


def _opportunity(before: Stored, after: Stored, sent: Stored, _: str, __: Find) -> Row:
    """A new stage brings its own probability and forecast."""
    if not before or before.get("StageName") == after.get("StageName"):
        return {}
    return {name: None for name in ("Probability", "ForecastCategoryName") if name not in sent}


def _closed(object_name: str, field: str, before: Stored, after: Stored, now: str) -> Row:
    """The moment a record was closed, new with every other closed status."""
    if not formulas.value(object_name, "IsClosed", after):
        return {field: None}
    return {} if before.get(field) and before.get("Status") == after.get("Status") else {field: now}


def _account_of(id_: JSON, find: Find) -> JSON:
    if str(id_).startswith(_ACCOUNT):
        return id_
    about: Mapping[str, JSON] = find(id_) if id_ else {}
    return about.get("AccountId") or about.get("Account__c")
