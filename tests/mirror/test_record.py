"""What one event makes of our copy of a record. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sidebar.mirror.record import after
from sidebar.salesforce.schema import Event
from sidebar.store.records import Record
from tests.mirror.events import INES, KEPT, NOW, VALUES, event

LATER = "2026-11-18T11:06:45.000+0000"
KNOWN = Record(INES, {"LastName": "Lefèvre", "Email": "i@lumen.example"}, NOW, NOW, arrival="done")


def told(known: Record | None, *events: Event, kept: Sequence[str] = KEPT) -> Record:
    for each in events:
        known = after(known, each, INES, kept)
    assert known is not None
    return known


def test_a_new_record_has_the_chosen_fields_and_no_other() -> None:
    record = told(None, event(INES, **VALUES), kept=("LastName", "Email", "Title"))
    assert record.values == {"LastName": "Lefèvre", "Email": "ines.lefevre@atelierlumen.example", "Title": None}
    assert (record.appeared_at, record.counts, record.arrival) == (NOW, True, "due")


def test_an_update_changes_what_it_marks() -> None:
    """An event is null where nothing changed as well as where something was cleared."""
    update = event(INES, kind="UPDATE", changed=["Title", "Email"], nulled=["Email"], Title="Owner", Email=None)
    assert told(KNOWN, update).values == {"LastName": "Lefèvre", "Email": None, "Title": "Owner"}


def test_parts_of_names_and_addresses_change_under_the_names_rest_has() -> None:
    marks = ["Name.FirstName", "MailingAddress.City"]
    parts = {"Name": {"FirstName": "Inès", "LastName": None}, "MailingAddress": {"City": "Lyon"}}
    values = told(KNOWN, event(INES, kind="UPDATE", changed=marks, **parts)).values
    assert values == {"LastName": "Lefèvre", "Email": "i@lumen.example", "FirstName": "Inès", "MailingCity": "Lyon"}


def test_parts_of_a_place_of_ones_own_are_known_by_their_names() -> None:
    place = event(INES, kind="UPDATE", changed=["Site__c.Latitude"], Site__c={"Latitude": 48.1})
    assert told(KNOWN, place, kept=("Site__Latitude__s",)).values == {"Site__Latitude__s": 48.1}


@pytest.mark.parametrize(
    "update",
    [
        event(INES, kind="UPDATE", changed=["Title"], diffed=["Title"], Title="--- \n+++ "),
        event(INES, kind="UPDATE", changed=["Title"], Title=None),
        event(INES, kind="GAP_UPDATE"),
    ],
)
def test_what_an_event_does_not_tell_is_to_be_read(update: Event) -> None:
    assert told(KNOWN, update) == replace(KNOWN, dirty=True)


def test_what_is_to_be_read_is_not_changed_by_events() -> None:
    soiled = replace(KNOWN, dirty=True)
    assert told(soiled, event(INES, kind="UPDATE", changed=["Title"], Title="Owner")) == soiled


def test_an_update_of_somebody_unknown_is_to_be_read() -> None:
    record = told(None, event(INES, kind="UPDATE", changed=["Title"], Title="Owner"))
    assert (record.dirty, record.arrival, record.appeared_at) == (True, "due", 0)


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE", "DELETE", "GAP_UPDATE", "GAP_DELETE"])
def test_what_is_older_than_our_copy_is_passed_over(kind: str) -> None:
    assert told(KNOWN, event(INES, kind=kind, at=NOW - 2000)) is KNOWN


def test_who_a_walk_met_already_is_new_by_the_event_that_tells_so_later() -> None:
    met = replace(KNOWN, arrival="old", sweep=3)
    assert told(met, event(INES, at=NOW - 2000, **VALUES)) == replace(met, arrival="due", appeared_at=NOW - 2000)


@pytest.mark.parametrize("kind", ["DELETE", "GAP_DELETE"])
def test_who_is_deleted_is_to_be_read_for_whom_they_were_merged_into(kind: str) -> None:
    record = told(KNOWN, event(INES, kind=kind, at=NOW + 1))
    assert (record.deleted, record.dirty) == (True, True)


@pytest.mark.parametrize("kind", ["UNDELETE", "GAP_UNDELETE"])
def test_who_comes_back_is_new_again(kind: str) -> None:
    record = told(KNOWN, event(INES, kind="DELETE", at=NOW + 1), event(INES, kind=kind, at=NOW + 2))
    assert (record.deleted, record.arrival, record.appeared_at) == (False, "due", NOW + 2)


def test_who_comes_back_with_the_date_of_before_is_back() -> None:
    """Whether an undeletion counts as a modification is not documented."""
    back = event(INES, kind="UNDELETE", at=NOW + 120_000, LastModifiedDate="2020-01-01T00:00:00.000+0000", **VALUES)
    record = told(KNOWN, event(INES, kind="DELETE", at=NOW + 60_000), back)
    assert (record.counts, record.values["LastName"]) == (True, "Lefèvre")


@pytest.mark.parametrize("kind", ["CREATE", "GAP_CREATE"])
def test_a_creation_that_comes_again_after_its_deletion_makes_nobody_new(kind: str) -> None:
    """Both in one second, and the process was restarted."""
    assert told(KNOWN, event(INES, kind="DELETE"), event(INES, kind=kind)).arrival == "done"


def test_a_creation_that_comes_again_stays_seen_by_the_walk_under_way() -> None:
    assert told(replace(KNOWN, sweep=7), event(INES, **VALUES)).sweep == 7
