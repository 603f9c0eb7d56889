"""A whole twin started and stopped inside a test's loop, as the demo does it."""

import asyncio
import json
import socket
import ssl
import stat
import time
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest

from sidebar.twin.org import Actor
from sidebar.twin.run import Twin, serve_twin
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

pytestmark = pytest.mark.anyio
TOPIC = "/data/ContactChangeEvent"


def channel_to(line: dict[str, Any]) -> grpc.aio.Channel:
    if not line["pubsub_tls"]:
        return grpc.aio.insecure_channel(line["pubsub_endpoint"])
    root = Path(line["ca_file"]).read_bytes()
    return grpc.aio.secure_channel(line["pubsub_endpoint"], grpc.ssl_channel_credentials(root))


def metadata(line: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("accesstoken", line["access_token"]),
        ("instanceurl", line["instance_url"]),
        ("tenantid", line["organization_id"]),
    )


async def test_the_first_line_opens_every_door():
    async with Twin(contacts=20) as twin:
        line = twin.first_line()
        assert list(line) == [
            "instance_url",
            "access_token",
            "organization_id",
            "user_id",
            "username",
            "password",
            "client_id",
            "client_secret",
            "pubsub_endpoint",
            "pubsub_tls",
            "ca_file",
        ]
        bearer = {"Authorization": f"Bearer {line['access_token']}"}
        async with httpx.AsyncClient(base_url=str(line["instance_url"]), headers=bearer) as http:
            described = await http.get("/services/data/v67.0/sobjects/Contact/describe")
            assert described.json()["name"] == "Contact"
            assert "20 records" in (await http.get("/lightning/o/Contact/list")).text
        async with channel_to(line) as channel:
            request = wire.TopicRequest(topic_name=TOPIC)
            info = await PubSubStub(channel).GetTopic(request, metadata=metadata(line))
            assert info.topic_name == TOPIC


async def test_a_write_over_rest_reaches_a_subscriber():
    async with Twin(seed="empty") as twin:
        line = twin.first_line()
        async with channel_to(line) as channel, httpx.AsyncClient(base_url=twin.instance_url) as http:
            call = PubSubStub(channel).Subscribe(metadata=metadata(line))
            await call.write(wire.FetchRequest(topic_name=TOPIC, num_requested=1, replay_preset=wire.EARLIEST))
            answer = await http.post(
                "/services/data/v67.0/sobjects/Contact",
                json={"LastName": "Lefèvre"},
                headers={"Authorization": f"Bearer {line['access_token']}"},
            )
            assert answer.status_code == 201
            async with asyncio.timeout(5):
                response = await call.read()
            assert answer.json()["id"].encode() in response.events[0].event.payload


async def test_http_can_have_tls_too():
    async with Twin(seed="empty", tls=True) as twin:
        assert twin.instance_url.startswith("https://localhost:")
        trusted = ssl.create_default_context(cafile=twin.ca_file)
        trusted.verify_flags |= ssl.VERIFY_X509_STRICT
        async with httpx.AsyncClient(verify=trusted) as http:
            for host in ("localhost", "127.0.0.1"):
                answer = await http.get(twin.instance_url.replace("localhost", host) + "/services/data/")
                assert answer.status_code == 200


async def test_grpc_can_be_plain():
    async with Twin(seed="empty", grpc_plain=True) as twin:
        line = twin.first_line()
        assert line["pubsub_tls"] is False
        async with channel_to(line) as channel:
            request = wire.TopicRequest(topic_name=TOPIC)
            await PubSubStub(channel).GetTopic(request, metadata=metadata(line))


async def test_taken_ports_are_replaced_by_free_ones():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        taken = {one.getsockname()[1], other.getsockname()[1]}
        http_port, grpc_port = taken
        async with Twin(seed="empty", http_port=http_port, grpc_port=grpc_port) as twin:
            given = {int(place.rpartition(":")[2]) for place in (twin.instance_url, twin.pubsub_endpoint)}
            assert len(given) == 2
            assert not given & taken


async def test_with_a_folder_the_org_outlives_the_run(tmp_path: Path):
    async with Twin(contacts=12, folder=tmp_path) as twin:
        contact = twin.org.create(Actor(twin.org.admin), "Contact", {"LastName": "Lefèvre"})
        line = twin.first_line()
        certificate = twin.ca_file.read_bytes()
    async with Twin(contacts=12, folder=tmp_path) as twin:
        assert twin.org.row("Contact", contact)
        assert len(list(twin.org.rows("Contact"))) == 13
        assert twin.org.session(str(line["access_token"]))
        assert twin.org.client_secret == line["client_secret"]
        assert twin.ca_file.read_bytes() == certificate
    assert stat.S_IMODE((tmp_path / "twin-key.pem").stat().st_mode) == 0o600


async def test_an_empty_org_has_users_and_nobody_else():
    async with Twin(seed="empty") as twin:
        assert [list(twin.org.rows(name)) for name in ("Contact", "Account")] == [[], []]
        assert len(list(twin.org.rows("User"))) == 3


async def test_it_stops_at_once_with_streams_open():
    async with Twin(seed="empty") as twin:
        line = twin.first_line()
        channel = channel_to(line)
        call = PubSubStub(channel).Subscribe(metadata=metadata(line))
        await call.write(wire.FetchRequest(topic_name=TOPIC, num_requested=1))
        http = httpx.AsyncClient()
        await http.get(twin.instance_url)
        before = time.monotonic()
    assert time.monotonic() - before < 2
    with pytest.raises(grpc.aio.AioRpcError):
        await call.read()
    await http.aclose()
    await channel.close()


async def test_the_command_prints_one_line_and_runs_until_it_is_cancelled(capsys: pytest.CaptureFixture[str]):
    running = asyncio.create_task(serve_twin(Twin(seed="empty"), as_json=True))
    printed = ""
    async with asyncio.timeout(5):
        while "\n" not in printed:
            await asyncio.sleep(0.02)
            printed += capsys.readouterr().out
    line = json.loads(printed)
    async with httpx.AsyncClient() as http:
        assert (await http.get(line["instance_url"] + "/services/data/")).status_code == 200
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(FileNotFoundError):
        ssl.create_default_context(cafile=line["ca_file"])


async def test_a_client_that_goes_away_in_mid_request_is_no_accident(caplog: pytest.LogCaptureFixture) -> None:
    async with Twin(seed="empty") as twin:
        line = twin.first_line()
        port = int(str(line["instance_url"]).rpartition(":")[2])
        for path in ("/services/data/v60.0/sobjects/Contact", "/services/oauth2/token", "/twin/faults"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{{".encode())
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.05)
    assert caplog.records == []
