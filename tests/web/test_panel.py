"""The panel: framed by the right host only, data for proven agents only, and words for everything that goes wrong."""

from collections.abc import AsyncIterator
from dataclasses import replace

import jwt
import pytest

from sidebar.hosts.generic import LONGEST_MINUTES
from tests.conftest import Clock
from tests.inbox import INBOX, Inbox, open_inbox, words

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"


@pytest.fixture
async def inbox(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> AsyncIterator[Inbox]:
    folder = tmp_path_factory.mktemp("house")
    async with open_inbox(f"sqlite:///{folder / 'house.sqlite'}", clock) as inbox:
        yield inbox


class TestShell:
    async def test_only_the_workspaces_own_hosts_may_frame_it_and_it_holds_no_customer(self, inbox: Inbox) -> None:
        shell = await inbox.browser.get(inbox.url)
        policy = shell.headers["content-security-policy"]
        assert shell.status_code == 200
        assert f"frame-ancestors {INBOX}" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert shell.headers["cache-control"] == "no-store"
        assert "x-frame-options" not in shell.headers
        assert "Amara" not in shell.text

    async def test_an_unknown_workspace_is_a_page_that_nobody_may_frame(self, inbox: Inbox) -> None:
        for path in ("/h/generic/nobody", f"/h/unheard-of/{inbox.created.workspace.key}", "/h/generic/" + "x" * 500):
            page = await inbox.browser.get(path)
            assert page.status_code == 404
            assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
            assert "no panel at this address" in words(page)

    @pytest.mark.parametrize(("locale", "language", "direction"), [("ar", "ar", "rtl"), ("pl-PL", "pl", "ltr")])
    async def test_it_speaks_the_agents_language(
        self, inbox: Inbox, locale: str, language: str, direction: str
    ) -> None:
        shell = await inbox.browser.get(f"{inbox.url}?locale={locale}")
        assert f'<html lang="{language}" dir="{direction}"' in shell.text

    async def test_hints_in_the_address_cannot_write_markup(self, inbox: Inbox) -> None:
        shell = await inbox.browser.get(f'{inbox.url}?theme="><script>alert(1)</script>&locale=<b>')
        assert "<script>alert" not in shell.text
        assert 'data-theme="auto"' in shell.text


class TestMatch:
    async def test_a_contact_is_found_by_email_however_it_is_written(self, inbox: Inbox) -> None:
        page = await inbox.open_with(" AMARA.Okafor@Brightloom.EXAMPLE ")
        assert page.status_code == 200
        assert "Amara Okafor" in words(page)
        assert f"Found by e-mail: {AMARA}" in words(page)

    async def test_a_messy_number_is_found_with_the_contacts_own_country(self, inbox: Inbox) -> None:
        """RI-34 and beyond: kept as `0171 / 392 00 34` in Germany, while the workspace is in the United States."""
        assert "Jürgen Weiß" in words(await inbox.open_with(phones=("+491713920034",)))

    async def test_an_email_is_tried_before_a_phone(self, inbox: Inbox) -> None:
        page = await inbox.open_with(AMARA, phones=("+491713920034",))
        assert "Amara Okafor" in words(page)
        assert "Jürgen" not in words(page)

    async def test_a_shared_switchboard_is_a_choice_and_never_a_silent_pick(self, inbox: Inbox) -> None:
        page = await inbox.open_with(phones=("+14155550100",))
        assert "3 people share this address" in words(page)
        assert all(name in words(page) for name in ("Dana Whitfield", "Marcus Lee", "Priya Raman"))
        assert "dana@harborpine.example" not in page.text
        chosen = await inbox.get(f"/contact/{inbox.contact_id('marcus@harborpine.example')}")
        assert "Marcus Lee" in words(chosen)

    async def test_nobody_found_shows_the_keys_that_were_tried(self, inbox: Inbox) -> None:
        """RI-11."""
        page = await inbox.open_with("Nobody@Stranger.example", "not an address", phones=("(907) 555-0163",))
        assert "Nobody found in Salesforce" in words(page)
        assert "nobody@stranger.example" in words(page)
        assert "+19075550163" in words(page)
        assert "not an address is not an e-mail address" in words(page)

    async def test_a_customer_without_any_address_is_told_as_that(self, inbox: Inbox) -> None:
        assert "neither an e-mail address nor a phone number" in words(await inbox.open_with())

    async def test_the_link_opens_the_record_in_salesforce(self, inbox: Inbox) -> None:
        """RI-12."""
        page = await inbox.open_with(AMARA)
        url = f"https://brightside.my.salesforce.com/lightning/r/Contact/{inbox.contact_id(AMARA)}/view"
        assert f'href="{url}" target="_blank" rel="noopener"' in page.text

    async def test_a_name_made_of_markup_is_text(self, inbox: Inbox) -> None:
        org = inbox.salesforce.org
        org.load("Contact", [{"LastName": "<img src=x onerror=alert(1)>", "Email": "evil@stranger.example"}])
        page = await inbox.open_with("evil@stranger.example")
        assert "<img" not in page.text
        assert "&lt;img src=x onerror=alert(1)&gt;" in page.text

    @pytest.mark.parametrize("email", ["x' OR Email != '@a.example", "x\\' OR Id != null//@a.example", "a%@a.example"])
    async def test_an_email_with_soql_in_it_finds_nobody(self, inbox: Inbox, email: str) -> None:
        page = await inbox.open_with(email)
        assert page.status_code == 200
        assert "Nobody found" in words(page)

    async def test_a_phone_of_500_digits_is_no_phone_number(self, inbox: Inbox) -> None:
        page = await inbox.open_with(phones=("9" * 500,))
        assert "is not a phone number" in words(page)

    async def test_repeats_within_a_minute_cost_no_call(self, inbox: Inbox) -> None:
        """RI-32, RI-33."""
        await inbox.open_with(AMARA)
        before = inbox.asked()
        inbox.clock.pass_seconds(59)
        page = await inbox.open_with(AMARA)
        assert inbox.asked() == before
        assert page.headers["Sidebar-Read-At"] == str(inbox.clock() - 59_000)
        inbox.clock.pass_seconds(1)
        await inbox.open_with(AMARA)
        assert inbox.asked() > before


class TestProof:
    async def test_without_the_hosts_signature_there_is_no_data(self, inbox: Inbox) -> None:
        forged = jwt.encode(jwt.decode(inbox.token(), options={"verify_signature": False}), "another secret" * 3)
        for token in (forged, "", "not.a.token", "x" * 20_000, inbox.token(aud="another workspace")):
            page = await inbox.post("/match", token=token)
            assert page.status_code in (400, 403)
            assert "The inbox could not be recognised" in words(page)
            assert "Sidebar-Context" not in page.headers

    async def test_a_token_lives_for_ten_minutes_at_most(self, inbox: Inbox) -> None:
        now = inbox.clock() // 1000
        for lasting in (LONGEST_MINUTES * 60 + 60, 10**9):
            assert (await inbox.post("/match", token=inbox.token(exp=now + lasting))).status_code == 400

    async def test_an_expired_token_makes_the_panel_ask_for_another(self, inbox: Inbox) -> None:
        page = await inbox.post("/match", token=inbox.token(exp=inbox.clock() // 1000 - 60))
        assert page.status_code == 401
        assert page.headers["Sidebar-Renew"] == "1"

    async def test_a_body_of_a_megabyte_is_refused(self, inbox: Inbox) -> None:
        page = await inbox.post("/match", token="x" * 1_000_000)
        assert page.status_code == 413
        assert "too much text" in words(page)

    async def test_other_pages_cannot_speak_for_the_panel(self, inbox: Inbox) -> None:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            inbox.headers = headers
            assert (await inbox.open_with(AMARA)).status_code == 403
        without = await inbox.browser.post(f"{inbox.url}/match", data={"token": inbox.token()})
        assert without.status_code == 403
        foreign = await inbox.browser.post(
            f"{inbox.url}/match", data={"token": inbox.token()}, headers={"HX-Request": "true", "Origin": INBOX}
        )
        assert foreign.status_code == 403
        assert "Amara" not in without.text + foreign.text


class TestContext:
    async def test_it_opens_the_records_that_were_found_and_no_other(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        amara, layla = inbox.contact_id(AMARA), inbox.contact_id("layla.haddad@alnakheel.example")
        assert (await inbox.get(f"/contact/{amara}")).status_code == 200
        refused = await inbox.get(f"/contact/{layla}")
        assert refused.status_code == 403
        assert "ليلى" not in refused.text

    async def test_forged_changed_and_missing_contexts_open_nothing(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        path, good = f"/contact/{inbox.contact_id(AMARA)}", inbox.context
        body, mac = good.split(".")
        for context in ("", "x", f"{body}x.{mac}", f"{body}.{mac[:-2]}", mac, f"{body}."):
            inbox.context = context
            answer = await inbox.get(path)
            assert answer.status_code == 401
            assert "Amara" not in answer.text

    async def test_one_workspaces_context_is_nothing_at_anothers_door(self, inbox: Inbox, tmp_path: object) -> None:
        async with open_inbox(f"sqlite:///{tmp_path}/other.sqlite", inbox.clock) as other:
            await inbox.open_with(AMARA)
            other.context = inbox.context
            answer = await other.get(f"/contact/{inbox.contact_id(AMARA)}")
            assert answer.status_code == 403

    async def test_it_ends_with_the_hosts_word_and_is_renewed_by_a_new_one(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        path = f"/contact/{inbox.contact_id(AMARA)}"
        inbox.clock.pass_seconds(331)  # five minutes, and half a one for clocks that differ
        assert (await inbox.get(path)).status_code == 401
        renewed = await inbox.open(path="/renew", customer={"emails": [AMARA]})
        assert renewed.status_code == 204
        assert (await inbox.get(path)).status_code == 200

    async def test_a_customer_who_is_known_otherwise_by_now_is_matched_anew(self, inbox: Inbox) -> None:
        """A choice on screen is one for the customer that the host told of before."""
        await inbox.open_with(AMARA)
        customer = {"emails": ["another@stranger.example"]}
        assert (await inbox.open(path="/renew", customer=customer)).status_code == 403

    @pytest.mark.parametrize("claims", [{"conversation": "c-2"}, {"sub": "agent-8"}])
    async def test_another_conversation_or_agent_renews_nothing(self, inbox: Inbox, claims: dict[str, str]) -> None:
        await inbox.open_with(AMARA)
        assert (await inbox.open(path="/renew", **claims)).status_code == 403


class TestFragment:
    async def test_an_unchanged_contact_is_not_sent_again(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        path = f"/contact/{inbox.contact_id(AMARA)}"
        first = await inbox.get(path)
        again = await inbox.get(path, **{"If-None-Match": first.headers["ETag"]})
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert (again.status_code, again.text) == (304, "")

    async def test_refresh_asks_salesforce_now(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        id = inbox.contact_id(AMARA)
        await _change(inbox, id, Title="Director")
        inbox.clock.pass_seconds(3)
        assert "Director" not in words(await inbox.get(f"/contact/{id}"))
        assert "Director" in words(await inbox.get(f"/contact/{id}?fresh"))

    async def test_fields_hidden_from_the_connected_user_never_reach_the_browser(self, inbox: Inbox) -> None:
        profiles = inbox.salesforce.org.profiles
        profile = profiles["System Administrator"]
        profiles["System Administrator"] = replace(profile, hidden=frozenset({"Contact.Title"}))
        page = await inbox.open_with(AMARA)
        assert "Brightloom" in words(page)
        assert "Head of Operations" not in page.text
        await inbox.switch(editing=True)
        form = await inbox.get(f"/contact/{inbox.contact_id(AMARA)}/field?name=Title")
        assert form.status_code == 403
        assert "Head of Operations" not in form.text


class TestTrouble:
    async def test_a_salesforce_that_is_down_is_not_nobody(self, inbox: Inbox) -> None:
        inbox.salesforce.org.faults.switch({"unavailable": True})
        page = await inbox.open_with(AMARA)
        assert page.status_code == 503
        assert "Salesforce does not answer" in words(page)
        assert "Nobody" not in words(page)
        inbox.salesforce.org.faults.switch({"unavailable": False})
        assert "Amara Okafor" in words(await inbox.open_with(AMARA))

    @pytest.mark.parametrize(
        ("fault", "said"),
        [("api_disabled", "Salesforce API access is required"), ("limit_exceeded", "takes no more requests")],
    )
    async def test_salesforces_refusals_are_said_in_words(self, inbox: Inbox, fault: str, said: str) -> None:
        """RI-39."""
        inbox.salesforce.org.faults.switch({fault: True})
        assert said in words(await inbox.open_with(AMARA))

    async def test_a_record_deleted_meanwhile_is_said_to_be_gone(self, inbox: Inbox) -> None:
        await inbox.open_with(AMARA)
        id = inbox.contact_id(AMARA)
        org = inbox.salesforce.org
        async with inbox.salesforce.http() as http:
            await http.delete(
                f"{org.instance_url}/services/data/v67.0/sobjects/Contact/{id}",
                headers={"Authorization": f"Bearer {org.grant(org.admin)}"},
            )
        inbox.clock.pass_seconds(61)
        gone = await inbox.get(f"/contact/{id}")
        assert gone.status_code == 404
        assert "no longer there" in words(gone)

    async def test_before_an_admin_has_connected_the_panel_says_so(self, tmp_path: object, clock: Clock) -> None:
        async with open_inbox(f"sqlite:///{tmp_path}/house.sqlite", clock, connected=False) as inbox:
            page = await inbox.open_with(AMARA)
            assert "Not connected to Salesforce yet" in words(page)


async def _change(inbox: Inbox, id: str, **values: str) -> None:
    """A colleague changes the record in Salesforce."""
    org = inbox.salesforce.org
    async with inbox.salesforce.http() as http:
        answer = await http.patch(
            f"{org.instance_url}/services/data/v67.0/sobjects/Contact/{id}",
            json=values,
            headers={"Authorization": f"Bearer {org.grant(org.admin)}"},
        )
        assert answer.status_code == 204, answer.text
