"""Custom fields: how they are written down between two runs, and what becomes of values when one changes its type.

Change Data Capture Developer Guide, "Change Events for Field Conversions". Must not know users' rights.
"""

import json

from sidebar.twin.org import describe
from sidebar.twin.org.changes import Change
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.ledger import Ledger
from sidebar.twin.org.people import Actor
from sidebar.twin.org.rows import Table

_TEXTS = {"string", "textarea", "picklist", "multipicklist", "email", "phone", "url"}
_NUMBERS = {"int", "double", "currency", "percent"}


def written(new: SObject, now: SObject) -> str:
    """What an administrator changed on an object since it was new."""
    before = {field["name"]: field for field in new.raw["fields"]}
    after = {field["name"]: field for field in now.raw["fields"]}
    added = [field for name, field in after.items() if before.get(name) != field]
    return json.dumps({"added": added, "removed": [name for name in before if name not in after]})


def restored(new: SObject, text: str) -> SObject:
    kept = json.loads(text)
    for name in kept["removed"]:
        new = describe.without_field(new, name)
    for field in kept["added"]:
        if field not in new.raw["fields"]:
            new = describe.with_field(new, field)
    return new


def convert(ledger: Ledger, table: Table, old: Field, actor: Actor) -> None:
    """Clear what the field, already of its new type, cannot hold. Such a loss is told by one event with a wildcard
    for all records of the object; from a picklist to a checkbox or a multi-select list by a gap of those concerned."""
    new = table.sobject.fields[old.name.lower()].type
    holders = [row for row in table.live.values() if old.name in row]
    if not _fits(old.type, new):
        for row in holders:
            ledger.write(None, table, {**row, old.name: None})
    if old.type == "picklist" and new in ("boolean", "multipicklist"):
        if holders:
            _tell(ledger, table, "GAP_UPDATE", tuple(str(row["Id"]) for row in holders), actor)
    elif not _fits(old.type, new):
        _tell(ledger, table, "UPDATE", (f"{table.sobject.prefix}*",), actor)


def _fits(old: str, new: str) -> bool:
    return old == new or any({old, new} <= family for family in (_TEXTS, _NUMBERS))


def _tell(ledger: Ledger, table: Table, kind: str, ids: tuple[str, ...], actor: Actor) -> None:
    under = table.sobject
    ledger.tell(Change(kind, under.name, ids, {}, (), actor, "", 0, ledger.clock(), under=under))
