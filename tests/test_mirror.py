"""New Contacts become local contacts, exactly once, and the position moves only together with them."""

import itertools
from collections.abc import Callable, Iterable, Iterator

import httpx
import pytest
import structlog

from sidebar import mirror
from sidebar.salesforce.client import Access, Client
from sidebar.salesforce.errors import Unreachable
from sidebar.salesforce.pubsub import Batch
from sidebar.salesforce.schema import ChangeHeader, Event, Value
from sidebar.store import connections, contacts, positions, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from sidebar.twin.org import Actor
from sidebar.twin.run import Twin

pytestmark = pytest.mark.anyio

ORG, OTHER_ORG = "00D5e000000TEST1AA", "00D5e000000TEST2AA"
INES = "0035e0000000001AAA"
OWEN = "0035e0000000002AAA"
NOW = 1_795_000_000_000
VALUES: dict[str, Value] = {
    "Name": {"Salutation": "Ms.", "FirstName": "Inès", "LastName": "Lefèvre"},
    "Email": "ines.lefevre@atelierlumen.example",
    "Phone": "+33 6 39 98 12 34",
}


def client(answer: Callable[[httpx.Request], httpx.Response] | None = None) -> Client:
    """A client of an org that gives `answer`; without one it must not be asked."""

    async def access(_refused: Access | None) -> Access:
        return Access("https://org.example", "t")

    transport = httpx.MockTransport(answer or (lambda request: pytest.fail(f"asked {request.url}")))
    return Client(httpx.AsyncClient(transport=transport), "67.0", access)


def numbers() -> Callable[[int], bytes]:
    counter = itertools.count(1)
    return lambda size: next(counter).to_bytes(size, "big")


async def workspace(
    database: Database, id: str, *, org: str = ORG, auto_create: bool = True, connected_at: int = 1
) -> None:
    async with database.write() as connection:
        await workspaces.add(connection, Workspace(id, f"key-{id}", id, "FR", (), False, auto_create), 0)
        await connections.put_app(connection, id, App("https://login.example", "key", "secret"))
        await connections.put_grant(
            connection,
            id,
            Grant("https://org.example", "a", "r", org, "Org", "Developer", False, "005", "u", "67.0", connected_at),
        )


def event(*record_ids: str, kind: str = "CREATE", entity: str = "Contact", at: int = NOW, **values: Value) -> Event:
    header = ChangeHeader(entity, record_ids, kind, "", "t", 1, at, 1, "005")
    none: frozenset[str] = frozenset()
    return Event("e", b"\1", header, values, none, none, none)


async def take_in(
    database: Database,
    *events: Event,
    to: bytes = b"\1",
    client: Client = client(),  # noqa: B008 - it is never asked
    random: Callable[[int], bytes] | None = None,
) -> list[Contact]:
    return await mirror.apply(
        database,
        ORG,
        mirror.CONTACTS,
        Batch(events, to),
        client=client,
        clock=lambda: NOW,
        random=random or numbers(),
    )


async def kept(database: Database, workspace_id: str = "w1") -> list[Contact]:
    async with database.read() as connection:
        return await contacts.newest(connection, workspace_id, 100)


async def position(database: Database) -> bytes | None:
    async with database.read() as connection:
        return await positions.of(connection, ORG, mirror.CONTACTS)


async def test_a_new_contact_becomes_one_tagged_local_contact(database: Database) -> None:
    await workspace(database, "w1")
    added = await take_in(database, event(INES, **VALUES))
    assert added == await kept(database)
    [contact] = added
    assert contact.salesforce_id == INES
    assert (contact.name, contact.email, contact.phone) == (
        "Inès Lefèvre",
        "ines.lefevre@atelierlumen.example",
        "+33 6 39 98 12 34",
    )
    assert (contact.source, contact.tags) == ("salesforce", ("Auto-create: Salesforce",))
    assert await position(database) == b"\1"


async def test_the_same_event_again_changes_nothing(database: Database) -> None:
    await workspace(database, "w1")
    first = await take_in(database, event(INES, **VALUES))
    assert await take_in(database, event(INES, **VALUES), event(INES, **VALUES)) == []
    assert await kept(database) == first


async def test_an_undeleted_contact_is_new_only_where_it_is_not_known(database: Database) -> None:
    await workspace(database, "w1")
    await take_in(database, event(INES, **VALUES))
    [owen] = await take_in(database, event(INES, OWEN, kind="UNDELETE", **VALUES))
    assert owen.salesforce_id == OWEN


async def test_each_workspace_of_the_org_that_wants_them_gets_its_own(database: Database) -> None:
    await workspace(database, "w1")
    await workspace(database, "w2")
    await workspace(database, "off", auto_create=False)
    await workspace(database, "elsewhere", org=OTHER_ORG)
    added = await take_in(database, event(INES, **VALUES))
    assert sorted(contact.workspace_id for contact in added) == ["w1", "w2"]
    assert len({contact.id for contact in added}) == 2


