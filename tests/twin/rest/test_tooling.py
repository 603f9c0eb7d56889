"""Which objects are selected for change data capture, as the Tooling API tells it."""

import httpx
import pytest

from sidebar.twin.events.schemas import ORDER, topic_of
from sidebar.twin.org import Org

from .conftest import V, as_colleague

pytestmark = pytest.mark.anyio

STANDARD = "SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"


async def asked(client: httpx.AsyncClient, statement: str) -> httpx.Response:
    return await client.get(f"{V}/tooling/query/", params={"q": statement})


async def selected(client: httpx.AsyncClient, statement: str = STANDARD) -> set[str]:
    return {row["SelectedEntity"] for row in (await asked(client, statement)).json()["records"]}


async def test_the_standard_channel_has_every_object_that_tells_its_changes(admin: httpx.AsyncClient) -> None:
    assert await selected(admin) == {topic_of(name) for name in ORDER}


async def test_an_answer_has_the_recorded_envelope_and_addresses_below_tooling(admin: httpx.AsyncClient) -> None:
    """Envelope: forcedotcom/salesforcedx-vscode; fields: Tooling API guide, PlatformEventChannelMember."""
    statement = "SELECT Id, DeveloperName, EventChannel, SelectedEntity FROM PlatformEventChannelMember"
    told = (await asked(admin, f"{statement} WHERE SelectedEntity = 'ContactChangeEvent'")).json()
    [row] = told.pop("records")
    assert told == {
        "size": 1,
        "totalSize": 1,
        "done": True,
        "queryLocator": None,
        "entityTypeName": "PlatformEventChannelMember",
    }
    url = f"{V}/tooling/sobjects/PlatformEventChannelMember/{row['Id']}"
    assert row.pop("attributes") == {"type": "PlatformEventChannelMember", "url": url}
    assert row.pop("Id").startswith("0v8")
    assert row == {
        "DeveloperName": "ChangeEvents_ContactChangeEvent",
        "EventChannel": "ChangeEvents",
        "SelectedEntity": "ContactChangeEvent",
    }


async def test_an_object_that_is_not_selected_is_not_named(admin: httpx.AsyncClient, org: Org) -> None:
    org.setup.switch({"uncaptured_objects": ["contact"]})
    assert "ContactChangeEvent" not in await selected(admin)
    told = (await asked(admin, f"{STANDARD} AND SelectedEntity = 'ContactChangeEvent'")).json()
    assert (told["size"], told["entityTypeName"], told["records"]) == (0, None, [])


async def test_a_custom_channel_is_told_by_its_id(admin: httpx.AsyncClient, org: Org) -> None:
    org.setup.switch({"channels": ["People__chn=Contact,Lead"]})
    told = (await asked(admin, "SELECT FIELDS(ALL) FROM PlatformEventChannelMember LIMIT 200")).json()["records"]
    custom = [row for row in told if row["EventChannel"].startswith("0YL")]
    assert [row["DeveloperName"] for row in custom] == ["People_chn_ContactChangeEvent", "People_chn_LeadChangeEvent"]
    assert len(await selected(admin)) == len(told) - 2


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT Id FROM ApexClass", "INVALID_TYPE"),
        ("SELECT Id FROM Contact", "INVALID_TYPE"),
        ("SELECT Metadata FROM PlatformEventChannelMember", "INVALID_FIELD"),
        ("SELECT FROM PlatformEventChannelMember", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
async def test_what_is_not_there_is_refused_and_not_empty(admin: httpx.AsyncClient, statement: str, code: str) -> None:
    refused = await asked(admin, statement)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)


async def test_who_may_not_view_setup_does_not_see_that_it_exists(http: httpx.AsyncClient, org: Org) -> None:
    refused = await asked(as_colleague(http, org), STANDARD)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


async def test_records_are_not_asked_for_there_nor_members_here(admin: httpx.AsyncClient) -> None:
    assert (await admin.get(f"{V}/query", params={"q": STANDARD})).json()[0]["errorCode"] == "INVALID_TYPE"
    assert (await admin.get(f"{V}/tooling/sobjects")).status_code == 404
    assert (await admin.get(f"{V}/sobjects/PlatformEventChannelMember")).status_code == 404
