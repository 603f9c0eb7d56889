"""The page of local contacts, and the file it can be saved as."""

import csv
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from io import StringIO
from pathlib import Path

import httpx
import pytest

from sidebar.store import contacts
from sidebar.store.contacts import Contact
from tests.conftest import Clock
from tests.org import MY_DOMAIN
from tests.site import Site, open_site, words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock, database_url=database_url) as site:
        yield site


async def test_an_empty_page_says_what_is_missing(site: Site) -> None:
    browser = await site.signed_in()
    assert "Connect it first" in words(await browser.get("/admin/contacts"))
    await browser.post("/admin/salesforce", data=site.app_form())
    await browser.get(await site.consent(browser))
    assert "Switch on" in words(await browser.get("/admin/contacts"))
    await browser.post("/admin/switches", data={"auto_create": "on"})
    assert "Everything is ready" in words(await browser.get("/admin/contacts"))


async def test_contacts_are_listed_with_their_tags_and_a_way_to_salesforce(site: Site) -> None:
    """RI-12, RI-24, RI-25"""
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1, tags=("auto-create: Salesforce",))
    page = await browser.get("/admin/contacts")
    for text in ("Inès Lefèvre", "1@atelierlumen.example", "+33 6 39 98 12 34", "auto-create: Salesforce"):
        assert text in words(page)
    link = f'href="{MY_DOMAIN}/lightning/r/Contact/003000000000000001/view" target="_blank" rel="noopener"'
    assert link in page.text


async def test_without_a_connection_contacts_stay_but_links_go(site: Site) -> None:
    """RI-40"""
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1)
    await browser.post("/admin/salesforce/disconnect")
    page = await browser.get("/admin/contacts")
    assert "Inès Lefèvre" in words(page)
    assert "/lightning/" not in page.text


async def test_the_newest_come_first_fifty_to_a_page_and_each_leads_to_the_next(site: Site) -> None:
    browser = await site.connected()
    for number in range(120):
        await add(site, f"Contact no. {number}.", number)
    first = await browser.get("/admin/contacts?q=contact&source=salesforce")
    assert "Contact no. 119." in words(first) and "Contact no. 69." not in words(first)
    assert words(first).index("no. 119.") < words(first).index("no. 70.")
    second = await browser.get(link(first, "next"))
    third = await browser.get(link(second, "next"))
    assert "Contact no. 69." in words(second) and "Contact no. 0." in words(third)
    assert link(third, "first") == "/admin/contacts?q=contact&source=salesforce"
    with pytest.raises(AssertionError):
        link(third, "next")


@pytest.mark.parametrize("after", ["", "0", "-1", "x", "9" * 30 + ".x", "1.", "1.'", "١.x", "1.x\0"])
async def test_a_place_that_is_none_is_the_beginning(site: Site, after: str) -> None:
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1)
    assert "Inès" in words(await browser.get("/admin/contacts", params={"after": after}))


async def test_people_are_found_by_name_email_and_phone(site: Site) -> None:
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1)
    await add(site, "Amara Okafor", 2)
    for typed in ("ines", "lef in", "1@atelier", "INÈS"):
        page = words(await browser.get("/admin/contacts", params={"q": typed}))
        assert "Inès" in page and "Amara" not in page, typed
    page = words(await browser.get("/admin/contacts", params={"q": "+33 6 39"}))
    assert "Inès" in page and "Amara" in page
    nobody = await browser.get("/admin/contacts", params={"q": "zzz"})
    assert "Nobody found" in words(nobody) and 'value="zzz"' in nobody.text
    assert "Finds beginnings of names" in words(nobody)


async def test_people_are_filtered_by_tag_source_sleep_and_link(site: Site) -> None:
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1, tags=("VIP",))
    await add(site, "Amara Okafor", 2, source="conversation", salesforce_id=None)
    await add(site, "Jürgen Weiß", 3, dormant=True, evidence="client:DataLoaderBulk")
    for query, name in {
        "tag=VIP": "Inès", "source=conversation": "Amara", "linked=no": "Amara", "dormant=yes": "Jürgen",
        "dormant=no&linked=yes": "Inès", "tag=VIP&source=salesforce": "Inès",
    }.items():  # fmt: skip
        page = words(await browser.get(f"/admin/contacts?{query}"))
        assert [each for each in ("Inès", "Amara", "Jürgen") if each in page] == [name], query
    assert "Nobody found" in words(await browser.get("/admin/contacts?tag=VIP&dormant=yes"))


