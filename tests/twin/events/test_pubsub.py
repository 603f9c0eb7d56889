"""The Pub/Sub API as a bare gRPC client over TLS meets it: credit, replay, keep-alive, refusals."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import grpc.aio
import pytest

from sidebar.twin.events.stream import MOST_BYTES
from sidebar.twin.org import Actor, Org
from sidebar.wire import pubsub_api_pb2 as wire
from tests.twin.conftest import Clock
from tests.twin.events.client import TOPIC, Client, create, decoded, names, refusal, seen

pytestmark = pytest.mark.anyio
DAY = 86_400_000


async def test_a_listener_hears_of_a_new_contact_at_once(serving: Any, org: Org):
    async with serving(org) as client:
        call = await client.opened(replay_preset=wire.EARLIEST)
        (contact,) = create(org, "Okafor")
        async with asyncio.timeout(5):
            response = await call.read()
        (event,) = response.events
        found = await decoded(client, event)
        assert found["ChangeEventHeader"]["recordIds"] == [contact]
        assert found["Name"]["LastName"] == "Okafor"
        assert response.latest_replay_id == event.replay_id
        assert len(event.replay_id) == 10
        assert response.pending_num_requested == 99
        assert UUID(event.event.id)
        assert UUID(response.rpc_id)


async def test_latest_hears_only_what_comes_after(serving: Any, org: Org):
    create(org, "Before")
    async with serving(org, keepalive_ms=50) as client:
        call = await client.opened()
        assert list((await call.read()).events) == []
        create(org, "After")
        assert await names(client, await seen(call, 1)) == ["After"]


async def test_earliest_hears_all_of_the_last_72_hours(serving: Any, org: Org, clock: Clock):
    create(org, "Forgotten")
    clock.now += 2 * DAY
    create(org, "Kept")
    clock.now += 2 * DAY
    create(org, "New")
    async with serving(org) as client:
        call = await client.opened(replay_preset=wire.EARLIEST)
        assert await names(client, await seen(call, 2)) == ["Kept", "New"]


@pytest.mark.parametrize("size", [10, 8])
async def test_custom_resumes_strictly_after_an_id(serving: Any, org: Org, size: int):
    create(org, "One", "Two", "Three")
    async with serving(org) as client:
        events = await seen(await client.opened(replay_preset=wire.EARLIEST), 3)
        call = await client.opened(replay_preset=wire.CUSTOM, replay_id=events[0].replay_id[:size])
        assert await names(client, await seen(call, 2)) == ["Two", "Three"]


async def test_a_position_outlives_a_restart_of_the_org(serving: Any, clock: Clock, tmp_path: Path):
    def opened() -> Org:
        return Org(clock=clock, instance_url="http://localhost:1", path=tmp_path / "org.sqlite")

    first = opened()
    create(first, "One", "Two")
    async with serving(first) as client:
        events = await seen(await client.opened(replay_preset=wire.EARLIEST), 2)
    first.close()
    second = opened()
    create(second, "Three")
    async with serving(second) as client:
        call = await client.opened(replay_preset=wire.CUSTOM, replay_id=events[0].replay_id)
        assert await names(client, await seen(call, 2)) == ["Two", "Three"]
    second.close()


@pytest.mark.parametrize("replay_id", [b"nonsense", b"\0" * 10, b"12907414??", b"short"])
async def test_an_unknown_replay_id_is_refused(serving: Any, org: Org, replay_id: bytes):
    async with serving(org) as client:
        answer = client.first(replay_preset=wire.CUSTOM, replay_id=replay_id)
        assert await refusal(answer) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "subscription.fetch.replayid.corrupted",
            "The Replay ID validation failed. Ensure that the Replay ID is valid.",
        )


async def test_a_replay_id_older_than_72_hours_is_refused(serving: Any, org: Org, clock: Clock):
    create(org, "Old")
    async with serving(org) as client:
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        clock.now += 3 * DAY + 1000
        client.sign_in(org)
        answer = client.first(replay_preset=wire.CUSTOM, replay_id=event.replay_id)
        assert (await refusal(answer))[1] == "subscription.fetch.replayid.corrupted"


async def test_custom_without_an_id_is_refused(serving: Any, org: Org):
    async with serving(org) as client:
        answer = client.first(replay_preset=wire.CUSTOM)
        assert (await refusal(answer))[1] == "subscription.fetch.replayid.validation.failed"


async def test_no_more_events_come_than_were_asked_for(serving: Any, org: Org):
    create(org, "One", "Two", "Three")
    async with serving(org) as client:
        call = await client.opened(credit=2, replay_preset=wire.EARLIEST)
        response = await call.read()
        assert (len(response.events), response.pending_num_requested) == (2, 0)
        await call.write(wire.FetchRequest(topic_name=TOPIC, num_requested=5))
        response = await call.read()
        assert (len(response.events), response.pending_num_requested) == (1, 4)


async def test_requests_add_up_to_a_hundred_and_no_further(serving: Any, org: Org):
    async with serving(org, keepalive_ms=20) as client:
        call = await client.opened(credit=60)
        assert (await call.read()).pending_num_requested == 60
        for credit, pending in ((30, 90), (90, 100), (100_000, 100)):
            await call.write(wire.FetchRequest(num_requested=credit))
            await _until_pending(call, pending)
        create(org, "One")
        await _until_pending(call, 99)


async def _until_pending(call: Any, pending: int) -> None:
    async with asyncio.timeout(5):
        while (found := (await call.read()).pending_num_requested) != pending:
            assert found < 100


async def test_an_answer_may_come_in_many_responses(serving: Any, org: Org):
    org.setup.switch({"events_per_response": 2})
    create(org, "One", "Two", "Three", "Four", "Five")
    async with serving(org) as client:
        call = await client.opened(credit=6, replay_preset=wire.EARLIEST)
        responses = [await call.read() for _ in range(3)]
        assert [len(response.events) for response in responses] == [2, 2, 1]
        assert [response.pending_num_requested for response in responses] == [4, 2, 1]


async def test_the_org_may_be_set_up_to_speak_more_often(serving: Any, org: Org):
    org.setup.switch({"keepalive_ms": 50, "idle_ms": 50})
    create(org, "One")
    async with serving(org) as client:
        async with asyncio.timeout(5):
            assert list((await client.first()).events) == []
            call = await client.opened(credit=1, replay_preset=wire.EARLIEST)
            await seen(call, 1)
            assert await call.read() is grpc.aio.EOF


async def test_large_events_are_split_over_several_responses(serving: Any, org: Org):
    """Clients accept messages of 4 MB unless told otherwise."""
    actor = Actor(org.admin)
    for number in range(100):
        org.create(actor, "Contact", {"LastName": str(number), "Description": "長" * 16_000})
    async with serving(org) as client:
        call = await client.opened(replay_preset=wire.EARLIEST)
        response = await call.read()
        assert response.pending_num_requested == 100 - len(response.events) > 0
        assert MOST_BYTES < response.ByteSize() < MOST_BYTES + 100_000
        assert len(await seen(call, response.pending_num_requested)) == 100 - len(response.events)


async def test_a_later_request_cannot_move_the_start(serving: Any, org: Org):
    create(org, "One")
    async with serving(org) as client:
        call = await client.opened(credit=1, replay_preset=wire.EARLIEST)
        assert await names(client, await seen(call, 1)) == ["One"]
        again = wire.FetchRequest(topic_name=TOPIC, num_requested=9, replay_preset=wire.EARLIEST)
        await call.write(again)
        create(org, "Two")
        assert await names(client, await seen(call, 1)) == ["Two"]


async def test_a_later_request_cannot_change_the_topic(serving: Any, org: Org):
    async with serving(org) as client:
        call = await client.opened()
        await call.write(wire.FetchRequest(topic_name="/data/AccountChangeEvent", num_requested=1))
        status, code, _ = await refusal(call.read())
        assert (status, code) == (grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.topic.mismatch")


@pytest.mark.parametrize("credit", [0, -1])
async def test_asking_for_no_events_is_refused(serving: Any, org: Org, credit: int):
    async with serving(org) as client:
        status, code, text = await refusal(client.first(credit))
        assert (status, code) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "subscription.fetch.requested.events.invalid",
        )
        assert text.endswith("must be greater than zero.")


async def test_a_quiet_stream_is_kept_alive_with_a_position_to_resume_from(serving: Any, org: Org):
    async with serving(org, keepalive_ms=50) as client:
        call = await client.opened(credit=7)
        for _ in range(2):
            async with asyncio.timeout(5):
                response = await call.read()
            assert (len(response.events), response.pending_num_requested) == (0, 7)
        call.cancel()
        create(org, "Meanwhile")
        call = await client.opened(replay_preset=wire.CUSTOM, replay_id=response.latest_replay_id)
        assert await names(client, await seen(call, 1)) == ["Meanwhile"]


async def test_a_stream_without_credit_ends_when_no_request_comes(serving: Any, org: Org):
    create(org, "One")
    async with serving(org, idle_ms=100) as client:
        call = await client.opened(credit=1, replay_preset=wire.EARLIEST)
        await seen(call, 1)
        async with asyncio.timeout(5):
            assert await call.read() is grpc.aio.EOF
        assert await call.code() == grpc.StatusCode.OK


async def test_a_client_that_is_done_asking_still_gets_what_it_asked_for(serving: Any, org: Org):
    async with serving(org) as client:
        call = await client.opened(credit=1, replay_preset=wire.EARLIEST)
        await call.done_writing()
        create(org, "One")
        assert await names(client, await seen(call, 1)) == ["One"]
        assert await call.read() is grpc.aio.EOF


async def test_a_contact_topic_says_nothing_of_accounts_and_the_wide_one_does(serving: Any, org: Org):
    org.create(Actor(org.admin), "Account", {"Name": "Brightloom Ltd"})
    create(org, "Okafor")
    async with serving(org) as client:
        narrow = await client.opened(replay_preset=wire.EARLIEST)
        assert await names(client, await seen(narrow, 1)) == ["Okafor"]
        wide = client.subscribe()
        await wide.write(
            wire.FetchRequest(topic_name="/data/ChangeEvents", num_requested=9, replay_preset=wire.EARLIEST)
        )
        account, contact = await seen(wide, 2)
        assert (await decoded(client, account))["Name"] == "Brightloom Ltd"
        assert account.event.schema_id != contact.event.schema_id


async def test_a_field_closed_to_the_listener_is_null(serving: Any, org: Org):
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Birthdate": "1984-03-09"})
    async with serving(org) as client:
        client.metadata = (("accesstoken", org.grant(org.colleague)), *client.metadata[1:])
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        assert (await decoded(client, event))["Birthdate"] is None


async def test_a_topic_is_described(serving: Any, org: Org):
    async with serving(org) as client:
        info = await client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=client.metadata)
        assert (info.topic_name, info.can_subscribe, info.can_publish) == (TOPIC, True, False)
        assert info.tenant_guid == f"CORE/prod/{org.id}"
        request = wire.SchemaRequest(schema_id=info.schema_id)
        schema = await client.stub.GetSchema(request, metadata=client.metadata)
        assert json.loads(schema.schema_json)["name"] == "ContactChangeEvent"


async def test_a_topic_of_many_objects_has_no_schema_of_its_own(serving: Any, org: Org):
    async with serving(org) as client:
        request = wire.TopicRequest(topic_name="/data/ChangeEvents")
        info = await client.stub.GetTopic(request, metadata=client.metadata)
        assert info.schema_id == ""
        answer = client.stub.GetSchema(wire.SchemaRequest(), metadata=client.metadata)
        status, _, text = await refusal(answer)
        assert status == grpc.StatusCode.INVALID_ARGUMENT
        assert text == "Schema validation failed. The schema ID can't be blank."


@pytest.mark.parametrize("topic", ["/data/contactchangeevent", "/data/UserChangeEvent", "/data/Gone__chn", "nonsense"])
async def test_an_unknown_topic_is_named_in_the_refusal(serving: Any, org: Org, topic: str):
    async with serving(org) as client:
        answer = client.stub.GetTopic(wire.TopicRequest(topic_name=topic), metadata=client.metadata)
        assert await refusal(answer) == (
            grpc.StatusCode.NOT_FOUND,
            "topic.not.found",
            f"The topic information for org CORE/prod/{org.id} and topic {topic} not found. "
            "Ensure the topic name is correct and that the topic exists.",
        )


async def test_a_topic_with_an_endless_name_is_refused_briefly(serving: Any, org: Org):
    async with serving(org) as client:
        answer = client.stub.GetTopic(wire.TopicRequest(topic_name="/data/" + "x" * 100_000), metadata=client.metadata)
        status, code, text = await refusal(answer)
        assert (status, code, len(text) < 500) == (grpc.StatusCode.NOT_FOUND, "topic.not.found", True)


async def test_a_topic_without_a_name_is_refused(serving: Any, org: Org):
    async with serving(org) as client:
        answers = (client.stub.GetTopic(wire.TopicRequest(), metadata=client.metadata), unnamed(client))
        for answer in answers:
            status, code, _ = await refusal(answer)
            assert (status, code) == (grpc.StatusCode.INVALID_ARGUMENT, "topic.validation.empty")


async def unnamed(client: Client) -> Any:
    call = client.subscribe()
    await call.write(wire.FetchRequest(num_requested=1))
    return await call.read()


@pytest.mark.parametrize(
    ("entry", "value"),
    [("accesstoken", "00Dxx!gone"), ("tenantid", "00D000000000001"), ("instanceurl", "http://elsewhere.example")],
)
async def test_wrong_credentials_are_refused(serving: Any, org: Org, entry: str, value: str):
    async with serving(org) as client:
        client.metadata = tuple((key, value if key == entry else old) for key, old in client.metadata)
        assert await refusal(client.first()) == (
            grpc.StatusCode.UNAUTHENTICATED,
            "service.auth.error",
            "An authentication exception occurred. Provide valid authentication via metadata headers.",
        )


@pytest.mark.parametrize("missing", ["accesstoken", "instanceurl", "tenantid"])
async def test_missing_credentials_are_refused(serving: Any, org: Org, missing: str):
    async with serving(org) as client:
        left = tuple(pair for pair in client.metadata if pair[0] != missing)
        answer = client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=left)
        assert (await refusal(answer))[1] == "service.auth.headers.invalid"


async def test_the_short_org_id_is_a_tenant_too(serving: Any, org: Org):
    async with serving(org) as client:
        metadata = (*client.metadata[:2], ("tenantid", org.id[:15]))
        info = await client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=metadata)
        assert info.topic_name == TOPIC


async def test_a_stream_outlives_its_session_but_new_calls_do_not(serving: Any, org: Org):
    async with serving(org, keepalive_ms=50) as client:
        call = await client.opened()
        await call.read()
        org.faults.switch({"expire_sessions": True})
        create(org, "Okafor")
        assert len(await seen(call, 1)) == 1
        answer = client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=client.metadata)
        assert (await refusal(answer))[0] == grpc.StatusCode.UNAUTHENTICATED


async def test_an_unavailable_service_ends_streams_and_refuses_calls(serving: Any, org: Org):
    async with serving(org) as client:
        call = await client.opened()
        await asyncio.sleep(0.05)
        org.faults.switch({"unavailable": True})
        expected = (
            grpc.StatusCode.INTERNAL,
            "service.unavailable",
            "The service is unavailable. Try again later.",
        )
        assert await refusal(call.read()) == expected
        answer = client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=client.metadata)
        assert await refusal(answer) == expected


async def test_what_the_twin_does_not_do_is_unimplemented(serving: Any, org: Org):
    async with serving(org) as client:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.stub.Publish(wire.PublishRequest(topic_name=TOPIC), metadata=client.metadata)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
