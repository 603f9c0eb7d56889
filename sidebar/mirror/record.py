"""What one change event makes of our copy of a record. Pure.

Events come in the order of their commits, but our copy may know better: a walk or a second reading sees a record as it
is, while events of what was before are still on their way. So what is older than our copy is passed over, and what is
as old is taken in again, which changes nothing in the end. Change Data Capture Developer Guide.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sidebar.mirror.moments import moment
from sidebar.salesforce.schema import Event
from sidebar.store.records import Arrival, Record, Value

CONTACT = "Contact"
GONE = ("DELETE", "GAP_DELETE")
BACK = ("UNDELETE", "GAP_UNDELETE")
HERE = ("CREATE", "GAP_CREATE", *BACK)

_UNSURE = 1000
"""In ms: the moment of a commit may be a second off."""


def after(known: Record | None, event: Event, id: str, kept: Collection[str]) -> Record:
    """Our copy after this event; the same object where the event says nothing new."""
    kind, at, modified = event.header.kind, event.header.at_ms, moment(event.values.get("LastModifiedDate"))
    # Who comes back brings the date of before; only of an update it is the date of the event.
    if known and (modified if kind == "UPDATE" and modified else at + _UNSURE) < known.modified_at:
        return _created(known, at) if kind == "CREATE" else known
    match kind:
        case "CREATE" | "UNDELETE":
            sweep = known.sweep if known else 0
            return Record(id, _chosen(event, kept), modified or at, at, arrival=_arrival(known, kind), sweep=sweep)
        case "UPDATE" if known and known.counts:
            return _updated(known, event, modified, kept)
        case _:
            return _soiled(known or Record(id, {}, 0, 0, arrival="due"), kind, at)


def _created(known: Record, at: int) -> Record:
    """A walk has met the record, and has left it to this event to say that it is new."""
    return replace(known, arrival="due", appeared_at=at) if known.counts and known.arrival == "old" else known


def names(event: Event, marked: Collection[str]) -> set[str]:
    """What the marks of an event say, under the names REST has."""
    return {name for mark in marked for name, _ in _marked(event, mark)}


def _marked(event: Event, mark: str) -> Iterator[tuple[str, Value]]:
    """What one mark stands for, and is told; some events mark a compound as a whole."""
    parent, _, part = mark.rpartition(".")
    whole = event.values.get(parent or mark)
    if not isinstance(whole, Mapping):
        yield (_part(parent, part) if parent else mark), None if parent else _plain(whole)
    elif parent:
        yield _part(parent, part), _plain(whole.get(part))
    else:
        yield from ((_part(mark, each), _plain(inner)) for each, inner in whole.items())


def _updated(known: Record, event: Event, modified: int, kept: Collection[str]) -> Record:
    """Values that are marked as changed, and yet neither told nor cleared, are hidden from us or told as a diff."""
    diffed, nulled = names(event, event.diffed), names(event, event.nulled)
    marked = dict(each for mark in event.changed for each in _marked(event, mark) if each[0] in kept)
    changed = {name: None if name in diffed else value for name, value in marked.items()}
    if any(value is None and name not in nulled for name, value in changed.items()):
        return replace(known, dirty=True)
    values = {name: value for name, value in known.values.items() if name in kept}
    return replace(known, values=values | changed, modified_at=modified or known.modified_at)


def _soiled(before: Record, kind: str, at: int) -> Record:
    """To be read again."""
    if kind in GONE:
        return replace(before, deleted=True, dirty=True, modified_at=max(at, before.modified_at))
    if kind in HERE and _arrival(before, kind) == "due":
        return replace(before, deleted=False, dirty=True, arrival="due", appeared_at=at)
    return replace(before, dirty=True)


def _arrival(known: Record | None, kind: str) -> Arrival:
    """Nobody is created twice: a creation that comes again makes nobody new, but who was gone and is back is."""
    is_back = known is not None and known.deleted and kind in BACK
    return "done" if known and known.arrival == "done" and not is_back else "due"


def _chosen(event: Event, kept: Collection[str]) -> dict[str, Value]:
    told = dict(_flat(event.values))
    return {name: told.get(name) for name in kept}


def _flat(values: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
    """What is told, parts of compounds under the names REST has for them."""
    for name, value in values.items():
        if value is None:  # most of them
            continue
        if isinstance(value, Mapping):
            yield from ((_part(name, part), _plain(inner)) for part, inner in value.items())
        else:
            yield name, _plain(value)


def _plain(value: object) -> Value:
    return value if isinstance(value, str | int | float) else None


def _part(compound: str, part: str) -> str:
    """Name.LastName → LastName, MailingAddress.City → MailingCity, Site__c.Latitude → Site__Latitude__s."""
    if compound.endswith("__c"):
        return f"{compound.removesuffix('c')}{part}__s"
    return part if compound == "Name" else compound.removesuffix("Address") + part
