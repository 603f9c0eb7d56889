"""The doctor: what it says of a house in order, and of everything that can be out of order."""

import json
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from sidebar.__main__ import cli
from sidebar.doctor import Finding, examine, stops, table
from sidebar.mirror import CONTACTS, lease
from sidebar.salesforce.probe import Selection, selected
from sidebar.settings import Settings, read
from sidebar.store import connections, leases, positions, sweeps, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.database import Database
from sidebar.store.positions import News
from sidebar.store.sweeps import Sweep
from sidebar.store.workspaces import Switches, Workspace
from sidebar.twin.run import Twin
from sidebar.vault import Vault
from sidebar.workspaces import HOST
from tests.conftest import fresh_postgresql

pytestmark = pytest.mark.anyio

KEY = "a-key-of-the-tests-that-is-long-enough"
VAULT = Vault([KEY])
FIELDS = ("Name", "Email", "Title")
NAMES = [
    "Settings", "Secret key", "Address", "Database", "Accounts",
    "Inbox", "Connection", "Listener", "Rights", "Change events", "Clock",
]  # fmt: skip


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def twin() -> AsyncIterator[Twin]:
    async with Twin(seed="empty") as twin:
        yield twin


class Patient:
    """An installation that is looked at: in order, until a test spoils something."""

    def __init__(self, database: Database, url: str, twin: Twin) -> None:
        self.database = database
        self.twin = twin
        self.settings = read(
            database_url=url,
            public_url="https://sidebar.example",
            secret_key=KEY,
            salesforce_origins=twin.instance_url,
            pubsub_endpoint=twin.pubsub_endpoint,
            pubsub_ca_file=str(twin.ca_file),
        )
        self.clock: Callable[[], int] = now

    async def findings(self, **changes: object) -> dict[str, Finding]:
        settings = self.settings.model_copy(update=changes)
        async with httpx.AsyncClient() as http:
            return {each.name: each for each in await examine(settings, http, self.clock)}

    async def connect(self) -> None:
        """The first workspace, as its admin has set it up and connected it."""
        org, user = self.twin.org, self.twin.org.integration
        grant = org.grants.open(user.id, ["api", "refresh_token"])
        assert grant.refresh
        tokens = VAULT.lock(org.grants.access_token(grant)), VAULT.lock(grant.refresh)
        whose = (org.id, org.name, org.edition, False, user.id, user.username, "67.0", now())
        async with self.database.write() as connection:
            await workspaces.add(connection, Workspace("w1", "key", "Brightside", "GB", FIELDS, True, True), 0)
            await workspaces.put_install(connection, "w1", HOST, VAULT.lock("a host's secret"))
            await workspaces.set_origins(connection, "w1", HOST, ["https://inbox.example"])
            app = App(self.twin.instance_url, org.client_id, VAULT.lock(org.client_secret))
            await connections.put_app(connection, "w1", app)
            await connections.put_grant(connection, "w1", Grant(self.twin.instance_url, *tokens, *whose))

    async def listen(self, age: int = 0) -> None:
        """As a service that runs, and heard something so many ms ago."""
        org_id = self.twin.org.id
        async with self.database.write() as connection:
            await leases.take(connection, lease(org_id), "a service", now(), now() + 60_000)
            await positions.put(connection, org_id, CONTACTS, b"x", now() - age, News(3, 0, now() - age, 10))


@pytest.fixture
async def patient(database: Database, database_url: str, twin: Twin) -> AsyncIterator[Patient]:
    patient = Patient(database, database_url, twin)
    await patient.connect()
    await patient.listen()
    yield patient


async def test_a_house_in_order_has_nothing_but_good_findings(patient: Patient) -> None:
    found = await patient.findings()
    assert {name: each for name, each in found.items() if each.state != "ok"} == {}
    assert list(found) == NAMES
    assert found["Inbox"].workspace == found["Clock"].workspace == "Brightside"


async def test_no_finding_tells_a_secret(patient: Patient) -> None:
    org = patient.twin.org
    org.faults.switch({"auth_fails": True})
    said = table(list((await patient.findings()).values()))
    async with patient.database.read() as connection:
        held = await connections.of(connection, "w1")
    assert held and held.grant
    opened = [VAULT.open(each) for each in (held.grant.access_token, held.grant.refresh_token)]
    for secret in (KEY, org.client_secret, "a host's secret", *opened):
        assert secret not in said


