"""An open panel hears of changes, over a real socket: what this workspace shows and may see, and how current it is."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from sidebar.app import compose
from sidebar.mirror import CONTACTS
from sidebar.process import client, listen, serving
from sidebar.stage import Stage, stage
from sidebar.store import positions, sweeps, workspaces
from sidebar.store.positions import State
from sidebar.store.workspaces import Switches
from sidebar.twin.org import Actor
from sidebar.web.watches import MOST
from sidebar.worker import Pace
from tests.conftest import fresh_postgresql
from tests.listening import Clock, until

pytestmark = pytest.mark.anyio

PACE = Pace(look=0.5, lease=60, first_wait=0.05, longest_wait=0.2, settle=0, glance=0.2, pause=0)
PATIENCE = 20  # seconds; what is waited for comes at once
AMARA, OWEN = "amara.okafor@brightloom.example", "owen.gallagher@shamrock.example"


@dataclass
class Told:
    """What one panel is sent, as it comes."""

    events: "asyncio.Queue[tuple[str, dict[str, Any]]]" = field(default_factory=asyncio.Queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0

    async def next(self, kind: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while True:
                heard, data = await self.events.get()
                if heard == kind and fits(data):
                    return data

    async def change_of(self, name: str) -> dict[str, Any]:
        """The line of that field, the next time it is sent after the first state of all."""
        data = await self.next(
            "changed", lambda data: not data["first"] and any(line["field"] == name for line in data["lines"])
        )
        return next(line for line in data["lines"] if line["field"] == name)


@dataclass
class Panel:
    """An agent's panel on one conversation; `record` is whom it shows."""

    http: httpx.AsyncClient
    url: str
    token: Callable[..., str]
    headers: dict[str, str] = field(default_factory=dict)
    record: str = ""

    async def open(self, email: str, **claims: object) -> str:
        token = self.token(customer={"emails": [email]}, **claims)
        ours = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
        answer = await self.http.post(f"{self.url}/match", data={"token": token}, headers=ours)
        assert answer.status_code == 200, answer.text
        self.headers = {**ours, "Sidebar-Context": answer.headers["Sidebar-Context"]}
        self.record = answer.text.split('data-record="')[1].split('"')[0]
        return answer.text

    async def save(self, name: str, value: str, saw: object) -> httpx.Response:
        fields = {"name": name, "value": value, "saw": json.dumps(saw)}
        return await self.http.post(f"{self.url}/contact/{self.record}/field", data=fields, headers=self.headers)

    @asynccontextmanager
    async def listening(self, record: str = "") -> AsyncIterator[Told]:
        told = Told()
        task = asyncio.create_task(self._listen(told, record or self.record))
        try:
            yield told
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, told: Told, record: str) -> None:
        address = f"{self.url}/live?record={record}"
        async with self.http.stream("GET", address, headers=self.headers, timeout=30) as answer:
            told.status = answer.status_code
            kind = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                if line.startswith("data: "):
                    told.events.put_nowait((kind, json.loads(line.removeprefix("data: "))))
        told.ended.set()


