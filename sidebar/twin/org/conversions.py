"""A custom field gets another type: which values survive, and what change data capture says about the others.

Change Data Capture Developer Guide, "Change Events for Field Conversions". Must not know describes or users' rights.
"""

from sidebar.twin.org.changes import Change
from sidebar.twin.org.describe import Field
from sidebar.twin.org.ledger import Ledger
from sidebar.twin.org.people import Actor
from sidebar.twin.org.rows import Table

_TEXTS = {"string", "textarea", "picklist", "multipicklist", "email", "phone", "url"}
_NUMBERS = {"int", "double", "currency", "percent"}


def convert(ledger: Ledger, table: Table, old: Field, actor: Actor) -> None:
    """Clear what the field, already of its new type, cannot hold. Such a loss is told by one event with a wildcard
    for all records of the object; from a picklist to a checkbox or a multi-select list by a gap of those concerned."""
    new = table.sobject.fields[old.name.lower()].type
    holders = [row for row in table.live.values() if old.name in row]
    if not _fits(old.type, new):
        for row in holders:
            ledger.update(None, table, {**row, old.name: None})
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