async def test_without_a_key_what_is_stored_is_not_opened(patient: Patient) -> None:
    found = await patient.findings(secret_key="")
    assert found["Secret key"].state == "stop" and "openssl rand" in found["Secret key"].text
    assert "Accounts" not in found


async def test_another_key_than_the_one_that_locked_is_told(patient: Patient) -> None:
    found = await patient.findings(secret_key="n" * 44)
    assert found["Accounts"].state == "stop" and "Put the former key back" in found["Accounts"].text


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://sidebar.example", "ok"),
        ("http://localhost:8000", "ok"),
        ("http://127.0.0.1:8000", "ok"),
        ("http://sidebar.example", "stop"),
    ],
)
async def test_only_this_machine_may_do_without_tls(patient: Patient, url: str, state: str) -> None:
    assert (await patient.findings(public_url=url))["Address"].state == state


async def test_tables_of_another_version_are_told(tmp_path: Path, postgresql: str) -> None:
    (tmp_path / "x.sqlite").touch()
    for url, state in ((f"sqlite:///{tmp_path / 'x.sqlite'}", "warn"), (fresh_postgresql(postgresql), "stop")):
        async with httpx.AsyncClient() as http:
            found = {each.name: each for each in await examine(settings(url), http, now)}
        assert found["Database"].state == state
        assert ("serve" if state == "warn" else "sidebar migrate") in found["Database"].text


async def test_looking_for_a_database_does_not_make_one(tmp_path: Path) -> None:
    path = tmp_path / "none" / "x.sqlite"
    async with httpx.AsyncClient() as http:
        found = await examine(settings(f"sqlite:///{path}"), http, now)
    assert found[-1].state == "warn" and "does not exist" in found[-1].text
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "url", ["postgresql://localhost:1/x", "mysql://localhost/x", "nonsense", f"sqlite:///{__file__}"]
)
async def test_a_database_that_cannot_be_used_stops(url: str) -> None:
    async with httpx.AsyncClient() as http:
        found = await examine(settings(url), http, now)
    assert found[-1].name == "Database" and found[-1].state == "stop"


async def test_a_new_installation_is_told_how_to_begin(database: Database, database_url: str) -> None:
    async with httpx.AsyncClient() as http:
        found = await examine(settings(database_url), http, now)
    assert found[-1].name == "Accounts" and "sidebar serve" in found[-1].text
    assert not stops(found)


async def test_a_workspace_without_inbox_and_connection_is_told_where_to_go(patient: Patient) -> None:
    async with patient.database.write() as connection:
        await workspaces.set_origins(connection, "w1", HOST, [])
        await connections.drop_grant(connection, "w1")
    found = await patient.findings()
    assert found["Inbox"].state == found["Connection"].state == "warn"
    assert "https://sidebar.example/admin/salesforce" in found["Connection"].text
    assert "Rights" not in found


async def test_a_connection_that_has_ended_stops(patient: Patient) -> None:
    async with patient.database.write() as connection:
        await connections.put_problem(connection, "w1", "ended")
    found = await patient.findings()
    assert found["Connection"].state == "stop" and "Connect again" in found["Connection"].text


async def test_a_salesforce_that_is_down_is_told_and_nothing_else_is_asked(patient: Patient) -> None:
    grant_url = patient.twin.instance_url
    patient.twin.org.faults.switch({"unavailable": True})
    found = await patient.findings()
    assert found["Connection"].state == "stop"
    assert grant_url in found["Connection"].text and "status.salesforce.com" in found["Connection"].text
    assert "Change events" not in found and found["Listener"].state == "ok"


async def test_a_spent_daily_allowance_is_told(patient: Patient) -> None:
    patient.twin.org.faults.switch({"limit_exceeded": True})
    found = await patient.findings()
    assert found["Connection"].state == "stop" and "API Usage" in found["Connection"].text


async def test_a_session_that_is_good_for_one_address_only_is_told(patient: Patient) -> None:
    patient.twin.org.faults.switch({"auth_fails": True})
    events = (await patient.findings())["Change events"]
    assert events.state == "stop" and "not locked to an IP address" in events.text


async def test_a_salesforce_nobody_answers_for_is_told(patient: Patient) -> None:
    async with patient.database.write() as connection:
        held = await connections.of(connection, "w1")
        assert held and held.grant
        await connections.put_grant(connection, "w1", replace(held.grant, instance_url="http://localhost:1"))
    found = await patient.findings()
    assert found["Connection"].state == "stop" and "ConnectError" in found["Connection"].text