@dataclass
class Place:
    """A running stage, and panels on it."""

    stage: Stage
    http: httpx.AsyncClient
    clock: Clock

    async def panel(self, email: str = AMARA, *, url: str = "", **claims: object) -> Panel:
        ready = self.stage
        base = url or ready.house.settings.public_url
        panel = Panel(self.http, f"{base}/h/generic/{ready.workspace.key}", self.token)
        await panel.open(email, **claims)
        return panel

    def token(self, **claims: object) -> str:
        now = self.clock() // 1000
        key = self.stage.workspace.key
        plain = {"aud": key, "exp": now + 300, "sub": "agent-7", "conversation": "c-1", "name": "Kim Doe"}
        return jwt.encode({**plain, **claims}, self.stage.host_secret, "HS256")

    def change(self, id: str, **fields: Any) -> None:
        """What somebody does on the record's page in Salesforce."""
        org = self.stage.twin.org
        org.update(Actor(org.colleague), "Contact", id, fields)

    def asked(self) -> int:
        return sum(self.stage.house.orgs.outcomes.values())

    async def walked(self) -> None:
        """Until our copy has everybody."""

        async def are_done() -> bool:
            async with self.stage.house.database.read() as connection:
                walk = await sweeps.of(connection, self.stage.twin.org.id)
            return walk is not None and not walk.runs

        await until(are_done)

    async def stream(self) -> State:
        """How far the change stream has been taken in."""
        async with self.stage.house.database.read() as connection:
            found = await positions.state(connection, self.stage.twin.org.id, CONTACTS)
        assert found is not None
        return found

    @asynccontextmanager
    async def switched(self, **on: bool) -> AsyncIterator[None]:
        await self._switch(**on)
        try:
            yield
        finally:
            await self._switch()

    async def _switch(self, **on: bool) -> None:
        async with self.stage.house.database.write() as connection:
            now = {**dict.fromkeys(Switches.__dataclass_fields__, False), "editing": True, **on}
            await workspaces.set_switches(connection, self.stage.workspace.id, Switches(**now), self.clock())
        self.clock.pass_seconds(2)  # the doors remember a workspace for so long

    @asynccontextmanager
    async def another_process(self) -> AsyncIterator[str]:
        """The address of a second House on the same database."""
        async with AsyncExitStack() as stack:
            house = compose(
                self.stage.house.settings, self.clock, secrets.token_bytes, await stack.enter_async_context(client())
            )
            stack.push_async_callback(house.close)
            listener = stack.enter_context(listen("127.0.0.1", 0))
            await stack.enter_async_context(serving(house.web(), listener))
            yield f"http://localhost:{listener.getsockname()[1]}"


@asynccontextmanager
async def open_place(folder: Path, database_url: str) -> AsyncIterator[Place]:
    many, clock = httpx.Limits(max_connections=50), Clock()
    opening = stage(port=0, fresh=True, folder=folder, database_url=database_url, clock=clock, pace=PACE)
    async with opening as ready, httpx.AsyncClient(limits=many) as http:
        yield Place(ready, http, clock)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    url = fresh_postgresql(request.getfixturevalue("postgresql")) if request.param == "postgresql" else ""
    async with open_place(tmp_path_factory.mktemp("place"), url) as place:
        yield place


async def test_a_change_in_salesforce_reaches_the_open_panel_with_who_changed_it_and_when(place: Place) -> None:
    panel = await place.panel()
    async with panel.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        before = place.clock()
        place.change(panel.record, Phone="+44 20 7946 0777", Title="Director")
        line = await told.change_of("Phone")
        assert "+44 20 7946 0777" in line["html"]
        assert line["by"] == place.stage.twin.org.colleague.name
        assert before // 1000 * 1000 <= line["at"] <= place.clock()


async def test_what_is_sent_first_is_all_that_the_panel_should_show(place: Place) -> None:
    panel = await place.panel(OWEN)
    async with panel.listening() as told:
        first = await told.next("changed")
        assert (first["first"], first["name"]) == (True, "Owen Gallagher")
        assert [line["field"] for line in first["lines"]] == list(place.stage.workspace.fields)


async def test_a_change_of_what_is_not_shown_sends_nothing(place: Place) -> None:
    """Nor does it cost a call."""
    await place.walked()  # which costs calls of its own
    panel = await place.panel(OWEN)
    async with panel.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        place.change(panel.record, Title="Warm")
        await told.change_of("Title")  # names are asked for once
        asked, heard = place.asked(), (await place.stream()).events

        async def is_heard() -> bool:
            return (await place.stream()).events > heard

        place.change(panel.record, AssistantName="Nobody's business")
        await until(is_heard)
        place.change(panel.record, Title="Wholesaler")
        assert [line["field"] for line in (await told.next("changed"))["lines"]] == ["Title"]
        assert place.asked() == asked + 1


