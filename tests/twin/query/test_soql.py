"""SOQL: the constructs the twin speaks, and refusals that name what it does not."""

import time

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org
from sidebar.twin.query import soql

from ..conftest import Clock


@pytest.fixture
def people(org: Org, clock: Clock) -> Org:
    actor = Actor(org.admin)
    account = org.create(actor, "Account", {"Name": "Brightloom Ltd"})
    rows = [
        {"LastName": "Okafor", "Email": "Amara@Brightloom.example", "AccountId": account, "Birthdate": "1984-02-29"},
        {"LastName": "O'Hara", "Title": "50% owner", "Phone": "(415) 555-0100"},
        {"LastName": "Weiß", "FirstName": "Jürgen", "Title": "Einkaufsleiter", "MailingLatitude": 53.5},
    ]
    for row in rows:
        org.create(actor, "Contact", row)
        clock.wait(hours=24)
    return org


def last_names(org: Org, rest: str) -> list[object]:
    return [row["LastName"] for row in records(org, f"SELECT LastName FROM Contact {rest}")]


def records(org: Org, text: str) -> list[dict[str, object]]:
    return [dict(row) for row in soql.shown(soql.run(org, org.admin, text), 0, 2000, "60.0")]


def refusal(org: Org, text: str) -> SalesforceError:
    with pytest.raises(SalesforceError) as refused:
        soql.run(org, org.admin, text)
    return refused.value


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Email = 'amara@BRIGHTLOOM.example'", ["Okafor"]),
        ("email IN ('x@x.example', 'amara@brightloom.example')", ["Okafor"]),
        ("Email NOT IN ('amara@brightloom.example')", ["O'Hara", "Weiß"]),
        ("Email = null", ["O'Hara", "Weiß"]),
        ("Email != null", ["Okafor"]),
        ("Email != 'amara@brightloom.example'", ["O'Hara", "Weiß"]),
        (r"LastName = 'O\'Hara'", ["O'Hara"]),
        (r"LastName = 'Wei\u00df'", ["Weiß"]),
        ("LastName LIKE 'o%'", ["Okafor", "O'Hara"]),
        ("LastName LIKE '_kafor'", ["Okafor"]),
        (r"Title LIKE '50\%%'", ["O'Hara"]),
        (r"Title LIKE '%\%'", []),
        ("Phone LIKE '%415%555%0100%'", ["O'Hara"]),
        ("Account.Name = 'brightloom ltd'", ["Okafor"]),
        ("Account.Name = null", ["O'Hara", "Weiß"]),
        ("NOT (LastName LIKE 'O%')", ["Weiß"]),
        ("(LastName = 'Okafor' OR LastName = 'Weiß') AND Email = null", ["Weiß"]),
        ("Birthdate = 1984-02-29", ["Okafor"]),
        ("Birthdate < TODAY", ["Okafor"]),
        ("MailingLatitude >= 53.5", ["Weiß"]),
        ("IsDeleted = false AND FirstName <> null", ["Weiß"]),
        ("CreatedDate >= 2026-11-23T08:00:00Z", ["O'Hara", "Weiß"]),
        ("CreatedDate = YESTERDAY", ["Weiß"]),
        ("CreatedDate = LAST_N_DAYS:2", ["O'Hara", "Weiß"]),
        ("CreatedDate > TODAY", []),
        ("LastName > 'okb'", ["Weiß"]),
    ],
)
def test_a_where_finds_exactly_these(people: Org, where: str, found: list[str]) -> None:
    assert last_names(people, f"WHERE {where}") == found


def test_rows_come_in_the_order_asked_for(people: Org) -> None:
    assert last_names(people, "ORDER BY LastName") == ["O'Hara", "Okafor", "Weiß"]
    assert last_names(people, "ORDER BY FirstName DESC NULLS LAST, LastName DESC") == ["Weiß", "Okafor", "O'Hara"]
    assert last_names(people, "ORDER BY CreatedDate DESC LIMIT 1 OFFSET 1") == ["O'Hara"]


