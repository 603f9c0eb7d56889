"""A process of its own: the bare loop that hears change events. It subscribes by gRPC and decodes with fastavro, and
that is all.

Settings come from the environment, as the twin tells them. Each line on standard input says how many
events are to be read by then, counted from the first of all; the answer is a Stretch as JSON.
"""

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import uvloop
from fastavro import parse_schema, schemaless_reader

from bench.process import listen_to_orders
from bench.stretch import Stretch
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

TOPIC = "/data/ContactChangeEvent"
_CREDIT = 100


class Reader:
    def __init__(self) -> None:
        told = os.environ
        self._endpoint, self._ca_file = told["ENDPOINT"], Path(told["CA_FILE"])
        self._metadata = tuple((name, told[name.upper()]) for name in ("accesstoken", "instanceurl", "tenantid"))
        self._schemas: dict[str, Any] = {}
        self._replay_id, self._count = b"", 0

    async def read(self, order: str) -> str:
        before, wanted = self._count, int(order)
        began, cpu = time.perf_counter(), time.process_time()
        async with self._subscribed() as (stub, call):
            while self._count < wanted:
                await self._take_in(stub, call, await call.read())
            stretch = Stretch(self._count - before, time.perf_counter() - began, time.process_time() - cpu)
        return json.dumps(asdict(stretch))

    async def _take_in(self, stub: PubSubStub, call: Any, response: wire.FetchResponse) -> None:
        for each in response.events:
            await self._decode(stub, each.event)
        self._count += len(response.events)
        self._replay_id = response.latest_replay_id
        await call.write(wire.FetchRequest(num_requested=max(1, len(response.events))))

    @asynccontextmanager
    async def _subscribed(self) -> AsyncIterator[tuple[PubSubStub, Any]]:
        secure = grpc.ssl_channel_credentials(self._ca_file.read_bytes())
        async with grpc.aio.secure_channel(self._endpoint, secure) as channel:
            stub = PubSubStub(channel)  # type: ignore[no-untyped-call]
            call = stub.Subscribe(metadata=self._metadata)
            preset = wire.CUSTOM if self._replay_id else wire.EARLIEST
            first = wire.FetchRequest(
                topic_name=TOPIC, replay_preset=preset, replay_id=self._replay_id, num_requested=_CREDIT
            )
            await call.write(first)
            yield stub, call

    async def _decode(self, stub: PubSubStub, event: wire.ProducerEvent) -> None:
        schema = self._schemas.get(event.schema_id)
        if schema is None:
            request = wire.SchemaRequest(schema_id=event.schema_id)
            found = await stub.GetSchema(request, metadata=self._metadata)
            schema = self._schemas[event.schema_id] = parse_schema(json.loads(found.schema_json), named_schemas={})
        schemaless_reader(BytesIO(event.payload), schema, None)


async def main() -> None:
    await listen_to_orders(0, Reader().read)


if __name__ == "__main__":
    uvloop.run(main())
