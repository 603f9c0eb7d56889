"""An independent client, salesforce-pubsub-api-client on Node, hears the same stream; what it tells is what we hold."""

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sidebar.store.database import Database
from tests.judges.conftest import Console, console
from tests.proof.history import History
from tests.proof.house import Proof, proof

pytestmark = pytest.mark.anyio

TOPIC = "/data/ContactChangeEvent"
FIELDS = ("FirstName", "LastName", "Email", "MobilePhone", "Title")
PARTS = ("FirstName", "LastName")

State = dict[str, dict[str, object]]


async def test_an_independent_client_of_the_same_stream_agrees(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with proof(database, database_url) as house, house.listening():
        async with console("pubsub.mjs", tmp_path / "stderr", TWIN=house.twin.first_line()) as js:
            await js("subscribe(name, topic, ...start)", name="witness", topic=TOPIC, start=["EARLIEST"])
            History(house.twin.org, Random("witness")).go_on(60)
            await house.agrees()
            heard = await _heard(js, house)
        assert heard
        assert _held(house) == heard


async def _heard(js: Console, house: Proof) -> State:
    """What the witness makes of all events: of whom they tell from the beginning, how each is in the end. It hands
    them on in another order where a schema has to be waited for."""
    changes = [change for change in house.twin.org.changes if change.object == "Contact"]
    events = [await js("next('witness', 'event', 'error')") for _ in changes]
    known: State = {}
    for payload in (event["payload"] for event in sorted(events, key=lambda event: event["replayId"])):
        _take_in(known, payload.pop("ChangeEventHeader"), payload)
    return {id: values for id, values in known.items() if values and id not in house.oracle.before}


def _take_in(known: State, header: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    told = {**payload, **(payload.get("Name") or {})}
    for id in header["recordIds"]:
        match header["changeType"]:
            case "CREATE" | "UNDELETE":
                known[id] = {name: told.get(name) for name in FIELDS}
            case "DELETE":
                known[id] = {}
            case "UPDATE":
                changed = {name.removeprefix("Name.") for name in header["changedFields"]}
                known.setdefault(id, {}).update({name: told.get(name) for name in changed & set(FIELDS)})


def _held(house: Proof) -> State:
    rows = house.oracle.query("SELECT id, values FROM records WHERE NOT deleted")
    values = {id: json.loads(held) if isinstance(held, str) else held for id, held in rows}
    return {id: {name: each[name] for name in FIELDS} for id, each in values.items() if id not in house.oracle.before}
