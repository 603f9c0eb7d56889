"""The UI API's picklist values: what a field offers for one record type, and under which value of its controller.

Refusals are objects here, not arrays.
"""

import hashlib
import json
import re
from collections.abc import Iterable

from starlette.responses import Response

from sidebar.twin import errors, ids
from sidebar.twin.answers import answer
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Row, recordtypes
from sidebar.twin.org.describe import Field, PicklistValue, SObject
from sidebar.twin.rest.call import Call, Resources

_KINDS = ("picklist", "multipicklist")


def all_values(call: Call) -> Response:
    try:
        sobject, kind = _place(call)
        named: Row = {field.name: _values(call, sobject, field, kind) for field in _picklists(call, sobject)}
    except SalesforceError as error:
        return _refusal(error)
    return answer({"eTag": _tag(named), "picklistFieldValues": named})


def values(call: Call) -> Response:
    try:
        sobject, kind = _place(call)
        field = next((f for f in _picklists(call, sobject) if f.name.lower() == call.args[2].lower()), None)
        if field is None:
            raise errors.not_found()
        return answer(_values(call, sobject, field, kind))
    except SalesforceError as error:
        return _refusal(error)


def _place(call: Call) -> tuple[SObject, str]:
    """The object and the 18-character id of one of its record types. Raises NOT_FOUND, MALFORMED_ID."""
    sobject = call.org.sobject(call.args[0], call.user)
    kind = ids.full(call.args[1])
    if kind is None:
        raise errors.malformed_id("Record Type ID", call.args[1], "recordTypeId")
    if kind not in {recordtypes.MASTER, *(known.id for known in sobject.record_types)}:
        raise errors.not_found()
    return sobject, kind


def _picklists(call: Call, sobject: SObject) -> Iterable[Field]:
    return (field for field in call.org.fields(call.user, sobject).values() if field.type in _KINDS)


def _values(call: Call, sobject: SObject, field: Field, kind: str) -> Row:
    offered = [_entry(entry) for entry in recordtypes.allowed(sobject, field.name, kind)]
    default = next((entry.value for entry in field.picklist if entry.default), None)
    content: Row = {
        "controllerValues": _controlling(sobject, field),
        "defaultValue": next((entry for entry in offered if entry["value"] == default), None),
        "url": f"{call.root}/ui-api/object-info/{sobject.name}/picklist-values/{kind}/{field.name}",
        "values": list(offered),
    }
    return {"eTag": _tag(content), **content}


def _controlling(sobject: SObject, field: Field) -> Row:
    if field.controller is None:
        return {}
    controller = sobject.fields[field.controller.lower()]
    if controller.type == "boolean":
        return {"false": 0, "true": 1}
    return {entry.label: position for position, entry in enumerate(controller.picklist)}


def _entry(entry: PicklistValue) -> Row:
    return {
        "attributes": None,
        "label": entry.label,
        "validFor": [*sorted(entry.valid_for or ())],
        "value": entry.value,
    }


def _tag(content: Row) -> str:
    return hashlib.md5(json.dumps(content).encode(), usedforsecurity=False).hexdigest()


def _refusal(error: SalesforceError) -> Response:
    detail = {
        "constituentField": None,
        "duplicateRecordError": None,
        "errorCode": error.code,
        "field": None,
        "fieldLabel": None,
        "message": error.message,
    }
    body = {
        "enhancedErrorType": "RecordError",
        "message": error.message,
        "output": {"errors": [detail], "fieldErrors": {}},
        "statusCode": error.status,
    }
    return answer(body, error.status)


_PATH = r"/ui-api/object-info/([^/]+)/picklist-values/([^/]+)"
RESOURCES: Resources = [
    (re.compile(_PATH), {"GET": all_values}),
    (re.compile(_PATH + "/([^/]+)"), {"GET": values}),
]