async def test_a_record_the_copy_does_not_have_yet_is_heard_of_at_once(tmp_path: Path) -> None:
    """However often it changes before it is read."""
    async with (
        stage(port=0, fresh=True, folder=tmp_path, pace=replace(PACE, settle=3600)) as ready,
        httpx.AsyncClient() as http,
    ):
        place = Place(ready, http, Clock())
        panel = await place.panel(OWEN)
        async with panel.listening() as told:
            await told.next("state", lambda state: state["state"] == "live")
            for title in ("One", "Two", "Three"):
                place.change(panel.record, Title=title)
                assert title in (await told.change_of("Title"))["html"]


async def test_what_an_admin_switches_reaches_open_panels(place: Place) -> None:
    panel = await place.panel(OWEN)
    async with panel.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        async with place.switched(editing=False):
            line = await told.change_of("Title")
            assert '<button type="button" class="value"' not in line["html"]
        assert '<button type="button" class="value"' in (await told.change_of("Title"))["html"]


async def test_a_field_that_is_hidden_from_the_connection_is_never_sent(place: Place) -> None:
    org = place.stage.twin.org
    profile = org.profiles[org.integration.profile]
    org.profiles[profile.name] = replace(profile, hidden=profile.hidden | {"Contact.Birthdate"})
    place.stage.house.orgs.forget_describe(place.stage.workspace.id)
    try:
        panel = await place.panel()
        async with panel.listening() as told:
            first = await told.next("changed")
            assert "Birthdate" not in [line["field"] for line in first["lines"]]
            hidden = org.profiles[profile.name]
            org.profiles[profile.name] = profile  # somebody who may see it changes it
            org.update(Actor(org.admin), "Contact", panel.record, {"Birthdate": "1990-02-03", "Title": "Chief"})
            org.profiles[profile.name] = hidden
            assert "1990" not in json.dumps(await told.change_of("Title"))
    finally:
        org.profiles[profile.name] = profile
        place.stage.house.orgs.forget_describe(place.stage.workspace.id)


async def test_an_edit_in_one_panel_reaches_the_others_with_the_agents_name(place: Place) -> None:
    mine, theirs = await place.panel(), await place.panel(sub="agent-8")
    async with theirs.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        saw = place.stage.twin.org.row("Contact", mine.record)["Description"]  # type: ignore[index]
        note = f"Called back {secrets.token_hex(3)}"
        assert (await mine.save("Description", note, saw)).status_code == 200
        line = await told.change_of("Description")
        assert note in line["html"]
        assert line["by"] == "Kim Doe"


async def test_a_live_workspace_is_pushed_changes_at_no_call(place: Place) -> None:
    await place.walked()  # which costs calls of its own
    async with place.switched(live=True):
        panel = await place.panel(OWEN)
        async with panel.listening() as told:
            await told.next("state", lambda state: state["state"] == "live")
            place.change(panel.record, Title="Warm")
            await told.change_of("Title")  # names are asked for once
            asked = place.asked()
            for title in ("One", "Two", "Three"):
                place.change(panel.record, Title=title)
                assert title in (await told.change_of("Title"))["html"]
            assert place.asked() == asked


async def test_a_live_workspace_opens_everybody_at_hardly_a_call(place: Place) -> None:
    """And finds and shows the same as Salesforce does."""
    people = [row for row in place.stage.twin.org.rows("Contact") if row["Email"]][:60]
    emails = [str(row["Email"]) for row in people]
    panel = await place.panel()
    there = [_shown(await panel.open(email)) for email in emails[:20]]
    await place.walked()
    async with place.switched(live=True):
        asked = place.asked()
        pages = [_shown(await panel.open(email)) for email in emails for _ in range(2)]
        calls = place.asked() - asked
        assert pages[:40:2] == there
        assert calls <= 0.05 * len(pages)
        asked = place.asked()
        for email in emails:
            await panel.open(email)
        assert place.asked() == asked


def _shown(page: str) -> str:
    """Without what Salesforce may have told in another order."""
    return page.split("<dl")[1].split("</dl>")[0] if "<dl" in page else page


