"""The Pub/Sub API's Subscribe: one org's change events on one topic, strictly in order.

Whoever listens keeps the replay ids, decides where to start and how long to wait after a failure. Must not know what
the events are for. Pub/Sub API guide: Subscribe RPC Method, Event Flow Control.
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
from sidebar.salesforce.decoding import Decoder, Renewer, Session
from sidebar.salesforce.errors import StreamRefused, Unreachable
from sidebar.salesforce.refusals import CORRUPTED, from_rpc
from sidebar.salesforce.schema import Event
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

__all__ = ["CORRUPTED", "Batch", "Start", "Stream", "credentials"]

Start: TypeAlias = Literal["latest", "earliest"]
Call: TypeAlias = "grpc.aio.StreamStreamCall[wire.FetchRequest, wire.FetchResponse]"

MOST_CREDIT = 100  # the server clamps what is outstanding to this
MOST_BYTES = 16 * 1024 * 1024  # responses stay near 3 MB; one event may have 1 MB


@dataclass(frozen=True, slots=True)
class Batch:
    """One response. `latest_replay_id` is that of its last event; without events it is a sign of life whose id is worth
    keeping, too, since that of the last event grows too old on a quiet topic. An empty one says nothing: keep the
    former. `unreadable`: ids of events nobody can read, what they tell is to be found by other ways."""

    events: tuple[Event, ...]
    latest_replay_id: bytes
    unreadable: tuple[str, ...] = ()


class Stream:
    """One org's topic, over any number of subscriptions. `endpoint` as `host:port`; `ca_file` is trusted instead of
    the usual roots. In seconds: `silence` (the server promises a response every 270, so a longer one means it is gone;
    pings find within 80 that a connection is), and `busy`, after which a listener that is still at work asks for a
    little more: without credit for 60, the server would end the stream.
    """

    def __init__(
        self,
        endpoint: str,
        ca_file: str | None,
        org_id: str,
        topic: str,
        *,
        silence: float = 300,
        busy: float = 20,
    ) -> None:
        self._endpoint = endpoint
        self._ca_file = ca_file
        self._org_id = org_id
        self._topic = topic
        self._silence = silence
        self._busy = busy
        self._decoder = Decoder()

    async def subscribe(
        self,
        access: Access,
        replay_id: bytes | None = None,
        start: Start = "latest",
        renew: Renewer | None = None,
    ) -> AsyncGenerator[Batch, None]:
        """The batches after `replay_id`, or without one from `start`. Never ends but by an error:

        Unauthorized (renew the token, go on after the last id kept), StreamRefused (whose `code` may be CORRUPTED),
        LimitExceeded, Unreachable (which a stream that ends in peace is, too). `renew` serves what is asked for while
        the stream goes on.
        """
        try:
            async with self._connected() as stub:
                session = Session(stub, self._org_id, access, renew)
                async with self._flow(stub.Subscribe(metadata=session.metadata)) as flow:
                    await flow.ask(self._first(replay_id, start))
                    while True:
                        yield await self._batch(session, await flow.next())
        except grpc.aio.AioRpcError as problem:
            raise from_rpc(problem) from problem
        except TimeoutError:
            raise Unreachable(f"The change stream was silent for {self._silence:g} seconds") from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[PubSubStub]:
        """A connection of its own for each subscription: after a failure nothing of the former one is left."""
        options = (
            ("grpc.max_receive_message_length", MOST_BYTES),
            ("grpc.keepalive_time_ms", 60_000),  # no sooner: the service may answer more frequent pings with a GOAWAY
            ("grpc.keepalive_timeout_ms", 20_000),
        )
        async with grpc.aio.secure_channel(self._endpoint, credentials(self._ca_file), options) as channel:
            yield PubSubStub(channel)  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def _flow(self, call: Call) -> AsyncIterator["_Flow"]:
        flow = _Flow(call, self._topic, self._silence)
        keeping = asyncio.create_task(flow.keep_credit(self._busy))
        try:
            yield flow
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    def _first(self, replay_id: bytes | None, start: Start) -> wire.FetchRequest:
        preset = wire.CUSTOM if replay_id else wire.EARLIEST if start == "earliest" else wire.LATEST
        return wire.FetchRequest(
            topic_name=self._topic, replay_preset=preset, replay_id=replay_id or b"", num_requested=MOST_CREDIT
        )

    async def _batch(self, session: Session, response: wire.FetchResponse) -> Batch:
        read = [(each.event.id, await self._decoder.event(session, each)) for each in response.events]
        events = tuple(event for _, event in read if event)
        # Nothing promises that the latest of a subscription is not ahead of what it has brought so far.
        own = response.events[-1].replay_id if response.events else b""
        return Batch(events, own or response.latest_replay_id, tuple(id for id, event in read if event is None))


class _Flow:
    """The credit of one call: asked for before a response is worked on, and again while that takes long."""

    def __init__(self, call: Call, topic: str, silence: float) -> None:
        self._call = call
        self._topic = topic
        self._silence = silence
        self._writing = asyncio.Lock()
        self._waits = False

    async def ask(self, request: wire.FetchRequest) -> None:
        async with self._writing:
            if not self._call.done():  # if it is, the next read says why
                async with asyncio.timeout(self._silence):
                    await self._call.write(request)

    async def next(self) -> wire.FetchResponse:
        self._waits = True
        async with asyncio.timeout(self._silence):
            response = await self._call.read()
        self._waits = False
        if not isinstance(response, wire.FetchResponse):
            raise Unreachable("Salesforce ended the change stream")
        if response.pending_num_requested <= MOST_CREDIT // 2:
            await self.ask(self._more(MOST_CREDIT - response.pending_num_requested))
        return response

    async def keep_credit(self, seconds: float) -> None:
        """Responses that wait to be read may have used it all up."""
        while True:
            await asyncio.sleep(seconds)
            if not self._waits:
                await self.ask(self._more(1))

    def _more(self, number: int) -> wire.FetchRequest:
        return wire.FetchRequest(topic_name=self._topic, num_requested=number)


def credentials(ca_file: str | None) -> grpc.ChannelCredentials:
    try:
        return grpc.ssl_channel_credentials(Path(ca_file).read_bytes() if ca_file else None)
    except OSError as problem:
        raise StreamRefused(f"The certificate file {ca_file} cannot be read: {problem.strerror}") from None
