"""What the org knows of its objects and fields: the recorded describes, cut to what this twin really does.

`contact.json` and `account.json` are recordings of a real org; `user.json` and `organization.json` are written in the
same shape. One field stands on one line. Knows no user and no row.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
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


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    name: str
    label: str
    type: str
    soap: str
    length: int
    nillable: bool
    createable: bool
    updateable: bool
    defaulted: bool
    filterable: bool
    sortable: bool
    id_lookup: bool
    name_field: bool
    target: str | None
    relationship: str | None
    values: frozenset[str] | None  # of a restricted picklist
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Child:
    object: str
    field: str
    cascade: bool


@dataclass(frozen=True, slots=True, eq=False)
class SObject:
    name: str
    label: str
    prefix: str
    createable: bool
    updateable: bool
    deletable: bool
    searchable: bool
    fields: Mapping[str, Field]  # by lower-case API name
    parents: Mapping[str, Field]  # by lower-case relationship name
    children: tuple[Child, ...]
    raw: Mapping[str, Any]

    @property
    def has_person_name(self) -> bool:
        return "lastname" in self.fields


def urls(sobject: SObject, instance_url: str, version: str) -> dict[str, str]:
    here = f"/services/data/v{version}/sobjects/{sobject.name}"
    pages = {
        "uiDetailTemplate": f"{instance_url}/{{ID}}",
        "uiEditTemplate": f"{instance_url}/{{ID}}/e",
        "uiNewRecord": f"{instance_url}/{sobject.prefix}/e",
    }
    return {name: here + tail for name, tail in _URLS.items()} | pages


def summary(sobject: SObject, version: str) -> dict[str, Any]:
    """The entry of one object in the list of all objects."""
    brief = {key: value for key, value in sobject.raw.items() if key not in _ONLY_IN_FULL}
    return brief | {"urls": {name: url for name, url in urls(sobject, "", version).items() if "/services/" in url}}


@cache
def schema() -> Mapping[str, SObject]:
    """Every object of the org by its lower-case API name."""
    files = ("account", "contact", "organization", "user")
    return {name: _sobject(json.loads((_DATA / f"{name}.json").read_text("utf-8"))) for name in files}


def _sobject(raw: dict[str, Any]) -> SObject:
    fields = {field.name.lower(): field for field in map(_field, raw["fields"])}
    return SObject(
        name=raw["name"],
        label=raw["label"],
        prefix=raw["keyPrefix"],
        createable=raw["createable"],
        updateable=raw["updateable"],
        deletable=raw["deletable"],
        searchable=raw["searchable"],
        fields=fields,
        parents={field.relationship.lower(): field for field in fields.values() if field.relationship},
        children=tuple(
            Child(child["childSObject"], child["field"], child["cascadeDelete"]) for child in raw["childRelationships"]
        ),
        raw=raw,
    )


def _field(raw: dict[str, Any]) -> Field:
    return Field(
        name=raw["name"],
        label=raw["label"],
        type=raw["type"],
        soap=raw["soapType"],
        length=raw["length"],
        nillable=raw["nillable"],
        createable=raw["createable"],
        updateable=raw["updateable"],
        defaulted=raw["defaultedOnCreate"],
        filterable=raw["filterable"],
        sortable=raw["sortable"],
        id_lookup=raw["idLookup"],
        name_field=raw["nameField"],
        target=raw["referenceTo"][0] if raw["referenceTo"] else None,
        relationship=raw["relationshipName"],
        values=frozenset(entry["value"] for entry in raw["picklistValues"]) if raw["restrictedPicklist"] else None,
        raw=raw,
    )
