"""The Pub/Sub API of the org: Subscribe, GetTopic and GetSchema over gRPC, fed by every change of the org.

Says who may come in and where a subscription starts; `topics`, `delivery` and `stream` do the rest. The other methods
of the API answer UNIMPLEMENTED. Must not know how the server is started.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from functools import cache
from itertools import islice
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import grpc
import grpc.aio

from sidebar.twin.events import refusals
from sidebar.twin.events.delivery import Delivery
from sidebar.twin.events.refusals import Refusal
from sidebar.twin.events.replay import Bus
from sidebar.twin.events.stream import Requests, Responses, Stream, Teller
from sidebar.twin.events.topics import Topics
from sidebar.twin.org import Org, User
from sidebar.twin.org.changes import Change
from sidebar.wire import pubsub_api_pb2 as wire

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"
Answer = TypeVar("Answer")


class PubSub:
    """To be made inside the running loop that serves it. The org may be written to and switched from any thread."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._bus = Bus(org.changes, org.client_id, org.clock, lambda: org.faults.event_lag_ms)
        self._topics = Topics(org)
        self._delivery = Delivery(org)
        self._streams: set[Stream] = set()
        self._waking = False
        self._loop = asyncio.get_running_loop()
        org.on_change(self._heard)
        org.faults.does("stream_cut", self._cut)
        org.faults.does("forget_events", self._bus.forget)

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
            async with asyncio.timeout(self._org.setup.idle_ms / 1000):
                first = await anext(requests)  # a refusal before it may reach a client that writes without its trailers
            user = self._admit(context)
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
        objects = self._topics.carried(first.topic_name)
        if not self._topics.may_subscribe(user, first.topic_name):
            raise refusals.CANNOT_SUBSCRIBE
        settled = self._org.clock() + self._org.setup.settle_ms if first.replay_preset == wire.LATEST else 0

        def listen() -> Teller:
            hidden = cache(lambda name: self._topics.hidden(user, name) if name in objects else None)
            return lambda place, change: self._told(place, change, hidden(change.object), settled)

        start = self._start(first, objects)
        stream = Stream(first.topic_name, self._bus, start, listen, self._org.setup, self._org.faults)
        stream.grant(first)
        return stream

    def _told(self, place: int, change: Change, hidden: frozenset[str] | None, since: int) -> wire.ConsumerEvent | None:
        return None if hidden is None or change.at < since else self._delivery.event(place, change, hidden)

    def _start(self, first: wire.FetchRequest, objects: Iterable[str]) -> int:
        if first.replay_preset == wire.EARLIEST:
            return self._bus.earliest()
        if first.replay_preset != wire.CUSTOM:
            return self._bus.latest()
        if not first.replay_id:
            raise refusals.NO_REPLAY_ID
        place = self._bus.place(first.replay_id)
        if place is None or self._org.faults.corrupted_positions:
            raise refusals.BAD_REPLAY_ID
        again = (earlier for earlier, change in self._bus.before(place) if change.object in objects)
        return min((earlier - 1 for earlier in islice(again, self._org.faults.duplicates_on_resume)), default=place)

    async def _topic(self, name: str, context: Context) -> wire.TopicInfo:
        user = self._admit(context)
        self._topics.carried(name)
        sole = self._topics.sole(name)
        return wire.TopicInfo(
            topic_name=name,
            tenant_guid=self._topics.tenant,
            can_publish=False,
            can_subscribe=self._topics.may_subscribe(user, name),
            schema_id=self._delivery.schema(sole).id if sole else "",
            rpc_id=str(uuid4()),
        )

    async def _schema(self, schema_id: str, context: Context) -> wire.SchemaInfo:
        self._admit(context)
        if not schema_id:
            raise refusals.NO_SCHEMA_ID
        if self._org.faults.spend("schema_failures"):
            raise refusals.NO_SCHEMA_NOW
        retained = self._bus.after(self._bus.earliest())
        if schema := self._delivery.find(schema_id, self._topics.objects, retained):
            return wire.SchemaInfo(schema_json=schema.json, schema_id=schema_id, rpc_id=str(uuid4()))
        raise refusals.UNKNOWN_SCHEMA_ID

    def _admit(self, context: Context) -> User:
        """Whoever calls, by the three metadata entries. A running stream outlives its session: no later check."""
        if self._org.faults.unavailable:
            raise refusals.UNAVAILABLE
        given = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        token, url, tenant = (given.get(key, "") for key in ("accesstoken", "instanceurl", "tenantid"))
        if not (token and url and tenant):
            raise refusals.HEADERS
        user = self._org.session(token)
        here = urlsplit(url).netloc == urlsplit(self._org.instance_url).netloc
        locked = self._org.faults.auth_fails or self._org.setup.sessions_locked_to_ip
        if user is None or locked or not here or tenant not in (self._org.id, self._org.id[:15]):
            raise refusals.UNAUTHENTICATED
        return user

    def _heard(self, change: Change) -> None:
        """However many changes a transaction has, the streams are woken once."""
        if not self._waking:
            self._waking = True
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._waking = False
        for stream in self._streams:
            stream.wake()

    def _cut(self) -> None:
        for stream in list(self._streams):
            self._loop.call_soon_threadsafe(stream.cut)


async def _answer(rpc: str, context: Context, work: Awaitable[Answer]) -> Answer:
    try:
        return await work
    except Refusal as refusal:
        await refusal.end(rpc, context)
