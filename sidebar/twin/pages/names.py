"""What a record is called and where it is shown. Knows no request and no form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sidebar.twin.org import JSON, Org
from sidebar.twin.org.describe import SObject
from sidebar.twin.org.rows import Stored

# What the org notes for itself.
SYSTEM = {"Id", "IsDeleted", "MasterRecordId", "PhotoUrl", "SystemModstamp"} | {
    f"{deed}{what}" for deed in ("Created", "LastModified", "LastViewed", "LastReferenced") for what in ("ById", "Date")
}


@dataclass(frozen=True, slots=True)
class Link:
    """`path` is empty for a record that has no page."""

    id: str
    title: str
    path: str
    object: str


def objects(org: Org) -> list[SObject]:
    """Those that have pages."""
    return [table.sobject for table in org.tables.values() if table.sobject.createable]


def link(sobject: SObject, row: Stored) -> Link:
    id_ = str(row["Id"])
    path = f"/lightning/r/{sobject.name}/{id_}/view" if sobject.createable else ""
    return Link(id_, str(row.get(sobject.name_field) or id_), path, sobject.label)


def linked(org: Org, id: JSON) -> Link | None:
    """The live record of this id, whatever its object."""
    table = org.table_of(str(id))
    return link(table.sobject, table.live[str(id)]) if table and str(id) in table.live else None


def parents(org: Org, sobject: SObject, row: Stored) -> Iterator[Link]:
    """The records with a page that this one points to."""
    for field in sobject.fields.values():
        found = linked(org, row.get(field.name)) if field.type == "reference" else None
        if found and found.path:
            yield found


def children(org: Org, sobject: SObject, row: Stored) -> Iterator[tuple[str, list[Link]]]:
    """The records that point to this one: what they are called together, and each of them."""
    for child in sobject.children:
        table = org.tables[child.object]
        found = table.lookup(child.field, [str(row["Id"])]) if child.relationship else None
        if found:
            yield table.sobject.raw["labelPlural"], links(table.sobject, (table.live[id_] for id_ in found))


def links(sobject: SObject, rows: Iterable[Stored]) -> list[Link]:
    """Sorted by what the records are called."""
    return sorted((link(sobject, row) for row in rows), key=lambda found: found.title.casefold())
