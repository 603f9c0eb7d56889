"""One field corrected: what is written, what is refused, and that nobody's change is lost without a word."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.contacts.edit import Conflict, Correction, NotEditable
from sidebar.contacts.fields import Invalid
from sidebar.salesforce.errors import LimitExceeded, NotFound, Refused, Unreachable
from sidebar.store.database import Database
from sidebar.twin.org import JSON, Actor
from tests.conftest import Clock
from tests.contacts.conftest import KIM, Desk, open_desk

pytestmark = pytest.mark.anyio

TITLE = "Head of Operations"


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """One whose agent has the contact on screen."""
    await desk.see(desk.id_of("Amara Okafor"))
    desk.sent.clear()
    return desk


@pytest.fixture
def amara(desk: Desk) -> str:
    return desk.id_of("Amara Okafor")


def verbs(desk: Desk) -> list[str]:
    return [each.split()[0] for each in desk.sent]


async def outcomes(desk: Desk, id: str) -> list[tuple[object, str | None]]:
    """What the journal says was tried, and what became of it; None: nobody knows."""
    return [(entry.new, entry.outcome) for entry in await desk.journal(id)]


# What is written


async def test_only_the_changed_field_is_sent(desk: Desk, amara: str) -> None:
    """RI-22."""
    bodies: list[bytes] = []

    async def keep(request: httpx.Request) -> None:
        if request.method == "PATCH":
            bodies.append(request.content)

    with desk.on_the_way_back(keep):
        seen = await desk.save(amara, "Title", "Director", TITLE)
    assert bodies == [b'{"Title":"Director"}']
    assert seen.record["Title"] == desk.held(amara, "Title") == "Director"
    assert verbs(desk) == ["PATCH", "GET"], "compare from what is remembered, write, read back"
    changed = desk.salesforce.org.changes[-1].changed
    assert {name for name in changed if not name.startswith("LastModified")} == {"Title"}


@pytest.mark.parametrize(
    ("field", "saw", "typed", "held"),
    [
        ("Title", TITLE, "", None),
        ("Department", "Operations", " Legal & <b>Öl</b> ", "Legal & <b>Öl</b>"),
        ("Description", "Prefers e-mail. Orders go through the Leeds warehouse.", "one\r\ntwo", "one\ntwo"),
        ("Description", "Prefers e-mail. Orders go through the Leeds warehouse.", "'\"\\ 😀 \u2028", "'\"\\ 😀"),
        ("LeadSource", "Partner Referral", "Web", "Web"),
        ("LeadSource", "Partner Referral", "", None),
        ("Birthdate", "1984-03-09", "1984-03-10", "1984-03-10"),
        ("DoNotCall", False, "true", True),
        ("MailingCity", "London", "Leeds", "Leeds"),
    ],
)
async def test_every_kind_of_field_can_be_corrected_and_corrected_back(
    desk: Desk, amara: str, field: str, saw: JSON, typed: str, held: JSON
) -> None:
    assert (await desk.save(amara, field, typed, saw)).record[field] == desk.held(amara, field) == held
    back = {True: "true", False: "", None: ""}.get(saw, str(saw)) if not isinstance(saw, str) else saw
    assert (await desk.save(amara, field, back, held)).record[field] == desk.held(amara, field) == saw


async def test_a_number_can_be_corrected(desk: Desk) -> None:
    id = desk.add(Loyalty_Points__c=120)
    assert (await desk.save(id, "Loyalty_Points__c", "1 250", 120)).record["Loyalty_Points__c"] == 1250
    assert desk.held(id, "Loyalty_Points__c") == 1250


async def test_what_is_saved_is_there_at_once_and_costs_nobody_a_call(desk: Desk, amara: str) -> None:
    """RI-20: written through; no waiting for the minute to pass."""
    saved = await desk.save(amara, "Title", "Director", TITLE)
    desk.sent.clear()
    assert await desk.see(amara) == saved
    assert desk.sent == []


async def test_a_value_that_is_there_already_is_not_written(desk: Desk, amara: str) -> None:
    before = len(desk.salesforce.org.changes)
    await desk.save(amara, "Title", TITLE, TITLE)
    assert desk.sent == []
    assert len(desk.salesforce.org.changes) == before
    assert await desk.journal(amara) == []


async def test_a_spent_token_is_renewed_and_the_field_is_written_once(desk: Desk, amara: str) -> None:
    before = len(desk.salesforce.org.changes)
    desk.salesforce.org.grants.expire_sessions()
    await desk.save(amara, "Title", "Director", TITLE)
    assert len(desk.salesforce.org.changes) == before + 1


async def test_the_journal_tells_who_changed_what_from_what_to_what(clock: Clock, database: Database) -> None:
    async with open_desk(clock, database) as desk:
        amara = desk.id_of("Amara Okafor")
        await desk.save(amara, "Title", "Director", TITLE)
        clock.pass_seconds(1)
        await desk.save(amara, "DoNotCall", "true", False)
        clock.pass_seconds(1)
        await desk.save(amara, "Department", "a\x00b 😀", "Operations")
        entries = await desk.journal(amara)
    assert [(each.field, each.old, each.new) for each in entries] == [
        ("Title", TITLE, "Director"),
        ("DoNotCall", False, True),
        ("Department", "Operations", "a\x00b 😀"),
    ]
    assert [each.at for each in entries] == [clock() - 2000, clock() - 1000, clock()]
    assert {(each.agent_id, each.agent_email, each.agent_name) for each in entries} == {
        ("agent-7", "kim@brightside.example", "Kim Doe")
    }
    assert {(each.host, each.conversation) for each in entries} == {("generic", "conversation-1")}
    assert len({each.id for each in entries}) == 3


# Somebody else was faster


async def test_a_field_somebody_else_changed_is_a_conflict_and_nothing_is_written(desk: Desk, amara: str) -> None:
    desk.change(amara, Title="Chief of Staff")
    before = len(desk.salesforce.org.changes)
    with pytest.raises(Conflict) as told:
        await desk.save(amara, "Title", "Director", TITLE)
    assert told.value.theirs == told.value.seen.record["Title"] == desk.held(amara, "Title") == "Chief of Staff"
    assert len(desk.salesforce.org.changes) == before
    assert await outcomes(desk, amara) == [("Director", "refused")]
    assert (await desk.see(amara)).record["Title"] == "Chief of Staff", "and everybody sees theirs now"


async def test_after_a_conflict_mine_can_be_written_knowingly(desk: Desk, amara: str) -> None:
    desk.change(amara, Title="Chief of Staff")
    with pytest.raises(Conflict):
        await desk.save(amara, "Title", "Director", TITLE)
    desk.clock.pass_seconds(1)
    await desk.save(amara, "Title", "Director", "Chief of Staff")
    assert desk.held(amara, "Title") == "Director"
    last = (await desk.journal(amara))[-1]
    assert (last.old, last.new, last.outcome) == ("Chief of Staff", "Director", "written")


async def test_what_was_on_screen_counts_and_not_what_we_remember(desk: Desk, amara: str) -> None:
    """The screen may be older than the cache: a colleague's panel has read the newer value meanwhile."""
    desk.change(amara, Title="Chief of Staff")
    await desk.lookup.read_now(desk.workspace, amara)
    with pytest.raises(Conflict):
        await desk.save(amara, "Title", "Director", TITLE)
    assert desk.held(amara, "Title") == "Chief of Staff"


