"""The Avro schema of an object's change events, built from the describe of that object, and its id.

Follows schemas recorded from a developer org in August 2026. Knows nothing of records, changes or the wire.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from fastavro.schema import parse_schema, to_parsing_canonical_form

from sidebar.twin.org.describe import SObject
from sidebar.twin.org.rows import JSON

Parsed: TypeAlias = str | list[Any] | dict[str, Any]

# Change Data Capture Developer Guide and the recorded schemas. Custom fields follow in the order of describe.
ORDER: dict[str, list[str]] = json.loads((Path(__file__).parent / "data" / "event_fields.json").read_text("utf-8"))
_NAME = ("Salutation", "FirstName", "LastName")
_ADDRESS = (
    "Street",
    "City",
    "State",
    "PostalCode",
    "Country",
    "StateCode",
    "CountryCode",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
)
_STATIC_PICKLISTS = {"CleanStatus", "ContactSource"}
_DOUBLES = {"Latitude", "Longitude"}
# describe type → (Avro type, type part of the doc annotation)
_TYPES = {
    "boolean": ("boolean", "Boolean"),
    "string": ("string", "Text"),
    "textarea": ("string", "StringPlusClob"),
    "picklist": ("string", "DynamicEnum"),
    "combobox": ("string", "DynamicEnum"),
    "multipicklist": ("string", "MultiEnum"),
    "phone": ("string", "Phone"),
    "email": ("string", "Email"),
    "url": ("string", "Url"),
    "reference": ("string", "EntityId"),
    "date": ("long", "DateOnly"),
    "datetime": ("long", "DateTime"),
    "time": ("long", "TimeOnly"),
    "encryptedstring": ("string", "EncryptedText"),
    "int": ("int", "Integer"),
    "double": ("double", "Double"),
    "currency": ("double", "Currency"),
    "percent": ("double", "Percent"),
}
_WRITES: list[JSON] = ["CREATE", "UPDATE", "DELETE", "UNDELETE"]
_GAPS: list[JSON] = ["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a describe field stands in an event: `index` among the top-level fields (the header is 0), and
    `child` among the fields of the nested record `parent`, for parts of names and addresses."""

    field: str
    type: str
    index: int
    parent: str | None = None
    child: int = 0
    leaf: str = ""


@dataclass(frozen=True, slots=True)
class EventSchema:
    """`parsed` is what fastavro wants; `json` what GetSchema answers, with the non-Avro `uuid` key."""

    id: str
    json: str
    parsed: Parsed
    places: dict[str, Place]


def topic_of(object_name: str) -> str:
    """ContactChangeEvent, and Subscription__ChangeEvent for a custom object: also the name of the Avro record."""
    custom = object_name.endswith("__c")
    return f"{object_name.removesuffix('c')}ChangeEvent" if custom else f"{object_name}ChangeEvent"


@lru_cache(maxsize=256)
def edition(sobject: SObject) -> EventSchema:
    """The schema of an object as it is described: another field, another schema with another id."""
    return build(sobject.raw)


def build(describe: Mapping[str, JSON]) -> EventSchema:
    """`describe` as REST answers it, for a user who sees every field."""
    schema = schema_of(describe)
    key = schema_id(schema)
    text = json.dumps({**schema, "uuid": key}, separators=(",", ":"), ensure_ascii=False)
    return EventSchema(key, text, parse_schema(schema, named_schemas={}), _places(describe))


def schema_of(describe: Mapping[str, JSON]) -> dict[str, JSON]:
    fields = _fields(describe)
    defined: set[str] = set()
    body: list[JSON] = [_avro_field(fields[name], fields, defined) for name in _order(describe)]
    return {
        "name": topic_of(str(describe["name"])),
        "namespace": "com.sforce.eventbus",
        "type": "record",
        "fields": [_header(), *body],
    }


