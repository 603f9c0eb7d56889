"""The JSON API for other programs: only with the key, always in the shapes it describes."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from sidebar.contacts.tags import SYSTEM
from sidebar.store import contacts, workspaces
from sidebar.store.contacts import Contact
from sidebar.workspaces import api_key_hash
from tests.conftest import Clock
from tests.site import Site, open_site

pytestmark = pytest.mark.anyio

KEY = "sidebar_a-key-of-the-tests"


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        await site.workspace()
        async with site.database.write() as connection:
            await workspaces.set_api_key(connection, await site.workspace_id(), api_key_hash(KEY))
        yield site


@pytest.fixture
def api(site: Site) -> httpx.AsyncClient:
    app = httpx.ASGITransport(site.app)
    return httpx.AsyncClient(transport=app, base_url=f"{site.settings.public_url}/api/v1", headers=bearer(KEY))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nobody", f"Basic {KEY}", KEY, f"Bearer {KEY}x"])
async def test_without_the_key_nothing_is_said(site: Site, api: httpx.AsyncClient, header: str) -> None:
    await add(site, 1)
    for method, path in (("GET", "/contacts"), ("GET", "/contacts/c1"), ("PATCH", "/contacts/c1"), ("GET", "/tags")):
        answer = await api.request(method, path, headers={"Authorization": header})
        assert answer.status_code == 401
        assert (await described(api, answer))["code"] == "unauthorized"
        assert answer.headers["www-authenticate"] == "Bearer"  # a browser asks nobody for a password


async def test_an_admins_cookie_opens_nothing(site: Site) -> None:
    browser = await site.sign_in()
    assert (await browser.get("/api/v1/contacts")).status_code == 401


async def test_contacts_come_newest_first_in_pages(site: Site, api: httpx.AsyncClient) -> None:
    for number in range(5):
        await add(site, number)
    met = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = await described(api, await api.get("/contacts", params={"limit": 2, **cursor}))
        met += [each["name"] for each in page["contacts"]]
        cursor = {"cursor": page["next"]}
    assert met == ["Person 4", "Person 3", "Person 2", "Person 1", "Person 0"]
    assert page["next"] is None


async def test_contacts_are_found_by_email_phone_record_and_tag(site: Site, api: httpx.AsyncClient) -> None:
    await add(site, 1, tags=("VIP",))
    await add(site, 2)
    for query in (
        {"email": " PERSON.1@lumen.example"},
        {"phone": "020 7946 0001"},
        {"phone": "2079460001", "region": "GB"},
        {"phone": "+44 20 7946 0001", "region": "US"},
        {"salesforce_id": "003000000000000001"},
        {"tag": "VIP"},
        {"tag": "VIP", "email": "person.1@lumen.example"},
    ):
        found = await described(api, await api.get("/contacts", params=query))
        assert [each["name"] for each in found["contacts"]] == ["Person 1"], query
    nobody = await described(api, await api.get("/contacts", params={"tag": "VIP", "phone": "020 7946 0002"}))
    assert nobody == {"contacts": [], "next": None}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": "x"}, "phone"),
        ({"region": "Germany"}, "parameter"),
        ({"salesforce_id": "003"}, "parameter"),
        ({"limit": "0"}, "parameter"),
        ({"limit": "201"}, "parameter"),
        ({"cursor": "x"}, "parameter"),
        ({"cursor": "\u0661\u0662.abc"}, "parameter"),
        ({"cursor": "1.\u00e9"}, "parameter"),
        ({"e-mail": "a@b.example"}, "parameter"),
        ({"tag": "a\0b"}, "parameter"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_and_not_answered_with_everybody(
    site: Site, api: httpx.AsyncClient, query: dict[str, str], code: str
) -> None:
    answer = await api.get("/contacts", params=query)
    assert answer.status_code == 422
    assert (await described(api, answer))["code"] == code


async def test_one_contact_is_told_whole(site: Site, api: httpx.AsyncClient) -> None:
    await add(site, 1, dormant=True, evidence="client:DataLoaderBulk", tags=(SYSTEM,))
    assert await described(api, await api.get("/contacts/c1")) == {
        "id": "c1",
        "name": "Person 1",
        "email": "person.1@lumen.example",
        "phone": "+44 20 7946 0001",
        "salesforce_id": "003000000000000001",
        "tags": [SYSTEM],
        "source": "salesforce",
        "dormant": True,
        "evidence": "client:DataLoaderBulk",
        "created_at": "2026-11-18T11:06:41Z",
    }
    gone = await api.get("/contacts/nobody")
    assert (gone.status_code, (await described(api, gone))["code"]) == (404, "not_found")


async def test_tags_are_set_but_the_systems_tag_stays(site: Site, api: httpx.AsyncClient) -> None:
    """RI-27"""
    await add(site, 1, tags=(SYSTEM, "Old"))
    changed = await described(api, await api.patch("/contacts/c1", json={"tags": [SYSTEM, " New  one "]}))
    assert changed["tags"] == [SYSTEM, "New one"]
    for tags in ([], ["New one"], ["auto-create"]):
        refused = await api.patch("/contacts/c1", json={"tags": tags})
        assert (refused.status_code, (await described(api, refused))["code"]) == (422, "tag_system")
    await add(site, 2)
    given = await api.patch("/contacts/c2", json={"tags": [SYSTEM.upper()]})
    assert (await described(api, given))["code"] == "tag_system"
    assert (await api.get("/contacts/c1")).json()["tags"] == [SYSTEM, "New one"]
    assert (await api.get("/contacts/c2")).json()["tags"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "malformed"),
        ("[]", "malformed"),
        ('{"tags": 1}', "malformed"),
        ('{"name": "x"}', "malformed"),
        ('{"tags": [], "name": "x"}', "malformed"),
        ('{"tags": ["a\\u0000"]}', "tag_signs"),
        (json.dumps({"tags": [str(number) for number in range(21)]}), "tag_many"),
        (json.dumps({"tags": ["x" * 300]}), "tag_long"),
        ('{"tags": [""]}', "tag_empty"),
        (f'{{"tags": ["{"x" * 51}"]}}', "tag_long"),
        ('{"tags": ["\\u202e"]}', "tag_signs"),
        ("x" * 70_000, "too_large"),
    ],
)
async def test_a_change_that_makes_no_sense_changes_nothing(
    site: Site, api: httpx.AsyncClient, body: str, code: str
) -> None:
    await add(site, 1, tags=("VIP",))
    answer = await api.patch("/contacts/c1", content=body)
    assert (await described(api, answer))["code"] == code
    assert answer.status_code in (413, 422)
    assert (await api.get("/contacts/c1")).json()["tags"] == ["VIP"]


async def test_the_systems_tag_is_listed_with_the_tags(site: Site, api: httpx.AsyncClient) -> None:
    """RI-27: and there is nothing by which any tag could be renamed."""
    await add(site, 1, tags=("VIP",))
    assert await described(api, await api.get("/tags")) == {
        "tags": [{"name": SYSTEM, "contacts": 0, "system": True}, {"name": "VIP", "contacts": 1, "system": False}]
    }
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = await api.request(method, "/tags")
        assert (refused.status_code, (await described(api, refused))["code"]) == (405, "method_not_allowed")
        assert "GET" in refused.headers["allow"]
        assert (await api.request(method, f"/tags/{SYSTEM}")).status_code == 404


async def test_another_workspaces_key_opens_nothing_of_ours(site: Site, api: httpx.AsyncClient) -> None:
    """RI-07"""
    await add(site, 1, tags=("VIP",))
    other = (await site.workspace("other@elsewhere.example")).workspace
    async with site.database.write() as connection:
        await workspaces.set_api_key(connection, other.id, api_key_hash("theirs"))
    assert (await api.get("/contacts", headers=bearer("theirs"))).json() == {"contacts": [], "next": None}
    assert (await api.get("/contacts/c1", headers=bearer("theirs"))).status_code == 404
    changed = await api.patch("/contacts/c1", json={"tags": []}, headers=bearer("theirs"))
    assert changed.status_code == 404
    assert (await api.get("/contacts/c1")).json()["tags"] == ["VIP"]


async def test_an_address_that_is_not_there_answers_in_json(api: httpx.AsyncClient) -> None:
    answer = await api.get("/nothing")
    assert (answer.status_code, (await described(api, answer))["code"]) == (404, "not_found")


async def test_the_description_needs_no_key_and_names_every_address(site: Site) -> None:
    document = (await site.browser().get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    described = {f"/api/v1{path}" for path in document["paths"]}
    served = {getattr(route, "path_format", "") for route in site.app.routes}
    assert described == {path for path in served if path.startswith("/api/v1") and not path.endswith(".json")}


async def test_what_no_database_takes_is_at_no_address(site: Site, api: httpx.AsyncClient) -> None:
    refused = await api.get("/contacts/%00")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    browser = await site.sign_in()
    for path in ("/h/generic/%00", "/h/%00/x", "/admin/contacts/%00"):
        assert (await browser.get(path)).status_code == 404


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def add(site: Site, number: int, **more: object) -> None:
    workspace_id = await site.workspace_id()
    contact = Contact(
        id=f"c{number}",
        workspace_id=workspace_id,
        salesforce_id=f"003{number:015d}",
        name=f"Person {number}",
        email=f"person.{number}@lumen.example",
        phone=f"+44 20 7946 {number:04d}",
        source="salesforce",
        tags=(),
        created_at=site.clock() + number * 1000,
    )
    async with site.database.write() as connection:
        await contacts.add_once(connection, replace(contact, **more))  # type: ignore[arg-type]
        keys = [f"email:{contact.email}", f"phone:+44207946{number:04d}"]
        await contacts.own(connection, workspace_id, contact.id, keys)


async def described(api: httpx.AsyncClient, answer: httpx.Response) -> Any:
    """The answer, once it is seen to be what the description promises."""
    document = (await api.get("/openapi.json")).json()
    path = re.sub(r"/contacts/[^/?]+$", "/contacts/{id}", answer.request.url.path.removeprefix("/api/v1"))
    told = document["paths"].get(path, {}).get(answer.request.method.lower(), {}).get("responses", {})
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
    promised = told.get(str(answer.status_code)) or told.get("default") or refusal
    assert answer.headers["content-type"] == "application/json"
    check(answer.json(), promised["content"]["application/json"]["schema"], document)
    return answer.json()


def check(value: object, schema: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    """The few words of JSON Schema that the description uses; an unknown one fails."""
    unknown = set(schema) - {
        "$ref", "anyOf", "type", "properties", "required", "items", "enum", "format", "title", "description",
    }  # fmt: skip
    assert not unknown, unknown
    if "$ref" in schema:
        return check(value, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], document)
    if "anyOf" in schema:
        assert any(fits(value, each, document) for each in schema["anyOf"]), (value, schema)
        return None
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None), "array": list, "object": dict}
    assert type(value) is kinds[schema["type"]], (value, schema)
    assert value in schema.get("enum", [value])
    if isinstance(value, list):
        for each in value:
            check(each, schema["items"], document)
    if isinstance(value, dict):
        assert set(value) == set(schema["properties"]) == set(schema["required"])
        for name, each in value.items():
            check(each, schema["properties"][name], document)
    return None


def fits(value: object, schema: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    try:
        check(value, schema, document)
    except AssertionError:
        return False
    return True
