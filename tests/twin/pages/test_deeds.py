"""What a person does with whole records: delete, restore, merge, convert."""

import httpx
import pytest

from sidebar.twin.org import Org
from sidebar.twin.org.people import PAGE
from tests.twin.pages.reading import HERE, find, form_at, value

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


async def test_two_contacts_become_one(browser: httpx.AsyncClient, org: Org, amara: str):
    loser = org.load("Contact", [{"FirstName": "Amara", "LastName": "Okafor-Bell"}])[0]
    task = org.load("Task", [{"Subject": "Say hello", "WhoId": loser}])[0]
    path = f"/lightning/r/Contact/{amara}/merge"
    found = await browser.get(path, params={"q": "okafor"})
    assert loser in found.text
    assert f'value="{amara}"' not in found.text
    assert loser in (await browser.get(path, params={"q": loser})).text
    assert (await browser.post(path, data={"loser": loser}, headers=HERE)).status_code == 303
    assert org.row("Contact", loser) is None
    assert value(org, "Task", task, "WhoId") == amara
    assert {change.actor.origin for change in org.changes} == {PAGE}


@pytest.mark.parametrize("loser", ["", "{self}", "0035e00000000ZZAAA", "nobody"])
async def test_a_record_merges_only_with_another_one(browser: httpx.AsyncClient, org: Org, amara: str, loser: str):
    page = await browser.post(
        f"/lightning/r/Contact/{amara}/merge", data={"loser": loser.format(self=amara)}, headers=HERE
    )
    assert page.status_code in (400, 404)
    assert org.changes == []


async def test_a_lead_is_converted_once(browser: httpx.AsyncClient, org: Org):
    lead = find(org, "Lead", LastName="Lee")
    account = find(org, "Account", Name="Harbor & Pine LLP")
    path = f"/lightning/r/Lead/{lead}/convert"
    typed = await form_at(browser, path)
    assert typed == {"account": [""], "contact": [""], "opportunity_name": ["Harbor & Pine LLP-"]}
    answer = await browser.post(path, data=typed | {"account": [account]}, headers=HERE)
    person = str(value(org, "Lead", lead, "ConvertedContactId"))
    assert answer.headers["location"].startswith(f"/lightning/r/Contact/{person}/view")
    assert value(org, "Contact", person, "AccountId") == account
    assert value(org, "Opportunity", find(org, "Opportunity", Name="Harbor & Pine LLP-"), "AccountId") == account
    assert "/convert" not in (await browser.get(f"/lightning/r/Lead/{lead}/view")).text
    again = await browser.post(path, data=typed, headers=HERE)
    assert again.status_code == 400
    assert "cannot reference converted lead" in again.text


@pytest.mark.parametrize("deed", ["delete", "merge"])
async def test_no_deed_is_done_for_another_site(browser: httpx.AsyncClient, org: Org, amara: str, deed: str):
    other = find(org, "Contact", LastName="Lee")
    path = f"/lightning/r/Contact/{amara}/{deed}"
    answer = await browser.post(path, data={"loser": other}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert org.changes == []


@pytest.mark.parametrize("path", ["Contact/{}/convert", "Opportunity/{}/merge", "Contact/nobody/delete"])
async def test_a_deed_that_does_not_suit_the_record_has_no_page(browser: httpx.AsyncClient, amara: str, path: str):
    assert (await browser.get(f"/lightning/r/{path.format(amara)}")).status_code == 404
