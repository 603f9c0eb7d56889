"""A record as Salesforce would tell it, made from our own copy at no call; None where the copy cannot tell all of it.

The copy holds a Contact's own fields. What Salesforce makes of several (a name from its parts, the name of an account)
is learnt from what was read there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sidebar.cache import Cache
from sidebar.contacts.fields import Spec
from sidebar.salesforce.client import JSON, Record, moment
from sidebar.store import connections, records
from sidebar.store.database import Database
from sidebar.store.records import Value

RELATED_SECONDS = 4 * 3600  # an account that is renamed tells its contacts nothing
_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a workspace shows of a record, and may see of it."""

    workspace_id: str
    known: Mapping[str, Spec]
    shown: Sequence[str]


class Copies:
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._names: Cache[tuple[str, str], str] = Cache(seconds=RELATED_SECONDS, size=50_000, clock=clock)
        self._modified: Cache[tuple[str, str], int] = Cache(seconds=RELATED_SECONDS, size=50_000, clock=clock)
        self._family_first: dict[str, bool] = {}

    async def learn(self, org_id: str, wanted: Wanted, found: Sequence[Record]) -> None:
        """From what Salesforce told: how records and those they refer to are called."""
        for record in found:
            changed = int(moment(str(record["LastModifiedDate"])).timestamp())
            self._modified.put((wanted.workspace_id, str(record["Id"])), changed)
            for spec in wanted.known.values():
                related = record.get(spec.relationship) if spec.relationship else None
                if isinstance(related, dict) and record.get(spec.name):
                    self._names.put((wanted.workspace_id, str(record[spec.name])), str(related.get("Name") or ""))
        if found and wanted.workspace_id not in self._family_first:
            async with self._database.read() as connection:
                copies = await records.of(connection, org_id, [str(record["Id"]) for record in found])
            self._learn_order(wanted.workspace_id, found, copies)

    async def record(self, org_id: str, id: str, wanted: Wanted) -> Record | None:
        async with self._database.read() as connection:
            copy = (await records.of(connection, org_id, [id])).get(id)
            users = await connections.users(connection, org_id)
        if copy is None or not copy.counts or not copy.modified_at or len(users) > 1:
            return None  # what one user sees of a record another may not
        if copy.modified_at // 1000 < (self._modified.get((wanted.workspace_id, id)) or 0):
            return None  # Salesforce has told something newer: its event is still on the way
        name = self._name(wanted, copy.values)
        values = {**copy.values, "Name": name}
        own = {each: values[each] for each in wanted.shown if each in values and each in wanted.known}
        related = self._related(wanted, own)
        told = all(each in own and not wanted.known[each].calculated for each in wanted.shown if each in wanted.known)
        if name is None or related is None or not told:
            return None
        return {**own, **related, "Id": id, "Name": name, "LastModifiedDate": _moment(copy.modified_at)}

    def forget(self, workspace_id: str) -> None:
        for cache in (self._names, self._modified):
            cache.drop(lambda key: key[0] == workspace_id)
        self._family_first.pop(workspace_id, None)

    def _related(self, wanted: Wanted, own: Mapping[str, Value]) -> dict[str, JSON] | None:
        found: dict[str, JSON] = {}
        for spec in (wanted.known[name] for name, value in own.items() if value and wanted.known[name].relationship):
            name = self._names.get((wanted.workspace_id, str(own[spec.name])))
            if name is None:
                return None
            found[spec.relationship] = {"Name": name}
        return found

    def _learn_order(self, workspace_id: str, found: Sequence[Record], copies: Mapping[str, records.Record]) -> None:
        """Salesforce writes names in the order of the connected user's locale, which only a name it wrote shows."""
        for record in (each for each in found if str(each["Id"]) in copies):
            first, middle, last, suffix = _parts(copies[str(record["Id"])].values)
            ways = {f"{first} {last}": False, f"{last} {first}": True}
            if first and last and not middle and not suffix and len(ways) == 2 and record.get("Name") in ways:
                self._family_first[workspace_id] = ways[str(record["Name"])]

    def _name(self, wanted: Wanted, values: Mapping[str, Value]) -> str | None:
        if any(part in wanted.known and part not in values for part in _PARTS):
            return None
        first, middle, last, suffix = _parts(values)
        family_first = self._family_first.get(wanted.workspace_id)
        if not first and not middle and not suffix:
            return last
        if family_first is None or (family_first and (middle or suffix)):
            return None
        return " ".join(filter(None, (last, first) if family_first else (first, middle, last, suffix)))


def _parts(values: Mapping[str, Value]) -> Sequence[str]:
    return [str(values.get(part) or "") for part in _PARTS]


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}+0000"
