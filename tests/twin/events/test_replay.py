"""Replay ids: ten bytes, uneven steps, the same after a restart, good for 72 hours."""

from itertools import pairwise

import pytest

from sidebar.twin.events.replay import RETENTION, Bus, replay_id
from sidebar.twin.org import Actor
from sidebar.twin.org.changes import Change
from sidebar.twin.org.people import seeded

START = 1_795_334_400_000
ADMIN = seeded()[0]


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


def change(number: int, at: int) -> Change:
    return Change("UPDATE", "Contact", ("003",), {}, (), Actor(ADMIN), f"transaction {number}", 1, at)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def places(bus: Bus) -> list[int]:
    return [place for place, _ in bus.after(0)]


def test_ids_are_ten_bytes_and_grow_by_uneven_steps(clock: Clock):
    bus = Bus([change(number, START) for number in range(50)], "one", clock)
    found = places(bus)
    steps = {later - earlier for earlier, later in pairwise(found)}
    assert steps == {1, 2, 3}
    assert {(len(replay_id(place)), replay_id(place)[8:]) for place in found} == {(10, b"\0\0")}


def test_ids_are_the_same_after_a_restart(clock: Clock):
    changes = [change(number, START + number * 700) for number in range(50)]
    grown: list[Change] = []
    bus = Bus(grown, "one", clock)
    seen = []
    for each in changes:
        grown.append(each)
        seen.append(places(bus)[-1])
    assert places(Bus(changes, "one", clock)) == seen


def test_resuming_begins_strictly_after_the_id(clock: Clock):
    changes = [change(number, START) for number in range(3)]
    bus = Bus(changes, "one", clock)
    second = places(bus)[1]
    place = bus.place(replay_id(second))
    assert place is not None
    assert [each for _, each in bus.after(place)] == changes[2:]


def test_the_first_eight_bytes_are_enough(clock: Clock):
    bus = Bus([change(1, START)], "one", clock)
    (only,) = places(bus)
    assert bus.place(replay_id(only)[:8]) == bus.place(replay_id(only)) == only


@pytest.mark.parametrize("wrong", [b"", b"1", b"\0" * 10, b"\xff" * 10, b"52432483", b"\0" * 8 + b"\1\0"])
def test_an_id_nobody_gave_out_is_refused(clock: Clock, wrong: bytes):
    bus = Bus([change(1, START)], "one", clock)
    assert bus.place(wrong) is None


def test_a_number_between_two_ids_is_refused(clock: Clock):
    bus = Bus([change(number, START) for number in range(50)], "one", clock)
    known = set(places(bus))
    between = set(range(min(known), max(known))) - known
    assert between
    assert {bus.place(replay_id(number)) for number in between} == {None}


def test_an_id_older_than_72_hours_is_refused(clock: Clock):
    bus = Bus([change(1, START)], "one", clock)
    (only,) = places(bus)
    clock.now = START + RETENTION
    assert bus.place(replay_id(only)) == only
    clock.now += 1000
    assert bus.place(replay_id(only)) is None


def test_the_earliest_place_is_before_every_change_still_kept(clock: Clock):
    old, young = change(1, START), change(2, START + 5000)
    bus = Bus([old, young], "one", clock)
    clock.now = START + RETENTION + 1000
    assert [each for _, each in bus.after(bus.earliest())] == [young]


def test_on_a_quiet_bus_the_latest_id_moves_on_and_stays_good(clock: Clock):
    changes = [change(1, START)]
    bus = Bus(changes, "one", clock)
    clock.now = START + RETENTION
    latest = bus.latest()
    assert latest > places(bus)[0]
    clock.now += RETENTION - 5000
    changes.append(change(2, clock.now))
    assert bus.place(replay_id(latest)) == latest
    assert [each for _, each in bus.after(latest)] == changes[1:]


def test_the_latest_place_is_never_before_a_change_of_the_same_moment(clock: Clock):
    changes = [change(number, START) for number in range(3000)]
    bus = Bus(changes, "one", clock)
    latest = bus.latest()
    assert list(bus.after(latest)) == []
    changes.append(change(3001, START))
    assert [each for _, each in bus.after(latest)] == changes[3000:]


def test_ids_of_another_org_are_refused(clock: Clock):
    clock.now += 60_000
    ours, theirs = Bus([], "one", clock), Bus([], "another", clock)
    assert theirs.place(replay_id(ours.latest())) is None


def test_an_id_of_another_org_is_refused(clock: Clock):
    """As after an org's move to another instance."""
    elsewhere = Bus([change(1, START)], "two", clock)
    clock.now += 60_000
    assert elsewhere.place(replay_id(elsewhere.latest())) is not None
    assert Bus([], "one", clock).place(replay_id(elsewhere.latest())) is None
