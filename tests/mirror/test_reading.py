"""What events do not tell is read: what is dirty at once, every Contact from time to time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from sidebar.mirror import walking
from sidebar.mirror.reading import PERIOD, Reading
from sidebar.mirror.walks import FIRST
from sidebar.salesforce.client import Access, Client
from sidebar.store import contacts, records, sweeps
from sidebar.store.database import Database
from sidebar.store.records import Record
from sidebar.store.sweeps import Sweep
from sidebar.twin.org import Actor, Org
from tests.conftest import Clock
from tests.mirror.events import KEPT, ORG, event, kept, mirror, position, record, take_in, workspace
from tests.org import PretendSalesforce

pytestmark = pytest.mark.anyio

FIELDS = tuple(name for name in KEPT if name not in ("MiddleName", "Suffix"))


@dataclass
class Desk:
    database: Database
    org: Org
    client: Client
    clock: Clock

    async def read(self, fields: tuple[str, ...] = FIELDS) -> None:
        """All there is to be read now."""
        ours = mirror(self.database)
        ours.clock = self.clock
        reading = Reading(ours, self.client)
        await reading.look(fields)
        while not reading.idle:
            await reading.step(fields)

    def create(self, last_name: str, **fields: str) -> str:
        return self.org.create(Actor(self.org.admin), "Contact", {"LastName": last_name, **fields})

    async def sweep(self) -> Sweep:
        async with self.database.read() as connection:
            found = await sweeps.of(connection, ORG)
        assert found is not None
        return found


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    """A workspace that has been connected for a minute."""
    salesforce = PretendSalesforce(clock)

    async def access(_refused: Access | None) -> Access:
        return Access(salesforce.org.instance_url, salesforce.org.grant(salesforce.org.admin))

    async with salesforce.http() as http:
        await workspace(database, connected_at=clock())
        desk = Desk(database, salesforce.org, Client(http, "67.0", access), clock)
        yield desk


async def test_the_first_walk_reads_who_is_there_and_makes_nobody(desk: Desk) -> None:
    desk.create("Lefèvre", FirstName="Inès")
    desk.clock.pass_seconds(-3600)
    id = desk.create("Okafor", FirstName="Amara", Title="Owner")
    desk.clock.pass_seconds(3600)
    await desk.read()
    copy = await record(desk.database, id)
    assert copy is not None
    assert (copy.values["LastName"], copy.values["Title"], copy.counts) == ("Okafor", "Owner", True)
    assert [contact.name for contact in await kept(desk.database)] == ["Inès Lefèvre"]  # made since the connection
    done = await desk.sweep()
    assert (done.reason, done.counted, done.total, done.runs) == (FIRST, 2, 2, False)


async def test_what_was_never_delivered_is_found_within_a_day(desk: Desk) -> None:
    gone, changed = desk.create("Gone"), desk.create("Changed")
    await desk.read()
    desk.clock.pass_seconds(60)
    desk.org.delete(Actor(desk.org.admin), "Contact", gone)
    desk.org.update(Actor(desk.org.admin), "Contact", changed, {"Title": "Owner"})
    desk.create("Unheard")
    await desk.read()
    assert (await record(desk.database, changed)).values["Title"] is None  # type: ignore[union-attr]
    desk.clock.pass_seconds(PERIOD / 1000)
    await desk.read()
    assert (await record(desk.database, changed)).values["Title"] == "Owner"  # type: ignore[union-attr]
    assert (await record(desk.database, gone)).deleted  # type: ignore[union-attr]
    assert "Unheard" in [contact.name for contact in await kept(desk.database)]
    done = await desk.sweep()
    assert (done.reason, done.changed, done.missing) == ("periodic", 2, 1)


async def test_a_field_that_is_chosen_later_is_read_and_one_that_is_not_any_more_is_forgotten(desk: Desk) -> None:
    id = desk.create("Okafor", Title="Owner", Email="a@brightloom.example")
    await desk.read(("LastName", "Email"))
    await desk.read(("LastName", "Title"))
    copy = await record(desk.database, id)
    assert copy is not None
    assert copy.values == {"LastName": "Okafor", "Title": "Owner"}
    assert (await desk.sweep()).reason == "fields"


async def test_the_local_contact_of_who_was_merged_goes_to_the_winner_however_far_that_went(desk: Desk) -> None:
    """The winner was merged in its turn, before we looked."""
    actor = Actor(desk.org.admin)
    first, second, third = (desk.create(name) for name in ("First", "Second", "Third"))
    await take_in(desk.database, event(first, Name={"LastName": "First"}, at=desk.clock()))
    desk.org.merge(actor, "Contact", second, [first])
    desk.org.merge(actor, "Contact", third, [second])
    async with desk.database.write() as connection:
        soiled = [Record(id, {}, 0, 0, deleted=True, dirty=True) for id in (second, first)]
        await records.put(connection, ORG, [*soiled, Record(third, {}, 0, 1)])
        await sweeps.put(connection, ORG, Sweep(1, FIRST, 0, tuple(sorted(FIELDS)), ended_at=desk.clock()))
    await desk.read()
    assert [contact.salesforce_id for contact in await kept(desk.database)] == [third]


async def test_who_came_by_a_gap_is_made_once_read_and_who_is_gone_by_then_is_not(desk: Desk) -> None:
    await desk.read()
    zofia, gone = desk.create("Wiśniewska", FirstName="Zofia", Email="z@wiatrak.example"), desk.create("Gone")
    desk.org.delete(Actor(desk.org.admin), "Contact", gone)
    await take_in(desk.database, event(zofia, gone, kind="GAP_CREATE", at=desk.clock()))
    await desk.read()
    assert [(each.name, each.salesforce_id) for each in await kept(desk.database)] == [("Zofia Wiśniewska", zofia)]


async def test_many_are_read_by_the_two_hundred(desk: Desk) -> None:
    await desk.read()
    before = desk.client.calls
    many = [f"0035e00000{number:05}AAA" for number in range(450)]
    await take_in(desk.database, event(*many, kind="GAP_UPDATE"))
    await desk.read()
    assert desk.client.calls == before + 3


async def test_a_page_read_before_the_org_was_left_is_not_taken_for_part_of_the_next_walk(desk: Desk) -> None:
    desk.create("Okafor")
    async with desk.database.write() as connection:
        await sweeps.put(connection, ORG, Sweep(1, FIRST, 0, FIELDS))
    ours = mirror(desk.database)
    before = await desk.sweep()
    async with desk.database.write() as connection:
        await sweeps.put(connection, ORG, Sweep(1, FIRST, desk.clock(), FIELDS))
    await walking.step(ours, desk.client, FIELDS, before)
    assert ((await desk.sweep()).counted, await kept(desk.database)) == (0, [])


async def test_the_contact_of_who_was_merged_is_called_as_the_winner_and_found_as_before(desk: Desk) -> None:
    loser = desk.create("Lefèvre", Email="ines@lumen.example")
    await desk.read()
    winner = desk.create("Okafor", Email="ines@brightloom.example")
    desk.org.merge(Actor(desk.org.admin), "Contact", winner, [loser])
    async with desk.database.write() as connection:
        [known] = (await records.of(connection, ORG, [loser])).values()
        seen = Record(winner, {"LastName": "Okafor", "Email": "ines@brightloom.example"}, 0, 1)
        await records.put(connection, ORG, [replace(known, deleted=True, dirty=True), seen])
    await desk.read()
    [contact] = await kept(desk.database)
    assert (contact.salesforce_id, contact.name, contact.email) == (winner, "Okafor", "ines@brightloom.example")
    async with desk.database.read() as connection:
        keys = ["email:ines@lumen.example", "email:ines@brightloom.example"]
        assert set(await contacts.by_keys(connection, "w1", keys)) == set(keys)


async def test_a_position_that_is_given_up_is_none_until_the_next_and_all_is_read_again(desk: Desk) -> None:
    await desk.read()
    await take_in(desk.database, to=b"\7")
    reading = Reading(mirror(desk.database), desk.client)
    await reading.give_up_position(FIELDS)
    assert (await position(desk.database), (await desk.sweep()).reason) == (None, "position")


async def test_a_walk_that_fails_goes_on_where_it_was(desk: Desk) -> None:
    desk.create("Okafor")
    desk.org.faults.switch({"unavailable": True})
    with pytest.raises(Exception, match="Unavailable"):
        await desk.read()
    desk.org.faults.switch({"unavailable": False})
    await desk.read()
    done = await desk.sweep()
    assert (done.number, done.counted, done.runs) == (1, 1, False)
