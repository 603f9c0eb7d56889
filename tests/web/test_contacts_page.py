"""The page of local contacts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidebar.store import admins, contacts
from sidebar.store.contacts import Contact
from tests.conftest import Clock
from tests.org import MY_DOMAIN
from tests.site import Site, open_site, words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    async with open_site(tmp_path, clock) as site:
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


async def test_the_newest_come_first_fifty_to_a_page(site: Site) -> None:
    browser = await site.connected()
    for number in range(120):
        await add(site, f"Contact no. {number}.", number)
    first, last = await browser.get("/admin/contacts"), await browser.get("/admin/contacts?page=3")
    assert "Contact no. 119." in words(first) and "Contact no. 69." not in words(first)
    assert "Contact no. 0." in words(last) and "Page 3 of 3" in words(last)
    assert words(first).index("no. 119.") < words(first).index("no. 70.")


@pytest.mark.parametrize(("typed", "shown"), [("0", 1), ("-1", 1), ("x", 1), ("9" * 30, 1), ("٢", 2), ("99", 2)])
async def test_a_page_that_does_not_exist_becomes_one_that_does(site: Site, typed: str, shown: int) -> None:
    browser = await site.connected()
    for number in range(51):
        await add(site, f"Contact no. {number}.", number)
    assert f"Page {shown} of 2" in words(await browser.get("/admin/contacts", params={"page": typed}))


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


async def add(site: Site, name: str, number: int, tags: tuple[str, ...] = ()) -> None:
    async with site.database.write() as connection:
        owner = await admins.by_email(connection, "owner@brightside.example")
        assert owner is not None
        contact = Contact(
            id=f"contact-{number}",
            workspace_id=owner.workspace_id,
            salesforce_id=f"003{number:015d}",
            name=name,
            email=f"{number}@atelierlumen.example",
            phone="+33 6 39 98 12 34",
            source="salesforce",
            tags=tags,
            created_at=site.clock() + number,
        )
        await contacts.add_once(connection, contact)
