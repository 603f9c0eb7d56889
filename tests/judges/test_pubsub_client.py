"""An independent judge: salesforce-pubsub-api-client, on Node, listening to the twin over TLS."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sidebar.twin import Twin
from sidebar.twin.org import Actor
from tests.judges.conftest import Console, console

pytestmark = pytest.mark.anyio

TOPIC = "/data/ContactChangeEvent"


@pytest.fixture(scope="module")
async def js(twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    async with console("pubsub.mjs", tmp_path_factory.mktemp("js") / "stderr", TWIN=twin.first_line()) as js:
        yield js


async def listen(js: Console, name: str, *start: object, topic: str = TOPIC) -> None:
    """Subscribe, and wait until the stream has spoken: a change made before that may be missed."""
    await js("subscribe(name, topic, ...start)", name=name, topic=topic, start=start)
    if not start:
        await js("next(name, 'grpcKeepAlive')", name=name)


async def heard(js: Console, name: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """The next event: its replay id, header and fields."""
    told = await js("next(name, 'event', 'error')", name=name)
    assert told["kind"] == "event", told
    payload = told["payload"]
    return told["replayId"], payload.pop("ChangeEventHeader"), payload


def make(twin: Twin, **fields: Any) -> str:
    return twin.org.create(Actor(twin.org.colleague), "Contact", {"LastName": "Somebody", **fields})


async def test_a_life_is_heard_with_the_fields_that_changed(js: Console, twin: Twin) -> None:
    await listen(js, "life")
    id_ = make(twin, FirstName="Inès", LastName="Lefèvre", Email="ines@atelier.example")
    _, header, fields = await heard(js, "life")
    assert (header["entityName"], header["changeType"], header["recordIds"]) == ("Contact", "CREATE", [id_])
    assert (header["changedFields"], header["commitUser"]) == ([], twin.org.colleague.id)
    assert (fields["Name"]["LastName"], fields["Email"]) == ("Lefèvre", "ines@atelier.example")
    twin.org.update(Actor(twin.org.admin), "Contact", id_, {"Title": "CEO", "Email": None, "LastName": "Lefebvre"})
    _, header, fields = await heard(js, "life")
    assert header["changeType"] == "UPDATE"
    assert set(header["changedFields"]) == {"Title", "Email", "Name.LastName", "LastModifiedDate", "LastModifiedById"}
    assert header["nulledFields"] == ["Email"]
    assert (fields["Title"], fields["Email"], fields["Phone"]) == ("CEO", None, None)
    twin.org.delete(Actor(twin.org.admin), "Contact", id_)
    _, header, _ = await heard(js, "life")
    assert (header["changeType"], header["recordIds"], header["changedFields"]) == ("DELETE", [id_], [])


async def test_a_listener_resumes_after_the_replay_id_it_gives(js: Console, twin: Twin) -> None:
    """The client sends eight of its ten bytes; real orgs take them."""
    await listen(js, "first")
    ids = [make(twin, LastName=f"Resumed {n}") for n in range(3)]
    places = [(await heard(js, "first"))[0] for _ in ids]
    assert places == sorted(set(places))
    await listen(js, "resumed", places[0])
    again = [await heard(js, "resumed") for _ in ids[1:]]
    assert [(place, header["recordIds"]) for place, header, _ in again] == [
        (place, [id_]) for place, id_ in zip(places[1:], ids[1:], strict=True)
    ]


async def test_the_earliest_event_is_where_the_last_days_begin(js: Console, twin: Twin) -> None:
    await listen(js, "earliest", "EARLIEST")
    make(twin)
    known = [change for change in twin.org.changes if change.object == "Contact"]
    places = [(await heard(js, "earliest"))[0] for _ in known]
    assert places == sorted(set(places))


async def test_a_client_asks_for_more_when_its_hundred_are_used_up(js: Console, twin: Twin) -> None:
    await listen(js, "busy")
    ids = [make(twin, LastName=f"Busy {n}") for n in range(230)]
    assert [(await heard(js, "busy"))[1]["recordIds"][0] for _ in ids] == ids


async def test_a_quiet_stream_is_kept_alive_with_a_place_to_resume_from(js: Console, twin: Twin) -> None:
    await listen(js, "quiet")
    told = await js("next('quiet', 'grpcKeepAlive')")
    id_ = make(twin)
    await listen(js, "after the quiet", told["lastReplayId"])
    assert (await heard(js, "after the quiet"))[1]["recordIds"] == [id_]


async def test_a_custom_field_added_meanwhile_is_in_the_next_event(js: Console, twin: Twin) -> None:
    """The schema of the topic changes under the listener: the next event names a schema it has not seen."""
    await listen(js, "growing")
    before = make(twin)
    twin.org.add_field("Contact", name="Loyalty__c", label="Loyalty", type="string")
    after = make(twin, Loyalty__c="Gold")
    _, header, fields = await heard(js, "growing")
    assert (header["recordIds"], "Loyalty__c" in fields) == ([before], False)
    _, header, fields = await heard(js, "growing")
    assert (header["recordIds"], fields["Loyalty__c"]) == ([after], "Gold")
    twin.org.update(Actor(twin.org.admin), "Contact", after, {"Loyalty__c": None})
    _, header, fields = await heard(js, "growing")
    assert header["nulledFields"] == ["Loyalty__c"]
    await listen(js, "grown", "EARLIEST")
    for _ in [change for change in twin.org.changes if change.object == "Contact"]:
        await heard(js, "grown")


@pytest.mark.parametrize(
    ("start", "topic", "trailer"),
    [
        ([12_345], TOPIC, "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted"),
        ([], "/data/SpaceshipChangeEvent", "sfdc.platform.eventbus.grpc.topic.not.found"),
        ([None, None, "00D5e000000TWIN!not-a-session"], TOPIC, "sfdc.platform.eventbus.grpc.service.auth.error"),
    ],
)
async def test_a_refusal_arrives_with_its_code(js: Console, start: list[object], topic: str, trailer: str) -> None:
    await js("subscribe(trailer, topic, ...start)", topic=topic, start=start, trailer=trailer)
    told = await js("next(trailer, 'error', 'event')", trailer=trailer)
    assert (told["kind"], told["trailer"]) == ("error", trailer)
    assert "rpcId:" in told["message"]
