"""What the org knows of its objects and fields: the recorded describes, cut to what this twin really does.

`contact.json`, `account.json`, `lead.json` and `opportunity.json` are recordings of a real org; the others are written
in the same shape. One field stands on one line. Knows no user and no row.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict
from pydantic import Field as Told
from pydantic.dataclasses import dataclass

NEWEST = "68.0"  # API version
_DATA = Path(__file__).parent / "data"
_OBJECTS = (
    "account",
    "case",
    "contact",
    "lead",
    "opportunity",
    "organization",
    "recordtype",
    "subscription__c",
    "task",
    "user",
)
_URLS = {
    "compactLayouts": "/describe/compactLayouts",
    "rowTemplate": "/{ID}",
    "approvalLayouts": "/describe/approvalLayouts",
    "listviews": "/listviews",
    "describe": "/describe",
    "quickActions": "/quickActions",
    "layouts": "/describe/layouts",
    "sobject": "",
}
_ONLY_IN_FULL = {
    "actionOverrides",
    "childRelationships",
    "fields",
    "namedLayoutInfos",
    "recordTypeInfos",
    "supportedScopes",
}
_OF_CHOSEN_LENGTH = {"string", "longtextarea", "html", "encryptedstring"}
# Describe tells that a field numbers itself, not how.
_NUMBER_FORMATS = {"Case.CaseNumber": "{00000000}", "Subscription__c.Name": "SUB-{00000}"}


# Attributes are called as in describe, or as in the alias beside them.
_READ = ConfigDict(validate_by_name=True, validate_by_alias=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True, config=_READ)
class PicklistValue:
    """`valid_for` are the positions of the controlling field's values this one goes with; None: all of them."""

    value: str
    label: str
    active: bool
    default: Annotated[bool, Told(alias="defaultValue")]
    valid_for: frozenset[int] | None


@dataclass(frozen=True, slots=True, eq=False, config=_READ)
class Field:
    name: str
    label: str
    type: str
    soap: Annotated[str, Told(alias="soapType")]
    length: int
    nillable: bool
    createable: bool
    updateable: bool
    defaulted: Annotated[bool, Told(alias="defaultedOnCreate")]
    filterable: bool
    sortable: bool
    id_lookup: Annotated[bool, Told(alias="idLookup")]
    external_id: Annotated[bool, Told(alias="externalId")]
    unique: bool
    case_sensitive: Annotated[bool, Told(alias="caseSensitive")]
    custom: bool
    name_field: Annotated[bool, Told(alias="nameField")]
    auto_number: str | None  # the format, digits in braces
    default: bool | int | float | str | None  # what a new record gets when nothing is sent
    compound: Annotated[str | None, Told(alias="compoundFieldName")]  # the name or address this field is a part of
    targets: Annotated[tuple[str, ...], Told(alias="referenceTo")]  # objects a reference may point to
    relationship: Annotated[str | None, Told(alias="relationshipName")]
    controller: Annotated[str | None, Told(alias="controllerName")]  # the picklist or checkbox a dependent one follows
    picklist: tuple[PicklistValue, ...]
    values: frozenset[str] | None  # of a restricted picklist
    raw: Mapping[str, Any]

    @property
    def is_key(self) -> bool:
        """Whether records are found and upserted by this field."""
        return self.external_id or self.id_lookup

    @property
    def target(self) -> str | None:
        return self.targets[0] if self.targets else None


@dataclass(frozen=True, slots=True, config=_READ)
class Child:
    """Records of `object` that point here with `field`: they go along (`cascade`), or keep this one (`restricted`)."""

    object: Annotated[str, Told(alias="childSObject")]
    field: str
    relationship: Annotated[str | None, Told(alias="relationshipName")]
    cascade: Annotated[bool, Told(alias="cascadeDelete")]
    restricted: Annotated[bool, Told(alias="restrictedDelete")]


@dataclass(frozen=True, slots=True, config=_READ)
class RecordType:
    id: Annotated[str, Told(alias="recordTypeId")]
    name: str
    developer_name: Annotated[str, Told(alias="developerName")]
    active: bool
    default: Annotated[bool, Told(alias="defaultRecordTypeMapping")]
    master: bool


@dataclass(frozen=True, slots=True, eq=False, config=_READ)
class SObject:
    name: str
    label: str
    prefix: Annotated[str, Told(alias="keyPrefix")]
    createable: bool
    updateable: bool
    deletable: bool
    searchable: bool
    fields: Mapping[str, Field]  # by lower-case API name
    parents: Mapping[str, Field]  # by lower-case relationship name
    children: tuple[Child, ...]
    record_types: tuple[RecordType, ...]
    raw: Mapping[str, Any]

    @property
    def has_person_name(self) -> bool:
        return "lastname" in self.fields

    @property
    def name_field(self) -> str:
        """The field that names a record."""
        return next((field.name for field in self.fields.values() if field.name_field), "Id")

    @property
    def default_record_type(self) -> str | None:
        """The id a new record gets; None where the object has no record types of its own."""
        return next((kind.id for kind in self.record_types if kind.default and not kind.master), None)


