"""Merging: the children move, the losers lie in the bin, and both are told in one transaction."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org


@pytest.fixture
def actor(org: Org) -> Actor:
    return Actor(org.admin)


def test_the_winner_gets_the_children_and_the_losers_say_whom_they_became(org: Org, actor: Actor):
    winner, loser = (org.create(actor, "Contact", {"LastName": name}) for name in "AB")
    report = org.create(actor, "Contact", {"LastName": "C", "ReportsToId": loser})
    org.update(actor, "Contact", winner, {"ReportsToId": loser})
    task = org.create(actor, "Task", {"Subject": "Call", "WhoId": loser})
    case = org.create(actor, "Case", {"Subject": "It hums", "ContactId": loser})
    count = len(org.changes)
    org.merge(actor, "Contact", winner[:15], [loser])
    live = org.tables["Contact"].live
    assert "ReportsToId" not in live[winner]
    assert live[report]["ReportsToId"] == winner
    assert org.tables["Task"].live[task]["WhoId"] == org.tables["Case"].live[case]["ContactId"] == winner
    assert org.tables["Contact"].bin[loser]["MasterRecordId"] == winner
    told = org.changes[count:]
    assert {(change.kind, change.ids) for change in told if change.object == "Contact"} == {
        ("UPDATE", (winner,)),
        ("UPDATE", (report,)),
        ("DELETE", (loser,)),
    }
    assert told[0].id == winner
    assert len({change.transaction for change in told}) == 1


@pytest.mark.parametrize("object_name", ["Account", "Lead"])
def test_three_accounts_or_leads_become_one(org: Org, actor: Actor, object_name: str):
    fields = {"Account": {"Name": "Brightloom"}, "Lead": {"LastName": "Okafor", "Company": "Brightloom"}}[object_name]
    winner, *losers = (org.create(actor, object_name, fields) for _ in range(3))
    field = {"Account": "WhatId", "Lead": "WhoId"}[object_name]
    task = org.create(actor, "Task", {"Subject": "Call", field: losers[1]})
    org.merge(actor, object_name, winner, losers)
    assert set(org.tables[object_name].bin) == set(losers)
    assert org.tables["Task"].live[task][field] == winner


def test_a_merge_that_cannot_be_leaves_everything_as_it_was(org: Org, actor: Actor):
    winner, loser = (org.create(actor, "Contact", {"LastName": name}) for name in "AB")
    gone = org.create(actor, "Contact", {"LastName": "C"})
    org.delete(actor, "Contact", gone)
    before, count = dict(org.tables["Contact"].live), len(org.changes)
    for losers, code in [
        ([loser, gone], "ENTITY_IS_DELETED"),
        ([loser, winner], "ILLEGAL_ARGUMENT"),
        ([], "ILLEGAL_ARGUMENT"),
        ([loser, "0035e00000zzzzz"], "NOT_FOUND"),
        ([loser, "0035e0000000001AAB"], "MALFORMED_ID"),
    ]:
        with pytest.raises(SalesforceError) as refused:
            org.merge(actor, "Contact", winner, losers)
        assert refused.value.code == code
    with pytest.raises(SalesforceError, match="INVALID_TYPE"):
        org.merge(actor, "Task", winner, [loser])
    assert (org.tables["Contact"].live, len(org.changes)) == (before, count)
