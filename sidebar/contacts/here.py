"""Who has an e-mail address or a phone number, told from our own copies at no call: a Search that is at home.

Must not know whether the copies are current: that is asked before.
"""

from collections.abc import Collection, Iterable, Mapping

from sidebar.contacts.candidates import Candidate
from sidebar.contacts.people import People
from sidebar.contacts.receipt import Input
from sidebar.contacts.trail import MOST, Trail
from sidebar.store import connections, marks, records, sweeps
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.records import Record

_PARTIAL = ("first", "fields")  # walks before whose end our copies lack people, or fields of them


class Here:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, org_id: str, people: People, trail: Trail) -> None:
        """As Search.find. Sets `trail.knows_contacts` where Salesforce could not tell more of Contacts: not where
        nobody has a number, since it knows more ways to write one."""
        async with self._database.read() as connection:
            if not await _is_whole(connection, org_id, {*people.emails, *people.phones}):
                return
            emails, numbers = trail.usable("email"), trail.usable("phone")
            theirs = await _having(connection, org_id, emails)
            picked = await records.of(connection, org_id, [trail.sought.told.picked])
            sure = _take(trail, people, [*theirs, *picked.values()])
            if sure and not trail.is_settled and numbers:
                sure = _take(trail, people, await _having(connection, org_id, numbers)) and trail.is_settled
        trail.knows_contacts = sure

    async def near(self, org_id: str, people: People, trail: Trail) -> None:
        """Where nobody was found: whose number nearly is the one, as far as our copies know."""
        async with self._database.read() as connection:
            if len(await connections.users(connection, org_id)) == 1:
                _note_near(trail, people, await _having(connection, org_id, trail.usable("phone")))


def _take(trail: Trail, people: People, copies: Iterable[Record]) -> bool:
    """False where it is not known how one of them is now."""
    alive = {each.id: each for each in copies if not each.deleted}
    if any(each.dirty for each in alive.values()):
        return False
    new = [_candidate(trail, people, each) for each in alive.values()]
    trail.add("copy", 0, new)
    strong = {each.id for each in new if each.is_strong}
    _note_near(trail, people, [each for each in alive.values() if each.id not in strong])
    return True


def _note_near(trail: Trail, people: People, copies: Iterable[Record]) -> None:
    for each in list(copies)[:MOST]:
        if each.counts:
            trail.nearest += trail.compared.near(people, each.id, each.values)


def _candidate(trail: Trail, people: People, copy: Record) -> Candidate:
    clues = trail.compared.clues(people, copy.values)
    return Candidate(copy.id, people.kind, _name(copy.values), copy.modified_at, clues)


def _name(values: Mapping[str, object]) -> str:
    """For receipts; the panel shows the name as Salesforce writes it."""
    parts = (values.get(name) for name in ("FirstName", "MiddleName", "LastName", "Suffix"))
    return str(values.get("Name") or " ".join(str(part) for part in parts if part))


async def _is_whole(connection: AsyncConnection, org_id: str, needed: Collection[str]) -> bool:
    """Every Contact has been read, with all its addresses, by the only user the org is connected as."""
    sweep = await sweeps.of(connection, org_id)
    if sweep is None or (sweep.runs and sweep.reason in _PARTIAL) or sweep.then in _PARTIAL:
        return False
    return set(needed) <= set(sweep.columns) and len(await connections.users(connection, org_id)) == 1


async def _having(connection: AsyncConnection, org_id: str, inputs: Iterable[Input]) -> list[Record]:
    wanted = marks.of_keys(key for each in inputs for key in each.keys)
    ids = await marks.find(connection, org_id, wanted) if wanted else []
    return list((await records.of(connection, org_id, ids)).values())
