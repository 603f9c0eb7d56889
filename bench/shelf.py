"""A process of its own: a database that holds as many people as PEOPLE says, as records and as local contacts.

An order names what is to be looked up, and for how many seconds; the answer is how many look-ups a second that were,
one after the other, and what the process then weighs.
"""

import asyncio
import json
import os
import random
import time
from pathlib import Path

import aiosqlite
import psutil  # type: ignore[import-untyped]

from bench.crates import ORG, WORKSPACE, email_of, fill, phone_of, texts
from bench.process import listen_to_orders
from sidebar.contacts import keys
from sidebar.contacts.here import Here
from sidebar.contacts.people import People
from sidebar.contacts.rank import Told
from sidebar.contacts.trail import Sought, Trail
from sidebar.identity import Identity
from sidebar.store import connections, contacts, sweeps, workspaces
from sidebar.store.connections import App, Grant
from sidebar.store.database import Database
from sidebar.store.sweeps import Sweep
from sidebar.store.workspaces import Workspace

_REGION = "GB"
_PEOPLE = People("Contact", ("Id", "Name", "Email", "Phone"), ("Email",), ("Phone",), ("MailingCountry",))
_BARE = {
    "bare_records": """SELECT records.* FROM record_marks JOIN records
        ON records.org_id = record_marks.org_id AND records.id = record_marks.record_id
        WHERE record_marks.org_id = ? AND record_marks.mark = ?""",
    "bare_contacts": """SELECT contacts.* FROM contact_keys JOIN contacts ON contacts.id = contact_keys.contact_id
        WHERE contact_keys.workspace_id = ? AND contact_keys.key = ?""",
}


class Shelf:
    """Every other person is looked up by phone, in another form than it is kept."""

    def __init__(self, database: Database, bare: aiosqlite.Connection, people: int) -> None:
        self._database = database
        self._here = Here(database)
        self._bare = bare
        self._people = people
        self._random = random.Random(1)
        self._ways = {"records": self._record, "contacts": self._contact, **dict.fromkeys(_BARE, self._plainly)}

    async def look_up(self, order: str) -> str:
        what, seconds = json.loads(order)
        look_up, count = self._ways[what], 0
        began = now = time.perf_counter()
        while now - began < seconds:
            await look_up(self._random.randrange(self._people), what)
            count, now = count + 1, time.perf_counter()
        rate = count / (now - began)
        return json.dumps({"per_second": rate, "rss": psutil.Process().memory_info().rss})

    async def _record(self, number: int, _what: str) -> None:
        trail = Trail.begin(Sought(_customer(number), Told(), "contacts", _REGION))
        await self._here.find(ORG, _PEOPLE, trail)
        _check(number, trail.knows_contacts and len(trail.match(0).ids) == 1)

    async def _contact(self, number: int, _what: str) -> None:
        async with self._database.read() as connection:
            found = await contacts.by_keys(connection, WORKSPACE, keys.of_customer(_customer(number), _REGION))
        _check(number, len(found) == 1)

    async def _plainly(self, number: int, what: str) -> None:
        """By what it would have to know beforehand."""
        records, email, phone = what == "bare_records", email_of(number), phone_of(number)
        if number % 2:
            key = f"p:{phone[-7:]}" if records else f"phone:{phone}"
        else:
            key = f"e:{email}" if records else f"email:{email}"
        found = await self._bare.execute_fetchall(_BARE[what], (ORG if records else WORKSPACE, key))
        _check(number, len(list(found)) == 1)


def _customer(number: int) -> Identity:
    """With a second address that we know nothing of."""
    if number % 2:
        return Identity(phones=(f"(0{phone_of(number)[3:5]}) {phone_of(number)[5:]}", "+44 20 7946 0018"))
    return Identity(emails=(email_of(number).title(), "ada@home.example"))


def _check(number: int, found: bool) -> None:
    if not found:
        raise RuntimeError(f"Person {number} was not found")


async def set_up(database: Database) -> None:
    """A workspace whose org has been read."""
    workspace = Workspace(WORKSPACE, "key", "Bench", _REGION, (), editing=False, auto_create=False)
    user = "005000000000001AAA", "bench@index.example"
    grant = Grant("https://x", "", "", ORG, "Bench", "Developer Edition", False, *user, "67.0", 1)
    await database.migrate()
    async with database.write() as connection:
        await workspaces.add(connection, workspace, 1)
        await connections.put_app(connection, WORKSPACE, App("https://x", "", ""))
        await connections.put_grant(connection, WORKSPACE, grant)
        await sweeps.put(connection, ORG, Sweep(1, "first", 1, ("Email", "Phone"), ended_at=1))


async def main() -> None:
    people, path = int(os.environ["PEOPLE"]), Path(os.environ["FILE"])
    database = Database(f"sqlite:///{path}")
    await set_up(database)
    empty = psutil.Process().memory_info().rss
    told = {"rss": empty, "bytes": fill(path, people), "texts": texts(people)}
    async with aiosqlite.connect(path) as bare:
        await listen_to_orders(0, Shelf(database, bare, people).look_up, **told)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
