"""The JSON API described for programs: OpenAPI 3.1, made of the very models the answers are made of."""

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sidebar.web.answers import Change, Customer, Kept, Matched, People, Person, Question, Refusal, Tags

_REF = "#/components/schemas/{model}"
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


@cache
def document() -> Mapping[str, object]:
    models = (Change, Customer, Kept, Matched, People, Person, Refusal, Tags)
    _, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sidebar", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/contacts": {"get": _operation("Local contacts, the newest first", People, parameters=_questions())},
            "/contacts/{id}": {
                "get": _operation("One local contact", Person, parameters=[_ID]),
                "patch": _operation("Set the tags of a contact", Person, parameters=[_ID], takes=Change),
            },
            "/match": {"post": _operation("Who a customer is", Matched, takes=Customer)},
            "/receipts/{id}": {"get": _operation("Why a look-up gave what it gave", Kept, parameters=[_ID])},
            "/tags": {"get": _operation("Every tag", Tags)},
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    summary: str,
    gives: type[BaseModel],
    *,
    parameters: list[dict[str, object]] | None = None,
    takes: type[BaseModel] | None = None,
) -> dict[str, object]:
    body = {"requestBody": {"required": True, "content": _json(takes)}} if takes else {}
    return {
        "summary": summary,
        "parameters": parameters or [],
        **body,
        "responses": {
            "200": {"description": summary, "content": _json(gives)},
            "default": {"description": "Why there is no answer", "content": _json(Refusal)},
        },
    }


def _questions() -> list[dict[str, object]]:
    schema = Question.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "schema": each} for name, each in schema.items()]


def _json(model: type[BaseModel]) -> dict[str, object]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}
