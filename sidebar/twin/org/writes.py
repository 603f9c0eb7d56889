"""What a write must satisfy before it becomes a row: known fields, rights, values, required fields, rules."""

from collections.abc import Iterable, Mapping

from sidebar.twin import errors
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import values
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.permissions import Profile, Rule
from sidebar.twin.org.rows import JSON, Row, Stored


def accepted(
    sobject: SObject,
    readable: Mapping[str, Field],
    profile: Profile,
    sent: Mapping[str, JSON],
    *,
    creating: bool,
) -> Row:
    """The sent fields under their API names with values as they will be stored. Raises SalesforceError."""
    named = {_field(sobject, name): value for name, value in sent.items() if name.lower() != "attributes"}
    refused = [
        field.name
        for field in named
        if field.name.lower() not in readable or not _writable(sobject, profile, field, creating)
    ]
    if refused:
        raise errors.not_writable(refused)
    return {field.name: values.kept(field, value) for field, value in named.items()}


def check_required(sobject: SObject, row: Stored, sent: Stored) -> None:
    """A field with a default may be left out, but not emptied. A checkbox without a value is false."""
    missing = [
        field.name
        for field in sobject.fields.values()
        if field.createable
        and not field.nillable
        and row.get(field.name) is None
        and (not field.defaulted or field.name in sent)
        and field.type != "boolean"
    ]
    if missing:
        raise errors.required(missing)


def check_rules(rules: Iterable[Rule], sobject: SObject, row: Stored) -> None:
    for rule in rules:
        if rule.object == sobject.name and rule.broken(row):
            raise SalesforceError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [rule.field])


def _field(sobject: SObject, name: str) -> Field:
    if name.lower() == "id":
        raise SalesforceError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    if name.lower() not in sobject.fields:
        raise errors.no_such_column(name, sobject.name)
    return sobject.fields[name.lower()]


def _writable(sobject: SObject, profile: Profile, field: Field, creating: bool) -> bool:
    allowed = field.createable if creating else field.updateable
    return allowed and profile.writes(sobject.name, field.name)