def schema_id(schema: dict[str, JSON]) -> str:
    """Base64url of the MD5 of the parsing canonical form, without padding: all recorded ids agree."""
    canonical = to_parsing_canonical_form(schema)
    digest = hashlib.md5(canonical.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _fields(describe: Mapping[str, JSON]) -> dict[str, dict[str, JSON]]:
    found = describe["fields"]
    assert isinstance(found, list)
    return {str(field["name"]): field for field in found if isinstance(field, dict)}


def _order(describe: Mapping[str, JSON]) -> list[str]:
    fields = _fields(describe)
    standard = [name for name in ORDER[str(describe["name"])] if name in fields]
    custom = [name for name, field in fields.items() if field["custom"] and not field.get("compoundFieldName")]
    return standard + custom


def _avro_field(field: Mapping[str, JSON], fields: Mapping[str, JSON], defined: set[str]) -> JSON:
    name = str(field["name"])
    if field.get("extraTypeInfo") == "switchablepersonname":
        record = _record("Switchable_PersonName", _NAME)
        return {"name": name, "type": ["null", "string", record], "doc": "Data:Switchable_PersonName", "default": None}
    if kind := _compound(field):
        return _union(name, _named(kind, tuple(_parts(field, fields)), defined), f"Data:{kind}{_field_id(field)}")
    return _union(name, _TYPES[str(field["type"])][0], _doc(field))


def _compound(field: Mapping[str, JSON]) -> str | None:
    """The name of the record type of a compound field."""
    if field.get("extraTypeInfo") == "personname":
        return "PersonName"
    return {"address": "Address", "location": "Location"}.get(str(field["type"]))


def _parts(field: Mapping[str, JSON], fields: Mapping[str, JSON]) -> dict[str, str]:
    """The describe fields a compound is made of, by their names inside it."""
    name, kind = str(field["name"]), _compound(field)
    if kind == "PersonName":
        return {leaf: leaf for leaf in _NAME}
    if kind == "Location":
        return {leaf: f"{name.removesuffix('c')}{leaf}__s" for leaf in ("Latitude", "Longitude")}
    prefix = name.removesuffix("Address")
    return {leaf: prefix + leaf for leaf in _ADDRESS if kind and prefix + leaf in fields}


def _union(name: str, avro_type: JSON, doc: str) -> dict[str, JSON]:
    return {"name": name, "type": ["null", avro_type], "doc": doc, "default": None}


def _record(name: str, leaves: tuple[str, ...]) -> dict[str, JSON]:
    fields: list[JSON] = [
        {"name": leaf, "type": ["null", "double" if leaf in _DOUBLES else "string"], "default": None} for leaf in leaves
    ]
    return {"name": name, "type": "record", "fields": fields}


def _named(kind: str, leaves: tuple[str, ...], defined: set[str]) -> JSON:
    """The first field of a kind defines the named type, later ones refer to it."""
    if kind in defined:
        return kind
    defined.add(kind)
    return _record(kind, leaves)


def _doc(field: Mapping[str, JSON]) -> str:
    """`<role>:<type>`, and for custom fields `:<field id>`."""
    name = str(field["name"])
    if name == "CreatedDate":
        return "CreatedDate:DateTime"
    if field["type"] == "reference":
        return "ForeignKey:EntityId" + _field_id(field)
    if name.startswith("Jigsaw") and field.get("relationshipName"):
        return "ExternalForeignKey:ExternalId"
    kind = "StaticEnum" if name in _STATIC_PICKLISTS else _TYPES[str(field["type"])][1]
    if field.get("htmlFormatted") and field["type"] == "textarea":
        kind = "HtmlStringPlusClob"
    return f"Data:{kind}{_field_id(field)}"


def _field_id(field: Mapping[str, JSON]) -> str:
    """Describe does not tell the id of a custom field: one made from its name has the right look."""
    if not field["custom"]:
        return ""
    digest = hashlib.md5(str(field["name"]).encode(), usedforsecurity=False).hexdigest()
    return f":00N{digest[:12]}"


def _places(describe: Mapping[str, JSON]) -> dict[str, Place]:
    fields = _fields(describe)
    found: dict[str, Place] = {}
    for index, name in enumerate(_order(describe), start=1):
        for place in _places_in(index, fields[name], fields):
            found[place.field] = place
    return found


def _places_in(index: int, field: Mapping[str, JSON], fields: Mapping[str, dict[str, JSON]]) -> list[Place]:
    name = str(field["name"])
    if not _compound(field):
        return [Place(name, str(field["type"]), index)]
    return [
        Place(part, str(fields[part]["type"]), index, name, child, leaf)
        for child, (leaf, part) in enumerate(_parts(field, fields).items())
        if part in fields
    ]


def _header() -> JSON:
    strings: JSON = {"type": "array", "items": "string"}
    types: dict[str, JSON] = {
        "entityName": "string",
        "recordIds": strings,
        "changeType": {"name": "ChangeType", "type": "enum", "symbols": [*_WRITES, *_GAPS, "SNAPSHOT"]},
        "changeOrigin": "string",
        "transactionKey": "string",
        "sequenceNumber": "int",
        "commitTimestamp": "long",
        "commitNumber": "long",
        "commitUser": "string",
        "nulledFields": strings,
        "diffFields": strings,
        "changedFields": strings,
    }
    fields: list[JSON] = [{"name": name, "type": avro_type} for name, avro_type in types.items()]
    record: JSON = {"name": "ChangeEventHeader", "type": "record", "fields": fields}
    return {"name": "ChangeEventHeader", "type": record, "doc": "Data:ComplexValueType"}