async def test_that_it_is_there_already_is_not_taken_from_what_we_remember(desk: Desk, amara: str) -> None:
    """We remember just what the agent wants, and Salesforce holds a third value by now."""
    desk.change(amara, Title="Director")
    await desk.lookup.read_now(desk.workspace, amara)
    desk.change(amara, Title="Chief of Staff")
    with pytest.raises(Conflict) as told:
        await desk.save(amara, "Title", "Director", TITLE)
    assert told.value.theirs == "Chief of Staff"


async def test_another_field_that_somebody_changed_meanwhile_stays_changed(desk: Desk, amara: str) -> None:
    """What we remember is older than the record: Salesforce says 412, we look again, and write."""
    desk.change(amara, Department="Legal")
    seen = await desk.save(amara, "Title", "Director", TITLE)
    assert (seen.record["Title"], seen.record["Department"]) == ("Director", "Legal")
    assert (desk.held(amara, "Title"), desk.held(amara, "Department")) == ("Director", "Legal")
    assert verbs(desk) == ["PATCH", "GET", "PATCH", "GET"]


async def test_both_may_want_the_same_value(desk: Desk, amara: str) -> None:
    desk.change(amara, Title="Director")
    seen = await desk.save(amara, "Title", "Director", TITLE)
    assert seen.record["Title"] == desk.held(amara, "Title") == "Director"