async def test_a_workspace_whose_grant_ended_is_told_nothing(database: Database) -> None:
    await workspace(database, "w1")
    async with database.write() as connection:
        await connections.put_problem(connection, "w1", "ended")
    assert await take_in(database, event(INES, **VALUES)) == []


async def test_switched_off_only_the_position_moves(database: Database) -> None:
    await workspace(database, "w1", auto_create=False)
    assert await take_in(database, event(INES, **VALUES), to=b"\7") == []
    assert await kept(database) == []
    assert await position(database) == b"\7"


async def test_nobody_is_made_of_a_contact_older_than_the_connection(database: Database) -> None:
    """Events say when they were committed in whole seconds, by another clock: a minute is granted."""
    await workspace(database, "w1", connected_at=NOW)
    before, just_before = event(INES, at=NOW - 61_000, **VALUES), event(OWEN, at=NOW - 60_000, **VALUES)
    assert [contact.salesforce_id for contact in await take_in(database, before, just_before)] == [OWEN]
    assert await position(database) == b"\1"


async def test_each_workspace_counts_from_its_own_connection(database: Database) -> None:
    await workspace(database, "w1", connected_at=NOW - 3_600_000)
    await workspace(database, "w2", connected_at=NOW)
    events = event(INES, at=NOW - 600_000, **VALUES), event(OWEN, at=NOW, **VALUES)
    added = await take_in(database, *events)
    assert [(contact.workspace_id, contact.salesforce_id) for contact in added] == [
        ("w1", INES),
        ("w1", OWEN),
        ("w2", OWEN),
    ]


async def test_a_contact_from_before_the_connection_is_new_when_it_is_undeleted_after_it(database: Database) -> None:
    await workspace(database, "w1", connected_at=NOW)
    events = event(INES, at=NOW - 600_000, **VALUES), event(INES, kind="UNDELETE", at=NOW, **VALUES)
    assert [contact.salesforce_id for contact in await take_in(database, *events)] == [INES]


@pytest.mark.parametrize("kind", ["UPDATE", "DELETE", "GAP_UPDATE", "GAP_DELETE", "GAP_OVERFLOW"])
async def test_other_changes_only_move_the_position(database: Database, kind: str) -> None:
    await workspace(database, "w1")
    assert await take_in(database, event(INES, kind=kind), event("0015e0000000001AAA", entity="Account")) == []
    assert await position(database) == b"\1"


async def test_an_empty_batch_moves_the_position_too(database: Database) -> None:
    await workspace(database, "w1")
    await take_in(database, to=b"\3")
    assert await position(database) == b"\3"


async def test_a_batch_without_a_replay_id_keeps_the_former_one(database: Database) -> None:
    await workspace(database, "w1")
    await take_in(database, to=b"\3")
    await take_in(database, to=b"")
    assert await position(database) == b"\3"


async def test_what_arrives_after_the_org_was_disconnected_leaves_nothing(database: Database) -> None:
    """RI-40: disconnecting drops the position, and a batch on its way must not bring it back."""
    await workspace(database, "w1")
    async with database.write() as connection:
        await connections.drop_grant(connection, "w1")
    assert await take_in(database, event(INES, **VALUES)) == []
    assert await position(database) is None


async def test_the_position_moves_only_with_its_effect(database: Database) -> None:
    """The process dies between the first and the second contact: nothing of the batch is left, and it comes again."""
    await workspace(database, "w1")
    await take_in(database, to=b"\3")

    def dying() -> Iterator[bytes]:
        yield b"\1" * 16
        raise RuntimeError("killed")

    ids = dying()
    with pytest.raises(RuntimeError, match="killed"):
        await take_in(database, event(INES, **VALUES), event(OWEN, **VALUES), to=b"\4", random=lambda _: next(ids))
    assert await kept(database) == []
    assert await position(database) == b"\3"
    await take_in(database, event(INES, **VALUES), event(OWEN, **VALUES), to=b"\4")
    assert len(await kept(database)) == 2


@pytest.mark.parametrize("id", ["003*", "000000000000000AAA", "", "0015e0000000001AAA", INES + "A", "003" + "'" * 15])
async def test_what_names_no_contact_is_passed_over_and_logged(database: Database, id: str) -> None:
    await workspace(database, "w1")
    with structlog.testing.capture_logs() as logged:
        [contact] = await take_in(database, event(id, INES, **VALUES))
    assert contact.salesforce_id == INES
    assert [(each["kind"], each["record_ids"]) for each in logged] == [("CREATE", [id])]