async def test_a_reader_who_was_slow_finds_the_newest_state(place: Place) -> None:
    panel = await place.panel(OWEN)
    async with panel.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        for number in range(20):
            place.change(panel.record, Title=f"Title {number}")
        while "Title 19" not in (await told.change_of("Title"))["html"]:
            pass


async def test_another_record_than_the_contexts_is_refused(place: Place) -> None:
    mine, other = await place.panel(AMARA), await place.panel(OWEN)
    for record in (other.record, "", "003000000000000AAA"):
        answer = await place.http.get(f"{mine.url}/live?record={record}", headers=mine.headers)
        assert answer.status_code == 403
    strangers = {**mine.headers, "Sidebar-Context": "nonsense"}
    assert (await place.http.get(f"{mine.url}/live?record={mine.record}", headers=strangers)).status_code == 401


async def test_the_stream_ends_with_the_context(place: Place) -> None:
    panel = await place.panel(OWEN, exp=place.clock() // 1000 - 25)  # 30 s late is still in time
    async with panel.listening() as told, asyncio.timeout(PATIENCE):
        await told.next("state")
        place.clock.pass_seconds(5)
        await told.next("over")
        await told.ended.wait()


async def test_the_oldest_stream_of_an_agent_ends_for_the_newest(place: Place) -> None:
    panel = await place.panel(OWEN, sub="agent-many")
    async with AsyncExitStack() as stack:
        told = [await stack.enter_async_context(panel.listening()) for _ in range(MOST)]
        for each in told:
            await each.next("state")
        newest = await stack.enter_async_context(panel.listening())
        await newest.next("state")
        await told[0].next("over")
        assert [each.ended.is_set() for each in told[1:]] == [False] * (MOST - 1)


async def test_a_deleted_contact_is_said_to_be_gone(place: Place) -> None:
    org = place.stage.twin.org
    made = org.create(Actor(org.colleague), "Contact", {"LastName": "Brief", "Email": "brief@visit.example"})
    panel = await place.panel("brief@visit.example")
    async with panel.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        org.delete(Actor(org.colleague), "Contact", made)
        assert "no longer there" in (await told.next("over"))["html"]


async def test_the_state_turns_when_the_stream_breaks_and_back_when_it_has_caught_up(place: Place) -> None:
    panel = await place.panel(OWEN)
    faults = place.stage.twin.org.faults
    async with panel.listening() as told:
        await told.next("state", lambda state: state["state"] == "live")
        faults.switch({"auth_fails": True, "stream_cut": True})
        dead = await told.next("state", lambda state: state["state"] == "polling")
        assert dead["at"] < place.clock()
        place.change(panel.record, Title="Meanwhile")
        faults.switch({"auth_fails": False})
        assert "Meanwhile" in (await told.change_of("Title"))["html"]
        await told.next("state", lambda state: state["state"] == "live")


async def test_changes_and_edits_cross_processes(postgresql: str, tmp_path: Path) -> None:
    async with open_place(tmp_path, fresh_postgresql(postgresql)) as place, place.another_process() as url:
        far = await place.panel(url=url, sub="agent-9")
        near = await place.panel()
        async with far.listening() as told:
            await told.next("state", lambda state: state["state"] == "live")
            place.change(far.record, Phone="+44 20 7946 0666")
            assert "+44 20 7946 0666" in (await told.change_of("Phone"))["html"]
            assert (await near.save("Title", "Across", "Head of Operations")).status_code == 200
            line = await told.change_of("Title")
            assert ("Across" in line["html"], line["by"]) == (True, "Kim Doe")


async def test_open_streams_do_not_keep_a_process_from_ending(tmp_path: Path) -> None:
    async with AsyncExitStack() as outside:
        http = await outside.enter_async_context(httpx.AsyncClient())
        async with open_place(tmp_path, "") as place:
            panel = await place.panel()
            told = await outside.enter_async_context(replace(panel, http=http).listening())
            await told.next("state")
        assert told.ended.is_set()
