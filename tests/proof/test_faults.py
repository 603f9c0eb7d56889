"""Whatever goes wrong between the org and us, in the end our database is what the org makes it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from sidebar.store.database import Database
from sidebar.twin.org.faults import Faults
from tests.listening import until
from tests.proof.history import History
from tests.proof.house import proof
from tests.proof.line import Line
from tests.proof.work import PACE

pytestmark = pytest.mark.anyio

Switches = Mapping[str, object]
FAULTS: Mapping[str, tuple[Switches, Switches]] = {
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
    "unheard": ({"timeouts_before": 1, "gap_writes": 3}, {}),
    "unanswered": ({"timeouts_after": 1, "gap_writes": 3}, {}),
    "schemas": ({"schema_failures": 2, "stream_cut": True}, {}),
}
OTHERWISE = {"withdrawn_fields", "locked_rows"}
"""Faults that are proved below, or that only who writes to Salesforce meets."""


def test_every_fault_of_the_twin_is_proved() -> None:
    proved = {name for on, _ in FAULTS.values() for name in on}
    assert proved | OTHERWISE == set(Faults.model_fields)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_leaves_no_trace(database: Database, database_url: str, name: str) -> None:
    on, off = FAULTS[name]
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random(name))
        await house.agrees()
        history.each_once()
        house.twin.org.faults.switch(dict(on))
        history.each_once()
        await asyncio.sleep(0.3)
        history.go_on(15)
        house.twin.org.faults.switch(dict(off))
        history.go_on(5)
        await house.agrees()


async def test_a_line_that_falls_silent_is_given_up(database: Database, database_url: str) -> None:
    """No answer and no error will ever come on it again."""
    async with proof(database, database_url) as house:
        line = Line(house.twin.pubsub_endpoint)
        async with line.laid() as endpoint, house.listening(endpoint=endpoint):
            history = History(house.twin.org, Random("line"))
            await house.agrees()
            line.fall_silent()
            history.go_on(15)
            await house.agrees()


async def test_what_was_forgotten_while_nobody_listened_is_found(database: Database, database_url: str) -> None:
    """More than three days: the position is not known any more, and the events are gone."""
    async with proof(database, database_url) as house:
        history = History(house.twin.org, Random("away"))
        async with house.listening():
            history.go_on(10)
            await house.agrees()
        history.each_once()
        house.twin.org.faults.switch({"forget_events": True})
        history.go_on(5)
        async with house.listening():
            await house.agrees()


async def test_a_connection_that_salesforce_ends_goes_on_where_it_was_once_it_is_given_again(
    database: Database, database_url: str
) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("ended"))
        history.go_on(10)
        await house.agrees()
        await house.revoke()
        house.twin.org.faults.switch({"stream_cut": True})
        history.go_on(10)
        await until(house.is_ended)
        history.go_on(10)
        await house.connect()
        house.clock.pass_seconds(10)
        await house.agrees()


async def test_a_refresh_token_that_changes_with_each_use_is_never_lost(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        house.twin.org.setup.switch({"rotation": True})
        history = History(house.twin.org, Random("rotation"))
        for _ in range(2):
            await house.agrees()
            house.twin.org.faults.switch({"expire_sessions": True, "stream_cut": True, "gap_writes": 3})
            history.go_on(5)
        await house.agrees()


async def test_a_field_that_is_withdrawn_is_forgotten_and_comes_back(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("withdrawn"))
        history.go_on(10)
        await house.agrees()
        for withdrawn in (["Contact.Title", "Contact.MobilePhone"], []):
            house.twin.org.faults.switch({"withdrawn_fields": withdrawn, "gap_writes": 3})
            house.oracle.withdrawn = {name.partition(".")[2] for name in withdrawn}
            history.go_on(10)
            house.clock.pass_seconds(600)  # so old may be what we know of fields
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


async def test_a_field_that_goes_and_comes_and_is_of_another_type_is_kept_as_it_is(
    database: Database, database_url: str
) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("fields"))
        await house.agrees()
        for change in (history.change_field, history.remove_field, history.bring_field_back):
            change()
            history.update_many()
            history.load()
            house.clock.pass_seconds(600)  # so old may be what we know of fields
            await house.agrees()


@pytest.mark.parametrize("setup", [{"overflow_after": 20}, {"largest_page": 9}], ids=["overflow", "pages"])
async def test_what_events_do_not_tell_is_read_up(database: Database, database_url: str, setup: Switches) -> None:
    """Of a transaction that is too large to be told, by however small pages."""
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("overflow"))
        house.twin.org.setup.switch(dict(setup))
        await house.agrees()
        house.twin.org.faults.switch({"gap_writes": 3})
        for _ in range(4):
            history.load()
            history.go_on(5)
        await house.agrees()


@pytest.mark.parametrize("gaps", [0, 10_000], ids=["told", "gaps"])
async def test_hundreds_in_one_transaction_are_taken_in(database: Database, database_url: str, gaps: int) -> None:
    async with proof(database, database_url) as house, house.listening():
        history = History(house.twin.org, Random("hundreds"))
        house.twin.org.setup.switch({"events_per_response": 100})
        await house.agrees()
        house.twin.org.faults.switch({"gap_writes": gaps})
        history.update_hundreds()
        await house.agrees()


async def test_what_a_new_stream_misses_while_it_settles_is_found(database: Database, database_url: str) -> None:
    async with proof(database, database_url) as house:
        house.twin.org.setup.switch({"settle_ms": 1500})
        async with house.listening(replace(PACE, settle=1.6)):
            await asyncio.sleep(0.5)
            History(house.twin.org, Random("settle")).go_on(10)
            await asyncio.sleep(1.2)
            await house.agrees()
