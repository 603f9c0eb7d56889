"""Writing one record as JSON describes it, by its id or by an external id, whatever the address it was sent to.

A field is as good as an external id when it is an idLookup, such as a Contact's Email.
"""

from collections.abc import Mapping

from sidebar.twin import errors
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Row, values
from sidebar.twin.org.describe import SObject
from sidebar.twin.rest.call import Call


class Several(SalesforceError):
    """More than one record has this external id."""

    def __init__(self, label: str, ids: list[str]) -> None:
        message = f"{label}: more than one record found for external id field: [{', '.join(ids)}]"
        super().__init__(400, "DUPLICATE_EXTERNAL_ID", message, [])
        self.ids = ids


def create(call: Call, object: str, fields: Mapping[str, JSON]) -> str:
    """The id of the new record."""
    sent = _resolved(call, object, fields)
    return call.org.create(call.actor, object, sent, allow_duplicates=call.allows_duplicates)


def update(call: Call, object: str, id: str, fields: Mapping[str, JSON]) -> None:
    sent = _resolved(call, object, fields)
    call.org.update(call.actor, object, id, sent, allow_duplicates=call.allows_duplicates)


def upsert(
    call: Call, object: str, key: str, value: str, fields: Mapping[str, JSON], *, creating: bool = True
) -> tuple[str, bool]:
    """The record's id, and whether it is new. Raises Several; NOT_FOUND when it would be new but must not be."""
    if any(name.lower() == key.lower() for name in fields):
        raise SalesforceError(400, "INVALID_FIELD", f"The {key} field should not be specified in the sobject data.")
    found = find(call, object, key, value)
    if found:
        update(call, object, found, fields)
        return found, False
    if not creating:
        raise errors.not_found()
    field = call.org.sobject(object).fields[key.lower()]
    return create(call, object, {**fields, field.name: values.from_text(field, value)}), True


def find(call: Call, object: str, key: str, value: str) -> str | None:
    """The id of the one live record with this external id. Raises Several, NOT_FOUND for a field that is none."""
    if key.lower() == "id":
        raise errors.no_such_key(key)
    found = call.org.find(object, key, value, call.user)
    if len(found) > 1:
        raise Several(call.org.sobject(object).fields[key.lower()].label, found)
    return found[0] if found else None


def _resolved(call: Call, object: str, fields: Mapping[str, JSON]) -> Row:
    """The fields with lookups by external id, such as {"Account": {"Ext__c": "x"}}, turned into ids."""
    sobject = call.org.sobject(object, call.user)
    resolved: Row = {}
    for name, value in fields.items():
        lookup = sobject.parents.get(name.lower())
        parent = call.org.schema.get(str(lookup.target).lower()) if lookup else None
        if lookup and parent and isinstance(value, dict):
            resolved[lookup.name] = _parent(call, parent, value)
        else:
            resolved[name] = value
    return resolved


def _parent(call: Call, parent: SObject, wanted: Mapping[str, JSON]) -> str:
    keys = [name for name in wanted if name.lower() != "attributes"]
    value = str(wanted[keys[0]]) if len(keys) == 1 else ""
    try:
        found = find(call, parent.name, ", ".join(keys), value)
    except SalesforceError as error:
        if error.status != 404:
            raise
        message = f"Field name provided, {', '.join(keys)} does not match an External ID for {parent.name}"
        raise SalesforceError(400, "INVALID_FIELD", message, []) from None
    if found is None:
        message = f"Foreign key external ID: {value} not found for field {keys[0]} in entity {parent.name}"
        raise SalesforceError(400, "INVALID_FIELD", message, [])
    return found
