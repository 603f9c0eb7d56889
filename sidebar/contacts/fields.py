"""Fields of a Contact as the panel shows and takes them: labelled, typed and permitted by the org's own describe."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from sidebar.salesforce.client import JSON, Record, moment

DEFAULT = (
    "AccountId",
    "Title",
    "Email",
    "Phone",
    "MobilePhone",
    "LeadSource",
    "Birthdate",
    "DoNotCall",
    "Loyalty_Points__c",
    "MailingCity",
    "MailingCountry",
    "Description",
)
"""What a new workspace shows, in this order."""

NUMBERS = frozenset({"int", "double", "currency", "percent"})
EDITABLE = frozenset({"string", "textarea", "boolean", "picklist", "combobox", "date"}) | NUMBERS
"""Types that can be edited in place. `email` and `phone` never can (RI-18): they are what people are found by."""


_NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


_UNTOLD = frozenset({"LastActivityDate", "LastViewedDate", "LastReferencedDate", "IsEmailBounced", "PhotoUrl"})


class Invalid(Exception):
    """A typed value that cannot become one of the field. `problem` names what is wrong, `limit` the bound it broke."""

    def __init__(self, problem: str, limit: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Spec:
    """What describe says of one field, as far as we need it."""

    name: str
    label: str
    type: str
    length: int
    scale: int
    required: bool
    writable: bool  # by the connected user: updateable, and neither calculated nor numbered by Salesforce
    restricted: bool
    relationship: str  # "Account" for AccountId
    options: tuple[Option, ...]
    calculated: bool = False  # by Salesforce, from other fields or records: no change event tells of it


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the panel. `raw` is the value as Salesforce tells it, `shown` as the reader reads it."""

    spec: Spec
    raw: JSON
    shown: str
    editable: bool


def specs(describe: Record) -> dict[str, Spec]:
    """By API name, and only what the connected user may read: describe leaves the rest out."""
    fields = cast("list[dict[str, JSON]]", describe["fields"])
    return {str(field["name"]): _spec(field) for field in fields}


def columns(known: Mapping[str, Spec], shown: Sequence[str]) -> list[str]:
    """What to ask Salesforce for: the shown fields that exist, and those we find and compare people by."""
    wanted = ["Id", "Name", "LastModifiedDate", "MailingCountry", "MailingCountryCode", *shown]
    wanted += [spec.name for spec in known.values() if spec.type in ("email", "phone")]
    present = [name for name in dict.fromkeys(wanted) if name in known]
    return present + [f"{known[name].relationship}.Name" for name in present if known[name].relationship]


def view(
    known: Mapping[str, Spec], record: Record, shown: Sequence[str], editing: bool, language: str
) -> tuple[Field, ...]:
    return tuple(field(known[name], record, editing, language) for name in shown if name in known)


def field(spec: Spec, record: Record, editing: bool, language: str) -> Field:
    raw = record.get(spec.name)
    return Field(spec, raw, show(spec, raw, record, language), editing and may_edit(spec))


def may_edit(spec: Spec) -> bool:
    return spec.writable and spec.type in EDITABLE


def show(spec: Spec, raw: JSON, record: Record, language: str) -> str:
    """The value in the reader's language; empty where there is none. A checkbox's words are the template's."""
    if raw is None or raw == "":
        return ""
    if spec.type == "date":
        return format_date(date.fromisoformat(str(raw)), "medium", language)
    if spec.type == "datetime":
        return format_datetime(moment(str(raw)), "medium", locale=language)
    if spec.type in NUMBERS:
        number = Decimal(str(raw)).normalize()  # Salesforce says 120.0 for a number without decimals
        if spec.type == "percent":
            return format_percent(number / 100, locale=language, decimal_quantization=False)
        return format_decimal(number, locale=language, decimal_quantization=False)
    if spec.type == "multipicklist":
        return "; ".join(_label(spec, each) for each in str(raw).split(";"))
    if spec.relationship:
        return str((cast("Record | None", record.get(spec.relationship)) or {}).get("Name") or raw)
    if isinstance(raw, dict):
        return ", ".join(str(part) for part in raw.values() if isinstance(part, str))
    return _label(spec, str(raw))


def parse(spec: Spec, typed: str) -> JSON:
    """What a form sent → the value for the wire. Raises Invalid; nothing is cut or guessed."""
    if spec.type == "boolean":
        return _checked(typed)
    text = typed.replace("\r\n", "\n").strip()  # Salesforce keeps no space at the ends
    if not text:
        if spec.required:
            raise Invalid("required")
        return None
    if spec.type == "date":
        return _date(text)
    if spec.type in NUMBERS:
        return _number(spec, text)
    if spec.type == "picklist" and spec.restricted and text not in {option.value for option in spec.options}:
        raise Invalid("option")
    if spec.length and len(text) > spec.length:
        raise Invalid("long", str(spec.length))
    return text


def _checked(text: str) -> bool:
    """A checkbox that is not ticked sends nothing."""
    if text not in ("true", "false", ""):
        raise Invalid("option")
    return text == "true"


def _date(text: str) -> str:
    try:
        parsed = date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise Invalid("date") from None
    if not 1700 <= parsed.year <= 4000:  # Salesforce's own bounds
        raise Invalid("date")
    return parsed.isoformat()


def _number(spec: Spec, text: str) -> int | float:
    """Takes `1234.5`, `1234,5` and `1 234,5`; `1,234` could be two numbers, so it is refused."""
    plain = "".join(text.split()).replace(",", ".")
    if not _NUMBER.fullmatch(plain) or _GROUPED.fullmatch(text):
        raise Invalid("number")
    number = Decimal(plain)
    if len(format(number, "f").partition(".")[2].rstrip("0")) > spec.scale:
        raise Invalid("scale", str(spec.scale))
    return int(number) if number == number.to_integral_value() else float(number)


def fits(spec: Spec, value: JSON) -> bool:
    """Whether a value can be one of this field's, as a form may claim it was."""
    if value is None:
        return True
    if spec.type == "boolean":
        return isinstance(value, bool)
    if spec.type in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        return False
    return spec.type != "date" or _DATE.fullmatch(value) is not None


def same(one: JSON, other: JSON) -> bool:
    """Whether two values of a field are one: a form sends other line ends than Salesforce may keep."""
    return _unix(one) == _unix(other)


def _unix(value: JSON) -> JSON:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _label(spec: Spec, value: str) -> str:
    return next((option.label for option in spec.options if option.value == value), value)


def _spec(field: Mapping[str, JSON]) -> Spec:
    picklist = cast("list[dict[str, JSON]]", field.get("picklistValues") or [])
    relationship = field.get("relationshipName") if field["type"] == "reference" else None
    return Spec(
        name=str(field["name"]),
        label=str(field["label"]).removesuffix(" ID") if relationship else str(field["label"]),
        type=str(field["type"]),
        length=int(cast(int, field.get("length") or 0)),
        scale=int(cast(int, field.get("scale") or 0)),
        required=not field["nillable"] and not field.get("defaultedOnCreate"),
        writable=bool(field["updateable"]) and not field.get("calculated") and not field.get("autoNumber"),
        restricted=bool(field.get("restrictedPicklist")),
        relationship=str(relationship or ""),
        options=tuple(Option(str(each["value"]), str(each["label"])) for each in picklist if each.get("active")),
        calculated=bool(field.get("calculated")) or field["name"] in _UNTOLD,
    )


def modified(record: Record) -> datetime:
    """When the record was last modified, to the whole second the wire knows."""
    return moment(str(record["LastModifiedDate"]))