def urls(sobject: SObject, instance_url: str, version: str) -> dict[str, str]:
    here = f"/services/data/v{version}/sobjects/{sobject.name}"
    pages = {
        "uiDetailTemplate": f"{instance_url}/{{ID}}",
        "uiEditTemplate": f"{instance_url}/{{ID}}/e",
        "uiNewRecord": f"{instance_url}/{sobject.prefix}/e",
    }
    return {name: here + tail for name, tail in _URLS.items()} | pages


def record_type_infos(sobject: SObject, version: str) -> list[dict[str, Any]]:
    layouts = f"/services/data/v{version}/sobjects/{sobject.name}/describe/layouts/"
    return [info | {"urls": {"layout": layouts + info["recordTypeId"]}} for info in sobject.raw["recordTypeInfos"]]


def summary(sobject: SObject, version: str) -> dict[str, Any]:
    """The entry of one object in the list of all objects."""
    brief = {key: value for key, value in sobject.raw.items() if key not in _ONLY_IN_FULL}
    return brief | {"urls": {name: url for name, url in urls(sobject, "", version).items() if "/services/" in url}}


@cache
def schema() -> Mapping[str, SObject]:
    """Every object of a new org by its lower-case API name."""
    return {name: _sobject(json.loads((_DATA / f"{name}.json").read_text("utf-8"))) for name in _OBJECTS}


def custom_field(name: str, label: str, kind: str, length: int = 255, values: Iterable[str] = ()) -> dict[str, Any]:
    """The describe entry of a new custom field with everything an admin gets without asking.

    `kind` is a describe type, or "longtextarea" or "html"; `length` counts for texts, other kinds have one of their
    own. Raises KeyError for a kind no custom field can have."""
    raw: dict[str, Any] = {**_kinds()[kind], "name": name, "label": label}
    if kind in _OF_CHOSEN_LENGTH:
        raw |= {"length": length, "byteLength": 3 * length}
    raw["picklistValues"] = [
        {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value} for value in values
    ]
    return raw


def custom_kinds() -> list[str]:
    """The kinds of custom fields."""
    return list(_kinds())


def with_field(sobject: SObject, raw: Mapping[str, Any]) -> SObject:
    """The object with one field more, or with another field of that name."""
    kept = without_field(sobject, raw["name"]).raw
    return _sobject({**kept, "fields": [*kept["fields"], dict(raw)]})


def without_field(sobject: SObject, name: str) -> SObject:
    fields = [_freed(field, name) for field in sobject.raw["fields"] if field["name"].lower() != name.lower()]
    return _sobject({**sobject.raw, "fields": fields})


def _freed(raw: dict[str, Any], controller: str) -> dict[str, Any]:
    """The field; a dependent picklist without its controller depends on nothing any more."""
    if (raw["controllerName"] or "").lower() != controller.lower():
        return raw
    values = [{**value, "validFor": None} for value in raw["picklistValues"]]
    return {**raw, "controllerName": None, "dependentPicklist": False, "picklistValues": values}


@cache
def _kinds() -> Mapping[str, dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = json.loads((_DATA / "custom_fields.json").read_text("utf-8"))
    return kinds


def _sobject(raw: dict[str, Any]) -> SObject:
    fields = {field["name"].lower(): _field(raw["name"], field) for field in raw["fields"]}
    made = {
        "fields": fields,
        "parents": {field.relationship.lower(): field for field in fields.values() if field.relationship},
        "children": [Child(**child) for child in raw["childRelationships"]],
        "record_types": [RecordType(**kind) for kind in raw["recordTypeInfos"]],
    }
    return SObject(**raw | made, raw=raw)


def _field(object_name: str, raw: dict[str, Any]) -> Field:
    picklist = tuple(PicklistValue(**value, valid_for=_positions(value["validFor"])) for value in raw["picklistValues"])
    made = {
        "auto_number": _NUMBER_FORMATS.get(f"{object_name}.{raw['name']}", "{0}") if raw["autoNumber"] else None,
        "default": _default(raw, picklist),
        "picklist": picklist,
        "values": {entry.value for entry in picklist if entry.active} if raw["restrictedPicklist"] else None,
    }
    return Field(**raw | made, raw=raw)


def _default(raw: Mapping[str, Any], picklist: Iterable[PicklistValue]) -> bool | int | float | str | None:
    value: bool | int | float | str | None = raw["defaultValue"]
    return value if value is not None else next((entry.value for entry in picklist if entry.default), None)


def _positions(bitmap: str | None) -> frozenset[int] | None:
    """The bits set in a base64 bitmap, the most significant bit of the first byte being bit 0."""
    if bitmap is None:
        return None
    bits = "".join(f"{byte:08b}" for byte in base64.b64decode(bitmap))
    return frozenset(position for position, bit in enumerate(bits) if bit == "1")