def test_an_id_is_found_by_15_or_18_characters(people: Org) -> None:
    id_ = people.changes[-1].id
    assert last_names(people, f"WHERE Id = '{id_}'") == last_names(people, f"WHERE Id IN ('{id_[:15]}')") == ["Weiß"]


def test_parents_are_nested_and_null_where_there_is_none(people: Org) -> None:
    first, second, _ = records(people, "SELECT name, ACCOUNT.NAME, Account.Owner.Name FROM contact")
    assert list(first) == ["attributes", "Name", "Account"]
    assert first["Account"] == {
        "attributes": {"type": "Account", "url": "/services/data/v60.0/sobjects/Account/0015e0000000001AAA"},
        "Name": "Brightloom Ltd",
        "Owner": {
            "attributes": {"type": "User", "url": "/services/data/v60.0/sobjects/User/0055e0000000001AAA"},
            "Name": "Morgan Vale",
        },
    }
    assert second["Account"] is None


def test_count_counts_without_records(people: Org) -> None:
    found = soql.run(people, people.admin, "select count() from Contact where Email = null")
    assert (found.total, found.rows) == (2, [])


def test_organization_and_user_can_be_asked(org: Org) -> None:
    [row] = records(org, "SELECT Id, Name, OrganizationType, IsSandbox FROM Organization LIMIT 1")
    assert (row["Id"], row["OrganizationType"], row["IsSandbox"]) == (org.id, "Developer Edition", False)
    [user] = records(org, "SELECT Id FROM User WHERE Username = 'robin@brightside.example' AND IsActive = true")
    assert user["Id"] == org.colleague.id


