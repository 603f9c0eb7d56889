"""Who has an e-mail address or a phone number, told from our own copies at no call: a Search that is at home.

Must not know whether the copies are current: that is asked before.
"""

from collections.abc import Collection, Mapping, Sequence

from sidebar.contacts.fields import Spec
from sidebar.contacts.search import MOST, Tried, is_same
from sidebar.identity import email_key
from sidebar.store import connections, marks, records, sweeps
from sidebar.store.database import AsyncConnection, Database
from sidebar.store.records import Record

_PARTIAL = ("first", "fields")  # walks before whose end our copies lack people, or fields of them


class Here:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, org_id: str, known: Mapping[str, Spec], region: str, addresses: Sequence[Tried]
    ) -> tuple[str, list[str]] | None:
        """As Search.find, with ids; None where only Salesforce can tell, as that nobody has a number: it knows more
        ways to write one."""
        emails, phones = ([spec.name for spec in known.values() if spec.type == kind] for kind in ("email", "phone"))
        async with self._database.read() as connection:
            if not await _is_whole(connection, org_id, [*emails, *phones]):
                return None
            asked = {str(each.key) for each in addresses if each.kind == "email" and each.key}
            found = await _having(connection, org_id, {f"e:{key}" for key in asked})
            same = [each for each in found if any(email_key(str(each.values.get(name))) in asked for name in emails)]
            if same or any(each.dirty for each in found):
                return _ranked("email", found, same)
            numbers = [each for each in addresses if each.kind == "phone" and each.key]
            tails = {mark for each in numbers if (mark := marks.of_phone(str(each.key)))}
            found = await _having(connection, org_id, tails)
        if not numbers:
            return "", []
        same = [each for each in found if is_same(each.values, numbers, phones, region)]
        return _ranked("phone", found, same) if same else None


def _ranked(rule: str, found: Sequence[Record], same: Sequence[Record]) -> tuple[str, list[str]] | None:
    """Latest changed first; None where it is not known how one of them is now."""
    if any(each.dirty for each in found):
        return None
    latest = sorted(same, key=lambda each: each.modified_at, reverse=True)
    return rule, [each.id for each in latest[:MOST]]


async def _is_whole(connection: AsyncConnection, org_id: str, needed: Collection[str]) -> bool:
    """Every Contact has been read, with all its addresses, by the only user the org is connected as."""
    sweep = await sweeps.of(connection, org_id)
    if sweep is None or (sweep.runs and sweep.reason in _PARTIAL) or sweep.then in _PARTIAL:
        return False
    return set(needed) <= set(sweep.columns) and len(await connections.users(connection, org_id)) == 1


async def _having(connection: AsyncConnection, org_id: str, wanted: Collection[str]) -> list[Record]:
    ids = await marks.find(connection, org_id, wanted) if wanted else []
    return [each for each in (await records.of(connection, org_id, ids)).values() if not each.deleted]
