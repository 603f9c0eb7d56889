"""What the columns of an uploaded file mean, and what a row of it says. Writes nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Row, values
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.rest.bulk.csv import BadData
from sidebar.twin.rest.call import Call

_NULL = "#N/A"
_ZONE_OF_DAY = re.compile(r"(?<=^\d{4}-\d\d-\d\d)(Z|[+-]\d\d:?\d\d)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """A field, or with a `key` a lookup by an external id of the parent, such as Account.Ext_Id__c."""

    field: Field
    key: str | None = None

    @property
    def name(self) -> str:
        return str(self.field.relationship) if self.key else self.field.name

    def value(self, text: str) -> JSON:
        if self.key:
            return {self.key: text}
        return values.from_text(self.field, _ZONE_OF_DAY.sub("", text) if self.field.type == "date" else text)


def column_of(call: Call, sobject: SObject, name: str) -> Column:
    """Raises BadData for what is neither a field the user sees nor a lookup by an external id."""
    if field := call.org.fields(call.user, sobject).get(name.lower()):
        return Column(field)
    relationship, _, key = name.lower().partition(".")
    lookup = sobject.parents.get(relationship)
    parent = call.org.schema.get(str(lookup.target).lower()) if lookup else None
    known = call.org.fields(call.user, parent).get(key) if parent else None
    if not (lookup and known and known.type != "id" and known.is_key):
        raise BadData(f"InvalidBatch : Field name not found : {name}")
    return Column(lookup, known.name)


def sent(columns: Sequence[Column], row: Sequence[str]) -> Row:
    """What a row says by field name. An empty text says nothing, #N/A says null."""
    pairs = [(column, text) for column, text in zip(columns, row, strict=True) if text]
    return {
        **{column.field.name: None for column, text in pairs if text == _NULL},
        **{column.name: column.value(text) for column, text in pairs if text != _NULL},
    }


def unreadable(columns: Sequence[Column], row: Sequence[str], field: str) -> SalesforceError:
    """The recorded complaint about a text that cannot become its field's type; columns are counted from 0."""
    place, column = next(pair for pair in enumerate(columns) if pair[1].field.name == field)
    trouble = f"'{row[place]}' is not a valid value for the type {column.field.soap}"
    message = f"Failed to deserialize field at col {place}. Due to, {trouble}"
    return SalesforceError(400, "INVALID_FIELD", message, [field])
