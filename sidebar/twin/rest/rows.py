"""Single records at their addresses: create, read, change, upsert, delete."""

import re

from starlette.responses import Response

from sidebar.twin import errors
from sidebar.twin.answers import answer, empty
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Row
from sidebar.twin.org.rows import value_of
from sidebar.twin.query.columns import record
from sidebar.twin.rest import conditions, records
from sidebar.twin.rest.call import Call, Resources
from sidebar.twin.rest.metadata import show_sobject

_UPSERT_ANSWERS = 46


def create_row(call: Call) -> Response:
    return _made(call, records.create(call, call.args[0], call.fields()))


def upsert_new_row(call: Call) -> Response:
    """POST to …/Id: an upsert whose key is an id it does not give."""
    return _made(call, records.create(call, call.args[0], call.fields()), created=True)


def show_row(call: Call) -> Response:
    return _answer_row(call, call.args[1])


def update_row(call: Call) -> Response:
    name, id_ = call.args
    fields = call.fields()
    if conditions.given(call):
        sobject, _, row = call.org.locate(name, id_)
        conditions.check(call, sobject, row)
    records.update(call, name, id_, fields)
    return empty()


def delete_row(call: Call) -> Response:
    name, id_ = call.args
    call.org.delete(call.actor, name, id_)
    return empty()


def upsert_row(call: Call) -> Response:
    name, key, value = call.args
    creating = call.query.get("updateOnly", "").lower() != "true"
    try:
        id_, created = records.upsert(call, name, key, value, call.fields(), creating=creating)
    except records.Several as several:
        return _choices(call, several)
    if created:
        return _made(call, id_, created=True)
    if int(float(call.version)) < _UPSERT_ANSWERS:
        return empty()
    return answer({"id": id_, "success": True, "errors": [], "created": False})


def show_row_by_key(call: Call) -> Response:
    try:
        return _answer_row(call, _by_key(call))
    except records.Several as several:
        return _choices(call, several)


def delete_row_by_key(call: Call) -> Response:
    try:
        call.org.delete(call.actor, call.args[0], _by_key(call))
    except records.Several as several:
        return _choices(call, several)
    return empty()


def _made(call: Call, id: str, **more: bool) -> Response:
    location = f"{call.root}/sobjects/{call.org.sobject(call.args[0]).name}/{id}"
    return answer({"id": id, "success": True, "errors": []} | more, 201, {"Location": location})


def _by_key(call: Call) -> str:
    found = records.find(call, *call.args)
    if found is None:
        raise errors.not_found()
    return found


def _choices(call: Call, several: records.Several) -> Response:
    name = call.org.sobject(call.args[0]).name
    return answer([f"{call.root}/sobjects/{name}/{id_}" for id_ in several.ids], 300)


def _answer_row(call: Call, id: str) -> Response:
    call.org.sobject(call.args[0], call.user)
    try:
        sobject, _, row = call.org.locate(call.args[0], id)
    except SalesforceError as error:
        raise errors.not_found() if error.code == "ENTITY_IS_DELETED" else error from None
    headers = conditions.validators(sobject, row)
    if conditions.unchanged(call, sobject, row):
        return empty(304, headers)
    return answer(shown(call, id, wanted(call, call.query.get("fields"))), headers=headers)


def wanted(call: Call, names: str | None) -> list[str]:
    """The fields named in a list, or all this user may see. Raises INVALID_FIELD."""
    sobject = call.org.sobject(call.args[0], call.user)
    visible = call.org.fields(call.user, sobject)
    if names is None:
        return [field.name for field in visible.values()]
    asked = [name.strip() for name in names.split(",")]
    for name in asked:
        if name.lower() not in visible:
            raise errors.no_such_column(name, sobject.name)
    return [visible[name.lower()].name for name in [*asked, "Id"]]


def shown(call: Call, id: str, fields: list[str]) -> Row:
    """A record as an answer. Raises SalesforceError like Org.locate."""
    sobject, table, row = call.org.locate(call.args[0], id)
    return record([], row, table, call.version) | {name: value_of(sobject, row, name) for name in fields}


RESOURCES: Resources = [
    (re.compile(r"/sobjects/([^/]+)"), {"GET": show_sobject, "POST": create_row}),
    (re.compile(r"/sobjects/([^/]+)/Id", re.IGNORECASE), {"POST": upsert_new_row}),
    (re.compile(r"/sobjects/([^/]+)/([^/]+)"), {"GET": show_row, "PATCH": update_row, "DELETE": delete_row}),
    (
        re.compile(r"/sobjects/([^/]+)/(?!describe/)([^/]+)/([^/]+)"),  # layouts are no record's key
        {"GET": show_row_by_key, "PATCH": upsert_row, "DELETE": delete_row_by_key},
    ),
]
