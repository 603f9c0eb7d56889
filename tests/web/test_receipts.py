"""Receipts: in the panel in one sentence with details on demand, and for admins on a page that asks again."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from sidebar.contacts.receipts import DAY, tidy
from sidebar.twin.org import Actor
from tests.conftest import Clock
from tests.inbox import OWNER, PASSWORD, Inbox, open_inbox, words

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"
FORM = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def inbox(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> AsyncIterator[Inbox]:
    folder = tmp_path_factory.mktemp("house")
    async with open_inbox(f"sqlite:///{folder / 'house.sqlite'}", clock) as inbox:
        yield inbox


async def test_the_panel_says_why_in_a_sentence_and_all_of_it_on_demand(inbox: Inbox) -> None:
    """requirements.md 5.1."""
    page = await inbox.open_with(" AMARA.Okafor@Brightloom.EXAMPLE ")
    said = words(page)
    assert f"Found by e-mail: {AMARA}" in said
    assert "<details" in page.text
    for each in (
        "What the inbox told",
        "Who came into question",
        "This is the one.",
        "Where we looked",
        "API calls: 1",
    ):
        assert each in said
    assert f"compared as {AMARA}" in said


async def test_an_admin_sees_the_receipt_and_looks_again_with_todays_data(inbox: Inbox) -> None:
    address = await opened(inbox)
    page = await inbox.browser.get(address)
    assert page.status_code == 200
    assert f"Found by e-mail: {AMARA}" in words(page)
    inbox.clock.pass_seconds(5)
    same = await inbox.browser.post(address, headers=FORM)
    assert "Today's answer is the same." in words(same)
    org = inbox.salesforce.org
    inbox.clock.pass_seconds(5)
    org.update(Actor(org.admin), "Contact", inbox.contact_id(AMARA), {"Email": "amara@new.example"})
    other = await inbox.browser.post(address, headers=FORM)
    assert "Today's answer is another one." in words(other)
    assert "Nobody was found." in words(other)


async def test_what_people_said_by_hand_stands_below_it_with_who_and_when(inbox: Inbox) -> None:
    address = await opened(inbox)
    await inbox.post("/unlink", record=inbox.contact_id(AMARA))
    page = words(await inbox.browser.get(address))
    assert "It is not this record: " + inbox.contact_id(AMARA) in page
    assert "Robin Keller" in page


async def test_after_a_day_it_names_nobody_and_cannot_be_asked_again(inbox: Inbox) -> None:
    address = await opened(inbox)
    await tidy(inbox.house.database, inbox.clock() + DAY + 1)
    for page in (await inbox.browser.get(address), await inbox.browser.post(address, headers=FORM)):
        assert "can no longer be read" in words(page)
        assert "Amara" not in page.text
        assert "Look again" not in page.text


async def test_a_salesforce_that_is_down_is_said_and_is_not_nobody(inbox: Inbox) -> None:
    address = await opened(inbox)
    inbox.clock.pass_seconds(5)
    inbox.salesforce.org.faults.switch({"unavailable": True})
    page = await inbox.browser.post(address, headers=FORM)
    assert page.status_code == 503
    assert "Salesforce does not answer" in words(page)
    assert "Nobody was found." not in words(page)


async def test_only_admins_of_that_workspace_see_it(inbox: Inbox) -> None:
    address = await opened(inbox)
    inbox.browser.cookies.clear()
    assert (await inbox.browser.get(address)).headers["location"] == "/admin/signin"
    await inbox.browser.post("/admin/signin", data={"email": OWNER, "password": PASSWORD}, headers=FORM)
    assert (await inbox.browser.get("/admin/receipts/" + "x" * 22)).status_code == 404


async def test_replaying_is_for_our_own_pages_only(inbox: Inbox) -> None:
    address = await opened(inbox)
    answer: httpx.Response = await inbox.browser.post(address, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def opened(inbox: Inbox) -> str:
    """Amara's conversation; the address of its receipt, which has been written by now."""
    page = await inbox.open_with(AMARA)
    [address] = re.findall(r'href="(/admin/receipts/[^"]+)"', page.text)
    await inbox.house.receipts.close()
    return str(address)
