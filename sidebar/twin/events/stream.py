"""One Subscribe call while it runs: its credit, its place on the bus, when it speaks and when it ends.

Credit and keep-alive follow the Pub/Sub API guide, "Pull subscription and flow control". Must not know who calls,
nor how an event is made.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TypeAlias
from uuid import uuid4

from sidebar.twin.events import refusals
from sidebar.twin.events.refusals import Refusal
from sidebar.twin.events.replay import Bus, replay_id
from sidebar.twin.org.changes import Change
from sidebar.twin.org.faults import Faults
from sidebar.twin.org.setup import Setup
from sidebar.wire import pubsub_api_pb2 as wire

MOST_CREDIT = 100
MOST_BYTES = 3_000_000
_GLANCE = 0.25

Requests: TypeAlias = AsyncIterator[wire.FetchRequest]
Teller: TypeAlias = Callable[[int, Change], wire.ConsumerEvent | None]
Responses: TypeAlias = AsyncIterator[wire.FetchResponse]


class Stream:
    """`listen` is asked before each response, and answers how to make the event of a change: None when it is not for
    this listener. `setup` says how often it speaks, `faults` end or silence it."""

    def __init__(
        self, topic: str, bus: Bus, place: int, listen: Callable[[], Teller], setup: Setup, faults: Faults
    ) -> None:
        self._topic = topic
        self._bus = bus
        self._place = place
        self._listen = listen
        self._setup = setup
        self._faults = faults
        self._credit = 0
        self._half_closed = False
        self._refusal: Refusal | None = None
        self._woken = asyncio.Event()
        self._postpone()

    def grant(self, request: wire.FetchRequest) -> None:
        """Add the request's credit. Only the first request of a call chooses topic and start."""
        if request.topic_name not in ("", self._topic):
            raise refusals.TOPIC_CHANGED
        if request.num_requested <= 0:
            raise refusals.NO_EVENTS_REQUESTED
        was_idle = self._credit == 0
        self._credit = min(MOST_CREDIT, self._credit + request.num_requested)
        if was_idle:
            self._postpone()

    def wake(self) -> None:
        """Look again: something happened."""
        self._woken.set()

    def cut(self) -> None:
        """Break off, as a lost connection does."""
        self._refusal = refusals.CUT
        self.wake()

    async def follow(self, requests: Requests) -> Responses:
        reading = asyncio.create_task(self._read(requests))
        try:
            async for response in self._responses():
                yield response
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

    async def _read(self, requests: Requests) -> None:
        try:
            async for request in requests:
                self.grant(request)
                self.wake()
        except Refusal as refusal:
            self._refusal = refusal
        self._half_closed = True
        self.wake()

    async def _responses(self) -> Responses:
        while True:
            self._woken.clear()
            if refusal := self._refusal or refusals.of(self._faults):
                raise refusal
            if self._faults.silent_streams:
                await self._pause()
            elif response := self._batch() or self._keepalive():
                self._postpone()
                yield response
            elif self._credit == 0 and (self._half_closed or self._is_due()):
                return
            else:
                await self._pause()

    def _batch(self) -> wire.FetchResponse | None:
        events: list[wire.ConsumerEvent] = []
        size = 0
        tell = self._listen()
        for place, change in self._bus.after(self._place):
            if len(events) >= min(self._credit, self._setup.events_per_response) or size > MOST_BYTES:
                break
            self._place = place
            if event := tell(place, change):
                events.append(event)
                size += len(event.event.payload)
        self._credit -= len(events)
        return self._response(events, events[-1].replay_id) if events else None

    def _keepalive(self) -> wire.FetchResponse | None:
        if self._credit == 0 or not self._is_due():
            return None
        self._place = max(self._place, self._bus.latest())
        return self._response([], replay_id(self._place))

    def _response(self, events: list[wire.ConsumerEvent], latest: bytes) -> wire.FetchResponse:
        return wire.FetchResponse(
            events=events, latest_replay_id=latest, rpc_id=str(uuid4()), pending_num_requested=self._credit
        )

    def _postpone(self) -> None:
        self._due = _now() + (self._setup.keepalive_ms if self._credit else self._setup.idle_ms) / 1000

    def _is_due(self) -> bool:
        return _now() >= self._due

    async def _pause(self) -> None:
        """Until something happens, or it is time to see whether something was switched or has arrived late."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GLANCE if self._is_due() else min(self._due - _now(), _GLANCE)):
                await self._woken.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
