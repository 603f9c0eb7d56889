"""A workspace that is `live`: what the mirror knows is true for as long as the stream is alive, at no call at all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from sidebar.contacts.changers import Change, Changers
from sidebar.contacts.copies import Copies
from sidebar.contacts.edit import Conflict, Editor
from sidebar.contacts.here import Here
from sidebar.contacts.lookup import Lookup, Mirrored
from sidebar.contacts.pulse import Pulses
from sidebar.contacts.rank import Told
from sidebar.identity import Identity
from sidebar.random import Random
from sidebar.salesforce.client import moment
from sidebar.store import leases, notices, positions, records, sweeps
from sidebar.store.database import Database
from sidebar.store.notices import Hub, Notice
from sidebar.store.positions import News
from sidebar.store.records import Record, Value
from sidebar.store.sweeps import Sweep
from sidebar.twin.org import JSON, Actor
from tests.conftest import Clock
from tests.contacts.conftest import KIM, Desk, open_desk

pytestmark = pytest.mark.anyio

AMARA, AMARAS = "Amara Okafor", "amara.okafor@brightloom.example"
TOPIC = "/data/ContactChangeEvent"


def lease(org_id: str) -> str:
    return f"listen to {org_id}"


@dataclass
class Wired:
    """A desk whose lookup hears notices, and somebody who listens for it: `heard` is what the mirror would do."""

    desk: Desk
    hub: Hub
    columns: tuple[str, ...] = ()

    @property
    def org_id(self) -> str:
        return self.desk.salesforce.org.id

    async def beat(self, *, lag: int = 0, events: int = 0, held: int = 15_000) -> None:
        """A response of the stream has just been taken in."""
        now = self.desk.clock()
        async with self.desk.database.write() as connection:
            news = News(events, 0, now - lag, lag) if events else News()
            await positions.put(connection, self.org_id, TOPIC, b"\1", now, news)
            await leases.take(connection, lease(self.org_id), "me", now, now + held)
        self.desk.clock.pass_seconds(1.1)  # a pulse is a second old at most

    async def keep(self, *names: str) -> None:
        """The mirror has read these people."""
        for name in names:
            row = self.desk.person(name)
            await self._put(str(row["Id"]), dict(row))

    async def whole(self, *names: str) -> None:
        """The mirror has read everybody, and all of their addresses."""
        await self.desk.match(emails=(AMARAS,))
        self.desk.lookup.forget(self.desk.workspace.id)
        known = await self.desk.lookup.specs(self.desk.workspace)
        self.columns = tuple(each.name for each in known.values() if each.type in ("email", "phone"))
        await self.keep(*names)
        async with self.desk.database.write() as connection:
            sweep = Sweep(1, "first", 1, self.columns, ended_at=2)
            await sweeps.put(connection, self.org_id, sweep)

    async def heard(self, id: str, **fields: JSON) -> None:
        """A colleague changes something, and its event is taken in."""
        self.desk.change(id, **fields)
        row = self.desk.salesforce.org.row("Contact", id)
        assert row is not None
        await self._put(id, dict(row))
        notice = Notice(self.org_id, (id,), tuple(fields), self.desk.clock(), by=self.desk.salesforce.org.admin.id)
        async with self.desk.database.write() as connection:
            await notices.tell(connection, notice)
        await self.beat(events=1)

    async def _put(self, id: str, row: dict[str, JSON]) -> None:
        plain = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
        shown = {*self.desk.workspace.fields, "FirstName", "LastName", "Phone", "MobilePhone", "HomePhone", "Email"}
        shown |= set(self.columns)
        values: dict[str, Value] = {name: plain.get(name) for name in shown}  # type: ignore[misc]
        at = int(moment(str(row["LastModifiedDate"])).timestamp() * 1000)
        async with self.desk.database.write() as connection:
            await records.put(connection, self.org_id, [Record(id, values, at, at)])

    def lookup(self, hub: Hub | None = None) -> Lookup:
        """As another process has one."""
        desk, hub = self.desk, hub or self.hub
        pulses = Pulses(desk.database, hub, desk.clock, TOPIC, lease)
        mirrored = Mirrored(desk.database, hub, pulses, Copies(desk.database, desk.clock), Here(desk.database))
        return Lookup(desk.orgs, desk.clock, mirrored)


@pytest.fixture
async def wired(clock: Clock, tmp_path: Path) -> AsyncIterator[Wired]:
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    await database.migrate()
    async with open_desk(clock, database) as desk:
        wired = Wired(desk, Hub(database))
        desk.workspace = replace(desk.workspace, live=True)
        desk.lookup = wired.lookup()
        random: Random = lambda size: clock().to_bytes(size, "big")  # noqa: E731
        desk.editor = Editor(desk.lookup, desk.orgs, database, clock, random)
        await wired.beat()
        yield wired
        await desk.lookup.close()
    await database.close()


async def test_a_mirrored_person_costs_no_call_however_often_she_is_opened(wired: Wired) -> None:
    desk = wired.desk
    await wired.keep(AMARA)
    found = await desk.match(emails=(AMARAS,))
    await desk.see(found.ids[0])
    before = len(desk.sent)
    for _ in range(5):
        desk.clock.pass_seconds(70)
        await wired.beat()
        match = await desk.match(emails=(AMARAS,))
        seen = await desk.see(match.ids[0])
        assert (seen.record["Name"], seen.record["Account"]) == (AMARA, {"Name": "Brightloom Ltd"})
        assert seen.at == match.at == desk.clock()
    assert desk.sent[before:] == []


async def test_a_change_shows_at_the_next_open_at_no_call(wired: Wired) -> None:
    desk = wired.desk
    await wired.keep(AMARA)
    [id] = (await desk.match(emails=(AMARAS,))).ids
    before = len(desk.sent)
    await wired.heard(id, Title="Director", FirstName="Amarachi")
    seen = await desk.see(id)
    assert (seen.record["Title"], seen.record["Name"]) == ("Director", "Amarachi Okafor")
    assert desk.sent[before:] == []


async def test_every_field_is_told_as_salesforce_would_tell_it(wired: Wired) -> None:
    desk = wired.desk
    await wired.keep(AMARA)
    [id] = (await desk.match(emails=(AMARAS,))).ids
    there = (await desk.lookup.see(desk.workspace, id, fresh=True)).record
    desk.clock.pass_seconds(61)
    await wired.beat()
    here = await desk.see(id)
    assert here.copied
    apart = ("LastModifiedDate", "Account")
    assert {name: there[name] for name in here.record if name not in apart} == {
        name: value for name, value in here.record.items() if name not in apart
    }
    assert here.record["Account"] == {"Name": there["Account"]["Name"]}  # type: ignore[index, call-overload]
    assert moment(str(here.record["LastModifiedDate"])) == moment(str(there["LastModifiedDate"]))


@pytest.mark.parametrize("why", ["silent", "broken", "nobody", "behind", "looking", "deaf"])
async def test_without_a_living_stream_sixty_seconds_it_is(wired: Wired, why: str) -> None:
    """RI-33: silence, a break, a dead worker, a backlog, a walk after a lost position, a lost LISTEN."""
    desk, now = wired.desk, wired.desk.clock
    await wired.keep(AMARA)
    [id] = (await desk.match(emails=(AMARAS,))).ids
    if why == "behind":
        await wired.beat(lag=20_000, events=1)
    async with desk.database.write() as connection:
        if why == "broken":
            await positions.lose(connection, wired.org_id, TOPIC, now())
        if why == "looking":
            await sweeps.put(connection, wired.org_id, Sweep(2, "position", now(), ("Id",)))
    wired.hub.hears = why != "deaf"
    now.pass_seconds({"silent": 91, "nobody": 8}.get(why, 1.1))
    pulse = await desk.lookup.pulse(desk.workspace)
    assert (pulse.alive, pulse.exists) == (False, True)
    desk.clock.pass_seconds(60)
    before = len(desk.sent)
    assert not (await desk.see(id)).copied
    await desk.see(id)
    assert len(desk.sent) == before + 1


async def test_a_stream_that_is_back_is_alive_once_it_has_caught_up(wired: Wired) -> None:
    await wired.beat(lag=20_000, events=100)
    assert not (await wired.desk.lookup.pulse(wired.desk.workspace)).alive
    await wired.beat()
    assert (await wired.desk.lookup.pulse(wired.desk.workspace)).alive


async def test_a_field_no_event_tells_of_is_never_live(wired: Wired) -> None:
    desk = wired.desk
    describe = await desk.orgs.describe(desk.workspace.id, "Contact")
    field = next(each for each in describe["fields"] if each["name"] == "Title")  # type: ignore[union-attr, index, call-overload]
    field["calculated"] = True  # type: ignore[index, call-overload]
    assert not (await desk.lookup.pulse(desk.workspace)).alive
    await wired.keep(AMARA)
    assert not (await desk.see(desk.id_of(AMARA))).copied


async def test_hidden_fields_are_not_told_from_the_copy(wired: Wired) -> None:
    desk = wired.desk
    await wired.keep(AMARA)
    await desk.match(emails=(AMARAS,))
    desk.hide("Birthdate")
    desk.orgs.forget_describe(desk.workspace.id)
    desk.clock.pass_seconds(61)
    await wired.beat()
    seen = await desk.see(desk.id_of(AMARA))
    assert seen.copied
    assert "Birthdate" not in seen.record


async def test_where_another_user_may_see_less_nobody_is_told_from_the_copy(wired: Wired) -> None:
    desk = wired.desk
    await wired.keep(AMARA)
    await desk.match(emails=(AMARAS,))
    other = await desk.another_workspace()
    async with desk.database.write() as connection:
        change = text("UPDATE connections SET user_id = '005000000000009AAA' WHERE workspace_id = :id")
        await connection.execute(change, {"id": other.id})
    desk.clock.pass_seconds(61)
    await wired.beat()
    assert not (await desk.see(desk.id_of(AMARA))).copied


class TestMatches:
    async def test_a_new_address_is_found_and_the_old_one_is_not(self, wired: Wired) -> None:
        """RI-37."""
        desk = wired.desk
        await wired.keep(AMARA)
        [id] = (await desk.match(emails=(AMARAS,))).ids
        assert (await desk.match(emails=("amara@elsewhere.example",))).ids == ()
        await wired.heard(id, Email="amara@elsewhere.example")
        await desk.lookup.close()
        assert (await desk.match(emails=("amara@elsewhere.example",))).ids == (id,)
        assert (await desk.match(emails=(AMARAS,))).ids == ()

    async def test_other_peoples_matches_stay(self, wired: Wired) -> None:
        desk = wired.desk
        await wired.keep(AMARA)
        await desk.match(emails=("owen.gallagher@shamrock.example",), phones=("+491713920034",))
        before = len(desk.sent)
        await wired.heard(desk.id_of(AMARA), Phone="+44 20 7946 0199")
        await desk.lookup.close()
        await desk.match(emails=("owen.gallagher@shamrock.example",), phones=("+491713920034",))
        assert desk.sent[before:] == []

    async def test_somebody_new_is_found_at_once(self, wired: Wired) -> None:
        desk = wired.desk
        assert (await desk.match(phones=("+442079460188",))).ids == ()
        id = desk.add(LastName="Novak", Phone="020 7946 0188 ext. 5", MailingCountry="United Kingdom")
        async with desk.database.write() as connection:
            new = Record(id, {"Phone": "020 7946 0188 ext. 5"}, 1, 1)
            await records.put(connection, wired.org_id, [new])
            await notices.tell(connection, Notice(wired.org_id, (id,), (), desk.clock()))
        await wired.beat()
        await desk.lookup.close()
        assert (await desk.match(phones=("+442079460188",))).ids == (id,)

    async def test_a_notice_of_all_records_ends_every_match(self, wired: Wired) -> None:
        desk = wired.desk
        await desk.match(emails=(AMARAS,))
        before = len(desk.sent)
        async with desk.database.write() as connection:
            await notices.tell(connection, Notice(wired.org_id, (), (), desk.clock()))
        await wired.beat()
        await desk.match(emails=(AMARAS,))
        assert len(desk.sent) > before


class TestEdits:
    async def test_ours_are_not_hidden_by_a_copy_that_has_not_heard_of_them(self, wired: Wired) -> None:
        """In this process and in another."""
        desk, there = wired.desk, wired.lookup()
        await wired.keep(AMARA)
        [id] = (await desk.match(emails=(AMARAS,))).ids
        await there.see(desk.workspace, id)
        desk.clock.pass_seconds(5)
        await wired.beat()
        await desk.save(id, "Title", "Director", "Head of Operations")
        await wired.beat()
        for lookup in (desk.lookup, there):
            assert (await lookup.see(desk.workspace, id)).record["Title"] == "Director"
        await there.close()

    async def test_one_compares_with_salesforce_not_with_our_copy(self, wired: Wired) -> None:
        desk = wired.desk
        await wired.keep(AMARA)
        [id] = (await desk.match(emails=(AMARAS,))).ids
        desk.clock.pass_seconds(61)
        await wired.beat()
        assert (await desk.see(id)).copied
        desk.change(id, Title="Theirs")  # its event is still on the way
        with pytest.raises(Conflict):
            await desk.save(id, "Title", "Mine", "Head of Operations")
        assert desk.held(id, "Title") == "Theirs"


class TestChangers:
    async def test_a_colleague_is_named_where_the_event_showed_who(self, wired: Wired) -> None:
        desk = wired.desk
        changers = Changers(desk.database, desk.orgs, desk.clock)
        admin = desk.salesforce.org.admin
        assert await changers.name(desk.workspace, "003", "Title", Change(1, by=admin.id)) == admin.name
        before = len(desk.sent)
        await changers.name(desk.workspace, "003", "Title", Change(2, by=admin.id))
        assert desk.sent[before:] == []
        assert await changers.name(desk.workspace, "003", "Title", Change(1)) == ""

    async def test_an_agent_is_named_to_the_own_workspace_only(self, wired: Wired) -> None:
        desk = wired.desk
        id = desk.id_of(AMARA)
        await desk.save(id, "Title", "Director", "Head of Operations")
        [entry] = await desk.journal(id)
        changers = Changers(desk.database, desk.orgs, desk.clock)
        ours = Change(desk.clock(), entry=entry.id)
        assert await changers.name(desk.workspace, id, "Title", ours) == KIM.agent.name
        assert await changers.name(await desk.another_workspace(), id, "Title", ours) == ""

    async def test_the_event_of_our_own_edit_names_the_agent_and_not_the_connection(self, wired: Wired) -> None:
        desk = wired.desk
        id = desk.id_of(AMARA)
        changers = Changers(desk.database, desk.orgs, desk.clock)
        echo = Change(desk.clock(), by=desk.salesforce.org.integration.id)
        assert await changers.name(desk.workspace, id, "Title", echo) == ""
        await desk.save(id, "Title", "Director", "Head of Operations")
        assert await changers.name(desk.workspace, id, "Title", echo) == KIM.agent.name


async def test_matches_are_asked_for_by_what_people_are(wired: Wired) -> None:
    """However an address is written, it is one match."""
    desk = wired.desk
    await desk.lookup.match(desk.workspace, Identity((AMARAS,)))
    before = len(desk.sent)
    await desk.lookup.match(desk.workspace, Identity((f" {AMARAS.upper()}",)))
    assert desk.sent[before:] == []


class TestWhom:
    async def test_leads_that_no_event_tells_of_are_true_for_a_minute(self, wired: Wired) -> None:
        """RI-31, RI-33."""
        desk, org = wired.desk, wired.desk.salesforce.org
        assert (await desk.match(emails=("lin@lead.example",))).lead is None
        org.create(Actor(org.admin), "Lead", {"LastName": "Lin", "Company": "X", "Email": "lin@lead.example"})
        desk.clock.pass_seconds(61)
        await wired.beat()
        assert (await desk.match(emails=("lin@lead.example",))).lead is not None

    async def test_a_contact_first_costs_no_call_where_no_lead_could_change_it(self, wired: Wired) -> None:
        desk = wired.desk
        await wired.whole(AMARA)
        before = len(desk.sent)
        match = await desk.lookup.match(replace(desk.workspace, policy="contact_first"), Identity((AMARAS,)))
        assert match.ids == (desk.id_of(AMARA),)
        assert [each.what for each in match.receipt.asked] == ["copy"]
        assert [each for each in desk.sent[before:] if "/query" in each or "/search" in each] == []

    async def test_a_lead_first_asks_for_leads_only(self, wired: Wired) -> None:
        desk, org = wired.desk, wired.desk.salesforce.org
        await wired.whole(AMARA)
        lead = org.create(Actor(org.admin), "Lead", {"LastName": "Lin", "Company": "X", "Email": AMARAS})
        match = await desk.lookup.match(replace(desk.workspace, policy="lead_first"), Identity((AMARAS,)))
        assert (match.ids, match.lead and match.lead.id) == ((), lead)
        assert [(each.what, each.calls) for each in match.receipt.asked] == [("copy", 0), ("lead email", 1)]

    async def test_a_custom_field_for_phones_is_one_to_be_found_by(self, wired: Wired) -> None:
        """Requirements.md section 3, items 11 to 13."""
        desk = wired.desk
        id = desk.id_of(AMARA)
        desk.change(id, WhatsApp__c="020 7946 0177")
        await wired.whole(AMARA)
        before = len(desk.sent)
        match = await desk.match(phones=("+442079460177",))
        assert (match.ids, desk.sent[before:]) == ((id,), [])
        assert match.receipt.judged[0].candidate.clues[0].field == "WhatsApp__c"

    async def test_whom_an_agent_picked_is_told_from_the_copy(self, wired: Wired) -> None:
        desk = wired.desk
        await wired.whole(AMARA, "Dana Whitfield")
        before = len(desk.sent)
        dana = desk.id_of("Dana Whitfield")
        match = await desk.lookup.match(desk.workspace, Identity((AMARAS,)), Told(dana))
        assert (match.rule, match.ids, desk.sent[before:]) == ("picked", (dana,), [])

    async def test_the_nearest_miss_comes_from_our_copies_where_the_search_has_none(self, wired: Wired) -> None:
        desk = wired.desk
        id = desk.id_of(AMARA)
        desk.change(id, Phone="+55 11 98765-4321")
        await wired.whole(AMARA)
        match = await desk.match(phones=("(11) 98765-4321",))
        assert match.outcome != "found"
        assert [(each.id, each.country) for each in match.receipt.nearest if each.country] == [(id, "BR")]


async def test_a_lead_picked_by_hand_is_it_though_our_copies_know_somebody_else(wired: Wired) -> None:
    """Leads are not in our copies: what those tell does not settle it."""
    desk, org = wired.desk, wired.desk.salesforce.org
    lead = org.create(Actor(org.admin), "Lead", {"LastName": "Ngozi", "Company": "Brightloom"})
    desk.workspace = replace(desk.workspace, policy="contact_first")
    await wired.whole(AMARA)
    await wired.beat()
    match = await wired.desk.lookup.match(desk.workspace, Identity((AMARAS,)), Told(picked=lead))
    assert (match.outcome, match.rule, match.lead and match.lead.id) == ("found", "picked", lead)
