"""Duplicate rules: a second contact or lead with the same e-mail address is told about, or refused.

One rule per object, matching exactly whatever the case. Knows no user.
"""

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.describe import NEWEST
from sidebar.twin.org.rows import JSON, Stored, Table

_MESSAGE = "You're creating a duplicate record. We recommend you use an existing record instead."


def check(table: Table, mode: str, before: Stored, after: Stored, *, allowed: bool) -> None:
    """`mode` is off, alert or block; `allowed` passes an alert. Raises SalesforceError DUPLICATES_DETECTED."""
    email = after.get("Email")
    if mode == "off" or email is None or email == before.get("Email") or (allowed and mode == "alert"):
        return
    if found := sorted((table.lookup("Email", [str(email)]) or set()) - {str(after["Id"])}):
        result = _result(table.sobject.name, found, mode == "alert")
        raise SalesforceError(400, "DUPLICATES_DETECTED", _MESSAGE, extra={"duplicateResut": result})


def _result(object_name: str, ids: list[str], may_save: bool) -> dict[str, JSON]:
    matches: dict[str, JSON] = {
        "entityType": object_name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": [_match(object_name, id_) for id_ in ids],
        "rule": f"{object_name}_MR",
        "size": len(ids),
        "success": True,
    }
    return {
        "allowSave": may_save,
        "duplicateRule": f"{object_name}s_DR",
        "duplicateRuleEntityType": object_name,
        "errorMessage": _MESSAGE,
        "matchResults": [matches],
    }


def _match(object_name: str, id_: str) -> dict[str, JSON]:
    url = f"/services/data/v{NEWEST}/sobjects/{object_name}/{id_}"
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": {"attributes": {"type": object_name, "url": url}, "Id": id_},
    }
