"""What the org says of itself: versions, objects, fields."""

import json

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V

pytestmark = pytest.mark.anyio


async def test_the_versions_need_no_token_and_cost_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.get("/services/data/")
    assert answer.json()[0]["version"] == "40.0"
    assert answer.json()[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert "sforce-limit-info" not in answer.headers


async def test_the_describe_has_the_recorded_shape_and_is_304_the_second_time(
    admin: httpx.AsyncClient, org: Org
) -> None:
    answer = await admin.get(f"{V}/sobjects/contact/describe/")
    shown = answer.json()
    fields = {field["name"]: field for field in shown["fields"]}
    assert {len(field) for field in shown["fields"]} == {57}
    assert shown["keyPrefix"] == "003"
    assert shown["urls"]["rowTemplate"] == f"{V}/sobjects/Contact/{{ID}}"
    assert shown["urls"]["uiDetailTemplate"] == f"{org.instance_url}/{{ID}}"
    assert (fields["Email"]["type"], fields["Email"]["length"], fields["Email"]["idLookup"]) == ("email", 80, True)
    assert fields["Description"]["filterable"] is False
    again = await admin.get(
        f"{V}/sobjects/Contact/describe", headers={"If-Modified-Since": answer.headers["last-modified"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_every_object_is_listed_and_described_alike(admin: httpx.AsyncClient) -> None:
    listed = (await admin.get(f"{V}/sobjects")).json()
    assert (listed["encoding"], listed["maxBatchSize"]) == ("UTF-8", 200)
    names = [entry["name"] for entry in listed["sobjects"]]
    assert {"Account", "Contact", "Lead", "RecordType", "Subscription__c", "Task", "User"} <= set(names)
    for name in names:
        shown = (await admin.get(f"{V}/sobjects/{name}/describe")).json()
        assert {len(field) for field in shown["fields"]} == {57}
        assert "example" not in json.dumps(shown)
        light = (await admin.get(f"{V}/sobjects/{name}")).json()
        assert light["objectDescribe"]["keyPrefix"] == shown["keyPrefix"]


async def test_the_resources_of_a_version_name_the_callers_identity(admin: httpx.AsyncClient, org: Org) -> None:
    """jsforce asks here who it is."""
    listed = (await admin.get(V)).json()
    assert listed.pop("identity") == f"{org.instance_url}/id/{org.id}/{org.admin.id}"
    assert set(listed) > {"composite", "limits", "query", "queryAll", "search", "sobjects", "ui-api"}
    assert all(url == f"{V}/{name}" for name, url in listed.items())
