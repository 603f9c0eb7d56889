"""What is remembered of Salesforce, for how long, and at what price in calls (RI-32)."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from sidebar.contacts.lookup import Match
from sidebar.identity import Identity
from sidebar.orgs import NotConnected
from sidebar.salesforce.errors import NotFound, SalesforceError, Unreachable
from sidebar.twin.org import Actor
from tests.contacts.conftest import Desk

pytestmark = pytest.mark.anyio

AMARA = Identity(("amara.okafor@brightloom.example",))
SWITCHBOARD = Identity(phones=("+14155550100",))


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """One that knows the org's fields already, so that every call counted is one for a person."""
    await desk.lookup.specs(desk.workspace)
    desk.sent.clear()
    return desk


async def test_a_match_is_remembered_for_a_minute_to_the_millisecond(desk: Desk) -> None:
    """RI-32: 59.9 s hit, 60.0 s miss."""
    first = await desk.lookup.match(desk.workspace, AMARA)
    desk.clock.pass_seconds(59.999)
    assert await desk.lookup.match(desk.workspace, AMARA) == first
    assert len(desk.sent) == 1
    desk.clock.pass_seconds(0.001)
    assert (await desk.lookup.match(desk.workspace, AMARA)).at == first.at + 60_000
    assert len(desk.sent) == 2


async def test_a_record_is_remembered_for_a_minute_and_its_age_is_true(desk: Desk) -> None:
    """RI-32, RI-33: what changes in Salesforce meanwhile shows after that minute."""
    id = desk.id_of("Amara Okafor")
    first = await desk.see(id)
    desk.change(id, Title="CEO")
    desk.clock.pass_seconds(58.9)
    assert await desk.see(id) == first
    assert desk.clock() - first.at == 59_900
    desk.clock.pass_seconds(0.1)
    second = await desk.see(id)
    assert (second.record["Title"], second.at, len(desk.sent)) == ("CEO", desk.clock(), 2)


async def test_a_match_brings_the_records_with_it(desk: Desk) -> None:
    match = await desk.lookup.match(desk.workspace, SWITCHBOARD)
    assert len(match.ids) == 3
    for id in match.ids:
        assert (await desk.see(id)).at == match.at
    assert len(desk.sent) == 1


async def test_nobody_is_remembered_too(desk: Desk) -> None:
    nobody = Identity(("nobody@nowhere.example",))
    assert (await desk.lookup.match(desk.workspace, nobody)).ids == ()
    asked = len(desk.sent)
    assert (await desk.lookup.match(desk.workspace, nobody)).ids == ()
    assert len(desk.sent) == asked


async def test_fifty_who_ask_at_once_cost_one_call(desk: Desk) -> None:
    """RI-32: one fetch for 50 parallel misses."""
    matches = await asyncio.gather(*(desk.lookup.match(desk.workspace, AMARA) for _ in range(50)))
    assert len(desk.sent) == 1
    assert set(matches) == {matches[0]}
    desk.clock.pass_seconds(60)
    desk.sent.clear()
    [person] = matches[0].ids
    await asyncio.gather(*(desk.see(person) for _ in range(50)))
    assert len(desk.sent) == 1


async def test_fifty_who_ask_an_org_that_is_down_are_all_told_and_cost_one_call(desk: Desk) -> None:
    desk.salesforce.org.faults.unavailable = True
    told = await asyncio.gather(
        *(desk.lookup.match(desk.workspace, AMARA) for _ in range(50)), return_exceptions=True
    )  # fmt: skip
    assert all(isinstance(each, Unreachable) for each in told)
    assert len(desk.sent) == 1


async def test_who_goes_away_does_not_take_the_answer_from_the_others(desk: Desk) -> None:
    asked = [asyncio.create_task(desk.lookup.match(desk.workspace, AMARA)) for _ in range(3)]
    await asyncio.sleep(0)
    asked[0].cancel()
    assert (await asked[1]).ids == (await asked[2]).ids == (desk.id_of("Amara Okafor"),)
    assert len(desk.sent) == 1


async def test_refresh_asks_again_but_not_for_what_is_two_seconds_old(desk: Desk) -> None:
    person = desk.id_of("Amara Okafor")
    await desk.lookup.match(desk.workspace, AMARA)
    desk.clock.pass_seconds(2)
    await desk.lookup.match(desk.workspace, AMARA, fresh=True)
    await desk.lookup.see(desk.workspace, person, fresh=True)
    assert len(desk.sent) == 1
    desk.clock.pass_seconds(0.001)
    assert (await desk.lookup.match(desk.workspace, AMARA, fresh=True)).at == desk.clock()
    assert len(desk.sent) == 2
    desk.clock.pass_seconds(2.001)
    assert (await desk.lookup.see(desk.workspace, person, fresh=True)).at == desk.clock()
    assert len(desk.sent) == 3


async def test_what_was_known_stays_known_while_salesforce_is_down(desk: Desk) -> None:
    match = await desk.lookup.match(desk.workspace, AMARA)
    desk.salesforce.org.faults.unavailable = True
    assert await desk.lookup.match(desk.workspace, AMARA) == match
    assert (await desk.see(match.ids[0])).record["Name"] == "Amara Okafor"


@pytest.mark.parametrize("fault", ["unavailable", "api_disabled", "limit_exceeded"])
async def test_a_failure_is_told_and_not_remembered(desk: Desk, fault: str) -> None:
    person = desk.id_of("Amara Okafor")
    desk.salesforce.org.faults.switch({fault: True})
    for question in (desk.lookup.match(desk.workspace, AMARA), desk.see(person)):
        with pytest.raises(SalesforceError):
            await question
    desk.salesforce.org.faults.switch({fault: False})
    assert (await desk.lookup.match(desk.workspace, AMARA)).ids == (person,)
    assert (await desk.see(person)).id == person


