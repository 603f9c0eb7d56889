"""Transactions: what the org tells of writes that belong together, and that a failure leaves no trace."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Change, Org
from tests.twin.conftest import Clock


@pytest.fixture
def actor(org: Org) -> Actor:
    return Actor(org.admin)


def create(org: Org, *names: str) -> list[str]:
    return [org.create(Actor(org.admin), "Account", {"Name": name}) for name in names]


def told(org: Org) -> list[tuple[str, tuple[str, ...], int]]:
    return [(change.kind, change.ids, change.sequence) for change in org.changes]


def since(org: Org, start: int) -> list[Change]:
    assert len({change.transaction for change in org.changes[start:]}) == 1
    return org.changes[start:]


def test_several_writes_of_one_record_are_one_event_of_the_first_kind(org: Org, actor: Actor):
    with org.transaction():
        (account,) = create(org, "Brightloom")
        org.update(actor, "Account", account, {"Phone": "+44 20 7946 0001"})
        org.update(actor, "Account", account, {"Phone": "+44 20 7946 0002"})
    assert told(org) == [("CREATE", (account,), 1)]
    assert org.changes[0].row["Phone"] == "+44 20 7946 0002"


def test_an_update_names_what_differs_from_before_the_transaction(org: Org, actor: Actor):
    (account,) = create(org, "Brightloom")
    with org.transaction():
        org.update(actor, "Account", account, {"Phone": "1", "Site": "York"})
        org.update(actor, "Account", account, {"Phone": None})
    (change,) = since(org, 1)
    assert set(change.changed) == {"LastModifiedDate", "Site"}
    assert change.before["Site"] is None


def test_three_creations_in_one_transaction_stay_apart(org: Org):
    """Recorded: three accounts inserted by one statement came as three events, numbered 1 to 3."""
    with org.transaction():
        accounts = create(org, "One", "Two", "Three")
    assert told(org) == [("CREATE", (account,), number) for number, account in enumerate(accounts, 1)]
    assert len({change.transaction for change in org.changes}) == 1


def test_equal_updates_of_twenty_records_are_two_events_of_all_of_them(org: Org, actor: Actor):
    """Recorded so: the first tells LastModifiedDate only, the second the field only."""
    accounts = tuple(create(org, *map(str, range(20))))
    with org.transaction():
        for account in accounts:
            org.update(actor, "Account", account, {"Site": "Leeds"})
    when, what = since(org, 20)
    assert (when.ids, when.sequence, when.changed) == (accounts, 1, ("LastModifiedDate",))
    assert (what.ids, what.sequence, what.changed) == (accounts, 2, ("Site",))


def test_different_updates_are_not_merged(org: Org, actor: Actor):
    one, two = create(org, "One", "Two")
    with org.transaction():
        org.update(actor, "Account", one, {"Site": "Leeds"})
        org.update(actor, "Account", two, {"Site": "York"})
    assert told(org)[2:] == [("UPDATE", (one,), 1), ("UPDATE", (two,), 2)]


def test_deletions_are_merged_and_numbered_with_the_rest(org: Org, actor: Actor):
    winner, *losers = create(org, "One", "Two", "Three")
    with org.transaction():
        org.update(actor, "Account", winner, {"Site": "Leeds"})
        for loser in losers:
            org.delete(actor, "Account", loser)
    assert told(org)[3:] == [("UPDATE", (winner,), 1), ("DELETE", tuple(losers), 2)]


def test_what_came_and_went_in_one_transaction_is_not_told(org: Org, actor: Actor):
    with org.transaction():
        (account,) = create(org, "Brightloom")
        org.delete(actor, "Account", account)
    assert org.changes == []


def test_an_updated_record_that_is_deleted_is_told_as_deleted(org: Org, actor: Actor):
    (account,) = create(org, "Brightloom")
    with org.transaction():
        org.update(actor, "Account", account, {"Site": "Leeds"})
        org.delete(actor, "Account", account)
    assert told(org)[1:] == [("DELETE", (account,), 1)]
    assert org.changes[1].row["Name"] == "Brightloom"


def test_a_record_out_of_the_bin_is_told_whole(org: Org, actor: Actor):
    (account,) = create(org, "Brightloom")
    org.delete(actor, "Account", account)
    table = org.tables["Account"]
    org.ledger.write(actor, table, {**table.bin[account], "IsDeleted": None})
    assert told(org)[2:] == [("UNDELETE", (account,), 1)]
    assert org.changes[2].row["Name"] == "Brightloom"


def test_emptying_the_bin_is_not_told(org: Org, actor: Actor):
    (account,) = create(org, "Brightloom")
    org.delete(actor, "Account", account)
    org.ledger.purge(org.tables["Account"], account)
    assert [kind for kind, *_ in told(org)] == ["CREATE", "DELETE"]


def test_a_failure_undoes_the_whole_transaction_and_tells_nothing(org: Org, actor: Actor):
    (account,) = create(org, "Brightloom")
    with pytest.raises(SalesforceError), org.transaction():
        org.update(actor, "Account", account, {"Site": "Leeds"})
        create(org, "Second")
        org.update(actor, "Account", account, {"Nonsense": "x"})
    assert told(org) == [("CREATE", (account,), 1)]
    assert [row["Name"] for row in org.rows("Account")] == ["Brightloom"]
    assert "Site" not in org.tables["Account"].live[account]


def test_a_failed_part_leaves_the_rest_of_the_transaction(org: Org):
    with org.transaction():
        create(org, "One")
        with pytest.raises(SalesforceError), org.transaction():
            create(org, "Two")
            create(org, "x" * 300)
        create(org, "Three")
    assert [change.row["Name"] for change in since(org, 0)] == ["One", "Three"]


def test_the_editor_is_named_only_when_it_is_another_one(org: Org, actor: Actor, clock: Clock):
    (account,) = create(org, "Brightloom")
    for user, named in ((org.admin, False), (org.integration, True), (org.integration, False)):
        clock.wait(seconds=5)
        org.update(Actor(user), "Account", account, {"Site": str(clock.now)})
        assert ("LastModifiedById" in org.changes[-1].changed) == named


def test_too_many_changes_in_one_transaction_end_in_one_overflow_an_object(org: Org, actor: Actor):
    """Every changed field counts (Change Data Capture Developer Guide, "Overflow Events")."""
    org.setup.switch({"overflow_after": 5})
    (account,) = create(org, "Brightloom")
    with org.transaction():
        org.update(actor, "Account", account, {"Site": "Leeds", "Phone": "1", "Fax": "2"})
        create(org, "Fits")
        create(org, "Too many", "Too many as well")
        org.create(actor, "Contact", {"LastName": "Okafor"})
    found = since(org, 1)
    assert [change.kind for change in found] == ["UPDATE", "CREATE", "GAP_OVERFLOW", "GAP_OVERFLOW"]
    assert [change.object for change in found[2:]] == ["Account", "Contact"]
    assert {change.ids for change in found[2:]} == {("000000000000000AAA",)}
    assert [change.sequence for change in found] == [1, 2, 3, 4]


def test_a_gap_names_the_record_and_nothing_else(org: Org, actor: Actor):
    org.faults.switch({"gap_writes": 1})
    with org.transaction():
        one, two = create(org, "One", "Two")
    gap, whole = org.changes
    assert (gap.kind, gap.ids, gap.row, gap.actor.origin) == ("GAP_CREATE", (one,), {}, "")
    assert (whole.kind, whole.ids, whole.sequence) == ("CREATE", (two,), 2)
    assert gap.transaction != whole.transaction, "a gap's transaction is the database's"
    assert org.faults.gap_writes == 0


def test_a_field_of_another_kind_loses_its_values_and_is_told_by_a_wildcard(org: Org, actor: Actor):
    org.add_field("Account", name="Rank__c", label="Rank", type="string")
    (account,) = create(org, "Brightloom")
    org.update(actor, "Account", account, {"Rank__c": "first"})
    org.change_type("Account", "Rank__c", "double")
    wildcard = org.changes[-1]
    assert (wildcard.kind, wildcard.ids, wildcard.changed) == ("UPDATE", ("001*",), ())
    assert "Rank__c" not in org.tables["Account"].live[account]


def test_a_picklist_that_becomes_a_checkbox_is_a_gap_of_those_who_had_a_value(org: Org, actor: Actor):
    org.add_field("Account", name="Rank__c", label="Rank", type="picklist")
    one, _ = create(org, "One", "Two")
    org.update(actor, "Account", one, {"Rank__c": "first"})
    org.change_type("Account", "Rank__c", "boolean")
    assert told(org)[-1] == ("GAP_UPDATE", (one,), 1)


def test_a_longer_text_is_a_change_of_nothing(org: Org):
    org.add_field("Account", name="Rank__c", label="Rank", type="string")
    create(org, "Brightloom")
    org.change_type("Account", "Rank__c", "longtextarea", 32_768)
    assert len(org.changes) == 1
