"""The Pub/Sub API of the org: Subscribe, GetTopic and GetSchema over gRPC, fed by every change of the org.

Says who may come in, which topics there are and where a subscription starts; `stream` does the rest. The other
methods of the API answer UNIMPLEMENTED. Must not know how the server is started.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid4, uuid5

import grpc
import grpc.aio

from sidebar.twin.events import refusals
from sidebar.twin.events.payload import encode
from sidebar.twin.events.refusals import Refusal
from sidebar.twin.events.replay import Bus, replay_id
from sidebar.twin.events.schemas import build
from sidebar.twin.events.stream import Pace, Requests, Responses, Stream
from sidebar.twin.org import Org, User
from sidebar.twin.org.changes import Change
from sidebar.wire import pubsub_api_pb2 as wire

ALL_OBJECTS = "/data/ChangeEvents"
OBJECTS = ("Contact", "Account")

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"
Answer = TypeVar("Answer")


class PubSub:
    """To be made inside the running loop that serves it. The org may be written to from any thread."""

    def __init__(self, org: Org, pace: Pace | None = None) -> None:
        self._org = org
        self._pace = pace or Pace()
        self._bus = Bus(org.changes, org.client_id, org.clock)
        self._schemas = {name: build(org.describe(org.admin, name)) for name in OBJECTS}
        self._streams: set[Stream] = set()
        self._loop = asyncio.get_running_loop()
        org.on_change(self._heard)

    def handler(self) -> grpc.GenericRpcHandler:
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "GetTopic": grpc.unary_unary_rpc_method_handler(
                self.get_topic, wire.TopicRequest.FromString, wire.TopicInfo.SerializeToString
            ),
            "GetSchema": grpc.unary_unary_rpc_method_handler(
                self.get_schema, wire.SchemaRequest.FromString, wire.SchemaInfo.SerializeToString
            ),
            "Subscribe": grpc.stream_stream_rpc_method_handler(
                self.subscribe, wire.FetchRequest.FromString, wire.FetchResponse.SerializeToString
            ),
        }
        return grpc.method_handlers_generic_handler("eventbus.v1.PubSub", methods)

    async def get_topic(self, request: wire.TopicRequest, context: Context) -> wire.TopicInfo:
        return await _answer("GetTopic", context, self._topic(request.topic_name, context))

    async def get_schema(self, request: wire.SchemaRequest, context: Context) -> wire.SchemaInfo:
        return await _answer("GetSchema", context, self._schema(request.schema_id, context))

    async def subscribe(self, requests: Requests, context: Context) -> Responses:
        try:
            user = self._admit(context)
            async with asyncio.timeout(self._pace.idle):
                first = await anext(requests)
            async for response in self._follow(self._open(first, user), requests):
                yield response
        except Refusal as refusal:
            await refusal.end("Subscribe", context)
        except (StopAsyncIteration, TimeoutError):
            return

    async def _follow(self, stream: Stream, requests: Requests) -> Responses:
        self._streams.add(stream)
        try:
            async for response in stream.follow(requests):
                yield response
        finally:
            self._streams.discard(stream)

    def _open(self, first: wire.FetchRequest, user: User) -> Stream:
        if not first.topic_name:
            raise refusals.NO_TOPIC
        hidden = {name: self._hidden(user, name) for name in self._objects(first.topic_name)}

        def tell(place: int, change: Change) -> wire.ConsumerEvent | None:
            return self._event(place, change, hidden[change.object]) if change.object in hidden else None

        place = self._start(first)
        stream = Stream(first.topic_name, self._bus, place, self._pace, tell, self._check_service)
        stream.grant(first)
        return stream

    def _start(self, first: wire.FetchRequest) -> int:
        if first.replay_preset == wire.EARLIEST:
            return self._bus.earliest()
        if first.replay_preset != wire.CUSTOM:
            return self._bus.latest()
        if not first.replay_id:
            raise refusals.NO_REPLAY_ID
        place = self._bus.place(first.replay_id)
        if place is None:
            raise refusals.BAD_REPLAY_ID
        return place

    def _event(self, place: int, change: Change, hidden: frozenset[str]) -> wire.ConsumerEvent:
        schema = self._schemas[change.object]
        event = wire.ProducerEvent(
            id=str(uuid5(NAMESPACE_OID, f"{self._org.client_id} {change.transaction} {change.sequence}")),
            schema_id=schema.id,
            payload=encode(schema, change, hidden),
        )
        return wire.ConsumerEvent(event=event, replay_id=replay_id(place))

    async def _topic(self, name: str, context: Context) -> wire.TopicInfo:
        self._admit(context)
        objects = self._objects(name)
        return wire.TopicInfo(
            topic_name=name,
            tenant_guid=self._tenant,
            can_publish=False,
            can_subscribe=True,
            schema_id="" if name == ALL_OBJECTS else self._schemas[objects[0]].id,
            rpc_id=str(uuid4()),
        )

    async def _schema(self, schema_id: str, context: Context) -> wire.SchemaInfo:
        self._admit(context)
        if not schema_id:
            raise refusals.NO_SCHEMA_ID
        for schema in self._schemas.values():
            if schema.id == schema_id:
                return wire.SchemaInfo(schema_json=schema.json, schema_id=schema_id, rpc_id=str(uuid4()))
        raise refusals.UNKNOWN_SCHEMA_ID

    def _admit(self, context: Context) -> User:
        """Whoever calls, by the three metadata entries. A running stream outlives its session: no later check."""
        self._check_service()
        given = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        token, url, tenant = (given.get(key, "") for key in ("accesstoken", "instanceurl", "tenantid"))
        if not (token and url and tenant):
            raise refusals.HEADERS
        user = self._org.session(token)
        here = urlsplit(url).netloc == urlsplit(self._org.instance_url).netloc
        if user is None or not here or tenant not in (self._org.id, self._org.id[:15]):
            raise refusals.UNAUTHENTICATED
        return user

    def _objects(self, topic: str) -> tuple[str, ...]:
        if topic == ALL_OBJECTS:
            return OBJECTS
        for name in OBJECTS:
            if topic == f"/data/{name}ChangeEvent":
                return (name,)
        raise refusals.unknown_topic(self._tenant, topic)

    def _hidden(self, user: User, name: str) -> frozenset[str]:
        """The fields `user` may not read."""
        readable = {field["name"] for field in self._org.describe(user, name)["fields"]}
        return frozenset(self._schemas[name].places) - readable

    def _check_service(self) -> None:
        if self._org.faults.unavailable:
            raise refusals.UNAVAILABLE

    def _heard(self, change: Change) -> None:
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for stream in self._streams:
            stream.wake()

    @property
    def _tenant(self) -> str:
        return f"CORE/prod/{self._org.id}"


async def _answer(rpc: str, context: Context, work: Awaitable[Answer]) -> Answer:
    try:
        return await work
    except Refusal as refusal:
        await refusal.end(rpc, context)
