"""A record as a form: its fields in sections, every value as text, and what was typed as values again.

Knows the org's describes and rows; no request and no page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Org, Row, recordtypes, values
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.pages import names

# What an administrator has laid out by hand; the other fields of these objects are not on the page, custom ones last.
LAYOUTS = {
    "Contact": {
        "Person": "Salutation FirstName LastName AccountId Title Department LeadSource Birthdate RecordTypeId",
        "Phone and e-mail": "Email Phone MobilePhone HomePhone OtherPhone AssistantPhone Fax",
        "Mailing address": "MailingStreet MailingCity MailingState MailingPostalCode MailingCountry",
        "Notes": "Description",
    },
    "Account": {
        "Company": "Name Type Industry Website Phone Fax",
        "Billing address": "BillingStreet BillingCity BillingState BillingPostalCode BillingCountry",
        "Notes": "Description",
    },
}
_KINDS = {"email": "email", "phone": "tel", "url": "url", "date": "date", "datetime": "datetime-local", "time": "time"}
_KINDS |= {"textarea": "textarea", "boolean": "checkbox", "multipicklist": "checkboxes"}
_NUMBERS = ("int", "double", "currency", "percent")
_MOST_OPTIONS = 500


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    label: str
    kind: str  # an input type, or textarea, select, checkboxes, decimal; "shown" for what cannot be typed
    value: str
    options: tuple[tuple[str, str], ...]
    required: bool
    error: str


@dataclass(frozen=True, slots=True)
class Form:
    """Of a record, or of a new one where `row` is empty."""

    org: Org
    sobject: SObject
    row: Row

    def sections(self, typed: Mapping[str, str], error: SalesforceError | None) -> dict[str, list[Input]]:
        """`typed` is what stands in the fields instead of their values."""
        faults = _faults(error)
        return {
            title: [self._input(field, typed.get(field.name), faults.get(field.name, "")) for field in fields]
            for title, fields in self._layout().items()
        }

    def typed(self, body: bytes) -> dict[str, str]:
        """What stands in the form's fields, by API name."""
        sent = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        return {field.name: _joined(field, sent[field.name]) for field in self._writable() if field.name in sent}

    def changes(self, typed: Mapping[str, str]) -> Row:
        """What was typed and differs, as values. Raises SalesforceError for values that do not go together."""
        fields = [field for field in self._writable() if field.name in typed]
        meant = {field.name: _meant(field, typed[field.name]) for field in fields}
        old = {field.name: _meant(field, _text(field, self._value(field))) for field in fields}
        changed: Row = {name: value for name, value in meant.items() if value != old[name]}
        _check_dependent(self.sobject, {**self.row, **changed}, changed)
        return changed

    def _layout(self) -> dict[str, list[Field]]:
        written = LAYOUTS.get(self.sobject.name, {})
        fields = {field.name: field for field in self._readable()}
        found = {title: [fields[name] for name in text.split() if name in fields] for title, text in written.items()}
        for field in fields.values():
            if field.custom or not written:
                found.setdefault(self._title(field), []).append(field)
        return found

    def _title(self, field: Field) -> str:
        """Parts of an address stand together; Name is a field of its own."""
        whole = self.sobject.fields.get((field.compound or "name").lower())
        return whole.label if whole and whole.name != "Name" else "Details"

    def _readable(self) -> Iterable[Field]:
        """What can be seen here; a new record has an owner by itself."""
        wholes = {field.compound for field in self.sobject.fields.values()} - {"Name"}
        left_out = wholes | names.SYSTEM | ({"Name"} if self.sobject.has_person_name else set())
        for field in self.org.fields(self.org.admin, self.sobject).values():
            if field.name not in left_out and (self.row or (field.createable and field.name != "OwnerId")):
                yield field

    def _writable(self) -> list[Field]:
        known = [field for fields in self._layout().values() for field in fields]
        return [field for field in known if self._takes(field)]

    def _takes(self, field: Field) -> bool:
        return field.updateable if self.row else field.createable

    def _value(self, field: Field) -> JSON:
        return self.row.get(field.name) if self.row else field.default

    def _input(self, field: Field, typed: str | None, error: str) -> Input:
        writable = self._takes(field)
        text = _text(field, self._value(field)) if writable else text_of(self.org, field, self._value(field))
        text = text if typed is None else typed
        options = self._options(field, text) if writable else ()
        return Input(
            name=field.name,
            label=field.label.removesuffix(" ID"),
            kind=_kind(field, options) if writable else "shown",
            value=text,
            options=options,
            required=not field.nillable and not field.defaulted and writable,
            error=error,
        )

    def _options(self, field: Field, text: str) -> tuple[tuple[str, str], ...]:
        """(value, label) pairs; a value that is not among them is kept, or saving would lose it."""
        found = dict(self._offered(field))
        chosen = text.split(";") if field.type == "multipicklist" else [text]
        return tuple((found | {value: found.get(value, value) for value in chosen if value and found}).items())

    def _offered(self, field: Field) -> Iterable[tuple[str, str]]:
        if field.type == "reference":
            return self._records(field.targets)
        if field.type not in ("picklist", "multipicklist"):
            return ()
        kind = self.row.get("RecordTypeId")
        allowed = recordtypes.allowed(self.sobject, field.name, str(kind) if kind else None)
        return ((entry.value, entry.label) for entry in allowed)

    def _records(self, objects: Iterable[str]) -> Iterable[tuple[str, str]]:
        """By id and name; none where they are too many for a list, and only the record types of this object."""
        tables = [self.org.tables[name] for name in objects]
        if sum(len(table.live) for table in tables) > _MOST_OPTIONS:
            return
        for table in tables:
            rows = [
                row for row in table.live.values() if row.get("SobjectType", self.sobject.name) == self.sobject.name
            ]
            for link in names.links(table.sobject, rows):
                yield link.id, f"{link.object}: {link.title}" if len(tables) > 1 else link.title


