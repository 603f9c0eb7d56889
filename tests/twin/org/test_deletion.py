"""The bin: what goes along, what comes back, and what is gone for ever."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org

from ..conftest import Clock


@pytest.fixture
def actor(org: Org) -> Actor:
    return Actor(org.admin)


def test_what_went_along_comes_back_with_the_record(org: Org, actor: Actor):
    account = org.create(actor, "Account", {"Name": "Brightloom Ltd"})
    contact = org.create(actor, "Contact", {"LastName": "Okafor", "AccountId": account})
    task = org.create(actor, "Task", {"Subject": "Call", "WhoId": contact})
    before = {name: org.row(name, id_) for name, id_ in (("Account", account), ("Contact", contact), ("Task", task))}
    org.delete(actor, "Account", account)
    assert [org.row("Contact", contact), org.row("Task", task)] == [None, None]
    count = len(org.changes)
    org.undelete(actor, "Account", account[:15])
    assert {name: org.row(name, str(row and row["Id"])) for name, row in before.items()} == before
    told = org.changes[count:]
    assert [(change.kind, change.object) for change in told] == [
        ("UNDELETE", "Account"),
        ("UNDELETE", "Contact"),
        ("UNDELETE", "Task"),
    ]
    assert len({change.transaction for change in told}) == 1
    assert told[1].row["LastName"] == "Okafor"


def test_a_record_in_the_bin_says_when_it_went_there(org: Org, actor: Actor, clock: Clock):
    contact = org.create(actor, "Contact", {"LastName": "Okafor"})
    clock.wait(hours=1)
    org.delete(actor, "Contact", contact)
    assert org.tables["Contact"].bin[contact]["SystemModstamp"] == "2026-11-22T09:00:00.000+0000"
    assert org.changes[-1].row["SystemModstamp"] == "2026-11-22T08:00:00.000+0000"


def test_a_cut_link_is_tied_again_unless_it_was_replaced(org: Org, actor: Actor):
    """Apex Developer Guide: an undelete restores lookup relationships that have not been replaced."""
    boss, other = (org.create(actor, "Contact", {"LastName": name}) for name in ("Weiss", "Raman"))
    faithful, moved = (org.create(actor, "Contact", {"LastName": name, "ReportsToId": boss}) for name in "AB")
    org.delete(actor, "Contact", boss)
    org.update(actor, "Contact", moved, {"ReportsToId": other})
    org.undelete(actor, "Contact", boss)
    assert [org.tables["Contact"].live[id_]["ReportsToId"] for id_ in (faithful, moved)] == [boss, other]


def test_only_what_lies_in_the_bin_by_itself_comes_back(org: Org, actor: Actor):
    account = org.create(actor, "Account", {"Name": "Brightloom Ltd"})
    contact = org.create(actor, "Contact", {"LastName": "Okafor", "AccountId": account})
    for _ in ("alive", "gone along"):
        with pytest.raises(SalesforceError, match="UNDELETE_FAILED: Entity is not in the recycle bin"):
            org.undelete(actor, "Contact", contact)
        if contact in org.tables["Contact"].live:
            org.delete(actor, "Account", account)


def test_a_record_comes_back_without_links_to_what_is_gone_meanwhile(org: Org, actor: Actor):
    account = org.create(actor, "Account", {"Name": "Brightloom Ltd"})
    contact = org.create(actor, "Contact", {"LastName": "Okafor", "AccountId": account})
    org.delete(actor, "Contact", contact)
    org.delete(actor, "Account", account)
    org.undelete(actor, "Contact", contact)
    assert "AccountId" not in org.tables["Contact"].live[contact]


def test_an_external_id_given_away_meanwhile_keeps_its_first_owner_in_the_bin(org: Org, actor: Actor):
    first = org.create(actor, "Contact", {"LastName": "Okafor", "Ext_Id__c": "crm-7"})
    org.delete(actor, "Contact", first)
    org.create(actor, "Contact", {"LastName": "Raman", "Ext_Id__c": "crm-7"})
    with pytest.raises(SalesforceError, match="DUPLICATE_VALUE"):
        org.undelete(actor, "Contact", first)
    assert first in org.tables["Contact"].bin


def test_a_contact_with_cases_is_kept(org: Org, actor: Actor):
    contact = org.create(actor, "Contact", {"LastName": "Okafor"})
    org.create(actor, "Case", {"Subject": "It hums", "ContactId": contact})
    with pytest.raises(SalesforceError, match=r"attempt to delete Okafor could not be completed.*cases.: 00000001"):
        org.delete(actor, "Contact", contact)
    assert contact in org.tables["Contact"].live


def test_a_purged_record_is_told_as_deleted_and_leaves_nothing(org: Org, actor: Actor):
    contact = org.create(actor, "Contact", {"LastName": "Okafor"})
    task = org.create(actor, "Task", {"Subject": "Call", "WhoId": contact})
    org.purge(actor, "Contact", contact)
    assert [(change.kind, change.id) for change in org.changes[-2:]] == [("DELETE", contact), ("DELETE", task)]
    assert not org.tables["Contact"].bin
    assert not org.tables["Task"].bin
    for refused in (org.undelete, org.purge, org.delete):
        with pytest.raises(SalesforceError, match=r"UNDELETE_FAILED|NOT_FOUND|INVALID_CROSS_REFERENCE_KEY"):
            refused(actor, "Contact", contact)


def test_a_bin_is_emptied_without_a_word(org: Org, actor: Actor):
    contact = org.create(actor, "Contact", {"LastName": "Okafor"})
    org.delete(actor, "Contact", contact)
    count = len(org.changes)
    org.purge(actor, "Contact", contact)
    assert len(org.changes) == count
    assert org.create(actor, "Contact", {"LastName": "Raman"}) != contact