async def test_a_record_that_never_rests_is_not_written_by_force(desk: Desk, amara: str) -> None:
    async def somebody_is_busy(request: httpx.Request) -> None:
        if request.method == "GET":
            desk.change(amara, Department=f"Department {desk.clock()}")

    desk.change(amara, Department="Legal")
    with desk.on_the_way_back(somebody_is_busy), pytest.raises(Conflict):
        await desk.save(amara, "Title", "Director", TITLE)
    assert desk.held(amara, "Title") == TITLE


# Salesforce does not answer


async def test_an_answer_lost_after_the_write_is_noticed_by_reading_back(desk: Desk, amara: str) -> None:
    before = len(desk.salesforce.org.changes)

    async def lose(request: httpx.Request) -> None:
        if request.method == "PATCH":
            raise httpx.ReadTimeout("the answer was lost")

    with desk.on_the_way_back(lose):
        seen = await desk.save(amara, "Title", "Director", TITLE)
    assert seen.record["Title"] == "Director"
    assert len(desk.salesforce.org.changes) == before + 1, "it was not written twice"
    assert await outcomes(desk, amara) == [("Director", "written")]


async def test_a_write_that_never_arrived_is_told_and_can_be_repeated(desk: Desk, amara: str) -> None:
    down = True

    async def refuse(_token: str) -> None:
        if down and desk.salesforce.requests[-1][0].endswith(amara):
            raise httpx.ConnectError("no way there")

    desk.salesforce.on_data = refuse
    with pytest.raises(Unreachable):
        await desk.save(amara, "Title", "Director", TITLE)
    assert desk.held(amara, "Title") == TITLE
    down = False
    desk.clock.pass_seconds(1)
    assert (await desk.save(amara, "Title", "Director", TITLE)).record["Title"] == "Director"
    assert await outcomes(desk, amara) == [("Director", None), ("Director", "written")]


async def test_salesforce_that_is_down_is_told_and_what_was_typed_can_be_sent_again(desk: Desk, amara: str) -> None:
    desk.salesforce.org.faults.unavailable = True
    with pytest.raises(Unreachable):
        await desk.save(amara, "Title", "Director", TITLE)
    desk.salesforce.org.faults.unavailable = False
    assert await outcomes(desk, amara) == [("Director", None)]
    await desk.save(amara, "Title", "Director", TITLE)
    assert desk.held(amara, "Title") == "Director"


async def test_a_tab_that_is_closed_does_not_stop_a_write_half_way(desk: Desk, amara: str) -> None:
    written = asyncio.Event()

    async def tell(request: httpx.Request) -> None:
        if request.method == "PATCH":
            written.set()

    with desk.on_the_way_back(tell):
        saving = asyncio.create_task(desk.save(amara, "Title", "Director", TITLE))
        await written.wait()
        saving.cancel()
        await desk.editor.close()
    assert saving.cancelled()
    assert await outcomes(desk, amara) == [("Director", "written")]
    assert (await desk.see(amara)).record["Title"] == "Director"


async def test_what_is_tried_is_in_the_journal_before_salesforce_hears_of_it(desk: Desk, amara: str) -> None:
    known: list[tuple[object, str | None]] = []

    async def look(_token: str) -> None:
        known.extend(await outcomes(desk, amara))

    desk.salesforce.on_data = look
    await desk.save(amara, "Title", "Director", TITLE)
    assert known[0] == ("Director", None)


