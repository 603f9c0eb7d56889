"""Into the bin, out of it again, and gone for ever.

A deleted record remembers in its row which records went along and which links to it were cut, under names no field
can have. Who went along comes back only with the one it went with.
"""

from collections.abc import Mapping
from typing import cast

from sidebar.twin import errors
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.people import Actor
from sidebar.twin.org.records import Records, whole_id
from sidebar.twin.org.rows import JSON, Row, Stored, Table

_WENT_ALONG, _WENT_WITH, _CUT = "went along", "went with", "links cut"


def delete(records: Records, actor: Actor, object: str, id: str) -> None:
    """With the records that cannot be without it; looser links to it are cut without an event."""
    with records.transaction():
        sobject, table = records.permitted(actor, object, "delete")
        whole = whole_id(sobject, id)
        if whole not in table.live:
            raise errors.deleted() if whole in table.bin else errors.no_such_record()
        row = table.live[whole]
        records.check_lock(row)
        bury(records, actor, table, row, {})


def bury(records: Records, actor: Actor, table: Table, row: Stored, last_words: Row) -> None:
    """The deletion itself; `last_words` are fields the record takes with it into the bin."""
    going = _going(records, table, str(row["Id"]))
    cut = _links(records, going)
    for name, id_, field in cut:
        records.ledger.write(None, records.tables[name], {**records.tables[name].live[id_], field: None})
    along = [[home.sobject.name, id_] for id_, home in going.items() if id_ != row["Id"]]
    memory = {_WENT_ALONG: along or None, _CUT: cut or None} | last_words
    for id_, home in going.items():
        notes = memory if id_ == row["Id"] else {_WENT_WITH: row["Id"]}
        gone = {**home.live[id_], **records.modified(actor.user), **notes, "IsDeleted": True}
        records.ledger.write(actor, home, cast(Row, gone))


def undelete(records: Records, actor: Actor, object: str, id: str) -> None:
    """With those that went along in the same deletion; links that were cut and not replaced are tied again."""
    with records.transaction():
        sobject, table = records.permitted(actor, object, "delete")
        root = table.bin.get(whole_id(sobject, id), {})
        if not root or _WENT_WITH in root:
            raise SalesforceError(400, "UNDELETE_FAILED", "Entity is not in the recycle bin", [])
        back = [(table, root), *_companions(records, root)]
        company = {row["Id"] for _, row in back}
        for home, row in back:
            restored = _restored(records, home, row, company)
            records.ledger.write(actor, home, restored | records.modified(actor.user))
        for name, id_, field in _remembered(root, _CUT):
            row = records.tables[name].live.get(id_, {})
            if row and field not in row:
                records.ledger.write(None, records.tables[name], {**row, field: root["Id"]})


def purge(records: Records, actor: Actor, object: str, id: str) -> None:
    """For ever, with those that went along; a live record is deleted first, which is told like any deletion."""
    with records.transaction():
        sobject, table = records.permitted(actor, object, "delete")
        whole = whole_id(sobject, id)
        if whole in table.live:
            delete(records, actor, object, whole)
        if whole not in table.bin:
            raise errors.not_found()
        for home, row in [*_companions(records, table.bin[whole]), (table, table.bin[whole])]:
            records.ledger.purge(home, str(row["Id"]))


def _going(records: Records, table: Table, id: str) -> dict[str, Table]:
    """The record and all that cannot be without it, by id."""
    going = {id: table}
    waiting = [id]
    for id_ in waiting:
        for child in going[id_].sobject.children:
            for found in pointing(records.tables[child.object], child.field, id_) if child.cascade else ():
                if found not in going:
                    going[found] = records.tables[child.object]
                    waiting.append(found)
    return going


def _links(records: Records, going: Mapping[str, Table]) -> list[list[str]]:
    """Object, id and field of what points to the records that go, and stays. Raises DELETE_FAILED."""
    links = []
    for id_, home in going.items():
        for child in home.sobject.children:
            other = records.tables[child.object]
            staying = [found for found in pointing(other, child.field, id_) if found not in going]
            if child.restricted and staying:
                raise _still_needed(home.live[id_], other, staying)
            links += [[child.object, found, child.field] for found in staying]
    return links


def pointing(table: Table, field: str, id_: str) -> list[str]:
    return sorted(found for found in table.lookup(field, [id_]) or () if table.live[found].get(field) == id_)


def _companions(records: Records, root: Stored) -> list[tuple[Table, Stored]]:
    """Those still in the bin of the records that went along."""
    along = ((records.tables[name], id_) for name, id_ in _remembered(root, _WENT_ALONG))
    return [(table, table.bin[id_]) for table, id_ in along if id_ in table.bin]


def _remembered(root: Stored, what: str) -> list[list[str]]:
    return cast(list[list[str]], root.get(what, []))


def _restored(records: Records, table: Table, row: Stored, company: set[JSON]) -> Row:
    """The row as it was, without its links to what is gone meanwhile."""
    fields = table.sobject.fields
    kept: Row = {name: value for name, value in row.items() if name.lower() in fields}
    for name, value in kept.items():
        if fields[name.lower()].type == "reference" and value not in company and not records.record(value):
            kept[name] = None
    records.check_unique(table, kept)
    return kept | {"MasterRecordId": None, "IsDeleted": None}


def _still_needed(row: Stored, table: Table, ids: list[str]) -> SalesforceError:
    name = table.sobject.name_field
    needing = ", ".join(str(table.live[id_].get(name, id_)) for id_ in ids)
    message = (
        f"Your attempt to delete {row.get('Name', row['Id'])} could not be completed because it is associated with "
        f"the following {str(table.sobject.raw['labelPlural']).lower()}.: {needing}\n"
    )
    return SalesforceError(400, "DELETE_FAILED", message, [])