async def test_why_somebody_counts_as_of_a_bulk_import_is_shown(site: Site) -> None:
    """RI-28"""
    browser = await site.connected()
    for at, evidence in enumerate(("client:DataLoaderBulk", "bulk_api", "burst:22")):
        await add(site, f"Jürgen {at}", at, dormant=True, evidence=evidence)
    page = words(await browser.get("/admin/contacts"))
    for told in ("DataLoaderBulk", "Bulk API", "made at once by one user: 22"):
        assert f"Dormant Bulk import: {told}" in page


async def test_all_active_and_dormant_ones_are_counted(site: Site) -> None:
    """RI-29"""
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1)
    await add(site, "Jürgen Weiß", 3, dormant=True)
    async with site.database.write() as connection:
        [_, inès] = await contacts.newest(connection, await site.workspace_id(), 2)
        await contacts.begin(connection, inès, "2026-11")
        await contacts.begin(connection, inès, "2026-10")
    assert "Contacts 2 Active this month 1 Dormant 1" in words(await browser.get("/admin/contacts"))


async def test_the_systems_tag_is_listed_with_the_tags_even_where_nobody_has_it(site: Site) -> None:
    """RI-27"""
    browser = await site.connected()
    await add(site, "Inès Lefèvre", 1, tags=("VIP",))
    page = words(await browser.get("/admin/contacts"))
    assert "Auto-create: Salesforce (0) · system tag" in page and "VIP (1)" in page


async def test_the_csv_file_holds_everybody_whom_the_filters_choose(site: Site) -> None:
    browser = await site.connected()
    for number in range(3):
        await add(site, f"Inès {number}", number, tags=("VIP", "Paris"))
    await add(site, "Amara", 7)
    answer = await browser.get("/admin/contacts.csv?tag=VIP")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts-2026-11-18.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Inès 2", "Inès 1", "Inès 0"]
    assert rows[0]["tags"] == "VIP; Paris" and rows[0]["created_at"].startswith("2026-11-18T")


async def test_the_csv_file_is_whole_however_many_there_are(site: Site) -> None:
    browser = await site.connected()
    workspace_id = await site.workspace_id()
    async with site.database.write() as connection:
        await contacts.add(connection, [person(site, workspace_id, f"Contact {n}", n) for n in range(2001)])
    answer = await browser.get("/admin/contacts.csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert len({row["id"] for row in rows}) == len(rows) == 2001


@pytest.mark.parametrize("name", ["=1+1", "+1+A1", "-1", "@SUM(A1)", "\t=1", "＝1", " =1", "\u200b=1"])
async def test_a_spreadsheet_takes_no_cell_for_a_formula_and_a_number_stays_one(site: Site, name: str) -> None:
    browser = await site.connected()
    await add(site, name, 1)
    rows = list(csv.DictReader(StringIO((await browser.get("/admin/contacts.csv")).content.decode("utf-8-sig"))))
    assert rows[0]["name"] == f"'{name}"
    assert rows[0]["phone"] == "+33 6 39 98 12 34"


async def test_other_workspaces_contacts_are_not_there(site: Site) -> None:
    """RI-07"""
    await site.connected()
    await add(site, "Inès Lefèvre", 1)
    other = await site.signed_in("other@elsewhere.example")
    assert "Inès" not in (await other.get("/admin/contacts")).text


async def test_a_name_made_of_markup_is_only_text(site: Site) -> None:
    browser = await site.connected()
    await add(site, "<script>alert(1)</script>", 1)
    page = await browser.get("/admin/contacts")
    assert "<script>alert" not in page.text
    assert "<script>alert(1)</script>" in words(page)


def link(page: httpx.Response, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page.text)
    assert found is not None
    return unescape(found[1])


async def add(site: Site, name: str, number: int, **more: object) -> None:
    async with site.database.write() as connection:
        contact = person(site, await site.workspace_id(), name, number)
        await contacts.add_once(connection, replace(contact, **more))  # type: ignore[arg-type]


def person(site: Site, workspace_id: str, name: str, number: int) -> Contact:
    return Contact(
        id=f"contact-{number}",
        workspace_id=workspace_id,
        salesforce_id=f"003{number:015d}",
        name=name,
        email=f"{number}@atelierlumen.example",
        phone="+33 6 39 98 12 34",
        source="salesforce",
        tags=(),
        created_at=site.clock() + number,
    )
