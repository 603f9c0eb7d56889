"""What was touched, changed and deleted lately."""

import httpx
import pytest

from sidebar.twin.org import Actor, Org

from ..conftest import Clock
from .conftest import V, as_colleague

pytestmark = pytest.mark.anyio
DAY = {"start": "2026-11-22T00:00:00+00:00", "end": "2026-11-23T00:00:00Z"}


async def test_what_changed_and_what_went_in_a_stretch_of_time(
    admin: httpx.AsyncClient, org: Org, contact: str, clock: Clock
) -> None:
    gone = org.create(Actor(org.admin), "Contact", {"LastName": "Gone"})
    clock.wait(seconds=90)
    org.delete(Actor(org.admin), "Contact", gone)
    clock.wait(hours=1)
    updated = (await admin.get(f"{V}/sobjects/Contact/updated/", params=DAY)).json()
    deleted = (await admin.get(f"{V}/sobjects/Contact/deleted/", params=DAY)).json()
    assert updated == {"ids": [contact], "latestDateCovered": "2026-11-22T09:01:00.000+0000"}
    assert deleted["deletedRecords"] == [{"deletedDate": "2026-11-22T08:01:30.000+0000", "id": gone}]
    assert deleted["latestDateCovered"] == "2026-11-22T09:01:00.000+0000"
    assert deleted["earliestDateAvailable"] < deleted["latestDateCovered"]


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"start": "yesterday", "end": DAY["end"]},
        {"start": DAY["end"], "end": DAY["start"]},
        {"start": "2026-01-01T00:00:00Z", "end": DAY["end"]},
        {"start": "0001-01-01T00:00:00+14:00", "end": DAY["end"]},
    ],
)
async def test_a_stretch_of_time_that_is_none_is_refused(admin: httpx.AsyncClient, window: dict[str, str]) -> None:
    for what in ("updated", "deleted"):
        answer = await admin.get(f"{V}/sobjects/Contact/{what}", params=window)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


async def test_recent_records_are_the_users_own_the_latest_first(
    admin: httpx.AsyncClient, org: Org, contact: str
) -> None:
    account = org.create(Actor(org.admin), "Account", {"Name": "Brightloom"})
    shown = (await admin.get(f"{V}/recent")).json()
    assert [(row["Id"], row["Name"]) for row in shown] == [(account, "Brightloom"), (contact, "Amara Okafor")]
    assert shown[0]["attributes"] == {"type": "Account", "url": f"{V}/sobjects/Account/{account}"}
    assert len((await admin.get(f"{V}/recent?limit=1")).json()) == 1
    assert (await as_colleague(admin, org).get(f"{V}/recent")).json() == []
