"""By hand: an agent chooses, links, unlinks and takes it back; it is remembered for that customer, and said."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable

import httpx
import pytest

from sidebar.store import contacts, picks, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.picks import Pick
from sidebar.store.workspaces import Policy
from sidebar.twin.org import Actor
from sidebar.web.context import Contexts
from tests.conftest import Clock
from tests.inbox import Inbox, open_inbox, words

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"
SWITCHBOARD = ("+14155550100",)
MARCUS = "marcus@harborpine.example"


@pytest.fixture
async def inbox(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> AsyncIterator[Inbox]:
    folder = tmp_path_factory.mktemp("house")
    async with open_inbox(f"sqlite:///{folder / 'house.sqlite'}", clock) as inbox:
        yield inbox


class TestChangedAddress:
    """RI-37"""

    async def test_who_has_another_address_in_salesforce_by_now_is_found_by_the_conversation(
        self, inbox: Inbox
    ) -> None:
        await inbox.open_with(AMARA)
        await change_email(inbox)
        page = await inbox.open_with(AMARA)
        assert title(page) == "Amara Okafor"
        assert "None of the customer's addresses is in Salesforce any more" in words(page)

    async def test_another_conversation_of_a_customer_the_inbox_knows_finds_them_too(self, inbox: Inbox) -> None:
        await inbox.open(customer={"emails": [AMARA], "external_id": "7"})
        await change_email(inbox)
        customer = {"emails": [AMARA], "external_id": "7"}
        assert title(await inbox.open(customer=customer, conversation="c-9")) == "Amara Okafor"

    async def test_an_address_that_nobody_has_any_more_does_not_tell_whose_another_conversation_is(
        self, inbox: Inbox
    ) -> None:
        await inbox.open_with(AMARA)
        await change_email(inbox)
        assert "Nobody found" in words(await inbox.open_with(AMARA, conversation="c-9"))

    async def test_who_is_said_not_to_be_them_is_not_found_that_way(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        await change_email(inbox)
        await inbox.open_with(AMARA)
        await said(inbox, "/unlink", record=contact_id(inbox, "Okafor"))
        for _ in range(2):
            assert "Nobody found" in words(await inbox.open_with(AMARA))

    async def test_who_is_gone_from_salesforce_is_nobody(self, inbox: Inbox) -> None:
        org = inbox.salesforce.org
        await inbox.open_with(AMARA)
        org.delete(Actor(org.admin), "Contact", inbox.contact_id(AMARA))
        inbox.clock.pass_seconds(61)
        assert "Nobody found" in words(await inbox.open_with(AMARA))


class TestChoice:
    async def test_who_was_chosen_is_remembered_for_that_customer(self, inbox: Inbox) -> None:
        """requirements.md section 3, 9: the same switchboard, and the same person at the next call."""
        page = await inbox.open_with(phones=SWITCHBOARD)
        marcus = inbox.contact_id(MARCUS)
        assert marcus in records(page, "pick")
        await said(inbox, "/pick", record=marcus)
        again = await inbox.open_with(phones=SWITCHBOARD, conversation="c-2", sub="agent-8", name="Kim Doe")
        assert title(again) == "Marcus Lee"
        assert "Robin Keller chose this person by hand on" in words(again)

    async def test_another_customer_of_the_same_switchboard_is_asked_for(self, inbox: Inbox) -> None:
        await inbox.open(customer={"phones": SWITCHBOARD, "external_id": "1"})
        await said(inbox, "/pick", record=inbox.contact_id(MARCUS))
        assert title(await inbox.open(customer={"phones": SWITCHBOARD, "external_id": "1"})) == "Marcus Lee"
        assert "people share this address" in words(
            await inbox.open(customer={"phones": SWITCHBOARD, "external_id": "2"})
        )

    async def test_a_choice_can_be_undone(self, inbox: Inbox) -> None:
        await inbox.open_with(phones=SWITCHBOARD)
        await said(inbox, "/pick", record=inbox.contact_id(MARCUS))
        page = await inbox.open_with(phones=SWITCHBOARD)
        await said(inbox, "/revoke", word=word(page))
        assert "3 people share this address" in words(await inbox.open_with(phones=SWITCHBOARD))
        [kept] = await everything(inbox)
        assert (kept.agent_name, kept.ended_why, kept.ended_by) == ("Robin Keller", "revoked", "Robin Keller")

    async def test_after_a_choice_the_conversation_is_with_that_local_contact(self, inbox: Inbox) -> None:
        await inbox.open_with(phones=SWITCHBOARD)
        await said(inbox, "/pick", record=inbox.contact_id(MARCUS))
        await inbox.open_with(phones=SWITCHBOARD)
        async with asyncio.timeout(10):
            while await local(inbox, inbox.contact_id(MARCUS)) is None:
                await asyncio.sleep(0.01)

    async def test_who_was_chosen_and_is_gone_makes_nobody_else_the_one_in_silence(self, inbox: Inbox) -> None:
        """requirements.md section 3, 19: a remembered id that has gone stale spoils nothing."""
        org, shared = inbox.salesforce.org, "family@stranger.example"
        ann, _ = org.load("Contact", [{"LastName": name, "Email": shared} for name in ("Ann", "Bob")])
        await inbox.open_with(shared)
        await said(inbox, "/pick", record=ann)
        assert title(await inbox.open_with(shared)) == "Ann"
        org.delete(Actor(org.admin), "Contact", ann)
        inbox.clock.pass_seconds(61)
        page = await inbox.open_with(shared)
        assert title(page) == "1 person has this address"
        assert "The record that was chosen by hand a Contact Robin Keller" in words(page)
        await said(inbox, "/revoke", word=word(page))
        assert title(await inbox.open_with(shared)) == "Bob"

    async def test_who_has_gone_since_is_left_out_of_the_choice(self, inbox: Inbox) -> None:
        org, shared = inbox.salesforce.org, "family@stranger.example"
        ids = org.load("Contact", [{"LastName": name, "Email": shared} for name in ("Ann", "Bob", "Cem")])
        await inbox.open_with(shared)
        org.delete(Actor(org.admin), "Contact", ids[0])
        inbox.clock.pass_seconds(30)
        assert (await inbox.get(f"/contact/{ids[0]}?fresh")).status_code == 404
        assert set(records(await inbox.open_with(shared), "pick")) == set(ids[1:])

    async def test_a_lead_that_was_chosen_and_converted_is_its_contact_from_then_on(self, inbox: Inbox) -> None:
        """requirements.md section 3, 20."""
        await prefer(inbox, "lead_first")
        id = lead(inbox)
        await inbox.open_with("nobody@stranger.example")
        await said(inbox, "/pick", record=id)
        org = inbox.salesforce.org
        became = org.convert_lead(Actor(org.admin), id)
        inbox.clock.pass_seconds(61)
        page = await inbox.open_with("nobody@stranger.example")
        assert title(page) == "Lena Lindqvist"
        [kept] = await everything(inbox)
        assert (kept.record_id, kept.was, kept.ended_at) == (became.contact, id, None)


class TestLink:
    async def test_nobody_is_found_searched_for_linked_shown_and_unlinked_again(self, inbox: Inbox) -> None:
        stranger = "somebody.new@stranger.example"
        page = await inbox.open_with(stranger)
        assert "Nobody found" in words(page)
        found = await inbox.post("/search", text="Okafor")
        assert "Amara Okafor" in words(found)
        assert "Brightloom" in words(found)
        amara = inbox.contact_id(AMARA)
        assert records(found, "pick") == [amara]
        await said(inbox, "/pick", record=amara)
        linked = await inbox.open_with(stranger)
        assert title(linked) == "Amara Okafor"
        assert "This record has none of the customer's addresses." in words(linked)
        await said(inbox, "/revoke", word=word(linked))
        for _ in range(2):  # the conversation is not Amara's any more either
            assert "Nobody found" in words(await inbox.open_with(stranger))

    @pytest.mark.parametrize(
        "text",
        ["okafor", "Brightloom", AMARA, f"Amara <{AMARA.upper()}>", "020 7946 0100", "Amara and Okafor", "NOT Okafor"],
    )
    async def test_people_are_searched_by_name_company_email_and_phone(self, inbox: Inbox, text: str) -> None:
        await inbox.open_with("nobody@stranger.example")
        amara = next(row for row in inbox.salesforce.org.rows("Contact") if row["Email"] == AMARA)
        asked = str(amara["Phone"]) if text.startswith("0") else text
        assert amara["Id"] in records(await inbox.post("/search", text=asked), "pick")

    async def test_a_customer_without_any_address_is_remembered_by_the_conversation(self, inbox: Inbox) -> None:
        await inbox.open_with()
        await said(inbox, "/pick", record=inbox.contact_id(AMARA))
        assert title(await inbox.open_with()) == "Amara Okafor"
        assert "Nobody found" in words(await inbox.open_with(conversation="c-2"))

    async def test_what_goes_wrong_in_a_search_is_said_where_the_search_is(self, inbox: Inbox) -> None:
        await inbox.open_with("nobody@stranger.example")
        short = await inbox.post("/search", text=" a ")
        assert (short.status_code, "at least two letters" in words(short)) == (422, True)
        assert "Nobody in Salesforce is found by that" in words(await inbox.post("/search", text="Zyxwvut"))
        inbox.salesforce.org.faults.switch({"unavailable": True})
        down = await inbox.post("/search", text="Okafor")
        assert down.status_code == 503
        assert "Salesforce does not answer" in words(down)
        assert "HX-Retarget" not in down.headers

    @pytest.mark.parametrize("text", ["{} AND \\", "'; DROP", "a" * 5000, "%%", "؟؟", "\x00\x00"])
    async def test_whatever_is_typed_is_only_text(self, inbox: Inbox, text: str) -> None:
        await inbox.open_with("nobody@stranger.example")
        assert (await inbox.post("/search", text=text)).status_code in (200, 413, 422)

    async def test_nobody_is_linked_to_what_is_not_there(self, inbox: Inbox) -> None:
        await inbox.open_with("nobody@stranger.example")
        for record, status in (
            ("003000000000000AAA", 404),
            ("' OR Id != null", 403),
            ("", 403),
            ("001" + "0" * 15, 403),
        ):
            assert (await inbox.post("/pick", record=record)).status_code == status
        assert await everything(inbox) == []


class TestUnlink:
    async def test_who_was_unlinked_stays_unlinked_until_that_is_undone(self, inbox: Inbox) -> None:
        """requirements.md section 3, 50."""
        page = await inbox.open_with(AMARA)
        assert records(page, "unlink") == [inbox.contact_id(AMARA)]
        await said(inbox, "/unlink", record=inbox.contact_id(AMARA))
        inbox.clock.pass_seconds(61)
        again = await inbox.open_with(AMARA, conversation="c-2")
        assert "Nobody found" in words(again)
        assert "Not this person Amara Okafor Robin Keller" in words(again)
        await said(inbox, "/revoke", word=word(again))
        assert title(await inbox.open_with(AMARA)) == "Amara Okafor"

    async def test_one_of_several_can_be_ruled_out_by_choosing_and_unlinking(self, inbox: Inbox) -> None:
        await inbox.open_with(phones=SWITCHBOARD)
        for email in (MARCUS, "priya@harborpine.example"):
            await said(inbox, "/unlink", record=inbox.contact_id(email))
        page = await inbox.open_with(phones=SWITCHBOARD)
        assert title(page) == "Dana Whitfield"
        assert "3 records share this address." in words(page)

    async def test_who_has_only_a_part_of_the_address_is_perhaps_the_one(self, inbox: Inbox) -> None:
        await inbox.open_with(phones=SWITCHBOARD)
        for email in (MARCUS, "dana@harborpine.example"):
            await said(inbox, "/unlink", record=inbox.contact_id(email))
        page = await inbox.open_with(phones=SWITCHBOARD)
        assert title(page) == "Perhaps this person"
        assert "only part of it agrees: +14155550100" in words(page)
        assert records(page, "pick") == [inbox.contact_id("priya@harborpine.example")]

    async def test_only_what_the_panel_shows_can_be_unlinked(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        assert (await inbox.post("/unlink", record=inbox.contact_id(MARCUS))).status_code == 403

    async def test_another_customers_word_is_not_taken_back(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        await said(inbox, "/unlink", record=inbox.contact_id(AMARA))
        [kept] = await everything(inbox)
        amara = customer(inbox)
        await inbox.open_with(MARCUS)
        await said(inbox, "/revoke", word=kept.id)
        assert [each.ended_at for each in await everything(inbox, amara)] == [None]


class TestLead:
    async def test_who_is_only_a_lead_is_said_to_be_one_and_nothing_of_the_lead_is_shown(self, inbox: Inbox) -> None:
        """RI-31."""
        id = lead(inbox)
        page = await inbox.open_with("lena@leadonly.example")
        assert title(page) == "A Lead, but no Contact"
        assert f"/lightning/r/Lead/{id}/view" in page.text
        assert "Lindqvist" not in page.text
        assert "Leadonly Works" not in page.text
        assert records(await inbox.post("/search", text="Lindqvist Leadonly"), "pick") == []
        assert (await inbox.post("/pick", record=id)).status_code == 403

    @pytest.mark.parametrize("policy", ["contact_first", "lead_first"])
    async def test_where_leads_count_the_leads_card_is_shown_to_be_read(self, inbox: Inbox, policy: Policy) -> None:
        await prefer(inbox, policy)
        id = lead(inbox)
        page = await inbox.open_with("lena@leadonly.example")
        assert title(page) == "Lena Lindqvist Lead"
        for shown in ("Leadonly Works", "Open - Not Contacted", "lena@leadonly.example", "+46 8 465 004 01"):
            assert shown in words(page)
        assert f"/lightning/r/Lead/{id}/view" in page.text
        assert "button.value" not in page.text

    async def test_a_lead_is_unlinked_and_linked_by_hand_like_anybody(self, inbox: Inbox) -> None:
        await prefer(inbox, "lead_first")
        id = lead(inbox)
        await inbox.open_with("lena@leadonly.example")
        await said(inbox, "/unlink", record=id)
        assert "Nobody found" in words(await inbox.open_with("lena@leadonly.example"))
        assert id in records(await inbox.post("/search", text="Lindqvist"), "pick")
        await said(inbox, "/pick", record=id)
        assert title(await inbox.open_with("lena@leadonly.example")) == "Lena Lindqvist Lead"


class TestWhoMay:
    @pytest.mark.parametrize("path", ["/pick", "/unlink", "/revoke", "/search"])
    async def test_without_a_proven_context_nothing_is_said_or_found(self, inbox: Inbox, path: str) -> None:
        sent = {"record": inbox.contact_id(AMARA), "word": "x", "text": "Okafor"}
        for context, status in (("", 401), ("forged.context", 401)):
            inbox.context = context
            answer = await inbox.post(path, **sent)
            assert answer.status_code == status
            assert "Amara" not in answer.text
        await inbox.open_with(AMARA)
        inbox.headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await inbox.post(path, **sent)).status_code == 403
        assert await everything(inbox) == []

    async def test_a_choice_counts_in_its_own_workspace_only(self, inbox: Inbox, tmp_path: object) -> None:
        async with open_inbox(f"sqlite:///{tmp_path}/other.sqlite", inbox.clock) as other:
            await inbox.open_with(phones=SWITCHBOARD)
            other.context = inbox.context
            assert (await other.post("/pick", record=other.contact_id(MARCUS))).status_code == 403


async def said(inbox: Inbox, path: str, **sent: str) -> None:
    """An agent presses the button; the panel is told to match again."""
    answer = await inbox.post(path, **sent)
    assert (answer.status_code, answer.headers.get("Sidebar-Again")) == (204, "1"), answer.text


def title(page: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def records(page: httpx.Response, what: str) -> list[str]:
    """Which records the buttons for that are about."""
    return [record for path, record in _buttons(page, "record") if path.endswith(f"/{what}")]


def word(page: httpx.Response) -> str:
    """The pick or unlink that the page offers to take back."""
    [found] = {id for path, id in _buttons(page, "word") if path.endswith("/revoke")}
    return found


def _buttons(page: httpx.Response, name: str) -> Iterable[tuple[str, str]]:
    pattern = rf'hx-post="([^"]+)" hx-vals="{{&#34;{name}&#34;: &#34;([^&]+)&#34;}}"'
    return re.findall(pattern, page.text)


def customer(inbox: Inbox) -> str:
    """Of the conversation that is open."""
    context = Contexts(inbox.house.vault).read(inbox.context, inbox.clock())
    assert context
    return context.customer


async def everything(inbox: Inbox, of: str = "") -> list[Pick]:
    """Whatever was said of the customer whose conversation is open."""
    async with inbox.house.database.read() as connection:
        return await picks.of_customer(connection, inbox.created.workspace.id, of or customer(inbox))


async def local(inbox: Inbox, record_id: str) -> Contact | None:
    async with inbox.house.database.read() as connection:
        return await contacts.by_record(connection, inbox.created.workspace.id, record_id)


async def prefer(inbox: Inbox, policy: Policy) -> None:
    async with inbox.house.database.write() as connection:
        await workspaces.set_policy(connection, inbox.created.workspace.id, policy)
    inbox.clock.pass_seconds(2)


def lead(inbox: Inbox) -> str:
    org = inbox.salesforce.org
    values = {
        "FirstName": "Lena",
        "LastName": "Lindqvist",
        "Company": "Leadonly Works",
        "Email": "lena@leadonly.example",
        "Phone": "+46 8 465 004 01",
        "Status": "Open - Not Contacted",
    }
    return org.create(Actor(org.admin), "Lead", values)


async def change_email(inbox: Inbox) -> None:
    """In Salesforce, a while after the conversation was opened."""
    await local_of(inbox, inbox.contact_id(AMARA))
    org = inbox.salesforce.org
    org.update(Actor(org.admin), "Contact", inbox.contact_id(AMARA), {"Email": "amara@another.example"})
    inbox.clock.pass_seconds(61)


async def local_of(inbox: Inbox, record: str) -> None:
    async with asyncio.timeout(10):  # it is written behind the answer
        while await local(inbox, record) is None:
            await asyncio.sleep(0.01)


def contact_id(inbox: Inbox, last_name: str) -> str:
    return next(str(row["Id"]) for row in inbox.salesforce.org.rows("Contact") if row["LastName"] == last_name)