async def test_a_user_without_api_access_is_told_what_it_needs(patient: Patient) -> None:
    """RI-39"""
    patient.twin.org.faults.switch({"api_disabled": True})
    found = await patient.findings()
    assert found["Connection"].state == "stop" and "API Enabled" in found["Connection"].text


async def test_a_spent_token_is_renewed_only_where_that_is_safe(patient: Patient) -> None:
    """Two processes on SQLite cannot share a refresh token: one that is used twice ends the connection."""
    patient.twin.org.faults.switch({"expire_sessions": True})
    before = await stored_token(patient)
    found = (await patient.findings())["Connection"]
    if patient.database.is_sqlite:
        assert found.state == "warn" and "/admin/health" in found.text
        assert await stored_token(patient) == before
        await end_service(patient)
        found = (await patient.findings())["Connection"]
    assert found.state == "ok"
    assert await stored_token(patient) != before


async def stored_token(patient: Patient) -> str:
    async with patient.database.read() as connection:
        held = await connections.of(connection, "w1")
    assert held and held.grant
    return VAULT.open(held.grant.access_token)


async def end_service(patient: Patient) -> None:
    async with patient.database.write() as connection:
        await leases.release(connection, lease(patient.twin.org.id), "a service")


async def test_fields_the_user_may_not_read_are_named(patient: Patient) -> None:
    patient.twin.org.faults.switch({"withdrawn_fields": ["Contact.Title", "Contact.Phone"]})
    rights = (await patient.findings())["Rights"]
    assert rights.state == "warn"
    assert "may not read Title, Phone" in rights.text and "View All" in rights.text


async def test_contacts_that_are_not_selected_are_explained_with_the_limit(patient: Patient) -> None:
    """PF-09: the topic may be there, events may have come before, and yet nothing comes any more."""
    patient.twin.org.setup.switch({"uncaptured_objects": ["Contact", "Case", "Lead"]})
    events = (await patient.findings())["Change events"]
    assert events.state == "stop"
    assert "not selected, but Account, Opportunity, Subscription__c, Task." in events.text
    assert "Setup, Change Data Capture" in events.text and "where five are taken" in events.text


async def test_where_five_objects_are_selected_one_has_to_go(patient: Patient) -> None:
    """PF-09"""
    patient.twin.org.setup.switch({"uncaptured_objects": ["Contact", "Case"]})
    events = (await patient.findings())["Change events"]
    assert events.state == "stop" and "At most five objects" in events.text
    assert "they are taken, so one has to go first" in events.text


async def test_contacts_that_are_selected_are_well_though_none_has_come_yet(patient: Patient) -> None:
    async with patient.database.write() as connection:
        await positions.drop(connection, patient.twin.org.id)
    events = (await patient.findings())["Change events"]
    assert events.state == "ok" and "Contact is selected" in events.text


async def test_without_view_setup_the_events_that_came_have_to_prove_it(patient: Patient) -> None:
    close_setup(patient.twin)
    events = (await patient.findings())["Change events"]
    assert (events.state, events.text) == ("ok", "3 have come since the connection.")
    async with patient.database.write() as connection:
        await positions.drop(connection, patient.twin.org.id)
    events = (await patient.findings())["Change events"]
    assert events.state == "warn" and "none has come yet" in events.text and "five objects" in events.text


async def test_events_that_came_long_ago_prove_nothing(patient: Patient) -> None:
    close_setup(patient.twin)
    await patient.listen(50 * 3_600_000)
    events = (await patient.findings())["Change events"]
    assert events.state == "warn" and "the last 50 h ago" in events.text and "select Contact" in events.text


async def test_events_prove_nothing_where_a_later_walk_found_what_they_had_not_told(patient: Patient) -> None:
    close_setup(patient.twin)
    await patient.listen(3 * 3_600_000)
    walk = Sweep(2, "periodic", now() - 2 * 3_600_000, FIELDS, changed=4, missing=1, ended_at=now() - 3_600_000)
    async with patient.database.write() as connection:
        await sweeps.put(connection, patient.twin.org.id, walk)
    events = (await patient.findings())["Change events"]
    assert events.state == "warn" and "found 5 changes that none had told" in events.text


