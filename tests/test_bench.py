"""The bench still measures: its server-side pieces run in small and say what they found in the agreed shape."""

import json
from pathlib import Path

import pytest

from bench import backlog, calls, crates, fanout, index, keys, lookups, meanwhile, shelf, throughput, twin
from bench.calls import opens
from bench.figures import Figure, compared, quantile, write
from bench.ground import ground
from bench.memory import Scales
from sidebar.contacts import keys as keys_of
from sidebar.store import contacts, marks, records
from sidebar.store.database import Database
from tests.conftest import THOROUGH, fresh_postgresql

pytestmark = pytest.mark.anyio

SHAPE = {"name", "what", "figure", "unit", "baseline", "baseline_is", "ratio", "samples", "notes"}


@pytest.mark.skipif(not THOROUGH, reason="a slow proof: make test-slow")
async def test_a_small_bench_writes_every_figure_with_its_baseline_and_ratio(tmp_path: Path, postgresql: str):
    said: list[str] = []
    databases = {"sqlite": f"sqlite:///{tmp_path / 'backlog.sqlite'}", "postgresql": fresh_postgresql(postgresql)}
    heard = await backlog.measure(databases, said.append, events=400, rounds=2)
    async with ground(tmp_path / "demo") as here:
        scales = Scales(here)
        found = await throughput.measure(here, rounds=1, seconds=0.2)
        found += await fanout.measure(here, panels=4, rounds=2)
        found += await calls.measure(here, count=8)
        found += await calls.measure_live(here, count=30)
        found += await meanwhile.measure(here, events=200, seconds=0.2)
        scales.weigh("after", "afterwards")
        found += await twin.measure(here.bare, said.append, sizes=(2_000,), rows=300, rounds=1, seconds=0.2)
    write(tmp_path / "results.json", [*heard, *found, *scales.figures], {"open_*": "no browser"}, 1.0)

    told = json.loads((tmp_path / "results.json").read_text())
    measured = {each["name"]: each for each in told["measurements"]}
    assert set(measured) == {
        *(f"{kind}_{unit}" for kind in ("match", "contact", "unchanged") for unit in ("per_second", "cpu")),
        *(f"twin_{kind}_{unit}" for kind in ("email", "ids", "phone") for unit in ("per_second", "cpu")),
        *("twin_start_2000", "twin_memory_2000", "twin_bulk_rows", "twin_bulk_events"),
        *(f"backlog_{name}_{unit}" for name in databases for unit in ("events", "cpu")),
        *(f"memory_backlog_{name}" for name in databases),
        *("fanout_p50", "fanout_p99", "match_meanwhile_p50", "match_meanwhile_p99"),
        "salesforce_calls_day",
        "salesforce_calls_hour",
        "salesforce_calls_live",
        "memory_start",
        "memory_after",
    }
    for each in measured.values():
        assert set(each) == SHAPE
        assert each["figure"] > 0 and each["baseline"] > 0 and each["ratio"] > 0 and each["samples"] > 0
    assert said == ["a backlog of 400 change events", "a twin with 2,000 contacts"]
    assert measured["salesforce_calls_day"]["notes"]["opens"] == 8
    assert told["skipped"] == {"open_*": "no browser"}
    assert set(told["machine"]) == {"cores", "usable_cores", "architecture", "system", "python"}


async def test_a_small_bench_of_look_ups_measures_keys_index_and_salesforce(tmp_path: Path):
    said: list[str] = []
    found = keys.measure(count=300, rounds=1)
    found += await index.measure(tmp_path, said.append, sizes=(100, 300), rounds=1, seconds=0.05)
    found += await lookups.measure(tmp_path, said.append, singles=1, burst=6, bursts=1, agents=4, each=2, latency_ms=20)
    write(tmp_path / "results.json", found, {}, 1.0)

    measured = {each["name"]: each for each in json.loads((tmp_path / "results.json").read_text())["measurements"]}
    assert set(measured) == {
        "keys_per_second",
        *(f"index_{kind}_{size}" for kind in ("records", "contacts", "memory", "disk") for size in (100, 300)),
        *("lookup_cold_email", "lookup_cold_phone", "lookup_burst_calls", "lookup_burst_trips", "lookup_same_calls"),
        *("lookup_crowd_calls", "lookup_crowd_p50", "lookup_crowd_p99"),
    }
    for each in measured.values():
        assert set(each) == SHAPE
        assert each["figure"] > 0 and each["baseline"] > 0 and each["ratio"] > 0 and each["samples"] > 0
    assert measured["lookup_same_calls"]["baseline"] == 6
    assert measured["lookup_crowd_calls"]["baseline"] == 8
    assert measured["keys_per_second"]["notes"]["read_right"] == 300
    assert said == ["an index of 100 people", "an index of 300 people", "look-ups in an org that takes 20 ms to answer"]


async def test_people_of_the_index_are_kept_as_the_product_keeps_them(tmp_path: Path):
    """Bulk rows are only as good as their likeness to the product's own."""
    path = tmp_path / "index.sqlite"
    database = Database(f"sqlite:///{path}")
    await shelf.set_up(database)
    crates.fill(path, 3)
    async with database.write() as connection:
        [record] = (await records.of(connection, crates.ORG, [crates.id_of(2)])).values()
        mine = {mark: await marks.find(connection, crates.ORG, [mark]) for mark in marks.of_values(record.values)}
        owned = set(keys_of.of_record(record.values, ""))
        found = await contacts.by_keys(connection, crates.WORKSPACE, owned)
        owner = await contacts.by_record(connection, crates.WORKSPACE, record.id)
        theirs = await contacts.keys_of(connection, owner) if owner else set()
    await database.close()

    assert mine == {f"e:{crates.email_of(2)}": [record.id], f"p:{crates.phone_of(2)[-7:]}": [record.id]}
    assert found == dict.fromkeys(owned, owner)
    assert theirs == owned


async def test_a_result_that_cannot_be_written_leaves_the_former_one(tmp_path: Path):
    (tmp_path / "results.json").write_text("former")
    unwritable = Figure("x", "x", 1, "ms", 1, "x", 1, 1, notes={"not": object()})

    with pytest.raises(TypeError):
        write(tmp_path / "results.json", [unwritable], {}, 1.0)

    assert (tmp_path / "results.json").read_text() == "former"


async def test_the_day_of_opens_is_the_same_every_time_and_in_order():
    day = opens(8, 1000)

    assert day == opens(8, 1000)
    assert len(day) == 1000
    assert [each.at for each in day] == sorted(each.at for each in day)
    assert {each.person for each in day} == set(range(200))
    assert {each.agent for each in day} == set(range(50))


async def test_a_ratio_is_that_of_each_round_and_not_that_of_the_medians():
    figure = compared("x", "x", "µs", [10, 100, 30], [5, 200, 10], "x")

    assert (figure.figure, figure.baseline, figure.ratio) == (30, 10, 2)


@pytest.mark.parametrize(("share", "value"), [(0.5, 20), (0.95, 40), (0.25, 10)])
async def test_a_quantile_is_one_of_the_values(share: float, value: int):
    assert quantile([40, 10, 30, 20], share) == value
