"""Fields edited in place: only where everybody allows it, and whatever fails, what was typed stays."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from sidebar.store import journal
from tests.conftest import Clock
from tests.inbox import Inbox, open_inbox, words

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"


@pytest.fixture
async def inbox(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> AsyncIterator[Inbox]:
    """Amara is open, and editing is on."""
    folder = tmp_path_factory.mktemp("house")
    async with open_inbox(f"sqlite:///{folder / 'house.sqlite'}", clock) as inbox:
        await inbox.switch(editing=True)
        await inbox.open_with(AMARA)
        yield inbox


async def save(inbox: Inbox, name: str, value: str, saw: object) -> httpx.Response:
    path = f"/contact/{inbox.contact_id(AMARA)}/field"
    return await inbox.post(path, name=name, value=value, saw=json.dumps(saw))


def in_the_org(inbox: Inbox, name: str) -> object:
    row = inbox.salesforce.org.row("Contact", inbox.contact_id(AMARA))
    assert row is not None
    return row[name]


async def test_editing_is_off_until_an_admin_switches_it_on(inbox: Inbox) -> None:
    """RI-13, RI-16."""
    await inbox.switch(editing=False)
    page = await inbox.open_with(AMARA)
    assert "Head of Operations" in words(page)
    assert 'button type="button" class="value"' not in page.text
    refused = await save(inbox, "Title", "Director", "Head of Operations")
    assert refused.status_code == 403
    assert "Editing is switched off" in words(refused)
    assert in_the_org(inbox, "Title") == "Head of Operations"


@pytest.mark.parametrize(
    ("name", "saw", "typed", "stored", "shown"),
    [
        ("Title", "Head of Operations", "Director", "Director", "Director"),
        ("Description", "Prefers e-mail. Orders go through the Leeds warehouse.", "a\r\nb", "a\nb", "a b"),
        ("LeadSource", "Partner Referral", "Web", "Web", "Web"),
        ("Birthdate", "1984-03-09", "1985-04-10", "1985-04-10", "Apr 10, 1985"),
        ("DoNotCall", False, "true", True, "Yes"),
        ("Loyalty_Points__c", 1240, "1300", 1300, "1,300"),
        ("Title", "Head of Operations", "", None, "empty"),
    ],
)
async def test_each_kind_of_field_is_saved(
    inbox: Inbox, name: str, saw: object, typed: str, stored: object, shown: str
) -> None:
    """RI-22: text, long text, picklist, date, checkbox, number, and clearing."""
    page = await save(inbox, name, typed, saw)
    assert page.status_code == 200, words(page)
    assert in_the_org(inbox, name) == stored
    assert shown in words(page)
    assert "saved in Salesforce" in words(page)


async def test_only_the_changed_field_is_sent(inbox: Inbox) -> None:
    """RI-22."""
    before = dict(inbox.salesforce.org.row("Contact", inbox.contact_id(AMARA)) or {})
    inbox.clock.pass_seconds(5)
    await save(inbox, "Title", "Director", "Head of Operations")
    after = dict(inbox.salesforce.org.row("Contact", inbox.contact_id(AMARA)) or {})
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"Title", "LastModifiedDate", "SystemModstamp", "LastModifiedById"}
    assert after["Title"] == "Director"


async def test_a_reload_right_after_shows_the_new_value(inbox: Inbox) -> None:
    """RI-20."""
    await save(inbox, "Title", "Director", "Head of Operations")
    asked = inbox.asked()
    assert "Director" in words(await inbox.open_with(AMARA))
    assert inbox.asked() == asked


@pytest.mark.parametrize("name", ["Email", "Phone", "MobilePhone", "AccountId", "Name", "OwnerId", "LastName", "Nope"])
async def test_fields_that_may_never_be_edited_are_refused_on_the_server(inbox: Inbox, name: str) -> None:
    """RI-17, RI-18; hidden ones (LastName is not shown) too. Salesforce is not even asked."""
    before, asked = in_the_org(inbox, "LastModifiedDate"), inbox.asked()
    inbox.clock.pass_seconds(5)
    refused = await save(inbox, name, "x@example.com", None)
    assert refused.status_code == 403
    assert "cannot be edited here" in words(refused)
    assert (in_the_org(inbox, "LastModifiedDate"), inbox.asked()) == (before, asked)
    form = await inbox.get(f"/contact/{inbox.contact_id(AMARA)}/field?name={name}")
    assert form.status_code == 403


async def test_salesforces_own_message_stands_at_the_field_and_the_text_stays(inbox: Inbox) -> None:
    page = await save(inbox, "Title", "test pilot", "Head of Operations")
    assert page.status_code == 422
    assert "Please enter the customer's real job title." in words(page)
    assert 'value="test pilot"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert in_the_org(inbox, "Title") == "Head of Operations"


async def test_a_note_of_a_megabyte_is_explained_and_given_back(inbox: Inbox) -> None:
    note = "é" * 1_000_000
    page = await save(inbox, "Description", note, "Prefers e-mail. Orders go through the Leeds warehouse.")
    assert page.status_code == 422
    assert "1000000 characters; Salesforce takes 32000" in words(page)
    assert note in page.text
    assert "Leeds" in str(in_the_org(inbox, "Description"))


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("Birthdate", "yesterday", "not a date"),
        ("Loyalty_Points__c", "many", "not a number"),
        ("Loyalty_Points__c", "1.5", "Only whole numbers fit here"),
        ("Title", "x" * 129, "Salesforce takes 128"),
    ],
)
async def test_values_that_cannot_be_are_refused_with_a_reason(inbox: Inbox, name: str, typed: str, said: str) -> None:
    page = await save(inbox, name, typed, in_the_org(inbox, name))
    assert page.status_code == 422
    assert said in words(page)
    assert typed in page.text


async def test_somebody_else_was_faster_and_nothing_is_written(inbox: Inbox) -> None:
    inbox.clock.pass_seconds(5)
    await change(inbox, Title="Chief")
    page = await save(inbox, "Title", "Director", "Head of Operations")
    assert page.status_code == 409
    assert "Somebody else was faster" in words(page)
    assert all(version in words(page) for version in ("Chief", "Director", "Head of Operations"))
    assert in_the_org(inbox, "Title") == "Chief"
    inbox.clock.pass_seconds(5)
    again = await save(inbox, "Title", "Director", "Chief")
    assert again.status_code == 200
    assert in_the_org(inbox, "Title") == "Director"


async def test_a_change_of_another_field_is_no_conflict(inbox: Inbox) -> None:
    inbox.clock.pass_seconds(5)
    await change(inbox, Department="Logistics")
    assert (await save(inbox, "Title", "Director", "Head of Operations")).status_code == 200
    assert (in_the_org(inbox, "Title"), in_the_org(inbox, "Department")) == ("Director", "Logistics")


async def test_while_salesforce_is_down_the_typed_text_stays_in_the_form(inbox: Inbox) -> None:
    inbox.salesforce.org.faults.switch({"unavailable": True})
    page = await save(inbox, "Title", "Director", "Head of Operations")
    assert page.status_code == 503
    assert "Salesforce does not answer" in words(page)
    assert 'value="Director"' in page.text


async def test_an_edit_is_in_the_journal_with_the_agent_who_made_it(inbox: Inbox) -> None:
    await save(inbox, "Title", "Director", "Head of Operations")
    async with inbox.house.database.read() as connection:
        entries = await journal.of_record(connection, inbox.created.workspace.id, inbox.contact_id(AMARA))
    (entry,) = entries
    assert (entry.field, entry.old, entry.new) == ("Title", "Head of Operations", "Director")
    assert (entry.agent_id, entry.agent_email, entry.conversation) == ("agent-7", "robin@inbox.example", "c-1")


async def test_a_form_filled_in_beside_one_customer_cannot_be_sent_for_another(inbox: Inbox) -> None:
    other = inbox.contact_id("layla.haddad@alnakheel.example")
    refused = await inbox.post(f"/contact/{other}/field", name="Title", value="x", saw="null")
    assert refused.status_code == 403
    assert (inbox.salesforce.org.row("Contact", other) or {})["Title"] != "x"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "Title"},
        {"name": "Title", "value": "x", "saw": "{"},
        {"name": "Title", "value": "x", "saw": "[" * 100_000},
        {"name": "Title", "value": "x", "saw": '"\\ud800"'},
        {"name": "Title", "value": "x", "saw": "{}"},
        {"name": "Birthdate", "value": "1985-04-10", "saw": '"not a date"'},
        {"name": "Loyalty_Points__c", "value": "1", "saw": '"abc"'},
    ],
)
async def test_malformed_forms_change_nothing(inbox: Inbox, fields: dict[str, str]) -> None:
    refused = await inbox.post(f"/contact/{inbox.contact_id(AMARA)}/field", **fields)
    assert refused.status_code == 403
    assert in_the_org(inbox, "Title") == "Head of Operations"


async def test_cancel_brings_the_plain_line_back(inbox: Inbox) -> None:
    """RI-21."""
    path = f"/contact/{inbox.contact_id(AMARA)}/field?name=Title"
    assert "<form" in (await inbox.get(path)).text
    line = await inbox.get(path + "&view")
    assert "<form" not in line.text
    assert "Head of Operations" in words(line)


async def change(inbox: Inbox, **values: str) -> None:
    """A colleague changes the record in Salesforce."""
    org = inbox.salesforce.org
    url = f"{org.instance_url}/services/data/v67.0/sobjects/Contact/{inbox.contact_id(AMARA)}"
    async with inbox.salesforce.http() as http:
        token = {"Authorization": f"Bearer {org.grant(org.admin)}"}
        assert (await http.patch(url, json=values, headers=token)).status_code == 204
