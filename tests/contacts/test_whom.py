"""Leads, picks and near misses: whom a look-up ends with in the demo's org, and what its receipt says about it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sidebar.contacts.clues import Compared, inputs_of
from sidebar.contacts.lookup import Match
from sidebar.contacts.people import contacts
from sidebar.contacts.rank import Policy, Told
from sidebar.contacts.receipt import Receipt
from sidebar.identity import Identity
from sidebar.salesforce.errors import NotFound
from sidebar.twin.org import JSON, Actor
from tests.contacts.conftest import Desk

pytestmark = pytest.mark.anyio

AMARA, LIN = "amara.okafor@brightloom.example", "lin@lead.example"


async def ask(
    desk: Desk, *addresses: str, policy: Policy = "contacts", told: Told | None = None, country: str = ""
) -> Match:
    emails = tuple(each for each in addresses if "@" in each)
    customer = Identity(emails, tuple(each for each in addresses if each not in emails), country=country)
    return await desk.lookup.match(replace(desk.workspace, policy=policy), customer, told or Told())


def lead(desk: Desk, **fields: JSON) -> str:
    org = desk.salesforce.org
    return org.create(Actor(org.admin), "Lead", {"LastName": "Lin", "Company": "Lantern", **fields})


def removed(receipt: Receipt) -> dict[str, str]:
    return {each.candidate.id: each.removed for each in receipt.judged}


def steps(receipt: Receipt) -> list[str]:
    return [each.what for each in receipt.asked]


class TestLeads:
    @pytest.mark.parametrize("address", [LIN, "+442079460188"])
    async def test_under_contacts_only_a_lead_is_said_to_be_one(self, desk: Desk, address: str) -> None:
        """RI-31."""
        id = lead(desk, Email=LIN, Phone="020 7946 0188", Country="United Kingdom")
        match = await ask(desk, address)
        assert (match.outcome, match.ids, removed(match.receipt)) == ("nobody", (), {id: "policy"})
        assert match.lead is not None
        assert (match.lead.id, match.lead.name) == (id, "Lin")

    async def test_under_contacts_only_leads_are_not_asked_for_where_there_is_a_contact(self, desk: Desk) -> None:
        lead(desk, Email=AMARA)
        match = await ask(desk, AMARA)
        assert (match.ids, match.lead) == ((desk.id_of("Amara Okafor"),), None)
        assert not any("FROM%20Lead" in each or "Lead(" in each for each in desk.sent)

    @pytest.mark.parametrize("policy", ["contact_first", "lead_first"])
    @pytest.mark.parametrize("address", [LIN, "+442079460188", "+442079460177"])
    async def test_a_lead_is_it_where_the_policy_wants_leads(self, desk: Desk, policy: Policy, address: str) -> None:
        id = lead(desk, Email=LIN, Phone="020 7946 0188", MobilePhone="+44 20 7946 0177", Country="United Kingdom")
        match = await ask(desk, address, policy=policy)
        assert (match.outcome, match.ids, match.lead and match.lead.id) == ("found", (), id)

    async def test_the_policy_says_which_goes_first(self, desk: Desk) -> None:
        """IM-23, D-01."""
        id, contact = lead(desk, Email=AMARA), desk.id_of("Amara Okafor")
        first = await ask(desk, AMARA, policy="contact_first")
        assert (first.ids, first.lead, removed(first.receipt)) == ((contact,), None, {contact: "", id: "kind"})
        last = await ask(desk, AMARA, policy="lead_first")
        assert (last.ids, last.lead and last.lead.id) == ((), id)
        assert removed(last.receipt) == {id: "", contact: "kind"}

    @pytest.mark.parametrize("policy", ["contacts", "contact_first", "lead_first"])
    async def test_a_converted_lead_gives_way_to_what_it_has_become(self, desk: Desk, policy: Policy) -> None:
        """PF-08; requirements.md section 3, item 20."""
        org = desk.salesforce.org
        id = lead(desk, Email=LIN)
        contact = org.convert_lead(Actor(org.admin), id).contact
        desk.change(contact, Email="other@lead.example")
        match = await ask(desk, LIN, policy=policy)
        assert (match.outcome, match.rule, match.ids, match.lead) == ("found", "email", (contact,), None)
        [clue] = match.receipt.judged[0].candidate.clues
        assert (clue.field, removed(match.receipt)[id]) == ("Lead.Email", "converted")

    async def test_what_a_lead_became_may_be_gone(self, desk: Desk) -> None:
        org = desk.salesforce.org
        id = lead(desk, Email=LIN)
        org.delete(Actor(org.admin), "Contact", org.convert_lead(Actor(org.admin), id).contact)
        match = await ask(desk, LIN, policy="lead_first")
        assert (match.outcome, removed(match.receipt)) == ("nobody", {id: "converted"})

    async def test_where_leads_cannot_be_read_there_are_none(self, desk: Desk) -> None:
        lead(desk, Email=LIN)
        org = desk.salesforce.org
        profile = org.profiles[org.integration.profile]
        rights = frozenset(each for each in profile.denied | {"read Lead"})
        org.profiles[profile.name] = replace(profile, denied=rights)
        for policy in ("contacts", "lead_first"):
            assert (await ask(desk, LIN, policy=policy)).outcome == "nobody"

    async def test_a_lead_can_be_seen(self, desk: Desk) -> None:
        id = lead(desk, Email=LIN, Status="Working - Contacted")
        for _ in range(2):
            record = (await desk.see(id)).record
            assert (record["Name"], record["Company"], record["Email"]) == ("Lin", "Lantern", LIN)
            await ask(desk, LIN)

    async def test_a_person_account_stays_a_contact(self, desk: Desk) -> None:
        """PF-07."""
        org = desk.salesforce.org
        org.add_field("Contact", name="IsPersonAccount", label="Is Person Account", type="boolean")
        id = desk.add(Email="pa@lantern.example", IsPersonAccount=True)
        match = await ask(desk, "pa@lantern.example")
        assert (match.ids, match.receipt.judged[0].candidate.kind) == ((id,), "Contact")
        assert (await desk.see(id)).record["IsPersonAccount"] is True


class TestPicks:
    async def test_whom_an_agent_picked_is_it_among_those_who_share_a_number(self, desk: Desk) -> None:
        dana = desk.id_of("Dana Whitfield")
        match = await ask(desk, "+14155550100", told=Told(dana))
        assert (match.outcome, match.rule, match.ids) == ("found", "picked", (dana,))
        assert (match.receipt.shared, sorted(removed(match.receipt).values())) == (3, ["", "unpicked", "unpicked"])

    async def test_whom_an_agent_picked_is_it_whatever_their_address(self, desk: Desk) -> None:
        """RI-37: the link by id survives a change of the address, at one call more."""
        dana = desk.id_of("Dana Whitfield")
        match = await ask(desk, AMARA, "+14155550100", told=Told(dana))
        assert (match.rule, match.ids) == ("picked", (dana,))
        assert steps(match.receipt) == ["email", "picked"]

    async def test_somebody_without_any_address_may_be_picked(self, desk: Desk) -> None:
        dana = desk.id_of("Dana Whitfield")
        assert (await ask(desk, told=Told(dana))).ids == (dana,)
        assert (await ask(desk, "nonsense", told=Told(dana))).ids == (dana,)

    async def test_whoever_was_picked_and_is_gone_decides_nothing(self, desk: Desk) -> None:
        org, dana = desk.salesforce.org, desk.id_of("Dana Whitfield")
        org.delete(Actor(org.admin), "Contact", dana)
        match = await ask(desk, AMARA, told=Told(dana))
        assert (match.rule, match.ids) == ("email", (desk.id_of("Amara Okafor"),))

    async def test_whom_an_agent_unlinked_stays_out_and_weaker_addresses_are_asked_for(self, desk: Desk) -> None:
        """Requirements.md section 3, item 50."""
        amara = desk.id_of("Amara Okafor")
        match = await ask(desk, AMARA, "+491713920034", told=Told(unlinked=frozenset({amara})))
        assert (match.ids, match.rule) == ((desk.id_of("Jürgen Weiß"),), "phone")
        assert (removed(match.receipt)[amara], match.receipt.unlinked) == ("unlinked", (amara,))

    async def test_a_picked_lead_that_was_converted_is_its_contact(self, desk: Desk) -> None:
        org, id = desk.salesforce.org, lead(desk, Email=LIN)
        contact = org.convert_lead(Actor(org.admin), id).contact
        for address in (LIN, "+442079460999"):
            match = await ask(desk, address, told=Told(id))
            assert (match.outcome, match.rule, match.ids) == ("found", "picked", (contact,))

    async def test_what_was_told_is_another_answer(self, desk: Desk) -> None:
        dana = desk.id_of("Dana Whitfield")
        assert len((await ask(desk, "+14155550100")).ids) == 3
        assert len((await ask(desk, "+14155550100", told=Told(dana))).ids) == 1
        assert dana not in (await ask(desk, "+14155550100", told=Told(unlinked=frozenset({dana})))).ids


class TestReceipts:
    async def test_it_tells_what_was_given_what_was_asked_and_what_brought_her_in(self, desk: Desk) -> None:
        match = await ask(desk, " Amara.Okafor@brightloom.EXAMPLE", "12", country="FR")
        receipt = match.receipt
        assert [(each.kind, each.raw) for each in receipt.inputs] == [
            ("email", " Amara.Okafor@brightloom.EXAMPLE"), ("phone", "12"),
        ]  # fmt: skip
        assert (receipt.country, receipt.region, receipt.policy, receipt.at) == ("FR", "GB", "contacts", match.at)
        assert [(each.what, each.calls, each.found) for each in receipt.asked] == [("email", 1, 1)]
        [judged] = receipt.judged
        [clue] = judged.candidate.clues
        assert (judged.candidate.name, clue.field, clue.raw, clue.key.value) == ("Amara Okafor", "Email", AMARA, AMARA)

    async def test_a_clue_says_with_which_country_a_number_was_read(self, desk: Desk) -> None:
        match = await ask(desk, "+491713920034")
        [clue] = match.receipt.judged[0].candidate.clues
        assert (clue.key.value, clue.region) == ("+491713920034", "DE")

    async def test_an_inputs_keys_hold_the_one_that_the_records_country_made(self, desk: Desk) -> None:
        match = await ask(desk, "0171-392-00-34")
        assert match.outcome == "found"
        assert "+491713920034" in [key.value for key in match.receipt.inputs[0].keys]

    @pytest.mark.parametrize(
        ("stored", "told", "country"),
        [("(11) 98765-4321", "+5511987654321", "BR"), ("030 12345678", "+493012345678", "DE")],
    )
    async def test_the_nearest_miss_tells_the_country_that_would_have_made_it_match(
        self, desk: Desk, stored: str, told: str, country: str
    ) -> None:
        id = desk.add(Phone=stored)
        match = await ask(desk, told)
        assert match.outcome != "found"
        [near] = [each for each in match.receipt.nearest if each.id == id]
        assert (near.kind, near.field, near.raw, near.country) == ("Contact", "Phone", stored, country)

    async def test_a_shared_number_is_said(self, desk: Desk) -> None:
        assert (await ask(desk, "+14155550100")).receipt.shared == 3
        assert (await ask(desk, AMARA)).receipt.shared == 1

    async def test_a_number_that_only_ends_alike_suggests(self, desk: Desk) -> None:
        id = desk.add(Phone="946 0155", MailingCountry="United Kingdom")
        match = await ask(desk, "+442079460155")
        assert (match.outcome, match.rule, match.ids) == ("several", "phone", (id,))


class TestByHand:
    @pytest.mark.parametrize(
        "typed",
        ["Amara Okafor", "okafor", "amara ok", AMARA, AMARA.upper(), "020 7946 0123", "+44 20 7946 0123", "Brightloom"],
    )
    async def test_by_name_address_number_or_company(self, desk: Desk, typed: str) -> None:
        found = await desk.lookup.by_hand(desk.workspace, typed)
        assert desk.id_of("Amara Okafor") in [each.id for each in found]
        assert len(found) <= 50

    async def test_whoever_is_found_is_seen_at_no_further_call(self, desk: Desk) -> None:
        found = await desk.lookup.by_hand(desk.workspace, "Okafor")
        asked = len(desk.sent)
        assert [(await desk.see(each.id)).record["Name"] for each in found] == [each.name for each in found]
        assert len(desk.sent) == asked

    async def test_leads_come_only_where_the_policy_wants_them(self, desk: Desk) -> None:
        """RI-31."""
        id = lead(desk, Email=LIN, Phone="020 7946 0188")
        for typed in ("lantern", LIN, "020 7946 0188"):
            assert id not in await self._ids(desk, typed, "contacts")
            assert id in await self._ids(desk, typed, "lead_first")

    @pytest.mark.parametrize(
        "typed", ["", "   ", "?", "a", "'}", "{}", "FIND {x}", "*", "&&", "\\", "x' OR '1", "12", "💥"]
    )
    async def test_whatever_is_typed_harms_nothing(self, desk: Desk, typed: str) -> None:
        assert len(await desk.lookup.by_hand(desk.workspace, typed)) <= 50

    async def test_a_user_who_may_not_see_accounts_finds_people(self, desk: Desk) -> None:
        org = desk.salesforce.org
        profile = org.profiles[org.integration.profile]
        org.profiles[profile.name] = replace(profile, denied=profile.denied | {"read Account"})
        desk.hide("Account.Name")
        assert desk.id_of("Amara Okafor") in await self._ids(desk, "Okafor", "contacts")

    async def _ids(self, desk: Desk, typed: str, policy: Policy) -> Sequence[str]:
        return [each.id for each in await desk.lookup.by_hand(replace(desk.workspace, policy=policy), typed)]


async def test_a_record_that_is_not_there_is_not_found(desk: Desk) -> None:
    org, gone = desk.salesforce.org, {"Contact": desk.add(), "Lead": lead(desk)}
    for kind, id in gone.items():
        org.delete(Actor(org.admin), kind, id)
        with pytest.raises(NotFound):
            await desk.see(id)


async def test_a_number_that_many_share_is_read_once_however_many_addresses_it_is_compared_with(desk: Desk) -> None:
    """Else a switchboard would hold everybody up for seconds."""
    compared = Compared(inputs_of(Identity(phones=tuple(f"020 7946 01{n:02}" for n in range(20))), "GB"), "GB")
    people = contacts(await desk.lookup.specs(desk.workspace), ())
    for _ in range(50):
        compared.clues(people, {"Phone": "020 7946 0199", "MailingCountry": "Germany"})
    read = [raw for raw, _regions in compared.numbers if raw == "020 7946 0199"]
    assert len(read) <= 4
