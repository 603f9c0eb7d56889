"""What a person does with whole records: delete, restore."""

import httpx
import pytest

from sidebar.twin.org import Org
from sidebar.twin.org.people import PAGE
from tests.twin.pages.reading import HERE, find, value

pytestmark = pytest.mark.anyio


async def test_a_deleted_record_is_in_the_bin_until_it_is_restored(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/delete"
    assert "Delete <bdi>Amara Okafor</bdi>?" in (await browser.get(path)).text
    assert org.row("Contact", amara) is not None
    answer = await browser.post(path, headers=HERE)
    assert "Moved to the" in (await browser.get(answer.headers["location"])).text
    assert org.row("Contact", amara) is None
    assert "Amara Okafor" in (await browser.get("/lightning/o/DeleteEvent/home")).text
    restored = await browser.post(
        "/lightning/o/DeleteEvent/home", data={"object": "Contact", "id": amara}, headers=HERE
    )
    assert "Amara Okafor" in (await browser.get(restored.headers["location"])).text
    assert "Amara Okafor" not in (await browser.get("/lightning/o/DeleteEvent/home")).text
    mine = [change for change in org.changes if change.id == amara]
    assert [(change.kind, change.actor.origin) for change in mine] == [("DELETE", PAGE), ("UNDELETE", PAGE)]


@pytest.mark.parametrize(
    ("object_name", "id_", "status"),
    [("Contact", "", 400), ("Contact", "0035e00000000ZZAAA", 400), ("User", "0055e0000000001AAA", 400), ("", "", 404)],
)
async def test_what_is_not_in_the_bin_cannot_be_restored(
    browser: httpx.AsyncClient, org: Org, object_name: str, id_: str, status: int
):
    page = await browser.post("/lightning/o/DeleteEvent/home", data={"object": object_name, "id": id_}, headers=HERE)
    assert page.status_code == status
    assert org.changes == []


async def test_an_account_that_is_needed_stays_and_the_page_says_for_what(browser: httpx.AsyncClient, org: Org):
    contact = find(org, "Contact", LastName="Lee")
    account = str(value(org, "Contact", contact, "AccountId"))
    case = value(org, "Case", find(org, "Case", Subject="Invoice 4471 shows the old address"), "CaseNumber")
    page = await browser.post(f"/lightning/r/Account/{account}/delete", headers=HERE)
    assert page.status_code == 400
    assert str(case) in page.text
    assert org.changes == []


async def test_no_deed_is_done_for_another_site(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/delete"
    answer = await browser.post(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert org.changes == []


async def test_a_record_there_is_not_has_no_page_of_a_deed(browser: httpx.AsyncClient):
    assert (await browser.get("/lightning/r/Contact/nobody/delete")).status_code == 404