@pytest.mark.parametrize(
    ("kind", "id"), [("GAP_OVERFLOW", "000000000000000AAA"), ("GAP_UPDATE", "003*"), ("GAP_UNDELETE", "003*")]
)
async def test_changes_that_name_no_record_are_told_to_whoever_runs_this(
    database: Database, kind: str, id: str
) -> None:
    await workspace(database, "w1")
    with structlog.testing.capture_logs() as logged:
        assert await take_in(database, event(id, kind=kind, **VALUES), event(INES, kind="UPDATE")) == []
    assert [(each["log_level"], each["org"], each["kind"], each["record_ids"]) for each in logged] == [
        ("warning", ORG, kind, [id])
    ]
    assert "Lefèvre" not in str(logged)
    assert await position(database) == b"\1"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"Name": {"FirstName": "花子", "LastName": "山田"}, "Email": "h@minato.example"}, "花子 山田"),
        ({"Name": {"FirstName": None, "LastName": "Ribeiro"}}, "Ribeiro"),
        ({"Name": {"FirstName": "Ada", "MiddleName": "B.", "LastName": "Cole", "Suffix": "Jr."}}, "Ada B. Cole Jr."),
        ({"Name": "Amara Okafor"}, "Amara Okafor"),
        ({"Name": {"FirstName": "Ama\0ra", "LastName": "\0"}}, "Amara"),
        ({"Name": {"FirstName": None, "LastName": " "}, "Email": "h@minato.example", "Phone": "1"}, "h@minato.example"),
        ({"Name": None, "MobilePhone": "+351 22 555 0199"}, "+351 22 555 0199"),
        ({}, INES),
    ],
)
async def test_a_person_is_called_by_what_is_known(database: Database, values: dict[str, Value], name: str) -> None:
    await workspace(database, "w1")
    [contact] = await take_in(database, event(INES, **values))
    assert contact.name == name


@pytest.mark.parametrize("kind", ["GAP_CREATE", "GAP_UNDELETE"])
async def test_an_event_that_came_without_values_is_looked_up(database: Database, kind: str) -> None:
    """It names ids only. A Contact that is gone again by then makes nobody."""
    await workspace(database, "w1")
    async with Twin(seed="empty") as twin, httpx.AsyncClient() as http:
        token = twin.org.grant(twin.org.admin)

        async def access(_refused: Access | None) -> Access:
            return Access(twin.instance_url, token)

        zofia = twin.org.create(
            Actor(twin.org.admin),
            "Contact",
            {
                "FirstName": "Zofia",
                "LastName": "Wiśniewska",
                "Email": "z@wiatrak.example",
                "MobilePhone": "22 555 01 47",
            },
        )
        gap = event(zofia, OWEN, kind=kind)
        [contact] = await take_in(database, gap, client=Client(http, "67.0", access))
    assert (contact.name, contact.email, contact.phone) == ("Zofia Wiśniewska", "z@wiatrak.example", "22 555 01 47")
    assert contact.salesforce_id == zofia


@pytest.mark.parametrize("kind", ["GAP_CREATE", "GAP_UNDELETE"])
async def test_without_values_too_the_time_of_the_event_counts(database: Database, kind: str) -> None:
    await workspace(database, "w1", connected_at=NOW)
    found = [{"Id": id, "Name": "Somebody"} for id in (INES, OWEN)]
    org = client(lambda request: records(each for each in found if str(each["Id"]) in request.url.params["q"]))
    gaps = event(INES, kind=kind, at=NOW - 61_000), event(OWEN, kind=kind, at=NOW)
    assert [contact.salesforce_id for contact in await take_in(database, *gaps, client=org)] == [OWEN]


def records(found: Iterable[dict[str, str]]) -> httpx.Response:
    return httpx.Response(200, json={"records": list(found), "done": True})


async def test_a_look_up_that_fails_leaves_everything_as_it_was(database: Database) -> None:
    await workspace(database, "w1")
    down = client(lambda _: httpx.Response(503))
    with pytest.raises(Unreachable):
        await take_in(database, event(OWEN, **VALUES), event(INES, kind="GAP_CREATE"), client=down)
    assert await kept(database) == []
    assert await position(database) is None


async def test_a_look_up_the_org_refuses_still_makes_the_contact(database: Database) -> None:
    await workspace(database, "w1")
    refusal = [{"errorCode": "INVALID_FIELD", "message": "No such column 'HomePhone' on entity 'Contact'."}]
    blind = client(lambda _: httpx.Response(400, json=refusal))
    [contact] = await take_in(database, event(INES, kind="GAP_CREATE"), client=blind)
    assert (contact.name, contact.email) == (INES, None)


async def test_many_ids_are_looked_up_by_the_two_hundred(database: Database) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["q"].count("'003"))
        return records([])

    many = [f"0035e00000{number:05}AAA" for number in range(450)]
    await take_in(database, event(*many, kind="GAP_CREATE"), client=client(answer))
    assert asked == [200, 200, 50]