@pytest.mark.parametrize("fault", ["unavailable", "limit_exceeded", "api_disabled"])
async def test_a_write_that_succeeded_is_a_success_even_if_it_cannot_be_read_back(
    desk: Desk, amara: str, fault: str
) -> None:
    """It may well have taken the last call of the day."""

    async def fail_from_now_on(request: httpx.Request) -> None:
        if request.method == "PATCH":
            desk.salesforce.org.faults.switch({fault: True})

    with desk.on_the_way_back(fail_from_now_on):
        seen = await desk.save(amara, "Title", "Director", TITLE)
    assert seen.record["Title"] == desk.held(amara, "Title") == "Director"
    desk.salesforce.org.faults.switch({fault: False})
    assert (await desk.see(amara)).record["Title"] == "Director"
    assert await outcomes(desk, amara) == [("Director", "written")]


async def test_the_last_call_of_the_day_is_told(desk: Desk, amara: str) -> None:
    desk.salesforce.org.faults.limit_exceeded = True
    with pytest.raises(LimitExceeded):
        await desk.save(amara, "Title", "Director", TITLE)


# What is refused


async def test_salesforces_own_words_arrive(desk: Desk, amara: str) -> None:
    with pytest.raises(Refused, match=r"Please enter the customer's real job title\.") as told:
        await desk.save(amara, "Title", "test", TITLE)
    assert (told.value.code, told.value.fields) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ("Title",))
    assert (desk.held(amara, "Title"), await outcomes(desk, amara)) == (TITLE, [("test", "refused")])


async def test_a_right_that_was_taken_away_meanwhile_is_named(desk: Desk, amara: str) -> None:
    """RI-19."""
    desk.lock("Title")
    with pytest.raises(Refused, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        await desk.save(amara, "Title", "Director", TITLE)
    assert await outcomes(desk, amara) == [("Director", "refused")]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Email", "kind"),
        ("Phone", "kind"),
        ("MobilePhone", "kind"),
        ("AccountId", "kind"),
        ("LastName", "hidden"),
        ("HomePhone", "hidden"),
        ("OwnerId", "hidden"),
        ("Id", "hidden"),
        ("LastModifiedDate", "hidden"),
        ("Nonsense__c", "hidden"),
        ("title", "hidden"),
        ("Title,Email", "hidden"),
        ("Account.Name", "hidden"),
        ("attributes", "hidden"),
        ("", "hidden"),
    ],
)
async def test_a_field_that_may_not_be_edited_is_refused_without_a_word_to_salesforce(
    desk: Desk, amara: str, field: str, reason: str
) -> None:
    """RI-18 and a PATCH for a hidden field: on the server, whatever the form says."""
    with pytest.raises(NotEditable) as told:
        await desk.save(amara, field, "x@example.com", "amara.okafor@brightloom.example")
    assert told.value.reason == reason
    assert desk.sent == []
    assert await desk.journal(amara) == []


@pytest.mark.parametrize(
    ("field", "reason"),
    [("Name", "rights"), ("CreatedDate", "rights"), ("Email", "kind"), ("IsEmailBounced", "rights")],
)
async def test_showing_a_field_does_not_make_it_editable(desk: Desk, amara: str, field: str, reason: str) -> None:
    """RI-17."""
    desk.workspace = replace(desk.workspace, fields=(field,))
    with pytest.raises(NotEditable) as told:
        await desk.save(amara, field, "x", "y")
    assert told.value.reason == reason
    assert desk.sent == []


async def test_a_field_the_connected_user_may_only_read_is_refused(desk: Desk, amara: str) -> None:
    """RI-19."""
    desk.lock("Title")
    desk.orgs.forget_describe(desk.workspace.id)
    with pytest.raises(NotEditable) as told:
        await desk.save(amara, "Title", "Director", TITLE)
    assert told.value.reason == "rights"
    assert not any("PATCH" in each for each in desk.sent)


