"""The org itself: what a write leaves behind, who hears of it, and what survives a restart."""

from pathlib import Path

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Change, Org
from sidebar.twin.org.permissions import Rule

from ..conftest import Clock


def test_a_new_record_has_every_field_of_the_describe(org: Org) -> None:
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "FirstName": "Amara"})
    row = org.row("Contact", id_)
    assert row is not None
    assert list(row) == [field["name"] for field in org.describe(org.admin, "Contact")["fields"]]
    assert row["Name"] == "Amara Okafor"
    assert row["OwnerId"] == row["CreatedById"] == org.admin.id
    assert row["CreatedDate"] == "2026-11-22T08:00:00.000+0000"
    assert row["IsDeleted"] is False
    assert row["Email"] is None


def test_an_address_is_made_of_its_parts(org: Org) -> None:
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "MailingCity": "Leeds"})
    row = org.row("Contact", id_)
    assert row is not None
    assert isinstance(row["MailingAddress"], dict)
    assert row["MailingAddress"]["city"] == "Leeds"
    assert row["MailingAddress"]["street"] is None
    assert row["OtherAddress"] is None


def test_an_update_names_what_it_changed(org: Org, clock: Clock) -> None:
    heard: list[Change] = []
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "FirstName": "Amara", "Title": "Lead"})
    org.on_change(heard.append)
    clock.wait(seconds=5)
    org.update(Actor(org.colleague), "Contact", id_, {"FirstName": "Ama", "Title": "Lead"})
    assert set(heard[0].changed) == {"FirstName", "LastModifiedDate", "LastModifiedById"}
    assert heard[0].row["Name"] == "Ama Okafor"
    org.update(Actor(org.colleague), "Contact", id_, {})
    assert heard[1].changed == ("LastModifiedDate",)
    assert heard == org.changes[1:]


def test_deleting_an_account_takes_its_contacts_along_in_one_transaction(org: Org) -> None:
    actor = Actor(org.admin)
    account = org.create(actor, "Account", {"Name": "Brightloom Ltd"})
    boss = org.create(actor, "Contact", {"LastName": "Okafor", "AccountId": account})
    free = org.create(actor, "Contact", {"LastName": "Weiß", "ReportsToId": boss})
    org.delete(actor, "Account", account)
    deleted = [change for change in org.changes if change.kind == "DELETE"]
    assert [(change.object, change.id, change.sequence) for change in deleted] == [
        ("Account", account, 1),
        ("Contact", boss, 2),
    ]
    assert deleted[0].transaction == deleted[1].transaction
    assert deleted[1].row["LastName"] == "Okafor"
    left = org.row("Contact", free)
    assert left is not None
    assert left["ReportsToId"] is None


def test_a_refused_write_changes_nothing_and_nobody_hears_of_it(org: Org) -> None:
    id_ = org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Title": "Lead"})
    before, count = org.row("Contact", id_), len(org.changes)
    with pytest.raises(SalesforceError, match="real job title"):
        org.update(Actor(org.admin), "Contact", id_, {"FirstName": "New", "Title": "TEST"})
    assert org.row("Contact", id_) == before
    assert len(org.changes) == count


def test_a_rule_can_be_added(org: Org) -> None:
    org.rules.append(Rule("Contact", "Department", "Not that one.", lambda row: row.get("Department") == "Ops"))
    with pytest.raises(SalesforceError) as refused:
        org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Department": "Ops"})
    assert refused.value.body() == [
        {"message": "Not that one.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Department"]}
    ]


def test_an_org_with_a_file_finds_itself_as_it_was_left(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "twin" / "org.db"
    first = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    [loaded] = first.load("Contact", [{"LastName": "Whitfield", "Email": "dana@harborpine.example"}])
    made = first.create(Actor(first.colleague), "Contact", {"LastName": "Raman"})
    gone = first.create(Actor(first.admin), "Contact", {"LastName": "Lee"})
    first.delete(Actor(first.admin), "Contact", gone)
    token = first.grant(first.integration)
    first.close()
    again = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    assert again.row("Contact", loaded) == first.row("Contact", loaded)
    assert again.changes == first.changes
    assert again.session(token) == again.integration
    assert again.client_secret == first.client_secret
    with pytest.raises(SalesforceError, match="ENTITY_IS_DELETED"):
        again.update(Actor(again.admin), "Contact", gone, {})
    assert again.create(Actor(again.admin), "Contact", {"LastName": "New"}) not in {loaded, made, gone}
    again.close()


def test_changes_are_kept_for_72_hours(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "org.db"
    first = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    first.create(Actor(first.admin), "Contact", {"LastName": "Old"})
    clock.wait(hours=71)
    recent = first.create(Actor(first.admin), "Contact", {"LastName": "Recent"})
    first.close()
    clock.wait(hours=2)
    again = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    assert [change.id for change in again.changes] == [recent]
    again.close()


def test_passwords_and_tokens_do_not_show_in_reprs(org: Org) -> None:
    token = org.grant(org.admin)
    grant = org.grants.of_session(token)
    assert org.admin.password not in repr(org.admin)
    assert token not in repr(grant)


def test_what_an_administrator_changed_in_setup_outlives_a_restart(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "org.db"
    first = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    first.add_field("Contact", name="Shoe_Size__c", label="Shoe Size", type="double")
    first.remove_field("Contact", "Fax")
    made = first.create(Actor(first.admin), "Contact", {"LastName": "Okafor", "Shoe_Size__c": 43})
    gone = first.create(Actor(first.admin), "Contact", {"LastName": "Raman"})
    first.purge(Actor(first.admin), "Contact", gone)
    first.close()
    again = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    assert again.describe(again.admin, "Contact") == first.describe(first.admin, "Contact")
    row = again.row("Contact", made)
    assert row is not None
    assert row["Shoe_Size__c"] == 43.0
    assert "Fax" not in row
    assert again.tables["Contact"].bin == {}
    assert again.create(Actor(again.admin), "Contact", {"LastName": "Weiss"}) not in {made, gone}
    again.close()


def test_a_dependent_picklist_is_free_when_its_controller_goes(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "org.db"
    first = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    assert first.schema["contact"].fields["benefit__c"].controller == "Tier__c"
    first.remove_field("Contact", "Tier__c")
    benefit = first.schema["contact"].fields["benefit__c"]
    assert benefit.controller is None
    assert {value.valid_for for value in benefit.picklist} == {None}
    first.close()
    again = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    assert again.describe(again.admin, "Contact") == first.describe(first.admin, "Contact")
    again.close()


def test_what_the_org_works_out_keeps_its_type(org: Org) -> None:
    with pytest.raises(SalesforceError, match="Greeting__c"):
        org.change_type("Contact", "greeting__c", "double")
    org.remove_field("Contact", "Greeting__c")
    with pytest.raises(SalesforceError, match="Greeting__c"):
        org.add_field("Contact", name="Greeting__c", label="Greeting", type="double")
