"""Whatever goes wrong between the org and us, in the end our database is what the org makes it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from sidebar.store.database import Database
from tests.proof.history import History
from tests.proof.house import PACE, proof

pytestmark = pytest.mark.anyio

FAULTS: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
    "nothing": ({}, {}),
    "cut": ({"stream_cut": True}, {}),
    "silent": ({"silent_streams": True}, {"silent_streams": False}),
    "auth": ({"auth_fails": True, "stream_cut": True}, {"auth_fails": False}),
    "corrupted": ({"corrupted_positions": True, "stream_cut": True}, {"corrupted_positions": False}),
    "forgotten": ({"forget_events": True, "stream_cut": True}, {}),
    "twice": ({"duplicates_on_resume": 9, "stream_cut": True}, {"duplicates_on_resume": 0}),
    "exhausted": ({"allocation_exhausted": True}, {"allocation_exhausted": False}),
    "late": ({"event_lag_ms": 400}, {"event_lag_ms": 0}),
    "gaps": ({"gap_writes": 12}, {}),
    "unavailable": ({"unavailable": True}, {"unavailable": False}),
    "expired": ({"expire_sessions": True, "stream_cut": True}, {}),
    "limit": ({"limit_exceeded": True, "gap_writes": 5}, {"limit_exceeded": False}),
    "slow": ({"latency_ms": 150, "gap_writes": 5}, {"latency_ms": 0}),
    "disabled": ({"api_disabled": True, "gap_writes": 3}, {"api_disabled": False}),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_leaves_no_trace(database: Database, database_url: str, name: str) -> None:
    on, off = FAULTS[name]
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random(name))
        await house.agrees()
        history.go_on(5)
        house.twin.org.faults.switch(dict(on))
        history.go_on(15)
        await asyncio.sleep(0.3)
        history.go_on(15)
        house.twin.org.faults.switch(dict(off))
        history.go_on(5)
        await house.agrees()


async def test_schemas_that_are_not_to_be_had_at_once_are_waited_for(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        house.twin.org.faults.switch({"schema_failures": 2})
        History(house.twin.org, Random("schemas")).go_on(15)
        await house.agrees()


async def test_a_field_that_is_withdrawn_is_forgotten_and_comes_back(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("withdrawn"))
        history.go_on(10)
        await house.agrees()
        house.twin.org.faults.switch({"withdrawn_fields": ["Contact.Title"], "gap_writes": 3})
        house.oracle.withdrawn = {"Title"}
        history.go_on(20)
        await house.agrees()


async def test_a_new_schema_after_the_session_has_ended_breaks_nothing(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("schema"))
        history.go_on(10)
        await house.agrees()
        house.twin.org.faults.switch({"expire_sessions": True})
        house.twin.org.add_field("Contact", name="Shoe_Size__c", label="Shoe size", type="double")
        history.go_on(15)
        await house.agrees()


async def test_an_overflow_is_read_up(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("overflow"))
        await house.agrees()
        house.twin.org.setup.switch({"overflow_after": 20})
        for _ in range(4):
            history.load()
            history.go_on(5)
        await house.agrees()


async def test_what_a_new_stream_misses_while_it_settles_is_found(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house:
        house.twin.org.setup.switch({"settle_ms": 1500})
        async with house.listening(replace(PACE, settle=1.6)):
            await asyncio.sleep(0.5)
            History(house.twin.org, Random("settle")).go_on(10)
            await asyncio.sleep(1.2)
            await house.agrees()
