"""A bare gRPC client of the Pub/Sub API, and how its tests read what it is told."""

import asyncio
import io
import json
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import fastavro
import grpc
import grpc.aio
import pytest

from sidebar.twin.org import Actor, Org
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

TOPIC = "/data/ContactChangeEvent"
PREFIX = "sfdc.platform.eventbus.grpc."


class Client:
    """The official stub, with the metadata of one user."""

    def __init__(self, channel: grpc.aio.Channel, org: Org) -> None:
        self.stub = PubSubStub(channel)
        self.sign_in(org)

    def sign_in(self, org: Org) -> None:
        self.metadata = (
            ("accesstoken", org.grant(org.integration)),
            ("instanceurl", org.instance_url),
            ("tenantid", org.id),
        )

    def subscribe(self) -> Any:
        return self.stub.Subscribe(metadata=self.metadata)

    async def opened(self, credit: int = 100, **start: Any) -> Any:
        call = self.subscribe()
        await call.write(wire.FetchRequest(topic_name=TOPIC, num_requested=credit, **start))
        return call

    async def first(self, credit: int = 100, **start: Any) -> Any:
        """The first response to a new subscription."""
        return await (await self.opened(credit, **start)).read()


def create(org: Org, *names: str) -> list[str]:
    return [org.create(Actor(org.admin), "Contact", {"LastName": name}) for name in names]


async def seen(call: Any, count: int) -> list[wire.ConsumerEvent]:
    events: list[wire.ConsumerEvent] = []
    async with asyncio.timeout(5):
        while len(events) < count:
            events += (await call.read()).events
    return events


async def refusal(answer: Awaitable[Any]) -> tuple[grpc.StatusCode, str, str]:
    """Status, error code without its prefix, and the text without the rpc id it must end with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(5):
            await answer
    trailers = dict(caught.value.trailing_metadata() or ())
    assert trailers["type"] in ("Subscribe", "GetTopic", "GetSchema")
    rpc_id = str(UUID(trailers["rpc-id"]))
    text, told, tail = (caught.value.details() or "").partition(" rpcId: ")
    assert (told, tail) == (" rpcId: ", rpc_id)
    return caught.value.code(), trailers["error-code"].removeprefix(PREFIX), text


async def names(client: Client, events: list[wire.ConsumerEvent]) -> list[str]:
    return [(await decoded(client, event))["Name"]["LastName"] for event in events]


async def decoded(client: Client, event: wire.ConsumerEvent) -> dict[str, Any]:
    info = await client.stub.GetSchema(wire.SchemaRequest(schema_id=event.event.schema_id), metadata=client.metadata)
    assert info.schema_id == event.event.schema_id == json.loads(info.schema_json)["uuid"]
    schema = fastavro.parse_schema(json.loads(info.schema_json), named_schemas={})
    found = fastavro.schemaless_reader(io.BytesIO(event.event.payload), schema, None)
    assert isinstance(found, dict)
    return found
