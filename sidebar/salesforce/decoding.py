"""Events as they come over the wire, read with the schemas they name. Each schema is asked for once and kept.

Must not know where a stream starts, nor what the events are for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import grpc
import grpc.aio

from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import Refused, StreamRefused, Unauthorized, Unreachable
from sidebar.salesforce.refusals import from_rpc
from sidebar.salesforce.schema import Event, Schema
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

SCHEMA_TRIES = 4
SCHEMA_SECONDS = 30
REFUSALS = 3
"""So often a schema may be refused before its events are passed over: the stream must not stand still for ever."""

Renewer: TypeAlias = Callable[[Access], Awaitable[Access]]
"""Told the access that has just been refused, it gives a newer one."""


@dataclass(slots=True)
class Session:
    """How one subscription talks to the org. Its access may be renewed while the stream goes on: sessions end, streams
    do not."""

    stub: PubSubStub
    org_id: str
    access: Access
    renew: Renewer | None = None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        url = self.access.instance_url
        return (("accesstoken", self.access.token), ("instanceurl", url), ("tenantid", self.org_id))


class Decoder:
    """Of one org's topic, over any number of subscriptions."""

    def __init__(self) -> None:
        self._schemas: dict[str, Schema] = {}  # an id is a hash of its schema, so what it names never changes
        self._refusals: dict[str, int] = {}

    async def event(self, session: Session, received: wire.ConsumerEvent) -> Event | None:
        """None for an event nobody can read. Raises what asking for its schema does."""
        for _ in range(2):
            try:
                schema = await self._schema(session, received.event.schema_id)
                return schema.event(received.event.id, received.replay_id, received.event.payload)
            except Refused:
                self._schemas.pop(received.event.schema_id, None)  # perhaps it was the schema
            except StreamRefused:
                if self._may_wait(received.event.schema_id):
                    raise
        return None

    def _may_wait(self, schema_id: str) -> bool:
        self._refusals[schema_id] = self._refusals.get(schema_id, 0) + 1
        return self._refusals[schema_id] < REFUSALS

    async def _schema(self, session: Session, id: str) -> Schema:
        if id not in self._schemas:
            self._schemas[id] = Schema(await _asked(session, id))
            self._refusals.pop(id, None)
        return self._schemas[id]


async def _asked(session: Session, id: str) -> str:
    """Events wait for their schema: one that was passed over would have to be found by reading all records."""
    for tries in range(1, SCHEMA_TRIES + 1):
        try:
            return await _get(session, id)
        except Unauthorized:
            if session.renew is None or tries == SCHEMA_TRIES:
                raise
            session.access = await session.renew(session.access)
        except Unreachable:
            if tries == SCHEMA_TRIES:
                raise
            await asyncio.sleep(0.1 * 4**tries)
    raise AssertionError("the last try returns or raises")


async def _get(session: Session, id: str) -> str:
    request = wire.SchemaRequest(schema_id=id)
    try:
        found = await session.stub.GetSchema(request, metadata=session.metadata, timeout=SCHEMA_SECONDS)
    except grpc.aio.AioRpcError as problem:
        raise from_rpc(problem) from problem
    return str(found.schema_json)