async def test_a_deleted_record_is_not_found(desk: Desk) -> None:
    person = desk.id_of("Amara Okafor")
    desk.salesforce.org.delete(Actor(desk.salesforce.org.admin), "Contact", person)
    with pytest.raises(NotFound):
        await desk.see(person)


async def test_an_answer_overtaken_by_a_write_does_not_undo_it(desk: Desk) -> None:
    """RI-20: what an agent has just saved stays on screen, whatever is still on its way from before."""
    person = desk.id_of("Amara Okafor")
    asked, let_through = asyncio.Event(), asyncio.Event()

    async def hold_the_first(request: httpx.Request) -> None:
        if not asked.is_set():
            asked.set()
            await let_through.wait()

    with desk.on_the_way_back(hold_the_first):
        late = asyncio.create_task(desk.lookup.match(desk.workspace, AMARA))
        await asked.wait()
        desk.clock.pass_seconds(1)
        await desk.save(person, "Title", "Director", "Head of Operations")
        let_through.set()
        assert (await late).ids == (person,)
    assert (await desk.see(person)).record["Title"] == "Director"


async def test_a_field_that_was_hidden_after_we_learned_of_it_is_left_out_by_itself(desk: Desk) -> None:
    """Field security in the org; describe is ten minutes old at most, the change one second."""
    person = desk.id_of("Amara Okafor")
    desk.hide("Birthdate", "MobilePhone")
    seen = await desk.see(person)
    assert (seen.record["Title"], "Birthdate" in seen.record) == ("Head of Operations", False)
    assert not {"Birthdate", "MobilePhone"} & set(await desk.lookup.specs(desk.workspace))
    desk.sent.clear()
    assert (await desk.lookup.match(desk.workspace, AMARA)).ids == (person,)
    assert len(desk.sent) == 1, "it has been learned"


@pytest.mark.parametrize("identity", [AMARA, Identity(phones=("+442079460123",))], ids=["email", "phone"])
async def test_a_match_too_leaves_out_what_was_hidden(desk: Desk, identity: Identity) -> None:
    desk.hide("Birthdate")
    match = await desk.lookup.match(desk.workspace, identity)
    assert match.ids == (desk.id_of("Amara Okafor"),)
    assert "Birthdate" not in (await desk.see(match.ids[0])).record


async def test_what_is_not_shown_and_not_needed_is_not_asked_for(desk: Desk) -> None:
    person = desk.id_of("Amara Okafor")
    record = (await desk.lookup.see(replace(desk.workspace, fields=("Title",)), person)).record
    assert record["Title"] == "Head of Operations"
    assert not {"Birthdate", "Description", "LeadSource", "Account"} & set(record)


async def test_other_fields_are_another_answer(desk: Desk) -> None:
    """RI-32: the minute counts for one set of fields; what an admin adds is there at once."""
    person = desk.id_of("Amara Okafor")
    few = replace(desk.workspace, fields=("Title",))
    assert "Birthdate" not in (await desk.lookup.see(few, person)).record
    assert (await desk.see(person)).record["Birthdate"] == "1984-03-09"


async def test_another_country_of_the_workspace_is_another_match(desk: Desk) -> None:
    national = Identity(phones=("0171 3920034",))
    assert (await desk.lookup.match(desk.workspace, national)).tried[0].key != "+491713920034"
    german = replace(desk.workspace, region="DE")
    assert (await desk.lookup.match(german, national)).tried[0].key == "+491713920034"


async def test_two_workspaces_never_share_what_is_remembered(desk: Desk) -> None:
    other = await desk.another_workspace()
    await desk.lookup.specs(other)
    person = desk.id_of("Amara Okafor")
    first_match, first = await desk.lookup.match(desk.workspace, AMARA), await desk.see(person)
    desk.change(person, Title="CEO")
    desk.sent.clear()
    assert (await desk.lookup.see(other, person)).record["Title"] == "CEO"
    await desk.lookup.match(other, AMARA)
    assert len(desk.sent) == 2
    desk.lookup.forget(other.id)
    assert (await desk.lookup.match(desk.workspace, AMARA), await desk.see(person)) == (first_match, first)
    assert len(desk.sent) == 2


async def test_a_workspace_that_is_disconnected_is_forgotten(desk: Desk) -> None:
    """RI-40."""
    match = await desk.lookup.match(desk.workspace, AMARA)
    assert await desk.orgs.disconnect(desk.workspace.id)
    for question in (
        desk.lookup.match(desk.workspace, AMARA),
        desk.see(match.ids[0]),
        desk.lookup.specs(desk.workspace),
    ):
        with pytest.raises(NotConnected):
            await question


async def test_a_spent_token_is_renewed_and_the_person_found(desk: Desk) -> None:
    desk.salesforce.org.grants.expire_sessions()
    match: Match = await desk.lookup.match(desk.workspace, AMARA)
    assert match.ids == (desk.id_of("Amara Okafor"),)
    assert desk.salesforce.refreshes() == 1


async def test_a_related_records_hidden_name_does_not_hide_the_person(desk: Desk) -> None:
    """The account's name cannot be read: its id is shown, and everything else of the contact."""
    desk.hide("Account.Name")
    match = await desk.lookup.match(desk.workspace, AMARA)
    record = (await desk.see(match.ids[0])).record
    assert record["Name"] == "Amara Okafor"
    assert str(record["AccountId"]).startswith("001")
