"""The org's own pages: look at, change and create records like a person in Salesforce."""

import httpx
import pytest

from sidebar.twin.org import Org
from sidebar.twin.org.people import PAGE
from tests.twin.pages.reading import HERE, find, value

pytestmark = pytest.mark.anyio


async def test_a_record_shows_its_fields_and_company(browser: httpx.AsyncClient, amara: str):
    page = await browser.get(f"/lightning/r/Contact/{amara}/view")
    assert page.status_code == 200
    for text in ("Amara Okafor", "Brightloom Ltd", "020 7946 0123", "Twin</strong>: a local stand-in for Salesforce"):
        assert text in page.text


@pytest.mark.parametrize(
    "path", ["/lightning/r/Contact/{}/view", "/lightning/o/Contact/list", "/lightning/o/Contact/new"]
)
async def test_no_page_can_be_framed(browser: httpx.AsyncClient, amara: str, path: str):
    page = await browser.get(path.format(amara))
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_a_saved_field_is_in_the_org_as_the_pages_own_write(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/view"
    answer = await browser.post(path, data={"Title": "Chief Operating Officer", "LastName": "Okafor"}, headers=HERE)
    assert answer.status_code == 303
    row = org.row("Contact", amara)
    assert row is not None
    assert row["Title"] == "Chief Operating Officer"
    (change,) = org.changes
    assert (change.kind, change.actor.user, change.actor.origin) == ("UPDATE", org.admin, PAGE)
    assert PAGE == "com/salesforce/api/soap/68.0;client=SfdcInternalAPI/"  # as Lightning's edits were recorded
    assert {"Title"} == set(change.changed) - {"LastModifiedDate", "LastModifiedById"}
    page = await browser.get(answer.headers["location"])
    assert "Saved." in page.text
    assert PAGE in page.text


async def test_saving_without_a_change_writes_nothing(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/view"
    answer = await browser.post(path, data={"LastName": "Okafor", "Salutation": ""}, headers=HERE)
    assert answer.status_code == 303
    assert org.changes == []


async def test_an_emptied_field_is_cleared(browser: httpx.AsyncClient, org: Org, amara: str):
    await browser.post(f"/lightning/r/Contact/{amara}/view", data={"Title": ""}, headers=HERE)
    row = org.row("Contact", amara)
    assert row is not None
    assert row["Title"] is None


async def test_line_breaks_of_the_browser_are_no_change(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/view"
    await browser.post(path, data={"Description": "one\r\ntwo"}, headers=HERE)
    await browser.post(path, data={"Description": "one\r\ntwo"}, headers=HERE)
    assert len(org.changes) == 1


async def test_a_refusal_stands_at_the_field_with_what_was_typed(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/view"
    page = await browser.post(path, data={"Email": "not an address", "Title": "Kept"}, headers=HERE)
    assert page.status_code == 400
    assert "Email: invalid email address: not an address" in page.text
    assert 'id="Email-error"' in page.text
    assert 'value="not an address"' in page.text
    assert 'value="Kept"' in page.text
    assert org.changes == []


async def test_the_admins_rule_speaks_at_its_field(browser: httpx.AsyncClient, amara: str):
    page = await browser.post(f"/lightning/r/Contact/{amara}/view", data={"Title": "test"}, headers=HERE)
    assert "Please enter the customer&#39;s real job title." in page.text
    assert 'id="Title-error"' in page.text


async def test_a_new_contact_is_created_and_shown(browser: httpx.AsyncClient, org: Org):
    fields = {"FirstName": "Inès", "LastName": "Lefèvre", "Email": "ines.lefevre@atelierlumen.example", "Title": ""}
    answer = await browser.post("/lightning/o/Contact/new", data=fields, headers=HERE)
    (change,) = org.changes
    assert change.kind == "CREATE"
    assert answer.headers["location"] == f"/lightning/r/Contact/{change.id}/view?saved=1"
    assert "Inès Lefèvre" in (await browser.get(answer.headers["location"])).text


async def test_a_new_contact_without_a_name_is_refused_at_the_field(browser: httpx.AsyncClient, org: Org):
    page = await browser.post("/lightning/o/Contact/new", data={"FirstName": "Inès"}, headers=HERE)
    assert page.status_code == 400
    assert 'id="LastName-error"' in page.text
    assert 'value="Inès"' in page.text
    assert org.changes == []


async def test_a_link_to_a_new_record_fills_the_form(browser: httpx.AsyncClient):
    link = "/lightning/o/Contact/new?defaultFieldValues=LastName=Lef%25C3%25A8vre,Email=ines%2540atelierlumen.example"
    page = await browser.get(link)
    assert 'value="Lefèvre"' in page.text
    assert 'value="ines@atelierlumen.example"' in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:1"},
    ],
)
async def test_a_form_from_elsewhere_changes_nothing(
    browser: httpx.AsyncClient, org: Org, amara: str, headers: dict[str, str]
):
    for path in (f"/lightning/r/Contact/{amara}/view", "/lightning/o/Contact/new"):
        answer = await browser.post(path, data={"LastName": "Taken"}, headers=headers)
        assert answer.status_code == 403
    assert org.changes == []


async def test_an_old_browser_is_known_by_its_origin(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/view"
    answer = await browser.post(path, data={"Title": "Buyer"}, headers={"Origin": "http://localhost:1"})
    assert answer.status_code == 303
    assert len(org.changes) == 1


async def test_the_list_is_paged_and_searched(browser: httpx.AsyncClient):
    page = await browser.get("/lightning/o/Contact/list")
    assert "120 records" in page.text
    assert "Page 1 of 3" in page.text
    last = await browser.get("/lightning/o/Contact/list?page=99")
    assert "Page 3 of 3" in last.text
    found = await browser.get("/lightning/o/Contact/list", params={"q": "okafor amara"})
    assert "1 record for" in found.text
    assert "Brightloom Ltd" in found.text
    assert "Nothing matches" in (await browser.get("/lightning/o/Contact/list?q=nobody-at-all")).text


async def test_a_name_made_of_markup_is_only_text(browser: httpx.AsyncClient, org: Org):
    name = '"><script>alert(1)</script>'
    answer = await browser.post("/lightning/o/Contact/new", data={"LastName": name}, headers=HERE)
    for path in (answer.headers["location"], f"/lightning/o/Contact/list?q={name}"):
        page = await browser.get(path)
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text


async def test_accounts_have_the_same_pages(browser: httpx.AsyncClient, org: Org):
    company = next(row for row in org.rows("Account") if row["Name"] == "Harbor & Pine LLP")
    page = await browser.get(f"/lightning/r/Account/{company['Id']}/view")
    assert "Harbor &amp; Pine LLP" in page.text
    assert "Accounts" in (await browser.get("/lightning/o/Account/list?q=harbor")).text


@pytest.mark.parametrize(
    "path",
    [
        "/lightning/r/Contact/0035e00000zzzzzAAA/view",
        "/lightning/r/User/0055e000000000zAAA/view",
        "/lightning/o/User/list",
        "/lightning/o/User/new",
    ],
)
async def test_what_is_not_there_is_said_so(browser: httpx.AsyncClient, path: str):
    page = await browser.get(path)
    assert page.status_code == 404
    assert "There is no such record in this org." in page.text


async def test_related_records_are_linked_both_ways(browser: httpx.AsyncClient, org: Org, amara: str):
    deal = find(org, "Opportunity", Name="Brightloom: pilot")
    assert (
        f'<a href="/lightning/r/Opportunity/{deal}/view">'
        in (await browser.get(f"/lightning/r/Contact/{amara}/view")).text
    )
    assert (
        f'<a href="/lightning/r/Contact/{amara}/view">'
        in (await browser.get(f"/lightning/r/Opportunity/{deal}/view")).text
    )


async def test_a_duplicate_alert_can_be_overruled_but_a_block_cannot(browser: httpx.AsyncClient, org: Org, amara: str):
    fields = {"LastName": "Okafor", "Email": str(value(org, "Contact", amara, "Email"))}
    org.setup.contact_duplicates = "block"
    for wish in ({}, {"allow_duplicates": "1"}):
        page = await browser.post("/lightning/o/Contact/new", data=fields | wish, headers=HERE)
        assert page.status_code == 400
        assert "Save anyway" not in page.text
    org.setup.contact_duplicates = "alert"
    page = await browser.post("/lightning/o/Contact/new", data=fields, headers=HERE)
    assert page.status_code == 400
    assert "Save anyway" in page.text
    assert f'<a href="/lightning/r/Contact/{amara}/view"><bdi>Amara Okafor</bdi></a>' in page.text
    saved = await browser.post("/lightning/o/Contact/new", data=fields | {"allow_duplicates": "1"}, headers=HERE)
    assert saved.status_code == 303


@pytest.mark.parametrize("path", ["r/Contact/{}/delete", "r/Contact/{}/view", "o/Contact/new", "o/DeleteEvent/home"])
async def test_only_to_look_changes_nothing(browser: httpx.AsyncClient, org: Org, amara: str, path: str):
    for method in ("GET", "HEAD"):
        assert (await browser.request(method, f"/lightning/{path.format(amara)}")).status_code == 200
    assert org.changes == []


async def test_the_front_door_leads_to_the_contacts(browser: httpx.AsyncClient):
    assert (await browser.get("/")).headers["location"] == "/lightning/o/Contact/list"


async def test_the_style_sheet_is_served(browser: httpx.AsyncClient):
    assert (await browser.get("/twin/static/twin.css")).headers["content-type"].startswith("text/css")
