"""What goes wrong with streams on demand, as a client meets it over gRPC."""

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest

from sidebar.twin.org import Actor, Org
from sidebar.wire import pubsub_api_pb2 as wire
from tests.twin.conftest import Clock
from tests.twin.events.client import TOPIC, Client, create, decoded, names, refusal, seen

pytestmark = pytest.mark.anyio
CORRUPTED = "subscription.fetch.replayid.corrupted"


async def silence(call: Any) -> "asyncio.Task[Any]":
    """Nothing comes for a while, and the call is not over; the answer may still come."""
    reading = asyncio.create_task(call.read())
    done, _ = await asyncio.wait([reading], timeout=0.4)
    assert not done
    return reading


async def heard_once(client: Client, org: Org) -> Any:
    """A stream that has delivered one event."""
    create(org, "First")
    call = await client.opened(replay_preset=wire.EARLIEST)
    assert await names(client, await seen(call, 1)) == ["First"]
    return call


async def resumed(client: Client, event: wire.ConsumerEvent) -> Any:
    return await client.opened(replay_preset=wire.CUSTOM, replay_id=event.replay_id)


async def test_a_cut_stream_ends_without_a_word_of_ours(serving: Any, org: Org):
    async with serving(org) as client:
        call = await heard_once(client, org)
        org.faults.switch({"stream_cut": True})
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        assert "error-code" not in dict(caught.value.trailing_metadata() or ())
        assert not org.faults.stream_cut


async def test_after_a_cut_a_listener_resumes_where_it_was(serving: Any, org: Org):
    create(org, "One", "Two")
    async with serving(org) as client:
        call = await client.opened(credit=1, replay_preset=wire.EARLIEST)
        (event,) = await seen(call, 1)
        org.faults.switch({"stream_cut": True})
        with pytest.raises(grpc.aio.AioRpcError):
            await call.read()
        assert await names(client, await seen(await resumed(client, event), 1)) == ["Two"]


async def test_a_half_open_stream_says_nothing_and_goes_on_afterwards(serving: Any, org: Org):
    async with serving(org, keepalive_ms=300, idle_ms=300) as client:
        call = await heard_once(client, org)
        org.faults.switch({"silent_streams": True})
        create(org, "Unheard")
        reading = await silence(call)
        other = await silence(await client.opened(replay_preset=wire.EARLIEST))
        org.faults.switch({"silent_streams": False})
        assert await names(client, (await reading).events) == ["Unheard"]
        assert await names(client, (await other).events) == ["First", "Unheard"]


async def test_new_calls_may_be_unauthenticated_while_streams_go_on(serving: Any, org: Org):
    async with serving(org) as client:
        call = await heard_once(client, org)
        org.faults.switch({"auth_fails": True})
        create(org, "Second")
        (event,) = await seen(call, 1)
        request = wire.SchemaRequest(schema_id=event.event.schema_id)
        status, code, _ = await refusal(client.stub.GetSchema(request, metadata=client.metadata))
        assert (status, code) == (grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")
        assert (await refusal(client.first()))[1] == "service.auth.error"


async def test_a_session_locked_to_an_address_is_never_good_here(serving: Any, org: Org):
    org.setup.switch({"sessions_locked_to_ip": True})
    async with serving(org) as client:
        assert (await refusal(client.first()))[1] == "service.auth.error"


async def test_every_position_may_be_corrupted(serving: Any, org: Org):
    create(org, "First")
    async with serving(org) as client:
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        org.faults.switch({"corrupted_positions": True})
        call = await resumed(client, event)
        assert (await refusal(call.read()))[1] == CORRUPTED
        assert len(await seen(await client.opened(replay_preset=wire.EARLIEST), 1)) == 1


async def test_forgotten_events_take_their_positions_with_them(serving: Any, org: Org):
    create(org, "First")
    async with serving(org, keepalive_ms=50) as client:
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        org.faults.switch({"forget_events": True})
        call = await resumed(client, event)
        assert (await refusal(call.read()))[1] == CORRUPTED
        latest = (await client.first()).latest_replay_id
        create(org, "Second")
        assert await names(client, await seen(await client.opened(replay_preset=wire.EARLIEST), 1)) == ["Second"]
        call = await client.opened(replay_preset=wire.CUSTOM, replay_id=latest)
        assert await names(client, await seen(call, 1)) == ["Second"]


async def test_a_resumed_stream_may_begin_with_what_was_delivered_before(serving: Any, org: Org):
    create(org, "One", "Two")
    org.create(Actor(org.admin), "Account", {"Name": "Not on this topic"})
    create(org, "Three", "Four")
    org.faults.switch({"duplicates_on_resume": 2})
    async with serving(org) as client:
        events = await seen(await client.opened(replay_preset=wire.EARLIEST), 4)
        call = await resumed(client, events[2])
        assert await names(client, await seen(call, 3)) == ["Two", "Three", "Four"]


async def test_a_spent_allocation_ends_streams_and_refuses_new_ones(serving: Any, org: Org):
    async with serving(org) as client:
        call = await heard_once(client, org)
        org.faults.switch({"allocation_exhausted": True})
        expected = (grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded")
        assert (await refusal(call.read()))[:2] == expected
        assert (await refusal(client.first()))[:2] == expected
        info = await client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=client.metadata)
        assert info.can_subscribe


async def test_getting_a_schema_may_fail_a_number_of_times(serving: Any, org: Org):
    async with serving(org) as client:
        topic = await client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=client.metadata)
        request = wire.SchemaRequest(schema_id=topic.schema_id)
        org.faults.switch({"schema_failures": 2})
        for _ in range(2):
            answer = client.stub.GetSchema(request, metadata=client.metadata)
            assert (await refusal(answer))[1] == "schema.api.unavailable"
        assert (await client.stub.GetSchema(request, metadata=client.metadata)).schema_id == topic.schema_id