async def test_editing_that_is_switched_off_is_refused_without_a_word_to_salesforce(desk: Desk, amara: str) -> None:
    """RI-16."""
    desk.workspace = replace(desk.workspace, editing=False)
    with pytest.raises(NotEditable) as told:
        await desk.save(amara, "Title", "Director", TITLE)
    assert told.value.reason == "switch"
    assert desk.sent == []


@pytest.mark.parametrize(
    ("field", "typed", "saw", "problem"),
    [
        ("Title", "x" * 129, TITLE, "long"),
        ("Description", "x" * 1_000_000, None, "long"),
        ("Birthdate", "09.03.1984", "1984-03-09", "date"),
        ("DoNotCall", "maybe", False, "option"),
        ("Loyalty_Points__c", "many", None, "number"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_without_a_word_to_salesforce(
    desk: Desk, amara: str, field: str, typed: str, saw: JSON, problem: str
) -> None:
    with pytest.raises(Invalid) as told:
        await desk.save(amara, field, typed, saw)
    assert told.value.problem == problem
    assert desk.sent == []


async def test_a_deleted_record_is_told(desk: Desk, amara: str) -> None:
    desk.salesforce.org.delete(Actor(desk.salesforce.org.admin), "Contact", amara)
    with pytest.raises(NotFound):
        await desk.save(amara, "Title", "Director", TITLE)
    assert await outcomes(desk, amara) == [("Director", "refused")]


@pytest.mark.parametrize("saw", ["Something else", None, "", 5, ["x"], {"a": 1}, True, float("nan")], ids=repr)
async def test_a_made_up_former_value_overwrites_nothing(desk: Desk, amara: str, saw: JSON) -> None:
    with pytest.raises(Conflict):
        await desk.save(amara, "Title", "Director", saw)
    assert desk.held(amara, "Title") == TITLE


# Two writers, in any order


moves = st.lists(
    st.tuples(
        st.sampled_from(["save", "change", "save both", "wait", "look"]),
        st.sampled_from(["Title", "Department"]),
        st.integers(1, 3),
        st.floats(0, 70),
    ),
    max_size=8,
)


@given(moves)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_the_order_no_change_is_lost_without_a_word(
    desk: Desk, moves: list[tuple[str, str, int, float]]
) -> None:
    """An agent with a screen of any age, and somebody in Salesforce; a second or more lies between their writes.

    Every value that Salesforce ever held was either seen by whoever replaced it, or replaced in Salesforce itself.
    """
    desk.salesforce.org.setup.daily_limit = 10**9
    id = desk.add(Title="title 0", Department="department 0")
    screen = dict((await desk.see(id)).record)
    held = {"Title": "title 0", "Department": "department 0"}
    for what, field, value, seconds in moves:
        desk.clock.pass_seconds(1)
        new = f"{field} {value}"
        if what == "wait":
            desk.clock.pass_seconds(seconds)
        elif what == "look":
            screen = dict((await desk.see(id)).record)
        elif what == "change":
            desk.change(id, **{field: new})
            held[field] = new
        else:
            outcome = await _attempt(desk, id, field, new, screen[field], twice=what == "save both")
            if screen[field] == new != held[field]:
                assert outcome is Conflict or outcome == new  # nothing to write: the screen already said so
            elif held[field] in (screen[field], new):
                assert outcome == new
                held[field] = new
            else:
                assert outcome is Conflict
            screen = dict((await desk.see(id)).record)
        assert {name: desk.held(id, name) for name in held} == held


async def _attempt(desk: Desk, id: str, field: str, new: str, saw: JSON, *, twice: bool) -> object:
    """The value afterwards, or Conflict. `twice`: an impatient agent's two clicks at once."""
    correction = Correction(id, field, new, saw)
    tries = [desk.editor.save(desk.workspace, KIM, correction) for _ in range(2 if twice else 1)]
    for outcome in await asyncio.gather(*tries, return_exceptions=True):
        if isinstance(outcome, Conflict):
            return Conflict
        if isinstance(outcome, BaseException):
            raise outcome
        assert outcome.record[field] == new
    return new
