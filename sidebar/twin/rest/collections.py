"""Up to 200 records in one request: created, updated, upserted, deleted or read. The answer has one item for each."""

import re
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import TypeVar

from starlette.responses import Response

from sidebar.twin import bodies, errors
from sidebar.twin.answers import answer
from sidebar.twin.errors import SalesforceError
from sidebar.twin.ids import full
from sidebar.twin.org import JSON, Row
from sidebar.twin.rest import records
from sidebar.twin.rest.call import Call, Resources
from sidebar.twin.rest.rows import shown, wanted

_MOST, _MOST_READ = 200, 2_000
_Record = Mapping[str, JSON]
_NONE: Row = {}
_T = TypeVar("_T")


class _UndoneError(Exception):
    """Somebody asked for all or none, and it is not all."""


def create_records(call: Call) -> Response:
    return _written(call, lambda entry: {"id": records.create(call, _type(call, entry), entry)})


def update_records(call: Call) -> Response:
    return _written(call, lambda entry: {"id": _update(call, _type(call, entry), entry)})


def upsert_records(call: Call) -> Response:
    object, key = call.args
    if key.lower() != "id":
        call.org.find(object, key, "", call.user)  # refuses a field that is no external id
    return _written(call, lambda entry: _upsert(call, object, key, entry))


def delete_records(call: Call) -> Response:
    all_or_none = call.query.get("allOrNone", "").lower() == "true"
    ids = [id_.strip() for id_ in call.query.get("ids", "").split(",") if id_.strip()]
    return _answers(call, ids, all_or_none, lambda id_: {"id": _delete(call, id_)})


def read_records(call: Call) -> Response:
    return _read(call, call.query.get("ids", "").split(","), call.query.get("fields", "").split(","))


def read_listed_records(call: Call) -> Response:
    body = call.fields()
    return _read(call, bodies.members(body, "ids", str), bodies.members(body, "fields", str))


def _written(call: Call, write: Callable[[_Record], Row]) -> Response:
    body = call.fields()
    return _answers(call, bodies.members(body, "records", dict), bodies.member(body, "allOrNone", False), write)


def _answers(call: Call, entries: list[_T], all_or_none: bool, write: Callable[[_T], Row]) -> Response:
    """All good entries are one transaction; a bad one takes back what it did itself, or everything."""
    if not entries:
        raise SalesforceError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    _check_number(entries, _MOST)
    items: list[Row] = []
    try:
        with call.org.transaction():
            items += (_item(call, write, entry) for entry in entries)
            if all_or_none and not all(item["success"] for item in items):
                raise _UndoneError
    except _UndoneError:
        items = [_rolled_back() if item["success"] else item for item in items]
    return answer(items)


def _item(call: Call, write: Callable[[_T], Row], entry: _T) -> Row:
    try:
        with call.org.transaction():
            done = write(entry)
    except SalesforceError as error:
        if error.field:
            raise
        return _failed(error.code, error.message, error.fields or [])
    return {"id": done["id"], "success": True, "errors": [], **done}


def _update(call: Call, object: str, entry: _Record) -> str:
    id_ = _id(entry)
    if not id_:
        raise SalesforceError(400, "MISSING_ARGUMENT", "Id not specified in an update call", [])
    records.update(call, object, id_, _fields(entry))
    return str(call.org.locate(object, id_)[2]["Id"])


def _upsert(call: Call, object: str, key: str, entry: _Record) -> Row:
    if key.lower() == "id":
        created = not _id(entry)
        id_ = records.create(call, object, _fields(entry)) if created else _update(call, object, entry)
        return {"id": id_, "created": created}
    fields = {name: value for name, value in _fields(entry).items() if name.lower() != key.lower()}
    value = next((value for name, value in entry.items() if name.lower() == key.lower()), None)
    if value is None or isinstance(value, list | dict):
        raise SalesforceError(400, "MISSING_ARGUMENT", f"{key} not specified", [])
    id_, created = records.upsert(call, object, key, str(value), fields)
    return {"id": id_, "created": created}


def _delete(call: Call, id: str) -> str:
    for sobject in call.org.sobjects(call.user):
        if sobject.prefix and id.startswith(sobject.prefix):
            call.org.delete(call.actor, sobject.name, id)
            return full(id) or id
    raise errors.malformed_id("Record ID", id, "Id")


def _read(call: Call, ids: Iterable[str], fields: Iterable[str]) -> Response:
    """The records in the order of their ids, null where there is none."""
    ids, names = [id_.strip() for id_ in ids if id_.strip()], [name for name in fields if name.strip()]
    if not ids or not names:
        raise SalesforceError(400, "MISSING_ARGUMENT", "The ids and fields parameters are required")
    _check_number(ids, _MOST_READ)
    columns = wanted(call, ",".join(names))
    return answer([_row(call, id_, columns) for id_ in ids])


def _check_number(entries: Sized, most: int) -> None:
    if len(entries) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise SalesforceError(400, "EXCEEDED_ID_LIMIT", message)


def _row(call: Call, id: str, columns: list[str]) -> Row | None:
    try:
        return shown(call, id, columns)
    except SalesforceError:
        return None


def _type(call: Call, entry: _Record) -> str:
    name = bodies.member(entry, "attributes", _NONE).get("type")
    if not isinstance(name, str) or name.lower() not in call.org.schema:
        raise SalesforceError(400, "INVALID_TYPE", f"sObject type '{name or ''}' is not supported.", [])
    return name


def _id(entry: _Record) -> str:
    return next((str(value) for name, value in entry.items() if name.lower() == "id" and value), "")


def _fields(entry: _Record) -> Row:
    return {name: value for name, value in entry.items() if name.lower() not in ("id", "attributes")}


def _failed(code: str, message: str, fields: list[str]) -> Row:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def _rolled_back() -> Row:
    message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    return _failed("ALL_OR_NONE_OPERATION_ROLLED_BACK", message, [])


RESOURCES: Resources = [
    (
        re.compile(r"/composite/sobjects"),
        {"POST": create_records, "PATCH": update_records, "DELETE": delete_records},
    ),
    (re.compile(r"/composite/sobjects/([^/]+)"), {"GET": read_records, "POST": read_listed_records}),
    (re.compile(r"/composite/sobjects/([^/]+)/([^/]+)"), {"PATCH": upsert_records}),
]
