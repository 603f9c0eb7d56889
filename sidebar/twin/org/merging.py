"""Two or three records of the same person or company become one: the others' children move, the others go.

A merged record lies in the bin and says in MasterRecordId whom it became.
"""

from collections.abc import Sequence

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import deletion
from sidebar.twin.org.people import Actor
from sidebar.twin.org.records import Records
from sidebar.twin.org.rows import Table

_MOST = 2


def merge(records: Records, actor: Actor, object: str, master: str, losers: Sequence[str]) -> None:
    """Raises SalesforceError."""
    with records.transaction():
        sobject, table = records.permitted(actor, object, "delete")
        if not sobject.raw["mergeable"]:
            raise SalesforceError(400, "INVALID_TYPE", f"sObject type '{sobject.name}' cannot be merged", [])
        ids = [str(records.locate(object, id_)[2]["Id"]) for id_ in (master, *losers)]
        if not 1 <= len(losers) <= _MOST or len(set(ids)) < len(ids):
            raise SalesforceError(400, "ILLEGAL_ARGUMENT", "One record is merged with one or two others", [])
        winner, *others = ids
        records.change(actor, table, table.live[winner], {})
        for loser in others:
            _move_children(records, actor, table, loser, winner)
            deletion.bury(records, actor, table, table.live[loser], {"MasterRecordId": winner})


def _move_children(records: Records, actor: Actor, table: Table, loser: str, winner: str) -> None:
    for child in table.sobject.children:
        other = records.tables[child.object]
        for id_ in deletion.pointing(other, child.field, loser):
            records.change(actor, other, other.live[id_], {child.field: None if id_ == winner else winner})
