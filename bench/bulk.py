"""Many rows into a twin by Bulk API 2.0, and the change event of each to one listener, beside a bare loop."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import httpx

from bench.figures import Figure, compared
from bench.process import Process
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

_BARE = "a loop in the same process that encodes the same events with fastavro and sends them over gRPC, same run"
_CREDIT = 100
_PATIENCE = 60  # seconds: events that do not come end the bench instead of holding it
_GLANCE = 0.05


async def measure(twin: Process, rows: int, rounds: int) -> list[Figure]:
    """The twin first, then the bare loop with what the twin has just told; in turns."""
    kept, told, bare = list[float](), list[float](), list[float]()
    for number in range(rounds):
        complete, heard = await _written(twin, rows, number)
        kept.append(rows / complete)
        told.append(rows / heard)
        await twin.tell(str(rows))
        async with _listening(twin, "bare_endpoint", rows) as heard_all:
            began = time.perf_counter()
            bare.append(rows / (await heard_all - began))
    what = f"{rows:,} rows by Bulk API 2.0, from the end of the upload until"
    return [
        compared("twin_bulk_rows", f"{what} the job is complete", "rows/s", kept, bare, _BARE),
        compared("twin_bulk_events", f"{what} the last event is heard", "events/s", told, bare, _BARE),
    ]


async def _written(twin: Process, rows: int, number: int) -> tuple[float, float]:
    """Seconds until the job is complete, and until the last event is heard."""
    ingest = f"http://localhost:{twin.port}/services/data/v67.0/jobs/ingest"
    bearer = {"Authorization": f"Bearer {twin.told['access_token']}"}
    async with httpx.AsyncClient(headers=bearer) as http, _listening(twin, "pubsub_endpoint", rows) as heard_all:
        made = await http.post(ingest, json={"object": "Contact", "operation": "insert"})
        job = f"{ingest}/{made.json()['id']}"
        await http.put(f"{job}/batches", content=_csv(rows, number), headers={"Content-Type": "text/csv"})
        began = time.perf_counter()
        state = (await http.patch(job, json={"state": "UploadComplete"})).json()
        while state["state"] in ("UploadComplete", "InProgress"):
            await asyncio.sleep(_GLANCE)
            state = (await http.get(job)).json()
        complete = time.perf_counter() - began
        if state["numberRecordsProcessed"] - state["numberRecordsFailed"] != rows:
            raise RuntimeError(f"The bulk job ended so: {state}")
        return complete, await heard_all - began


def _csv(rows: int, number: int) -> str:
    people = (f"Ada,Bulk {row},bulk.{number}.{row}@bulk.example,+44 20 7946 {row:05}\n" for row in range(rows))
    return "FirstName,LastName,Email,Phone\n" + "".join(people)


@asynccontextmanager
async def _listening(twin: Process, door: str, wanted: int) -> AsyncIterator[asyncio.Task[float]]:
    """Subscribed; the task's result is the moment at which so many events have been heard."""
    told = twin.told
    names = {"accesstoken": "access_token", "instanceurl": "instance_url", "tenantid": "organization_id"}
    async with grpc.aio.insecure_channel(told[door]) as channel, asyncio.timeout(_PATIENCE):
        await channel.channel_ready()  # lest the first change be there before we are
        call = PubSubStub(channel).Subscribe(metadata=tuple((key, told[name]) for key, name in names.items()))
        await call.write(wire.FetchRequest(topic_name="/data/ContactChangeEvent", num_requested=_CREDIT))
        yield asyncio.create_task(_heard(call, wanted))


async def _heard(call: Any, wanted: int) -> float:
    count = 0
    while count < wanted:
        events = len((await call.read()).events)
        count += events
        if events:
            await call.write(wire.FetchRequest(num_requested=events))
    return time.perf_counter()
