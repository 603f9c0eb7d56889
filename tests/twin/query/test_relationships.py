"""SOQL over relationships: parents, children, whoever a lookup points to, and semi-joins."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org.permissions import Profile
from sidebar.twin.query import soql

from .conftest import World


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT Name FROM Contact WHERE Account.Owner.Name = 'morgan vale' ORDER BY Account.Name, Name DESC",
         ["Amara Okafor", "Lee", "Dana Whitfield"]),
        ("SELECT c.LastName FROM Contact c WHERE c.Account.Name LIKE 'b%'", ["Okafor"]),
        ("SELECT c.LastName FROM Contact AS c, c.Account a WHERE a.Industry = 'Retail' ORDER BY c.LastName",
         ["Lee", "Whitfield"]),
        ("SELECT Contact.LastName FROM Contact WHERE ReportsTo.Account.Id = '{pine}'", ["Lee"]),
        ("SELECT Subject FROM Task WHERE Who.Type = 'Lead'", ["Mail"]),
        ("SELECT Subject FROM Task WHERE Who.LastName = 'okafor' AND What.Name != null", ["Call"]),
        ("SELECT Subject FROM Task WHERE What.Type = 'Account'", ["Call"]),
        ("SELECT Subject FROM Task WHERE WhoId = '{lead}'", ["Mail"]),
        ("SELECT Id FROM Subscription__c WHERE Contact__r.LastName = 'Okafor'", ["{basic}"]),
        ("SELECT LastName FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Industry = 'Retail')"
         " ORDER BY LastName", ["Lee", "Whitfield"]),
        ("SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity)", ["Brightloom Ltd"]),
        ("SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE Amount > 1000)"
         " AND Id IN (SELECT AccountId FROM Contact)", ["Harbor & Pine"]),
        ("SELECT Subject FROM Task WHERE WhoId IN (SELECT Id FROM Lead)", ["Mail"]),
        ("SELECT LastName FROM Contact USING SCOPE mine WHERE AccountId = null", []),
        ("SELECT LastName FROM Contact WHERE OwnerId = '{admin}' AND AccountId = null WITH USER_MODE", []),
        ("SELECT LastName FROM Contact USING SCOPE everything WHERE AccountId = null FOR VIEW", ["Weiß"]),
    ],
)  # fmt: skip
def test_a_relationship_finds_exactly_these(world: World, text: str, found: list[str]) -> None:
    assert world.values(text) == [each.format(**world.ids) for each in found]


def test_children_are_a_query_result_of_their_own_and_null_when_there_are_none(world: World) -> None:
    """The shape is that of a recorded query for Accounts with their Contacts."""
    text = (
        "SELECT Account.Name, (SELECT Contact.LastName FROM Account.Contacts ORDER BY LastName), (SELECT Id FROM Cases)"
    )
    loom, pine = world.ask(f"{text} FROM Account ORDER BY Name")
    assert loom["Contacts"] == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Contact", "url": f"/services/data/v60.0/sobjects/Contact/{world.ids['amara']}"},
                "LastName": "Okafor",
            }
        ],
    }
    assert [row["LastName"] for row in pine["Contacts"]["records"]] == ["Lee", "Whitfield"]
    assert pine["Cases"] is None


def test_children_are_filtered_and_limited_for_each_parent(world: World) -> None:
    text = "SELECT Id, (SELECT Id FROM Contacts c WHERE c.LastName != 'Lee' LIMIT 1) FROM Account ORDER BY Name"
    assert [row["Contacts"]["totalSize"] for row in world.ask(text)] == [1, 1]
    [row] = world.ask("SELECT Id, (SELECT Account__r.Name FROM Subscriptions__r) FROM Contact WHERE Id = '{amara}'")
    assert row["Subscriptions__r"]["records"][0]["Account__r"]["Name"] == "Brightloom Ltd"


def test_a_page_ends_earlier_when_its_rows_have_children(world: World) -> None:
    found = soql.run(world.org, world.org.admin, "SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY Name")
    assert [soql.page_end(found, 0, size) for size in (1, 2, 3, 4, 5)] == [1, 1, 1, 1, 2]


def test_a_lookup_to_several_objects_shows_the_object_name(world: World) -> None:
    mail, call = world.ask("SELECT Who.Name, Who.Type, What.Name FROM Task ORDER BY Subject DESC")
    assert mail["Who"] == {
        "attributes": {"type": "Name", "url": f"/services/data/v60.0/sobjects/Lead/{world.ids['lead']}"},
        "Name": "Novak",
        "Type": "Lead",
    }
    assert mail["What"] is None
    assert call["Who"]["Type"] == "Contact"


def test_the_bin_is_seen_by_query_all_only(world: World) -> None:
    world.org.tables["Contact"].put({**world.org.tables["Contact"].live[world.ids["lee"]], "IsDeleted": True})
    text = "SELECT IsDeleted FROM Contact WHERE LastName IN ('Lee', 'Okafor') ORDER BY LastName"
    assert world.values(text) == [False]
    found = soql.run(world.org, world.org.admin, text, deleted=True)
    assert [row["IsDeleted"] for row in soql.shown(found, 0, 9, "60.0")] == [True, False]
    by_account = f"SELECT COUNT() FROM Contact WHERE AccountId = '{world.ids['pine']}'"
    assert [soql.run(world.org, world.org.admin, by_account, deleted=each).total for each in (False, True)] == [1, 2]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("SELECT Foo.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Foo' in field path"),
        ("SELECT Account__r.Name FROM Contact", "INVALID_FIELD", "relationship 'Account__r'"),
        ("SELECT ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.Id FROM Contact", "INVALID_FIELD",
         "'ReportsTo'"),
        ("SELECT Who.Company FROM Task", "INVALID_FIELD", "No such column 'Company' on entity 'Name'"),
        ("SELECT What.Owner.Name FROM Task", "INVALID_FIELD", "relationship 'Owner'"),
        ("SELECT Id, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE",
         "Didn't understand relationship 'Contact' in FROM part of query call."),
        ("SELECT Id, (SELECT Id FROM Contacts, Cases) FROM Account", "INVALID_TYPE", "'Cases'"),
        ("SELECT (SELECT (SELECT Id FROM Cases) FROM Contacts) FROM Account", "MALFORMED_QUERY", "more than 1 level"),
        ("SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY", "only root queries support"),
        ("SELECT (SELECT COUNT() FROM Contacts) FROM Account", "MALFORMED_QUERY", "only root queries support"),
        ("SELECT (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account", "INVALID_FIELD", "duplicate"),
        ("SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)", "MALFORMED_QUERY", "an id field"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT AccountId FROM Contact)", "MALFORMED_QUERY",
         "should not be on the same object type"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Opportunity)", "MALFORMED_QUERY",
         "The selected field 'Id' in the subquery and the left operand field in the where expression in the outer "
         "query 'AccountId' should point to the same object type"),
        ("SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Task)", "MALFORMED_QUERY", "Entity 'Task'"),
        ("SELECT Id FROM Contact WHERE Id = null OR AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Contact WHERE Id = null AND (Id = null OR AccountId IN (SELECT Id FROM Account))",
         "MALFORMED_QUERY", "only allowed at the top level"),
        ("SELECT Id FROM Contact WHERE NOT AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "top level"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT AccountId FROM Case WHERE ContactId IN"
         " (SELECT Id FROM Contact))", "MALFORMED_QUERY", "Nesting of semi join"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account) AND AccountId IN (SELECT Id FROM Account)"
         " AND AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "Maximum 2 semi join"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account LIMIT 1)", "MALFORMED_QUERY", "LIMIT"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id, Name FROM Account)", "MALFORMED_QUERY", "token: ,"),
        ("SELECT Id FROM Contact c, Account a", "INVALID_TYPE", "'Account'"),
        ("SELECT Id FROM Contact USING SCOPE team", "MALFORMED_QUERY", "USING SCOPE team (not spoken by this twin)"),
    ],
)  # fmt: skip
def test_a_relationship_that_cannot_be_followed_is_refused(world: World, text: str, code: str, named: str) -> None:
    error = world.refusal(text)
    assert (error.status, error.code) == (400, code)
    assert named in error.message


def test_more_than_twenty_child_queries_are_refused(world: World) -> None:
    children = ", ".join(["(SELECT Id FROM Contacts)"] * 21)
    assert world.refusal(f"SELECT {children} FROM Account").status == 400


def test_what_the_user_may_not_read_does_not_exist_along_the_way_either(world: World) -> None:
    world.org.profiles["Support"] = Profile(
        "Support", frozenset({"Account.Industry", "Lead.LastName"}), denied=frozenset({"read Opportunity"})
    )
    for text, message in {
        "SELECT Account.Industry FROM Contact": "No such column 'Industry' on entity 'Account'",
        "SELECT (SELECT Id FROM Opportunities) FROM Account": "relationship 'Opportunities'",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity)": "sObject type 'Opportunity'",
        "SELECT Id FROM Opportunity": "sObject type 'Opportunity'",
    }.items():
        with pytest.raises(SalesforceError, match=message):
            soql.run(world.org, world.org.colleague, text)
    found = soql.run(world.org, world.org.colleague, "SELECT Who.LastName FROM Task WHERE Subject = 'Mail'")
    assert soql.shown(found, 0, 1, "60.0")[0]["Who"]["LastName"] is None
