"""A process of its own: a twin with as many contacts as CONTACTS says, timed and weighed while it is filled.

Beside the twin it serves the least that could send events: out of a list, encoded with fastavro, over gRPC. A line on
standard input is how many of the twin's latest changes stand in that list from then on.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import grpc.aio
import psutil  # type: ignore[import-untyped]
from fastavro import schemaless_reader, schemaless_writer

from bench.process import listen_to_orders
from sidebar.twin import Twin
from sidebar.twin.events.payload import encode
from sidebar.twin.events.schemas import edition
from sidebar.twin.org import Org
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubServicer, add_PubSubServicer_to_server

_ENOUGH_CALLS = 10**9


class BareEvents(PubSubServicer):
    def __init__(self, org: Org) -> None:
        self._org = org
        self._schema = edition(org.sobject("Contact"))
        self._events: list[Any] = []

    def learn(self, order: str) -> None:
        payloads = (encode(self._schema, change) for change in self._org.changes[-int(order) :])
        self._events = [schemaless_reader(BytesIO(payload), self._schema.parsed, None) for payload in payloads]

    async def Subscribe(
        self, requests: AsyncIterator[wire.FetchRequest], _: object
    ) -> AsyncIterator[wire.FetchResponse]:
        waiting = iter(self._events)
        async for request in requests:
            yield wire.FetchResponse(events=map(self._event, islice(waiting, request.num_requested)))

    def _event(self, event: Any) -> wire.ConsumerEvent:
        payload = BytesIO()
        schemaless_writer(payload, self._schema.parsed, event)
        return wire.ConsumerEvent(event=wire.ProducerEvent(payload=payload.getvalue()), replay_id=bytes(10))


async def main() -> None:
    empty, began = psutil.Process().memory_info().rss, time.perf_counter()
    async with Twin(contacts=int(os.environ["CONTACTS"]), grpc_plain=True) as twin:
        cost = {"seconds": time.perf_counter() - began, "bytes": psutil.Process().memory_info().rss - empty}
        twin.org.setup.daily_limit = _ENOUGH_CALLS
        bare, server = BareEvents(twin.org), grpc.aio.server()
        add_PubSubServicer_to_server(bare, server)
        told = {**twin.first_line(), **cost, "bare": _as_json(twin.org)}
        told["bare_endpoint"] = f"localhost:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        await listen_to_orders(urlsplit(twin.instance_url).port or 0, bare.learn, **told)
        await server.stop(None)


def _as_json(org: Org) -> Mapping[str, float]:
    """The same contacts as JSON texts: how many bytes they are, and how long it takes to read them into dicts."""
    size, seconds = 0, 0.0
    for row in org.tables["Contact"].live.values():
        text = json.dumps(row)
        began = time.perf_counter()
        json.loads(text)
        seconds += time.perf_counter() - began
        size += len(text)
    return {"bytes": size, "seconds": seconds}


if __name__ == "__main__":
    asyncio.run(main())
