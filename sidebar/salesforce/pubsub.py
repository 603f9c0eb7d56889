"""The Pub/Sub API's Subscribe: one org's change events on one topic, strictly in order.

Whoever listens keeps the replay ids, decides where to start and how long to wait after a failure. Must not know what
the events are for. Pub/Sub API guide: Subscribe RPC Method, Event Flow Control, Handle Errors.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import grpc
import grpc.aio

from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import LimitExceeded, SalesforceError, StreamRefused, Unauthorized, Unreachable
from sidebar.salesforce.schema import Event, Schema
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

Start: TypeAlias = Literal["latest", "earliest"]
Call: TypeAlias = "grpc.aio.StreamStreamCall[wire.FetchRequest, wire.FetchResponse]"

CORRUPTED = "subscription.fetch.replayid.corrupted"
"""The code of a refused replay id: unknown, malformed, or past the 72 hours of retention; the wire does not tell."""

MOST_CREDIT = 100  # the server clamps what is outstanding to this
MOST_BYTES = 16 * 1024 * 1024  # responses stay near 3 MB; one event may have 1 MB
SCHEMA_TRIES = 4
SCHEMA_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Batch:
    """One response. Without events it is a sign of life; its `latest_replay_id` is worth keeping then, too, since that
    of the last event grows too old on a quiet topic. An empty `latest_replay_id` says nothing: keep the former one."""

    events: tuple[Event, ...]
    latest_replay_id: bytes


class Stream:
    """One org's topic, over any number of subscriptions. `endpoint` as `host:port`; `ca_file` is trusted instead of
    the usual roots. `silence` in seconds: the server promises a response every 270, so a longer one means it is gone.
    """

    def __init__(self, endpoint: str, ca_file: str | None, org_id: str, topic: str, *, silence: float = 300) -> None:
        self._endpoint = endpoint
        self._ca_file = ca_file
        self._org_id = org_id
        self._topic = topic
        self._silence = silence
        self._schemas: dict[str, Schema] = {}  # an id is a hash of its schema, so what it names never changes

    async def subscribe(
        self, access: Access, replay_id: bytes | None = None, start: Start = "latest"
    ) -> AsyncGenerator[Batch, None]:
        """The batches after `replay_id`, or without one from `start`. Never ends but by an error:

        Unauthorized (renew the token, go on after the last id kept), StreamRefused (whose `code` may be CORRUPTED),
        LimitExceeded, Unreachable (which a stream that ends in peace is, too), Refused for an event nobody can read.
        """
        metadata = (("accesstoken", access.token), ("instanceurl", access.instance_url), ("tenantid", self._org_id))
        try:
            async with self._connected() as stub:
                call: Call = stub.Subscribe(metadata=metadata)
                await self._ask(call, self._first(replay_id, start))
                while True:
                    response = await self._next(call)
                    yield Batch(
                        tuple([await self._event(stub, metadata, each) for each in response.events]),
                        response.latest_replay_id,
                    )
        except grpc.aio.AioRpcError as problem:
            raise from_rpc(problem) from problem
        except TimeoutError:
            raise Unreachable(f"The change stream was silent for {self._silence:g} seconds") from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[PubSubStub]:
        """A connection of its own for each subscription: after a failure nothing of the former one is left."""
        options = (
            ("grpc.max_receive_message_length", MOST_BYTES),
            ("grpc.keepalive_time_ms", 60_000),  # more frequent pings may be answered with a GOAWAY
            ("grpc.keepalive_timeout_ms", 20_000),
        )
        async with grpc.aio.secure_channel(self._endpoint, _credentials(self._ca_file), options) as channel:
            yield PubSubStub(channel)  # type: ignore[no-untyped-call]

    def _first(self, replay_id: bytes | None, start: Start) -> wire.FetchRequest:
        preset = wire.CUSTOM if replay_id else wire.EARLIEST if start == "earliest" else wire.LATEST
        return wire.FetchRequest(
            topic_name=self._topic, replay_preset=preset, replay_id=replay_id or b"", num_requested=MOST_CREDIT
        )

    async def _next(self, call: Call) -> wire.FetchResponse:
        """Asks for more before its response is worked on: without credit for 60 s, the server would end the stream."""
        async with asyncio.timeout(self._silence):
            response = await call.read()
        if not isinstance(response, wire.FetchResponse):
            raise Unreachable("Salesforce ended the change stream")
        if response.pending_num_requested <= MOST_CREDIT // 2:
            more = MOST_CREDIT - response.pending_num_requested
            await self._ask(call, wire.FetchRequest(topic_name=self._topic, num_requested=more))
        return response

    async def _ask(self, call: Call, request: wire.FetchRequest) -> None:
        if not call.done():  # if it is, the next read says why
            async with asyncio.timeout(self._silence):
                await call.write(request)

    async def _event(self, stub: PubSubStub, metadata: object, received: wire.ConsumerEvent) -> Event:
        event = received.event
        if event.schema_id not in self._schemas:
            self._schemas[event.schema_id] = await _schema(stub, metadata, event.schema_id)
        return self._schemas[event.schema_id].event(event.id, received.replay_id, event.payload)


async def _schema(stub: PubSubStub, metadata: object, id: str) -> Schema:
    """Events wait for their schema, however often it takes: one that was skipped would be lost."""
    request = wire.SchemaRequest(schema_id=id)
    for tries in range(1, SCHEMA_TRIES + 1):
        try:
            found = await stub.GetSchema(request, metadata=metadata, timeout=SCHEMA_SECONDS)
            return Schema(found.schema_json)
        except grpc.aio.AioRpcError as problem:
            if tries == SCHEMA_TRIES or not isinstance(from_rpc(problem), Unreachable):
                raise
            await asyncio.sleep(0.1 * 4**tries)
    raise AssertionError("the last try returns or raises")


def _credentials(ca_file: str | None) -> grpc.ChannelCredentials:
    try:
        return grpc.ssl_channel_credentials(Path(ca_file).read_bytes() if ca_file else None)
    except OSError as problem:
        raise StreamRefused(f"The certificate file {ca_file} cannot be read: {problem.strerror}") from None


_BY_CODE: dict[str, type[SalesforceError]] = {
    "service.auth.error": Unauthorized,
    "service.auth.refresh.invalid": Unauthorized,
    "service.unavailable": Unreachable,  # recorded with the status INTERNAL
    "topic.api.unavailable": Unreachable,
    "schema.api.unavailable": Unreachable,
    "subscription.fetch.overflow": Unreachable,
    "subscription.fetch.replay.repeated": Unreachable,
    "subscription.limit.exceeded": LimitExceeded,
    "service.protection.triggered": LimitExceeded,
    "service.protection.stream.limit.triggered": LimitExceeded,
}
_BY_STATUS: dict[grpc.StatusCode, type[SalesforceError]] = {
    grpc.StatusCode.UNAUTHENTICATED: Unauthorized,
    grpc.StatusCode.RESOURCE_EXHAUSTED: LimitExceeded,
    grpc.StatusCode.INVALID_ARGUMENT: StreamRefused,
    grpc.StatusCode.NOT_FOUND: StreamRefused,
    grpc.StatusCode.PERMISSION_DENIED: StreamRefused,
    grpc.StatusCode.FAILED_PRECONDITION: StreamRefused,
    grpc.StatusCode.UNIMPLEMENTED: StreamRefused,
}


def from_rpc(problem: grpc.aio.AioRpcError) -> SalesforceError:
    """By the trailer `error-code`, since statuses are a poor key; without one the connection broke, most likely."""
    trailers = {key: value for key, value in problem.trailing_metadata() or () if isinstance(value, str)}
    code = trailers.get("error-code", "").removeprefix("sfdc.platform.eventbus.grpc.")
    lost = problem.code() is grpc.StatusCode.UNAVAILABLE or not code
    unknown = _BY_STATUS.get(problem.code(), Unreachable if lost else StreamRefused)
    return _BY_CODE.get(code, unknown)(problem.details() or problem.code().name, code=code)
