"""A lead becomes a contact: what is made, what is told, and what the lead is good for afterwards."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org

LEAD = {
    "FirstName": "Amara",
    "LastName": "Okafor",
    "Company": "Brightloom Ltd",
    "Email": "amara@brightloom.example",
    "City": "Leeds",
    "Industry": "Retail",
}


@pytest.fixture
def actor(org: Org) -> Actor:
    return Actor(org.colleague)


@pytest.fixture
def lead(org: Org, actor: Actor) -> str:
    return org.create(actor, "Lead", LEAD)


def test_a_lead_becomes_an_account_a_contact_and_an_opportunity(org: Org, actor: Actor, lead: str):
    """Change Data Capture Developer Guide, "Lead Conversion": three creates and the lead's update share a key."""
    count = len(org.changes)
    made = org.convert_lead(Actor(org.admin), lead[:15], opportunity_name="Rollout")
    told = org.changes[count:]
    assert [(change.kind, change.object) for change in told] == [
        ("CREATE", "Account"),
        ("CREATE", "Contact"),
        ("CREATE", "Opportunity"),
        ("UPDATE", "Lead"),
    ]
    assert len({change.transaction for change in told}) == 1
    assert {"Status", "IsConverted", "ConvertedDate"} < set(told[3].changed)
    account, contact, deal = (change.row for change in told[:3])
    assert (account["Name"], account["Industry"], account["BillingCity"]) == ("Brightloom Ltd", "Retail", "Leeds")
    assert (contact["Name"], contact["MailingCity"], contact["OwnerId"]) == ("Amara Okafor", "Leeds", org.colleague.id)
    assert contact["AccountId"] == deal["AccountId"] == account["Id"]
    assert (deal["Name"], deal["StageName"], deal["CloseDate"]) == ("Rollout", "Prospecting", "2026-12-31")
    row = org.row("Lead", lead)
    assert row is not None
    assert [row[f"Converted{name}"] for name in ("AccountId", "ContactId", "OpportunityId", "Date")] == [
        made.account,
        made.contact,
        made.opportunity,
        "2026-11-22",
    ]
    assert (row["IsConverted"], row["Status"]) == (True, "Closed - Converted")


def test_given_records_are_used_and_only_their_empty_fields_filled(org: Org, actor: Actor, lead: str):
    account = org.create(actor, "Account", {"Name": "Brightloom Holding"})
    contact = org.create(actor, "Contact", {"LastName": "Okafor-Hale", "AccountId": account})
    made = org.convert_lead(actor, lead, account=account[:15], contact=contact[:15])
    assert (made.account, made.contact, made.opportunity) == (account, contact, None)
    assert org.tables["Account"].live[account]["Name"] == "Brightloom Holding"
    assert org.tables["Contact"].live[contact].items() >= {"LastName": "Okafor-Hale", "Email": LEAD["Email"]}.items()


def test_open_tasks_go_to_the_contact(org: Org, actor: Actor, lead: str):
    waiting = org.create(actor, "Task", {"Subject": "Call", "WhoId": lead})
    done = org.create(actor, "Task", {"Subject": "Call", "WhoId": lead, "Status": "Completed"})
    made = org.convert_lead(actor, lead)
    tasks = org.tables["Task"].live
    assert (tasks[waiting]["WhoId"], tasks[waiting]["AccountId"]) == (made.contact, made.account)
    assert tasks[done]["WhoId"] == lead


def test_a_converted_lead_is_closed_for_good(org: Org, actor: Actor, lead: str):
    org.convert_lead(actor, lead)
    for late in (
        lambda: org.update(actor, "Lead", lead, {"Title": "Buyer"}),
        lambda: org.convert_lead(actor, lead),
        lambda: org.create(actor, "Task", {"Subject": "Call", "WhoId": lead}),
    ):
        with pytest.raises(SalesforceError, match="cannot reference converted lead") as refused:
            late()
        assert refused.value.code == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_a_conversion_that_cannot_be_makes_nothing(org: Org, actor: Actor, lead: str):
    stranger = org.create(actor, "Contact", {"LastName": "Raman"})
    account = org.create(actor, "Account", {"Name": "Brightloom Ltd"})
    count = len(org.changes)
    with pytest.raises(SalesforceError, match="INSUFFICIENT_ACCESS_OR_READONLY"):
        org.convert_lead(actor, lead, opportunity_name="Not for Support")
    for into in (account, None):
        with pytest.raises(SalesforceError, match="INVALID_CROSS_REFERENCE_KEY"):
            org.convert_lead(actor, lead, account=into, contact=stranger)
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        org.convert_lead(actor, lead, account="0015e00000zzzzz")
    assert len(org.changes) == count
