"""Subscribing: against the twin for what an org does by itself, against a scripted server for what it does rarely."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from fastavro import parse_schema, schemaless_writer

from sidebar.salesforce import errors
from sidebar.salesforce.client import Access
from sidebar.salesforce.pubsub import CORRUPTED, Batch, Start, Stream
from sidebar.twin.certificate import certificate_in
from sidebar.twin.org import Actor
from sidebar.twin.run import Twin
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubServicer, add_PubSubServicer_to_server

pytestmark = pytest.mark.anyio

TOPIC = "/data/ContactChangeEvent"
ORG = "00D5e000000TEST1AA"
OLDER, NEWER = (
    (Path(__file__).parent / f"data/ContactChangeEvent.{month}.avsc").read_text() for month in ("2023-05", "2026-08")
)


@pytest.fixture
async def twin() -> AsyncIterator[Twin]:
    async with Twin(seed="empty", keepalive_ms=50) as twin:
        yield twin


@pytest.fixture
def people(twin: Twin) -> Callable[..., str]:
    """Makes a Contact in the org."""
    actor = Actor(twin.org.admin)
    return lambda last_name, **fields: twin.org.create(actor, "Contact", {"LastName": last_name, **fields})


def stream_of(twin: Twin) -> tuple[Stream, Access]:
    stream = Stream(twin.pubsub_endpoint, str(twin.ca_file), twin.org.id, TOPIC)
    return stream, Access(twin.instance_url, twin.org.grant(twin.org.admin))


async def first(stream: Stream, access: Access, wanted: int, **given: Any) -> list[Batch]:
    """Batches until so many events have come."""
    found: list[Batch] = []
    async with asyncio.timeout(10), aclosing(stream.subscribe(access, **given)) as batches:
        async for batch in batches:
            found.append(batch)
            if sum(len(each.events) for each in found) >= wanted:
                return found
    raise AssertionError("subscribe never ends")


def last_names(batches: list[Batch]) -> list[str]:
    return [event.values["Name"]["LastName"] for batch in batches for event in batch.events]  # type: ignore


async def test_events_come_in_order_each_once(twin: Twin, people: Callable[..., str]) -> None:
    ids = [people(f"Person {number}") for number in range(250)]
    batches = await first(*stream_of(twin), 250, start="earliest")
    events = [event for batch in batches for event in batch.events]
    assert [event.header.record_ids for event in events] == [(id,) for id in ids]
    assert batches[-1].latest_replay_id == events[-1].replay_id


async def test_a_quiet_topic_gives_a_replay_id_to_start_from(twin: Twin, people: Callable[..., str]) -> None:
    people("Before")
    stream, access = stream_of(twin)
    [quiet] = await first(stream, access, 0)
    assert quiet.events == ()
    people("After")
    assert last_names(await first(stream, access, 1, replay_id=quiet.latest_replay_id)) == ["After"]


async def test_an_event_made_while_listening_arrives(twin: Twin, people: Callable[..., str]) -> None:
    stream, access = stream_of(twin)
    async with asyncio.timeout(10), aclosing(stream.subscribe(access)) as batches:
        await anext(batches)
        people("Okafor", FirstName="Amara", Email="amara.okafor@brightloom.example")
        batch = await anext(each async for each in batches if each.events)
    assert batch.events[0].values["Email"] == "amara.okafor@brightloom.example"


async def test_a_spent_token_is_told_apart(twin: Twin) -> None:
    stream, access = stream_of(twin)
    twin.org.faults.switch({"expire_sessions": True})
    with pytest.raises(errors.Unauthorized):
        await first(stream, access, 0)


async def test_a_replay_id_nobody_gave_out_is_corrupted(twin: Twin) -> None:
    with pytest.raises(errors.StreamRefused) as refused:
        await first(*stream_of(twin), 0, replay_id=b"\1" * 10)
    assert refused.value.code == CORRUPTED
    assert refused.value.permanent


async def test_a_topic_that_does_not_exist_is_refused(twin: Twin) -> None:
    stream = Stream(twin.pubsub_endpoint, str(twin.ca_file), twin.org.id, "/data/Nonsense")
    with pytest.raises(errors.StreamRefused, match="Nonsense") as refused:
        await first(stream, stream_of(twin)[1], 0)
    assert refused.value.code == "topic.not.found"


async def test_an_unavailable_service_may_be_tried_again(twin: Twin) -> None:
    twin.org.faults.switch({"unavailable": True})
    with pytest.raises(errors.Unreachable):
        await first(*stream_of(twin), 0)


async def test_an_endpoint_where_nobody_answers_is_unreachable(twin: Twin) -> None:
    stream = Stream("localhost:1", str(twin.ca_file), twin.org.id, TOPIC)
    with pytest.raises(errors.Unreachable):
        await first(stream, stream_of(twin)[1], 0)


async def test_a_certificate_from_elsewhere_is_not_trusted(twin: Twin, tmp_path: Path) -> None:
    other = certificate_in(tmp_path).certificate
    stream = Stream(twin.pubsub_endpoint, str(other), twin.org.id, TOPIC)
    with pytest.raises(errors.Unreachable):
        await first(stream, stream_of(twin)[1], 0)


async def test_a_certificate_file_that_is_missing_is_named() -> None:
    with pytest.raises(errors.StreamRefused, match=r"nowhere\.pem"):
        await first(Stream("localhost:1", "nowhere.pem", ORG, TOPIC), Access("https://x.example", "t"), 0)


# A scripted server: what an org does rarely


@dataclass
class Script(PubSubServicer):  # type: ignore[misc]
    """Answers every Subscribe with `responses`, then waits for ever, ends in `ending`, or ends in peace."""

    responses: list[wire.FetchResponse] = field(default_factory=list)
    ending: tuple[grpc.StatusCode, str] | str = "wait"
    schemas: dict[str, str] = field(default_factory=dict)
    schema_failures: int = 0
    schema_calls: list[str] = field(default_factory=list)
    asked: list[wire.FetchRequest] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    credit: int = 0
    token: str = ""
    more: int = 0

    async def Subscribe(self, requests: AsyncIterator[wire.FetchRequest], context: Any) -> AsyncIterator[object]:
        self.metadata = dict(context.invocation_metadata())
        await self._grant(requests)
        for response in self.responses:
            self.credit -= len(response.events)
            response.pending_num_requested = self.credit
            yield response
            if self.credit <= 50:
                await self._grant(requests)
        if isinstance(self.ending, tuple):
            status, code = self.ending
            trailers = (("error-code", f"sfdc.platform.eventbus.grpc.{code}"),) if code else ()
            await context.abort(status, "No. rpcId: 1", trailers)
        if self.ending == "wait":
            async for request in requests:
                self.more += request.num_requested
            await asyncio.Event().wait()

    async def _grant(self, requests: AsyncIterator[wire.FetchRequest]) -> None:
        request = await anext(requests)
        self.asked.append(request)
        self.credit = min(100, self.credit + request.num_requested)

    async def GetSchema(self, request: wire.SchemaRequest, context: Any) -> wire.SchemaInfo:
        self.schema_calls.append(request.schema_id)
        if self.token not in ("", dict(context.invocation_metadata())["accesstoken"]):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "No.")
        if request.schema_id not in self.schemas:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "No.", (("error-code", "schema.validation.failed"),))
        if len(self.schema_calls) <= self.schema_failures:
            await context.abort(grpc.StatusCode.INTERNAL, "Try again later.")
        return wire.SchemaInfo(schema_json=self.schemas[request.schema_id], schema_id=request.schema_id)


@asynccontextmanager
async def playing(script: Script, folder: Path, *, silence: float = 300, busy: float = 20) -> AsyncIterator[Stream]:
    certificate = certificate_in(folder)
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    add_PubSubServicer_to_server(script, server)  # type: ignore[no-untyped-call]
    pair = (certificate.key.read_bytes(), certificate.certificate.read_bytes())
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    await server.start()
    yield Stream(f"localhost:{port}", str(certificate.certificate), ORG, TOPIC, silence=silence, busy=busy)
    await server.stop(None)


ACCESS = Access("https://org.example", "token-of-the-test")


def created(number: int, schema_id: str = "new", payload: bytes | None = None) -> wire.ConsumerEvent:
    event = wire.ProducerEvent(id=f"e{number}", schema_id=schema_id, payload=payload or written(NEWER, number))
    return wire.ConsumerEvent(event=event, replay_id=replay_id(number))


def written(schema: str, number: int) -> bytes:
    header = {
        "entityName": "Contact",
        "recordIds": [f"0035e0000000{number:03}AAA"],
        "changeType": "CREATE",
        "changeOrigin": "",
        "transactionKey": "t",
        "sequenceNumber": number,
        "commitTimestamp": 0,
        "commitNumber": 0,
        "commitUser": "",
        **{name: [] for name in ("nulledFields", "diffFields", "changedFields")},
    }
    source = BytesIO()
    body = {"ChangeEventHeader": header, "Name": {"LastName": f"Person {number}"}}
    schemaless_writer(source, parse_schema(json.loads(schema), named_schemas={}), body)
    return source.getvalue()


def replay_id(number: int) -> bytes:
    return number.to_bytes(8, "big") + b"\0\0"


def response(*events: wire.ConsumerEvent) -> wire.FetchResponse:
    return wire.FetchResponse(events=events, latest_replay_id=events[-1].replay_id if events else replay_id(999))


def in_tens(numbers: range) -> Iterator[wire.FetchResponse]:
    return (response(*(created(number) for number in numbers[start : start + 10])) for start in numbers[::10])


async def test_a_call_says_who_asks(tmp_path: Path) -> None:
    script = Script([response()])
    async with playing(script, tmp_path) as stream:
        await first(stream, ACCESS, 0)
    names = ("accesstoken", "instanceurl", "tenantid")
    assert [script.metadata[name] for name in names] == ["token-of-the-test", "https://org.example", ORG]


@pytest.mark.parametrize(
    ("given", "start", "preset"),
    [(None, "latest", wire.LATEST), (None, "earliest", wire.EARLIEST), (b"\7" * 10, "latest", wire.CUSTOM)],
)
async def test_a_stream_starts_where_it_is_told(
    tmp_path: Path, given: bytes | None, start: Start, preset: wire.ReplayPreset
) -> None:
    script = Script([response()])
    async with playing(script, tmp_path) as stream:
        await first(stream, ACCESS, 0, replay_id=given, start=start)
    [request] = script.asked
    assert (request.replay_preset, request.replay_id, request.num_requested) == (preset, given or b"", 100)


async def test_credit_is_asked_for_before_it_runs_out(tmp_path: Path) -> None:
    """The server would end a stream without credit within a minute."""
    script = Script(list(in_tens(range(300))), schemas={"new": NEWER})
    async with playing(script, tmp_path) as stream:
        assert len(last_names(await first(stream, ACCESS, 300))) == 300
    assert [request.num_requested for request in script.asked[1:]] == [50] * (len(script.asked) - 1)
    assert len(script.asked) == 7


async def test_each_event_is_read_with_the_schema_it_names(tmp_path: Path) -> None:
    older = created(1, "old", written(OLDER, 1))
    script = Script([response(older, created(2), older)], schemas={"old": OLDER, "new": NEWER})
    async with playing(script, tmp_path) as stream:
        [batch] = await first(stream, ACCESS, 3)
    assert ["Suffix" in event.values["Name"] for event in batch.events] == [True, False, True]  # type: ignore
    assert script.schema_calls == ["old", "new"]


async def test_a_schema_once_met_is_kept_over_subscriptions(tmp_path: Path) -> None:
    script = Script([response(created(1))], schemas={"new": NEWER})
    async with playing(script, tmp_path) as stream:
        await first(stream, ACCESS, 1)
        await first(stream, ACCESS, 1)
    assert script.schema_calls == ["new"]


async def test_a_schema_that_does_not_come_at_once_is_asked_for_again(tmp_path: Path) -> None:
    script = Script([response(created(1), created(2))], schemas={"new": NEWER}, schema_failures=1)
    async with playing(script, tmp_path) as stream:
        assert last_names(await first(stream, ACCESS, 2)) == ["Person 1", "Person 2"]
    assert script.schema_calls == ["new", "new"]


async def test_an_event_nobody_can_read_is_named_and_the_others_come(tmp_path: Path) -> None:
    """It must not be skipped in silence, nor stop the stream for ever. Perhaps its schema was at fault: that is asked
    for once more."""
    broken = created(2, payload=written(NEWER, 2) + b"\0")
    script = Script([response(created(1), broken, created(3))], schemas={"new": NEWER})
    async with playing(script, tmp_path) as stream:
        [batch] = await first(stream, ACCESS, 2)
    assert [event.id for event in batch.events] == ["e1", "e3"]
    assert (batch.unreadable, batch.latest_replay_id) == (("e2",), replay_id(3))
    assert script.schema_calls == ["new", "new", "new"]


async def test_a_position_is_never_ahead_of_what_has_come(tmp_path: Path) -> None:
    ahead = wire.FetchResponse(events=[created(1), created(2)], latest_replay_id=replay_id(500))
    nameless = wire.FetchResponse(events=[without_replay_id(3)], latest_replay_id=replay_id(501))
    async with playing(Script([ahead, nameless], schemas={"new": NEWER}), tmp_path) as stream:
        batches = await first(stream, ACCESS, 3)
    assert [batch.latest_replay_id for batch in batches] == [replay_id(2), replay_id(501)]


def without_replay_id(number: int) -> wire.ConsumerEvent:
    return wire.ConsumerEvent(event=created(number).event)


async def test_a_schema_that_is_refused_stops_the_stream_only_so_often(tmp_path: Path) -> None:
    script = Script([response(created(1), created(2, "gone"))], schemas={"new": NEWER})
    async with playing(script, tmp_path) as stream:
        for _ in range(2):
            with pytest.raises(errors.StreamRefused):
                await first(stream, ACCESS, 1)
        [batch] = await first(stream, ACCESS, 1)
    assert batch.unreadable == ("e2",)


async def test_a_schema_is_asked_for_with_a_new_token_where_the_session_has_ended(tmp_path: Path) -> None:
    """A stream outlives its session; it goes on with the renewed one."""
    script = Script([response(created(1)), response(created(2))], schemas={"new": NEWER}, token="renewed")
    refused: list[Access] = []

    async def renew(access: Access) -> Access:
        refused.append(access)
        return Access(access.instance_url, "renewed")

    async with playing(script, tmp_path) as stream:
        assert last_names(await first(stream, ACCESS, 2, renew=renew)) == ["Person 1", "Person 2"]
    assert refused == [ACCESS]


async def test_credit_is_asked_for_while_a_response_is_worked_on(tmp_path: Path) -> None:
    """Responses that wait to be read may have used it up, and a minute without it ends the stream."""
    script = Script([response(created(1))], schemas={"new": NEWER})
    async with playing(script, tmp_path, busy=0.05) as stream, aclosing(stream.subscribe(ACCESS)) as batches:
        await anext(batches)
        await asyncio.sleep(0.3)
    assert script.more >= 2


async def test_a_silent_stream_is_given_up(tmp_path: Path) -> None:
    async with playing(Script([response()]), tmp_path, silence=0.2) as stream:
        with pytest.raises(errors.Unreachable, match="silent"):
            await first(stream, ACCESS, 1)


async def test_a_stream_that_ends_in_peace_may_be_opened_again(tmp_path: Path) -> None:
    async with playing(Script([response()], ending="peace"), tmp_path) as stream:
        with pytest.raises(errors.Unreachable, match="ended"):
            await first(stream, ACCESS, 1)


S = grpc.StatusCode


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (S.UNAUTHENTICATED, "service.auth.error", errors.Unauthorized),
        (S.INTERNAL, "service.unavailable", errors.Unreachable),
        (S.UNAVAILABLE, "topic.api.unavailable", errors.Unreachable),
        (S.UNAVAILABLE, "something.new", errors.Unreachable),
        (S.RESOURCE_EXHAUSTED, "subscription.limit.exceeded", errors.LimitExceeded),
        (S.UNKNOWN, "service.protection.triggered", errors.LimitExceeded),
        (S.INVALID_ARGUMENT, CORRUPTED, errors.StreamRefused),
        (S.PERMISSION_DENIED, "subscription.topic.cannot.subscribe", errors.StreamRefused),
        (S.UNKNOWN, "schema.meta.permission", errors.StreamRefused),
        (S.NOT_FOUND, "topic.not.found", errors.StreamRefused),
        (S.UNKNOWN, "service.tenant.license", errors.StreamRefused),
        (S.UNAVAILABLE, "", errors.Unreachable),
        (S.INTERNAL, "", errors.Unreachable),
        (S.UNAUTHENTICATED, "", errors.Unauthorized),
    ],
)
async def test_an_error_goes_by_its_code(
    tmp_path: Path, status: grpc.StatusCode, code: str, kind: type[errors.SalesforceError]
) -> None:
    async with playing(Script(ending=(status, code)), tmp_path) as stream:
        with pytest.raises(kind) as raised:
            await first(stream, ACCESS, 1)
    assert (type(raised.value), raised.value.code) == (kind, code)
    assert "rpcId" in raised.value.message
