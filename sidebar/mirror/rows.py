"""Rows as the data API gives them: which columns to ask for, and what they make of our copy of a record. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sidebar.mirror.bulk import Imports, Made
from sidebar.mirror.moments import moment
from sidebar.salesforce.client import Record as Row
from sidebar.store.records import Record, Value

_ALWAYS = ("Id", "IsDeleted", "MasterRecordId", "CreatedDate", "CreatedById", "LastModifiedDate")


def columns(kept: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys([*_ALWAYS, *sorted(kept)]))


def seen(before: Record | None, row: Row, kept: Collection[str]) -> Record:
    """A row that lives. Who was not known, or came back from the bin unheard of, is to be let in."""
    values: dict[str, Value] = {name: _plain(row.get(name)) for name in kept}
    modified = moment(row["LastModifiedDate"])
    fresh = Record(str(row["Id"]), values, modified, moment(row["CreatedDate"]), arrival="due")
    if before is None:
        return fresh
    if before.deleted:
        return replace(fresh, appeared_at=modified, sweep=before.sweep)
    appeared = before.appeared_at or fresh.appeared_at
    return replace(fresh, appeared_at=appeared, arrival=before.arrival, sweep=before.sweep)


def gone(before: Record) -> Record:
    """Of a record that is no more nothing is kept but that."""
    return replace(before, values={}, deleted=True, dirty=False)


def differs(before: Record | None, now: Record) -> bool:
    return before is None or before.deleted != now.deleted or before.values != now.values


def imports(rows: Iterable[Row]) -> Mapping[str, str]:
    """Evidence by record id, as far as rows tell who made how many together."""
    made = (Made(str(row["Id"]), str(row["CreatedById"]), moment(row["CreatedDate"])) for row in rows)
    return Imports().judge(list(made))


def master(row: Row | None) -> str | None:
    """Whom a record was merged into."""
    found = row.get("MasterRecordId") if row else None
    return str(found) if found else None


def _plain(value: object) -> Value:
    return value if value is None or isinstance(value, bool | int | float | str) else None
