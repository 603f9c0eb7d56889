"""What a look-up costs in calls of Salesforce's API, and that no failure of any of them ever means "nobody"."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote

import httpx
import pytest

from sidebar.contacts.lookup import Match
from sidebar.contacts.rank import Policy, Told
from sidebar.identity import Identity
from sidebar.salesforce.errors import NotFound, SalesforceError
from sidebar.twin.org import JSON, Actor
from tests.contacts.conftest import Desk

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"
NOBODY = Identity(("nobody@nowhere.example",), ("+442079460999",))


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """One that knows the org's fields already, so that every call counted is one for a person."""
    await desk.lookup.specs(desk.workspace)
    await desk.orgs.describe(desk.workspace.id, "Lead")
    desk.sent.clear()
    return desk


def people(desk: Desk, count: int, **also: Callable[[int], JSON]) -> list[str]:
    return [
        desk.add(Email=f"person{number}@many.example", **{name: make(number) for name, make in also.items()})
        for number in range(count)
    ]


async def at_once(desk: Desk, *customers: Identity) -> list[Match]:
    return await asyncio.gather(*(desk.lookup.match(desk.workspace, each) for each in customers))


@pytest.mark.parametrize(
    ("customer", "policy", "calls"),
    [
        (Identity((AMARA,)), "contacts", 1),
        (Identity((AMARA,)), "contact_first", 2),
        (Identity((AMARA,)), "lead_first", 2),
        (Identity(phones=("+442079460123",)), "contacts", 1),
        (Identity(phones=("+442079460123",)), "contact_first", 1),
        (Identity((AMARA,), ("+442079460123",)), "contacts", 1),
        (Identity(("another@x.example",), ("+442079460123",)), "contacts", 2),
        (Identity(("nobody@nowhere.example",)), "contacts", 2),
        (Identity(phones=("+442079460999",)), "contacts", 3),
        (NOBODY, "contacts", 5),
        (NOBODY, "contact_first", 5),
        (Identity(("no address",), ("7",)), "contacts", 0),
        (Identity(), "lead_first", 0),
    ],
)
async def test_what_a_cold_look_up_costs(desk: Desk, customer: Identity, policy: Policy, calls: int) -> None:
    """A look-up of both kinds of records asks for them at the same time."""
    match = await desk.lookup.match(replace(desk.workspace, policy=policy), customer)
    assert len(desk.sent) == calls
    assert sum(each.calls for each in match.receipt.asked) == calls


async def test_fifty_distinct_people_in_a_burst_cost_four_calls_at_most(desk: Desk) -> None:
    ids = people(desk, 50)
    matches = await at_once(desk, *(Identity((f"Person{number}@Many.example",)) for number in range(50)))
    assert [each.ids for each in matches] == [(id,) for id in ids]
    assert len(desk.sent) <= 4
    assert sum(step.calls for each in matches for step in each.receipt.asked) == len(desk.sent)


async def test_fifty_distinct_numbers_in_a_burst_cost_four_calls_at_most(desk: Desk) -> None:
    ids = people(desk, 50, Phone=lambda number: f"(212) 555-01{number:02}", MailingCountry=lambda _: "United States")
    matches = await at_once(desk, *(Identity(phones=(f"+121255501{number:02}",)) for number in range(50)))
    assert [each.ids for each in matches] == [(id,) for id in ids]
    assert len(desk.sent) <= 4


async def test_fifty_agents_who_ask_for_one_person_cost_one_call(desk: Desk) -> None:
    matches = await at_once(desk, *[Identity((AMARA,))] * 50)
    assert len(desk.sent) == 1
    assert set(matches) == {matches[0]}


async def test_those_who_come_while_a_question_is_on_its_way_share_the_next(desk: Desk) -> None:
    ids = people(desk, 20)
    asked, let_through = asyncio.Event(), asyncio.Event()

    async def hold(request: httpx.Request) -> None:
        asked.set()
        await let_through.wait()

    with desk.on_the_way_back(hold):
        first = asyncio.create_task(desk.match(emails=("person0@many.example",)))
        await asked.wait()
        later = [asyncio.create_task(desk.match(emails=(f"person{number}@many.example",))) for number in range(1, 20)]
        await asyncio.sleep(0.05)
        assert len(desk.sent) == 1
        let_through.set()
        assert [(await each).ids for each in [first, *later]] == [(id,) for id in ids]
    assert len(desk.sent) == 2


async def test_a_burst_of_long_addresses_stays_below_salesforces_limit(desk: Desk) -> None:
    """16,384 bytes of address and headers."""
    emails = [f"{number}{'長' * 40}@みなと{'と' * 40}.example" for number in range(60)]
    matches = await at_once(desk, *(Identity((each,)) for each in emails))
    assert {each.outcome for each in matches} == {"nobody"}
    assert max(len(each) for each in desk.sent) < 16_000


