"""Which topics there are, who hears what on them, and how a schema changes while somebody listens."""

import json
from typing import Any

import grpc
import pytest

from sidebar.twin.org import Actor, Org
from sidebar.twin.org.permissions import Profile
from sidebar.wire import pubsub_api_pb2 as wire
from tests.twin.conftest import Clock
from tests.twin.events.client import TOPIC, Client, create, decoded, names, refusal, seen

pytestmark = pytest.mark.anyio
ALL = "/data/ChangeEvents"
NEEDED: dict[str, dict[str, Any]] = {
    "Contact": {"LastName": "Okafor"},
    "Account": {"Name": "Brightloom Ltd"},
    "Lead": {"LastName": "Weiß", "Company": "Brightloom Ltd"},
    "Task": {"Subject": "Call"},
    "Case": {"Subject": "Lamp broken"},
    "Opportunity": {"Name": "Lamps", "StageName": "Prospecting", "CloseDate": "2027-01-31"},
    "Subscription__c": {},
}


async def subscribed(client: Client, topic: str, preset: Any = wire.EARLIEST) -> Any:
    call = client.subscribe()
    await call.write(wire.FetchRequest(topic_name=topic, num_requested=100, replay_preset=preset))
    return call


async def told(client: Client, topic: str, count: int) -> list[str]:
    """The objects the first events of a topic are about."""
    events = await seen(await subscribed(client, topic), count)
    return [(await decoded(client, event))["ChangeEventHeader"]["entityName"] for event in events]


async def schema_id(client: Client, topic: str) -> str:
    info = await client.stub.GetTopic(wire.TopicRequest(topic_name=topic), metadata=client.metadata)
    return info.schema_id


def write(org: Org, *objects: str) -> None:
    for name in objects:
        org.ledger.write(Actor(org.admin), org.tables[name], {"Id": org.tables[name].new_id(), **NEEDED[name]})


@pytest.mark.parametrize("name", NEEDED)
async def test_each_object_has_its_topic(serving: Any, org: Org, name: str):
    topic = f"/data/{name.removesuffix('c')}ChangeEvent" if name.endswith("__c") else f"/data/{name}ChangeEvent"
    write(org, *NEEDED)
    async with serving(org) as client:
        assert await told(client, topic, 1) == [name]
        assert await schema_id(client, topic)


async def test_one_topic_carries_all_objects(serving: Any, org: Org):
    write(org, *NEEDED)
    async with serving(org) as client:
        assert await told(client, ALL, len(NEEDED)) == list(NEEDED)


async def test_a_custom_channel_carries_its_members_and_has_no_schema(serving: Any, org: Org):
    org.setup.switch({"channels": ["People__chn=Contact,Lead"]})
    write(org, "Account", "Lead", "Task", "Contact")
    async with serving(org) as client:
        assert await told(client, "/data/People__chn", 2) == ["Lead", "Contact"]
        assert await schema_id(client, "/data/People__chn") == ""


async def test_what_is_not_selected_is_not_told_to_a_running_stream_either(serving: Any, org: Org):
    async with serving(org) as client:
        call = await subscribed(client, ALL)
        org.setup.switch({"uncaptured_objects": ["Account"]})
        write(org, "Account", "Contact")
        assert await names(client, await seen(call, 1)) == ["Okafor"]


def close(org: Org, name: str) -> None:
    org.profiles["Support"] = Profile("Support", denied=frozenset({f"read {name}"}))


async def test_a_topic_of_an_object_the_listener_may_not_read_is_refused(serving: Any, org: Org):
    close(org, "Contact")
    async with serving(org) as client:
        client.metadata = (("accesstoken", org.grant(org.colleague)), *client.metadata[1:])
        status, code, _ = await refusal(client.first())
        assert (status, code) == (grpc.StatusCode.PERMISSION_DENIED, "subscription.topic.cannot.subscribe")
        info = await client.stub.GetTopic(wire.TopicRequest(topic_name=TOPIC), metadata=client.metadata)
        assert not info.can_subscribe


async def test_a_topic_of_many_silently_leaves_out_what_the_listener_may_not_read(serving: Any, org: Org):
    write(org, "Account", "Contact")
    async with serving(org) as client:
        client.metadata = (("accesstoken", org.grant(org.colleague)), *client.metadata[1:])
        assert await told(client, ALL, 2) == ["Account", "Contact"]
        close(org, "Account")
        assert await told(client, ALL, 1) == ["Contact"]


async def test_a_field_closed_while_somebody_listens_is_null_from_then_on(serving: Any, org: Org):
    async with serving(org) as client:
        client.metadata = (("accesstoken", org.grant(org.colleague)), *client.metadata[1:])
        call = await client.opened(replay_preset=wire.EARLIEST)
        for expected in ("Buyer", None):
            org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Title": "Buyer"})
            (event,) = await seen(call, 1)
            assert (await decoded(client, event))["Title"] == expected
            org.profiles["Support"] = Profile("Support", hidden=frozenset({"Contact.Title"}))


async def test_events_of_before_and_after_a_new_field_stand_in_one_response(serving: Any, org: Org):
    create(org, "Before")
    async with serving(org) as client:
        old = await schema_id(client, TOPIC)
        org.add_field("Contact", name="Loyalty__c", label="Loyalty", type="string")
        org.create(Actor(org.admin), "Contact", {"LastName": "After", "Loyalty__c": "gold"})
        events = await seen(await client.opened(replay_preset=wire.EARLIEST), 2)
        new = await schema_id(client, TOPIC)
        assert [event.event.schema_id for event in events] == [old, new]
        before, after = [await decoded(client, event) for event in events]
        assert "Loyalty__c" not in before
        assert after["Loyalty__c"] == "gold"


async def test_a_running_stream_tells_under_the_schema_of_the_moment(serving: Any, org: Org):
    org.add_field("Contact", name="Loyalty__c", label="Loyalty", type="string")
    async with serving(org) as client:
        call = await client.opened(replay_preset=wire.EARLIEST)
        for has in (True, False):
            create(org, "Okafor")
            (event,) = await seen(call, 1)
            assert ("Loyalty__c" in await decoded(client, event)) == has
            org.remove_field("Contact", "Loyalty__c")


async def test_an_old_schema_is_answered_as_long_as_events_need_it(serving: Any, org: Org, clock: Clock):
    create(org, "Before")
    async with serving(org) as client:
        old = wire.SchemaRequest(schema_id=await schema_id(client, TOPIC))
        org.add_field("Contact", name="Loyalty__c", label="Loyalty", type="string")
        info = await client.stub.GetSchema(old, metadata=client.metadata)
        assert json.loads(info.schema_json)["uuid"] == old.schema_id
        clock.wait(hours=73)
        client.sign_in(org)
        answer = client.stub.GetSchema(old, metadata=client.metadata)
        assert (await refusal(answer))[1] == "schema.validation.failed"


async def test_a_wildcard_names_no_record_and_no_field(serving: Any, org: Org):
    org.add_field("Contact", name="Rank__c", label="Rank", type="string")
    org.change_type("Contact", "Rank__c", "double")
    async with serving(org) as client:
        (event,) = await seen(await client.opened(replay_preset=wire.EARLIEST), 1)
        found = await decoded(client, event)
        header = found.pop("ChangeEventHeader")
        assert (header["recordIds"], header["changedFields"]) == (["003*"], [])
        assert set(found.values()) == {None}