def text_of(org: Org, field: Field, value: JSON) -> str:
    """A field's value for reading."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    found = names.linked(org, value) if field.type == "reference" else None
    return found.title if found else _text(field, value)


def _kind(field: Field, options: Iterable[tuple[str, str]]) -> str:
    if field.type in _NUMBERS:
        return "decimal"
    return _KINDS.get(field.type, "select" if options else "text")


def _text(field: Field, value: JSON) -> str:
    if value is None or isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    length = {"datetime": 19, "time": 8}.get(field.type)
    return str(value)[:length].removesuffix(":00") if length else str(value)


def _meant(field: Field, text: str) -> JSON:
    """What JSON would say; the org's time zone is UTC."""
    if field.type == "boolean":
        return text == "true"
    if field.type in ("datetime", "time") and text:
        return f"{text}{':00' if text.count(':') == 1 else ''}.000{'Z' if field.type == 'time' else '+0000'}"
    return values.from_text(field, text) if text else None


def _joined(field: Field, sent: list[str]) -> str:
    """A checkbox sends its own value after the one that stands for no tick."""
    return ";".join(filter(None, sent)) if field.type == "multipicklist" else sent[-1].replace("\r\n", "\n")


def _check_dependent(sobject: SObject, row: Row, changed: Row) -> None:
    """The API takes any value of the list; it is the page that minds the controlling field."""
    for field in sobject.fields.values():
        if field.controller and row.get(field.name) and {field.name, field.controller} & changed.keys():
            controller = sobject.fields[field.controller.lower()]
            place = _position(controller, row.get(controller.name))
            for entry in field.picklist:
                chosen = entry.value in str(row[field.name]).split(";")
                if chosen and entry.valid_for is not None and place not in entry.valid_for:
                    message = f"{field.label}: {entry.label} does not go with this {controller.label}"
                    raise SalesforceError(400, "FIELD_INTEGRITY_EXCEPTION", message, [field.name])


def _position(controller: Field, value: JSON) -> int:
    if controller.type == "boolean":
        return int(bool(value))
    return next((place for place, entry in enumerate(controller.picklist) if entry.value == value), -1)


def _faults(error: SalesforceError | None) -> dict[str, str]:
    if error is None:
        return {}
    return dict.fromkeys(error.fields or filter(None, [error.field]), error.message)