async def test_events_prove_nothing_while_the_stream_is_broken(patient: Patient) -> None:
    close_setup(patient.twin)
    async with patient.database.write() as connection:
        await positions.lose(connection, patient.twin.org.id, CONTACTS, now())
    events = (await patient.findings())["Change events"]
    assert events.state == "warn" and "the stream is broken now" in events.text


def close_setup(twin: Twin) -> None:
    """Take View Setup and Configuration from the user that is connected."""
    profile = twin.org.profiles[twin.org.integration.profile]
    denied = frozenset({"read PlatformEventChannelMember"})
    twin.org.profiles[profile.name] = replace(profile, denied=denied)


@pytest.mark.parametrize(("auto_create", "state"), [(True, "stop"), (False, "warn")])
async def test_a_stream_that_refuses_stops_only_those_who_need_it(
    patient: Patient, auto_create: bool, state: str
) -> None:
    async with patient.database.write() as connection:
        await workspaces.set_switches(connection, "w1", Switches(True, False, auto_create, True, False), now())
    found = await patient.findings(pubsub_endpoint="localhost:1")
    assert found["Change events"].state == state
    assert "SIDEBAR_PUBSUB_ENDPOINT" in found["Change events"].text


async def test_contacts_in_a_channel_of_salesforces_own_are_told_and_count_for_nothing() -> None:
    """As others met it in orgs with activity capture: nothing is selected in Setup, and yet Contacts are told."""
    told: dict[str, object] = {
        "records": [
            {"EventChannel": "ActivityEngagementVirtualChannel", "SelectedEntity": "ContactChangeEvent"},
            {"EventChannel": "ChangeEvents", "SelectedEntity": "Visit__ChangeEvent"},
            {"EventChannel": "0YLRM0000004CEI4A2", "SelectedEntity": "Visit__ChangeEvent"},
            {"EventChannel": "0YLRM0000004CEI4A2", "SelectedEntity": "01IRM0000006w522AA"},
        ]
    }

    class Told:
        async def read(self, path: str) -> dict[str, object]:
            return told

    chosen = await selected(Told())  # type: ignore[arg-type]
    assert chosen == Selection(("Contact", "Visit__c"), 1)
    assert chosen.contacts and not chosen.full


@pytest.mark.parametrize(("hours", "state"), [(1, "warn"), (50, "warn"), (73, "stop")])
async def test_a_listener_that_hears_nothing_is_told(patient: Patient, hours: int, state: str) -> None:
    await patient.listen(hours * 3_600_000)
    assert (await patient.findings())["Listener"].state == state


async def test_a_house_where_nobody_listens_is_told(patient: Patient) -> None:
    await end_service(patient)
    listener = (await patient.findings())["Listener"]
    assert listener.state == "warn" and "sidebar work" in listener.text


@pytest.mark.parametrize(("ahead", "state"), [(10, "ok"), (-60, "warn"), (400, "stop")])
async def test_a_clock_that_goes_wrong_is_told(patient: Patient, ahead: int, state: str) -> None:
    patient.clock = lambda: now() + ahead * 1000
    clock = (await patient.findings())["Clock"]
    assert clock.state == state
    assert state == "ok" or "NTP" in clock.text


# The command


def command(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    clean = {name: None for name in os.environ if name.startswith("SIDEBAR_") or name == "DATABASE_URL"}
    env = {**clean, "SIDEBAR_VAR_DIR": str(folder), **environment}
    result = CliRunner().invoke(cli, ["doctor", *arguments], env=env)
    return result.exit_code, result.output


def test_the_command_ends_with_one_where_something_stops_the_service(tmp_path: Path) -> None:
    code, said = command(tmp_path)
    assert code == 1 and "stop  Secret key" in said
    code, said = command(tmp_path, SIDEBAR_SECRET_KEY=KEY)
    assert code == 0 and "warn  Database" in said


def test_the_command_names_settings_that_cannot_be_used_without_their_values(tmp_path: Path) -> None:
    code, said = command(tmp_path, SIDEBAR_SECRET_KEY="short-secret", PORT="many")
    assert code == 1
    assert "SIDEBAR_SECRET_KEY" in said and "PORT" in said
    assert "short-secret" not in said


def test_the_command_speaks_json(tmp_path: Path) -> None:
    code, said = command(tmp_path, "--json")
    told = json.loads(said)
    assert code == 1 and told["ok"] is False
    assert set(told["findings"][0]) == {"name", "state", "text", "workspace"}


def settings(url: str) -> Settings:
    return read(database_url=url, public_url="https://sidebar.example", secret_key=KEY)
