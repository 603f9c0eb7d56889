"""What others are told of changed records: which, and what of them, and by whom, where an event showed it. Pure."""

from collections.abc import Container, Iterable, Iterator

from sidebar.mirror.record import names
from sidebar.salesforce.schema import Event
from sidebar.store.notices import Notice

_ALWAYS = {"LastModifiedDate", "LastModifiedById"}


def notices(org_id: str, heard: Container[str], events: Iterable[Event]) -> Iterator[Notice]:
    """One for each event, of those of its records of which it was not passed over. An event that changed nothing but
    the date has nothing to tell."""
    for event in events:
        ids = tuple(id for id in dict.fromkeys(event.header.record_ids) if id in heard)
        fields = tuple(sorted(names(event, event.changed) - _ALWAYS))
        if ids and (fields or event.header.kind != "UPDATE"):
            yield Notice(org_id, ids, fields, event.header.at_ms, event.header.user)
