"""The one thing of the Tooling API that listeners ask: which objects are selected for change data capture.

Tooling API guide, PlatformEventChannelMember: the standard channel goes by its name, a custom one by its id. The
envelope is as recorded in the tests of Salesforce's own editor plug-ins: an empty answer names no object.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace

from starlette.responses import Response

from sidebar.twin import ids
from sidebar.twin.answers import answer
from sidebar.twin.org import Org, Row, describe
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.rows import Table
from sidebar.twin.query import soql
from sidebar.twin.rest.call import Call, Resources

_MEMBER, _STANDARD = "PlatformEventChannelMember", "ChangeEvents"


def query(call: Call) -> Response:
    found = soql.run(_configuration(call.org), call.user, call.query.get("q", ""))
    rows = soql.shown(found, 0, len(found.rows), f"{call.version}/tooling")
    size: Row = {"size": len(rows), "totalSize": found.total, "done": True, "queryLocator": None}
    return answer({**size, "entityTypeName": found.table.sobject.name if rows else None, "records": list(rows)})


def _configuration(org: Org) -> Org:
    """The same org, with what its administrator has chosen as its records."""
    table = Table(_member())
    for row in _rows(org):
        table.put({"Id": table.new_id(), **row})
    seen = copy(org)
    seen.schema, seen.tables = {_MEMBER.lower(): table.sobject}, {_MEMBER: table}
    return seen


def _rows(org: Org) -> Iterator[Row]:
    """Of every channel; an object that is not selected stands in none."""
    captured = [each.name for each in org.schema.values() if each.createable]
    captured = [name for name in captured if not _among(name, org.setup.uncaptured_objects)]
    yield from (_row(_STANDARD, _STANDARD, name) for name in captured)
    for number, channel in enumerate(org.setup.channels, 1):
        name, _, members = channel.partition("=")
        yield from (_row(name, ids.new("0YL", number), each) for each in captured if _among(each, members.split(",")))


def _row(channel: str, known_as: str, object_name: str) -> Row:
    entity = re.sub(r"(?<=__)c$", "", object_name) + "ChangeEvent"
    unique = f"{channel}_{entity}".replace("__", "_")
    return {"DeveloperName": unique, "EventChannel": known_as, "SelectedEntity": entity}


def _among(object_name: str, given: Iterable[str]) -> bool:
    return object_name.lower() in (each.strip().lower() for each in given)


def _member() -> SObject:
    """Described by the fields that are asked for here; nobody can write it."""
    model = describe.schema()["organization"]
    names = ("DeveloperName", "EventChannel", "SelectedEntity")
    fields = {"id": model.fields["id"]} | {name.lower(): _text(model.fields["name"], name) for name in names}
    bare = replace(model, parents={}, children=(), record_types=())
    return replace(bare, name=_MEMBER, label="Platform Event Channel Member", prefix="0v8", fields=fields)


def _text(model: Field, name: str) -> Field:
    return replace(model, name=name, label=name, name_field=False)


RESOURCES: Resources = [(re.compile(r"/tooling/query"), {"GET": query})]