def test_an_unknown_column_is_named_with_the_caret_below_it(org: Org) -> None:
    error = refusal(org, "SELECT Bacon__c FROM Account LIMIT 2")
    assert error.body() == [
        {
            "message": "\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\nNo such column "
            "'Bacon__c' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' "
            "after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            "errorCode": "INVALID_FIELD",
        }
    ]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("SELEKT Id FROM Contact", "MALFORMED_QUERY", "unexpected token: SELEKT"),
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY", "FIELDS function must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 201", "MALFORMED_QUERY", "LIMIT of at most 200"),
        (
            "SELECT FIELDS(CUSTOM) FROM User LIMIT 1",
            "MALFORMED_QUERY",
            "must result in at least one field",
        ),
        ("SELECT FIELDS(SOME) FROM User LIMIT 1", "MALFORMED_QUERY", "unexpected token: some"),
        ("SELECT Id, FIELDS(STANDARD) FROM User", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT LastName name FROM Contact", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Contact", "MALFORMED_QUERY", "TYPEOF (not spoken"),
        ("SELECT FORMAT(CreatedDate) FROM Contact", "MALFORMED_QUERY", "FORMAT (not spoken by this twin)"),
        ("SELECT toLabel(LeadSource, Id) FROM Contact", "MALFORMED_QUERY", "unexpected token: ,"),
        (
            "SELECT Id FROM Contact WHERE DISTANCE(MailingAddress, GEOLOCATION(1, 2), 'mi') < 9",
            "MALFORMED_QUERY",
            "DISTANCE (not spoken by this twin)",
        ),
        ("SELECT Id FROM Contact FOR UPDATE", "MALFORMED_QUERY", "FOR UPDATE (not spoken"),
        ("SELECT Id FROM Contact UPDATE TRACKING", "MALFORMED_QUERY", "UPDATE TRACKING (not spoken"),
        (
            "SELECT Id FROM Contact WITH DATA CATEGORY Geo__c AT asia__c",
            "MALFORMED_QUERY",
            "WITH DATA (not",
        ),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Contact LIMIT 1 ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Contact LIMIT -1", "MALFORMED_QUERY", "unexpected token: -1"),
        ("SELECT Id FROM Contact WHERE LastName = bob", "MALFORMED_QUERY", "unexpected token: bob"),
        ("SELECT Id FROM Contact WHERE LastName = '" + "x" * 4001 + "'", "MALFORMED_QUERY", "4000"),
        ("SELECT Id FROM Contact WHERE LastName = '" + "x" * 100_000 + "'", "MALFORMED_QUERY", "100000"),
        ("SELECT Id FROM Contact WHERE Preferred_Time__c = 25:00:00Z", "INVALID_FIELD", "must be of type time"),
        ("SELECT Id FROM Contact WHERE LastName > USD5", "INVALID_FIELD", "must be of type string"),
        ("SELECT Id FROM Contact WHERE MailingAddress = 'x'", "INVALID_FIELD", "Distance expressions"),
        (
            "SELECT Id FROM Contact WHERE AccountId > '00100'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: 00100",
        ),
        ("SELECT Id FROM Contact WHERE LastName INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "on string field"),
        ("SELECT Id FROM Contact WHERE IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "on boolean field"),
        ("SELECT Id FROM Contact WHERE LastName = 'a' AND Id = null OR Id = null", "MALFORMED_QUERY", "OR"),
        ("SELECT Id FROM Contact WHERE LastName = 'open", "MALFORMED_QUERY", "'"),
        (r"SELECT Id FROM Contact WHERE LastName = 'a\x'", "MALFORMED_QUERY", r"\x"),
        ("SELECT Id FROM Contact LIMIT 1.5", "MALFORMED_QUERY", "1.5"),
        ("SELECT Id FROM", "MALFORMED_QUERY", "<EOF>"),
        ("select count() from XYZZY", "INVALID_TYPE", "Row:1:Column:21\nsObject type 'XYZZY' is not supported"),
        ("SELECT Foo.Name FROM Contact", "INVALID_FIELD", "relationship 'Foo'"),
        ("SELECT Id, id FROM Contact", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD", "must be of type string"),
        ("SELECT Id FROM Contact WHERE Birthdate = '1984-02-29'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE Birthdate = 1984-02-30", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Contact WHERE CreatedDate = 2026-11-22", "INVALID_FIELD", "must be of type dateTime"),
        (
            "SELECT Id FROM Contact ORDER BY Description",
            "MALFORMED_QUERY",
            "field 'Description' can not be sorted in a query call",
        ),
        (
            "SELECT Id FROM Contact WHERE Id = '0035e0000000001AAB'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: 0035e0000000001AAB",
        ),
        ("SELECT Id FROM Contact WHERE CreatedDate LIKE '2026%'", "INVALID_QUERY_FILTER_OPERATOR", "datetime"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        (
            "SELECT Id FROM Contact WHERE " + "(Id = null AND " * 900 + "Id = null" + ")" * 900,
            "QUERY_TOO_COMPLICATED",
            "",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(org: Org, text: str, code: str, named: str) -> None:
    error = refusal(org, text)
    assert (error.status, error.code) == (400, code)
    assert named in error.message


def test_a_description_cannot_be_filtered(org: Org) -> None:
    error = refusal(org, "SELECT Id FROM Contact WHERE Description = 'x'")
    assert error.code == "INVALID_FIELD"
    assert error.message.endswith("field 'Description' can not be filtered in a query call")


def test_a_hidden_field_does_not_exist_for_support(people: Org) -> None:
    for text in ("SELECT Birthdate FROM Contact", "SELECT Id FROM Contact WHERE Birthdate != null ORDER BY Id"):
        with pytest.raises(SalesforceError, match="No such column 'Birthdate' on entity 'Contact'"):
            soql.run(people, people.colleague, text)


def test_a_hostile_pattern_stays_cheap(org: Org) -> None:
    org.load("Contact", [{"LastName": "a" * 80, "Title": "a" * 120}])
    started = time.process_time()
    assert last_names(org, f"WHERE Title LIKE '{'%a' * 60}%b'") == []
    assert time.process_time() - started < 0.5


def test_an_email_among_many_is_found_without_reading_all(org: Org) -> None:
    ids = org.load("Contact", ({"LastName": f"L{n}", "Email": f"p{n}@many.example"} for n in range(20_000)))
    started = time.process_time()
    for number in range(200):
        text = f"SELECT Id FROM Contact WHERE Email = 'P{number}@many.example' AND IsDeleted = false"
        assert [row["Id"] for row in records(org, text)] == [ids[number]]
    assert time.process_time() - started < 2