async def test_a_crowd_at_one_address_does_not_cut_what_others_get(desk: Desk) -> None:
    """A page of 2,000 rows is full of one address's: whoever asked with them is asked for alone."""
    [lonely] = people(desk, 1)
    desk.clock.pass_seconds(1)
    org = desk.salesforce.org
    rows = [{"LastName": f"No {number}", "Email": "crowd@many.example"} for number in range(2100)]
    for row in rows:
        org.create(Actor(org.colleague), "Contact", row)
    crowd, one = await at_once(desk, Identity(("crowd@many.example",)), Identity(("person0@many.example",)))
    assert one.ids == (lonely,)
    assert (crowd.outcome, len(crowd.ids), crowd.receipt.shared) == ("several", 25, 25)
    assert sum(step.calls for each in (crowd, one) for step in each.receipt.asked) == len(desk.sent)


async def test_one_whose_question_is_refused_harms_nobody(desk: Desk) -> None:
    """What Salesforce refuses of several may be the fault of one."""
    [id] = people(desk, 1)

    async def lie(token: str) -> None:
        refused = "strange" in unquote(desk.sent[-1])
        body = [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}]
        desk.salesforce.lies = {"/services/data/v67.0/query": (400, body)} if refused else {}

    desk.salesforce.on_data = lie
    strange, fine = await asyncio.gather(
        desk.match(emails=("strange@many.example",)), desk.match(emails=("person0@many.example",)),
        return_exceptions=True,
    )  # fmt: skip
    assert isinstance(strange, SalesforceError)
    assert isinstance(fine, Match)
    assert fine.ids == (id,)


async def test_who_goes_away_harms_nobody(desk: Desk) -> None:
    ids = people(desk, 3)
    asked = [asyncio.create_task(desk.match(emails=(f"person{number}@many.example",))) for number in range(3)]
    await asyncio.sleep(0)
    asked[0].cancel()
    assert [(await each).ids for each in asked[1:]] == [(id,) for id in ids[1:]]


FAULTS: Mapping[str, Mapping[str, JSON]] = {
    "unavailable": {"unavailable": True},
    "api disabled": {"api_disabled": True},
    "limit exceeded": {"limit_exceeded": True},
    "not answered": {},
}
WAYS: Mapping[str, Callable[[Desk], Awaitable[Match]]] = {
    "e-mail": lambda desk: ask(desk, NOBODY.emails),
    "phone": lambda desk: ask(desk, phones=NOBODY.phones),
    "both": lambda desk: ask(desk, NOBODY.emails, NOBODY.phones),
    "contact first": lambda desk: ask(desk, NOBODY.emails, NOBODY.phones, "contact_first"),
    "lead first": lambda desk: ask(desk, NOBODY.emails, NOBODY.phones, "lead_first"),
    "picked": lambda desk: ask(desk, NOBODY.emails, picked=desk.id_of("Amara Okafor")),
    "was a lead": lambda desk: ask(desk, ("was@lead.example",)),
}


async def ask(
    desk: Desk,
    emails: tuple[str, ...] = (),
    phones: tuple[str, ...] = (),
    policy: Policy = "contacts",
    picked: str = "",
) -> Match:
    return await desk.lookup.match(replace(desk.workspace, policy=policy), Identity(emails, phones), Told(picked))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", WAYS)
async def test_whichever_call_fails_it_is_never_nobody(desk: Desk, way: str, fault: str) -> None:
    """Requirements 3, item 49: every step of a look-up, with every fault."""
    org = desk.salesforce.org
    lead = org.create(Actor(org.admin), "Lead", {"LastName": "Was", "Company": "X", "Email": "was@lead.example"})
    became = org.convert_lead(Actor(org.admin), lead)
    desk.change(became.contact, Email="now@contact.example")
    desk.orgs.forget_describe(desk.workspace.id)
    desk.sent.clear()
    await WAYS[way](desk)
    steps = len(desk.sent)
    assert steps >= 3
    for step in range(1, steps + 1):
        desk.clock.pass_seconds(60)
        desk.orgs.forget_describe(desk.workspace.id)
        desk.sent.clear()

        async def fail(token: str, step: int = step) -> None:
            if len(desk.sent) >= step:
                org.faults.switch(dict(FAULTS[fault]))
                if not FAULTS[fault]:
                    raise httpx.ReadTimeout("no answer")

        desk.salesforce.on_data = fail
        with pytest.raises(SalesforceError) as problem:
            await WAYS[way](desk)
        assert not isinstance(problem.value, NotFound)
        desk.salesforce.on_data = None
        org.faults.switch({name: type(value)() for name, value in FAULTS[fault].items()})  # type: ignore[misc]


async def test_the_end_of_a_session_is_no_fault(desk: Desk) -> None:
    desk.salesforce.org.faults.switch({"expire_sessions": True})
    assert (await desk.match(emails=(AMARA,))).outcome == "found"
