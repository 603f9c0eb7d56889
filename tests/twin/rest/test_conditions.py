"""Requests that depend on the state of a record."""

import httpx
import pytest

from sidebar.twin.org import Actor, Org

from ..conftest import Clock
from .conftest import V

pytestmark = pytest.mark.anyio


async def test_a_row_that_did_not_change_is_304_and_one_that_did_cannot_be_overwritten(
    admin: httpx.AsyncClient, org: Org, contact: str, clock: Clock
) -> None:
    path = f"{V}/sobjects/Contact/{contact}"
    seen = (await admin.get(path)).headers["last-modified"]
    assert seen == "Sun, 22 Nov 2026 08:00:00 GMT"
    unchanged = await admin.get(path, headers={"If-Modified-Since": seen})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    clock.wait(seconds=1)
    org.update(Actor(org.colleague), "Contact", contact, {"Title": "Partner"})
    late = await admin.patch(path, json={"Title": "Head"}, headers={"If-Unmodified-Since": seen})
    assert late.status_code == 412
    assert (await admin.get(path, headers={"If-Modified-Since": seen})).json()["Title"] == "Partner"
    fresh = {"If-Unmodified-Since": "Sun, 22 Nov 2026 08:00:01 GMT"}
    assert (await admin.patch(path, json={"Title": "Head"}, headers=fresh)).status_code == 204
    odd = await admin.patch(path, json={"Title": "X"}, headers={"If-Unmodified-Since": "yesterday"})
    assert odd.status_code == 400


async def test_an_account_has_an_entity_tag_and_a_contact_has_none(
    admin: httpx.AsyncClient, org: Org, contact: str, clock: Clock
) -> None:
    """REST API guide v67, "Conditional Request Headers": entity tags are for accounts only."""
    path = f"{V}/sobjects/Account/{org.create(Actor(org.admin), 'Account', {'Name': 'Brightloom'})}"
    tag = (await admin.get(path)).headers["etag"]
    assert "etag" not in (await admin.get(f"{V}/sobjects/Contact/{contact}")).headers
    for header in (tag, f'"x", {tag}', "*", tag[:-1] + '-gzip"'):
        assert (await admin.get(path, headers={"If-None-Match": header})).status_code == 304
    assert (await admin.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    assert (await admin.patch(path, json={"Phone": "1"}, headers={"If-None-Match": tag})).status_code == 412
    clock.wait(seconds=1)
    assert (await admin.patch(path, json={"Phone": "1"}, headers={"If-Match": tag})).status_code == 204
    late = await admin.patch(path, json={"Phone": "2"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()[0]["errorCode"]) == (412, "PRECONDITION_FAILED")


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match", "If-Unmodified-Since"])
async def test_a_condition_that_cannot_be_read_is_400(admin: httpx.AsyncClient, org: Org, header: str) -> None:
    account = org.create(Actor(org.admin), "Account", {"Name": "Brightloom"})
    for value in ("soon", 'x"', ""):
        answer = await admin.patch(f"{V}/sobjects/Account/{account}", json={"Phone": "1"}, headers={header: value})
        assert answer.status_code == 400
        assert isinstance(answer.json(), list)


async def test_an_unreadable_date_to_read_since_is_ignored(admin: httpx.AsyncClient, contact: str) -> None:
    answer = await admin.get(f"{V}/sobjects/Contact/{contact}", headers={"If-Modified-Since": "yesterday"})
    assert answer.status_code == 200
