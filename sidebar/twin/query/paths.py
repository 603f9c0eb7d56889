"""The way from a row up to its parents, and what is read there. Knows rows and describes, no statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sidebar.twin.org import Org, User
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.rows import JSON, Row, Stored, Table, value_of

# What a lookup to several objects shows of whichever it points to: the fields of the object Name.
_NAME_FIELDS = {"id", "name", "firstname", "lastname", "email", "phone", "title", "username", "alias", "isactive"}
_WORKED_OUT = {"boolean", "address", "location", "encryptedstring"}
Read = Callable[[SObject, Stored], JSON]


@dataclass(frozen=True, slots=True)
class Step:
    """From a row to the record one of its lookups points to, which is in one of these tables (by key prefix)."""

    lookup: Field
    name: str
    tables: Mapping[str, Table]

    @property
    def polymorphic(self) -> bool:
        return bool(self.lookup.raw["polymorphicForeignKey"])

    def up(self, row: Stored) -> tuple[Table, Stored] | None:
        id_ = str(row.get(self.lookup.name, ""))
        table = self.tables.get(id_[:3])
        parent = table and (table.live.get(id_) or table.bin.get(id_))
        return (table, parent) if table and parent else None

    def show(self, outer: Row, row: Stored, version: str) -> tuple[Row, SObject, Stored] | None:
        """The parent's place in an answer, made when it is not there yet; None, and null there, without a parent."""
        found = self.up(row)
        if found is None:
            outer[self.name] = None
            return None
        table, parent = found
        inner = outer.setdefault(self.name, bare(table, parent, version, "Name" if self.polymorphic else None))
        return (inner, table.sobject, parent) if isinstance(inner, dict) else None


def readable(org: Org, user: User, sobject: SObject) -> bool:
    return org.profiles[user.profile].may("read", sobject.name)


def step(org: Org, user: User, sobject: SObject, relationship: str) -> Step | None:
    lookup = sobject.parents.get(relationship.lower())
    tables = [org.tables[name] for name in lookup.targets if name in org.tables] if lookup else []
    tables = [table for table in tables if readable(org, user, table.sobject)]
    if lookup is None or not tables:
        return None
    return Step(lookup, str(lookup.relationship), {table.sobject.prefix: table for table in tables})


def bare(table: Table, row: Stored, version: str, kind: str | None = None) -> Row:
    name = table.sobject.name
    url = f"/services/data/v{version}/sobjects/{name}/{row['Id']}"
    return {"attributes": {"type": kind or name, "url": url}}


def reader(field: Field) -> Read:
    if field.createable and field.type not in _WORKED_OUT:  # kept as it was written
        return lambda _, row: row.get(field.name)
    return lambda sobject, row: value_of(sobject, row, field.name)


def name_fields(org: Org, user: User, way: Step) -> Mapping[str, Field]:
    """The fields this user may read through a lookup to several objects, by lower-case name."""
    known = [item for table in way.tables.values() for item in org.fields(user, table.sobject).items()]
    fields = {key: field for key, field in known if key in _NAME_FIELDS}
    return fields | {"type": replace(fields["name"], name="Type", label="Type", type="picklist")}


def name_reader(org: Org, user: User, field: Field) -> Read:
    if field.name == "Type":
        return lambda sobject, _: sobject.name
    hidden = {name for name, each in org.schema.items() if field.name.lower() not in org.fields(user, each)}
    return lambda sobject, row: None if sobject.name.lower() in hidden else value_of(sobject, row, field.name)
