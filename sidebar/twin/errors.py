"""What the org refuses, in the words real orgs use. Every error of the data API is one SalesforceError."""

from collections.abc import Mapping, Sequence


class SalesforceError(Exception):
    """One refusal: HTTP status, error code, message and, where the layer names them, the fields at fault.

    `field` is set while a value still waits for its place (line, column) in the JSON body it came from. `extra` are
    keys that only this kind of error has.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Sequence[str] | None = None,
        *,
        field: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = None if fields is None else list(fields)
        self.field = field
        self.extra = dict(extra or {})

    def body(self) -> list[dict[str, object]]:
        """The error array as REST answers it; `fields` is absent where real answers lack it."""
        entry: dict[str, object] = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields is not None:
            entry["fields"] = self.fields
        return [entry]


def not_found() -> SalesforceError:
    return SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")


def no_such_key(field: str) -> SalesforceError:
    message = f"Provided external ID field does not exist or is not accessible: {field}"
    return SalesforceError(404, "NOT_FOUND", message)


def deleted() -> SalesforceError:
    return SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted", [])


def malformed_id(label: str, value: str, field: str) -> SalesforceError:
    return SalesforceError(400, "MALFORMED_ID", f"{label}: id value of incorrect type: {value}", [field])


def no_such_column(field: str, object_name: str) -> SalesforceError:
    return SalesforceError(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {object_name}")


def malformed_query(message: str) -> SalesforceError:
    return SalesforceError(400, "MALFORMED_QUERY", message)


def not_writable(fields: Sequence[str]) -> SalesforceError:
    return SalesforceError(
        400,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field "
        "and verify that it is read/write for your profile or permission set.",
        fields,
    )


def required(fields: Sequence[str]) -> SalesforceError:
    return SalesforceError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields)


def wrong_shape(field: str, wanted: str, token: str, value: str) -> SalesforceError:
    """A JSON value that cannot become the field's type; REST adds where in the body it stood."""
    message = (
        f"Cannot deserialize instance of {wanted} from {token} value {value} or request may be missing a required field"
    )
    return SalesforceError(400, "JSON_PARSER_ERROR", message, field=field)


def locked_row(id_: str) -> SalesforceError:
    message = f"unable to obtain exclusive access to this record or 1 records: {id_}"
    return SalesforceError(400, "UNABLE_TO_LOCK_ROW", message, [])


def not_possible(deed: str, label: str) -> SalesforceError:
    """`deed` is create, edit or delete."""
    done = {"create": "inserted", "edit": "updated", "delete": "deleted"}[deed]
    return SalesforceError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be {done}: {label}", [])


def no_access() -> SalesforceError:
    return SalesforceError(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [])


def no_such_reference() -> SalesforceError:
    return SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])


def no_such_record() -> SalesforceError:
    """What cannot be deleted, since it never was or is gone for good."""
    return SalesforceError(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])


def converted_lead() -> SalesforceError:
    return SalesforceError(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])


def duplicate_value(field: str, other: str) -> SalesforceError:
    message = f"duplicate value found: {field} duplicates value on record with id: {other[:15]}"
    return SalesforceError(400, "DUPLICATE_VALUE", message, [])


def inactive_owner(user: str, label: str) -> SalesforceError:
    message = f"operation performed with inactive user [{user[:15]}] as owner of {label.lower()}"
    return SalesforceError(400, "INACTIVE_OWNER_OR_USER", message, [])
