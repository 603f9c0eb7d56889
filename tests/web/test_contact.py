"""The page of one contact: its tags, its history, and the same panel as beside a conversation."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from sidebar.contacts.tags import SYSTEM
from sidebar.store import contacts, journal
from sidebar.store.contacts import Contact
from sidebar.store.journal import Entry
from tests.conftest import Clock
from tests.inbox import OWNER, PANEL, Inbox, open_inbox, words

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"
SWITCHBOARD = "+14155550100"  # of three people


@pytest.fixture
async def inbox(database_url: str, clock: Clock) -> AsyncIterator[Inbox]:
    """Its browser is signed in as the owner."""
    async with open_inbox(database_url, clock) as inbox:
        inbox.headers = {}
        yield inbox


class TestPage:
    async def test_it_shows_what_is_known_here(self, inbox: Inbox) -> None:
        await add(inbox, tags=(SYSTEM, "VIP"), dormant=True, evidence="client:DataLoaderBulk")
        page = words(await inbox.browser.get("/admin/contacts/amara"))
        for text in ("Amara here", AMARA, "Salesforce", "Dormant", "DataLoaderBulk", "VIP", "Linked"):
            assert text in page

    async def test_months_with_conversations_and_corrections_are_its_history(self, inbox: Inbox) -> None:
        contact = await add(inbox)
        entry = Entry(
            "1", contact.workspace_id, inbox.clock(), "7", "kim@x.example", "Kim", "generic", "1",
            str(contact.salesforce_id), "Title", "CEO", "CTO", "written",
        )  # fmt: skip
        async with inbox.house.database.write() as connection:
            await contacts.begin(connection, contact, "2026-10")
            await journal.add(connection, entry)
        page = words(await inbox.browser.get("/admin/contacts/amara"))
        assert "2026-10" in page and "Title changed Kim" in page
        assert "CEO" not in page

    async def test_it_frames_our_own_panel_and_nothing_else(self, inbox: Inbox) -> None:
        await add(inbox)
        page = await inbox.browser.get("/admin/contacts/amara")
        assert "; frame-src 'self'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert 'src="/admin/contacts/amara/panel"' in page.text

    async def test_who_is_not_there_or_not_ours_is_not_found(self, inbox: Inbox) -> None:
        assert (await inbox.browser.get("/admin/contacts/nobody")).status_code == 404
        for path in ("", "/panel"):
            assert (await inbox.browser.get(f"/admin/contacts/nobody{path}")).status_code == 404
        for path in ("/tags", "/proof"):
            answer = await post(inbox, f"/admin/contacts/nobody{path}", add="x")
            assert answer.status_code == 404

    async def test_nobody_gets_in_without_signing_in(self, inbox: Inbox) -> None:
        await add(inbox)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(inbox.house.web()), base_url=PANEL) as stranger:
            for path in ("/admin/contacts/amara", "/admin/contacts/amara/panel", "/admin/contacts.csv"):
                assert (await stranger.get(path)).headers["location"] == "/admin/signin"
            own = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
            assert (await stranger.post("/admin/contacts/amara/proof", headers=own)).status_code == 401
        foreign = {"Sec-Fetch-Site": "cross-site"}
        for path in ("/admin/contacts/amara/proof", "/admin/contacts/amara/tags"):
            assert (await inbox.browser.post(path, headers=foreign)).status_code == 403


class TestTags:
    async def test_an_admin_gives_and_takes_tags(self, inbox: Inbox) -> None:
        await add(inbox, tags=("Old",))
        answer = await post(inbox, "/admin/contacts/amara/tags", add=" New  tag ")
        assert "The tags are saved." in words(await inbox.browser.get(answer.headers["location"]))
        again = await post(inbox, "/admin/contacts/amara/tags", add="new tag")
        assert "has this tag already" in words(again)
        await post(inbox, "/admin/contacts/amara/tags", remove="Old")
        assert await tags(inbox) == ("New tag",)

    @pytest.mark.parametrize("form", [{"remove": SYSTEM}, {"add": SYSTEM}, {"add": SYSTEM.lower()}])
    async def test_the_systems_tag_is_neither_taken_nor_given_by_hand(self, inbox: Inbox, form: dict[str, str]) -> None:
        """RI-27"""
        before = (SYSTEM, "VIP") if "remove" in form else ("VIP",)
        await add(inbox, tags=before)
        page = await post(inbox, "/admin/contacts/amara/tags", **form)
        assert page.status_code == 422
        assert "nobody adds, renames or removes it. Nothing was changed." in words(page)
        assert await tags(inbox) == before

    async def test_the_systems_tag_has_no_button_that_would_remove_it(self, inbox: Inbox) -> None:
        """RI-27"""
        await add(inbox, tags=(SYSTEM, "VIP"))
        page = await inbox.browser.get("/admin/contacts/amara")
        assert re.findall(r'name="remove" value="([^"]*)"', page.text) == ["VIP"]
        assert "System tag: nobody can remove or rename it." in words(page)

    @pytest.mark.parametrize(
        ("typed", "told"), [("", "Please type a tag"), ("x" * 51, "at most 50"), ("<b>\u202e", "Please type a tag")]
    )
    async def test_what_is_no_tag_is_refused_and_stays_typed(self, inbox: Inbox, typed: str, told: str) -> None:
        await add(inbox, tags=("VIP",))
        page = await post(inbox, "/admin/contacts/amara/tags", add=typed)
        assert page.status_code == 422 and told in words(page)
        assert "<b>\u202e" not in page.text
        assert await tags(inbox) == ("VIP",)

    async def test_more_than_twenty_are_refused(self, inbox: Inbox) -> None:
        await add(inbox, tags=tuple(f"tag {number}" for number in range(20)))
        assert "at most 20 tags" in words(await post(inbox, "/admin/contacts/amara/tags", add="one more"))


class TestPanel:
    async def test_only_our_own_page_may_frame_it_and_it_holds_no_customer(self, inbox: Inbox) -> None:
        """RI-02"""
        await add(inbox)
        shell = await inbox.browser.get("/admin/contacts/amara/panel")
        assert "frame-ancestors 'self'" in shell.headers["content-security-policy"]
        assert "hosts/desk.js" in shell.text
        assert "Amara" not in shell.text and AMARA not in shell.text

    async def test_it_shows_the_linked_record_whatever_its_addresses_are_now(self, inbox: Inbox) -> None:
        """RI-09, RI-37"""
        await add(inbox, email="former@elsewhere.example")
        page = await opened(inbox)
        assert page.status_code == 200
        assert "Amara Okafor" in words(page)

    async def test_who_is_not_linked_is_looked_for_by_their_addresses(self, inbox: Inbox) -> None:
        await add(inbox, salesforce_id=None)
        assert f"Found by e-mail: {AMARA}" in words(await opened(inbox))
        await add(inbox, id="nobody", salesforce_id=None, email="nobody@nowhere.example")
        assert "Nobody found in Salesforce" in words(await opened(inbox, "nobody"))

    async def test_a_record_that_is_gone_is_said_to_be_gone(self, inbox: Inbox) -> None:
        await add(inbox, salesforce_id="003000000000009AAA")
        assert "no longer there" in words(await opened(inbox))

    async def test_fields_are_edited_as_beside_a_conversation_and_the_journal_names_the_admin(
        self, inbox: Inbox
    ) -> None:
        """RI-23"""
        contact = await add(inbox)
        await inbox.switch(editing=True)
        await opened(inbox)
        path = f"{desk(inbox)}/contact/{contact.salesforce_id}/field"
        title = inbox.salesforce.org.rows("Contact")
        saw = next(row["Title"] for row in title if row["Id"] == contact.salesforce_id)
        form = {"name": "Title", "value": "Head of Looms", "saw": f'"{saw}"'}
        saved = await inbox.browser.post(path, data=form, headers=own(inbox))
        assert saved.status_code == 200, saved.text
        async with inbox.house.database.read() as connection:
            [entry] = await journal.of_record(connection, contact.workspace_id, str(contact.salesforce_id))
        assert (entry.agent_email, entry.host, entry.conversation) == (OWNER, "desk", "")
        assert entry.agent_id == inbox.created.owner.id
        assert "Title changed" in words(await inbox.browser.get("/admin/contacts/amara"))

    async def test_it_opens_no_other_record(self, inbox: Inbox) -> None:
        await add(inbox)
        await opened(inbox)
        other = inbox.contact_id("marcus@harborpine.example")
        assert (await inbox.browser.get(f"{desk(inbox)}/contact/{other}", headers=own(inbox))).status_code == 403

    async def test_looking_at_a_contact_is_no_conversation(self, inbox: Inbox) -> None:
        """RI-29"""
        contact = await add(inbox, dormant=True)
        await opened(inbox)
        await inbox.house.close()
        async with inbox.house.database.read() as connection:
            now = await contacts.by_id(connection, contact.workspace_id, "amara")
        assert now is not None and now.dormant

    async def test_no_inbox_may_frame_it_and_no_inboxs_word_opens_it(self, inbox: Inbox) -> None:
        await add(inbox)
        await opened(inbox)
        shell = await inbox.browser.get(desk(inbox))
        assert "frame-ancestors 'none'" in shell.headers["content-security-policy"]
        answer = await inbox.browser.post(
            f"{desk(inbox)}/match", data={"token": inbox.token(customer={"emails": [AMARA]})}, headers=own(inbox)
        )
        assert answer.status_code == 403 and "could not be recognised" in words(answer)


class TestConversation:
    async def test_opening_a_conversation_makes_a_contact_that_is_linked(self, inbox: Inbox) -> None:
        """RI-29"""
        await inbox.open_with(AMARA)
        await inbox.open_with(AMARA)
        await inbox.open_with("nobody@nowhere.example", conversation="c-2")
        made = {(each.email, each.salesforce_id, each.source) for each in await kept(inbox)}
        linked = (AMARA, inbox.contact_id(AMARA), "conversation")
        assert made == {linked, ("nobody@nowhere.example", None, "conversation")}

    async def test_of_several_it_begins_with_the_one_the_agent_chooses(self, inbox: Inbox) -> None:
        """RI-29"""
        marcus = inbox.contact_id("marcus@harborpine.example")
        await add(inbox, dormant=True, salesforce_id=marcus, email=None)
        await inbox.open_with(phones=(SWITCHBOARD,))
        await inbox.post("/pick", record=marcus)
        await inbox.open_with(phones=(SWITCHBOARD,))
        assert [(each.id, each.dormant) for each in await kept(inbox)] == [("amara", False)]

    async def test_whom_the_agent_chooses_is_made_where_nobody_is_linked(self, inbox: Inbox) -> None:
        marcus = inbox.contact_id("marcus@harborpine.example")
        await inbox.open_with(phones=(SWITCHBOARD,))
        await inbox.post("/pick", record=marcus)
        await inbox.open_with(phones=(SWITCHBOARD,))
        assert [(each.name, each.salesforce_id) for each in await kept(inbox)] == [("Marcus Lee", marcus)]

    async def test_as_long_as_nobody_is_chosen_nothing_begins(self, inbox: Inbox) -> None:
        await inbox.open_with(phones=(SWITCHBOARD,))
        assert await kept(inbox) == []

    async def test_while_salesforce_does_not_answer_nobody_is_made(self, inbox: Inbox) -> None:
        inbox.salesforce.lies["/services/data"] = (503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "down"}])
        assert (await inbox.open_with(AMARA)).status_code == 503
        assert await kept(inbox) == []


async def kept(inbox: Inbox) -> list[Contact]:
    """Once everything that was told is written."""
    await inbox.house.close()
    async with inbox.house.database.read() as connection:
        found = await contacts.newest(connection, inbox.created.workspace.id, 10)
    await inbox.house.database.close()
    return found


def desk(inbox: Inbox) -> str:
    return f"/h/desk/{inbox.created.workspace.key}"


def own(inbox: Inbox) -> dict[str, str]:
    return {"HX-Request": "true", "Sec-Fetch-Site": "same-origin", "Sidebar-Context": inbox.context}


async def opened(inbox: Inbox, id: str = "amara") -> httpx.Response:
    """As the frame's script does: our own word, then the match."""
    token = (await post(inbox, f"/admin/contacts/{id}/proof")).json()["token"]
    headers = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
    page = await inbox.browser.post(f"{desk(inbox)}/match", data={"token": token}, headers=headers)
    inbox.context = page.headers.get("Sidebar-Context", "")
    return page


async def post(inbox: Inbox, path: str, **form: str) -> httpx.Response:
    return await inbox.browser.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"})


async def tags(inbox: Inbox) -> tuple[str, ...]:
    async with inbox.house.database.read() as connection:
        found = await contacts.by_id(connection, inbox.created.workspace.id, "amara")
    assert found is not None
    return found.tags


async def add(inbox: Inbox, **more: object) -> Contact:
    contact = Contact(
        id="amara",
        workspace_id=inbox.created.workspace.id,
        salesforce_id=inbox.contact_id(AMARA),
        name="Amara here",
        email=AMARA,
        phone=None,
        source="salesforce",
        tags=(),
        created_at=inbox.clock(),
    )
    contact = replace(contact, **more)  # type: ignore[arg-type]
    async with inbox.house.database.write() as connection:
        assert await contacts.add_once(connection, contact)
    return contact