async def test_late_changes_arrive_in_order_and_are_not_jumped_by_a_keepalive(serving: Any, org: Org, clock: Clock):
    async with serving(org, keepalive_ms=50) as client:
        org.faults.switch({"event_lag_ms": 60_000})
        call = await client.opened()
        create(org, "Late")
        for _ in range(3):
            assert list((await call.read()).events) == []
            clock.wait(seconds=10)
        clock.wait(seconds=30)
        assert await names(client, await seen(call, 1)) == ["Late"]


async def test_latest_may_miss_what_happens_while_it_settles(serving: Any, org: Org, clock: Clock):
    org.setup.switch({"settle_ms": 3_000})
    async with serving(org, keepalive_ms=50) as client:
        call = await client.opened()
        await call.read()
        create(org, "Missed")
        clock.wait(seconds=3)
        create(org, "Heard")
        assert await names(client, await seen(call, 1)) == ["Heard"]


async def test_a_gap_has_an_id_no_origin_and_no_values(serving: Any, org: Org):
    org.faults.switch({"gap_writes": 1})
    (contact,) = create(org, "Okafor")
    async with serving(org) as client:
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        found = await decoded(client, event)
        header = found.pop("ChangeEventHeader")
        assert (header["changeType"], header["recordIds"], header["changeOrigin"]) == ("GAP_CREATE", [contact], "")
        assert set(found.values()) == {None}


async def test_an_event_over_a_megabyte_is_a_gap(serving: Any, org: Org):
    names = [f"Essay{number}__c" for number in range(3)]
    for name in names:
        org.add_field("Contact", name=name, label=name, type="longtextarea", length=131_072)
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", **dict.fromkeys(names, "長" * 131_000)})
    async with serving(org) as client:
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        assert (await decoded(client, event))["ChangeEventHeader"]["changeType"] == "GAP_CREATE"


@pytest.mark.parametrize("method", ["PublishStream", "ManagedSubscribe"])
async def test_other_streams_are_unimplemented(serving: Any, org: Org, method: str):
    async with serving(org) as client:
        call = getattr(client.stub, method)(metadata=client.metadata)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_a_withdrawn_field_is_null_for_everybody_from_then_on(serving: Any, org: Org):
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Title": "Buyer"})
    async with serving(org) as client:
        for expected in ("Buyer", None):
            (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
            assert (await decoded(client, event))["Title"] == expected
            org.faults.switch({"withdrawn_fields": ["Contact.Title"]})


async def test_a_schema_cannot_be_had_with_an_expired_session_in_mid_stream(serving: Any, org: Org):
    async with serving(org) as client:
        call = await heard_once(client, org)
        org.faults.switch({"expire_sessions": True})
        org.add_field("Contact", name="Loyalty__c", label="Loyalty", type="string")
        create(org, "Second")
        (event,) = await seen(call, 1)
        request = wire.SchemaRequest(schema_id=event.event.schema_id)
        answer = client.stub.GetSchema(request, metadata=client.metadata)
        assert (await refusal(answer))[1] == "service.auth.error"
