"""SOSL: found by words as a search index would find them, phones by the twin's conservative model."""

import time

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org
from sidebar.twin.org.permissions import Profile
from sidebar.twin.org.rows import JSON
from sidebar.twin.query import parameterized, search

from ..conftest import Clock


@pytest.fixture
def people(org: Org) -> Org:
    rows = [
        {"LastName": "Whitfield", "FirstName": "Dana", "Phone": "(415) 555-0100", "Email": "dana@harborpine.example"},
        {"LastName": "Lee", "Phone": "415.555.0100", "Title": "Paralegal"},
        {"LastName": "Raman", "Phone": "1-415-555-0100"},
        {"LastName": "Okafor", "OtherPhone": "(0044) 1632 960 123", "Email": "amara.okafor@brightloom.example"},
        {"LastName": "Weiß", "MobilePhone": "0171 / 392 00 34"},
        {"LastName": "山田", "FirstName": "花子"},
    ]
    for row in rows:
        org.create(Actor(org.admin), "Contact", row)
    return org


def found(org: Org, text: str) -> list[object]:
    statement = f"FIND {text} RETURNING Contact(LastName)"
    return [row["LastName"] for row in search.run(org, org.admin, statement, "60.0")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{4155550100} IN PHONE FIELDS", ["Whitfield", "Lee", "Raman"]),
        ("{14155550100} IN Phone FIELDS", ["Raman"]),
        ("{4155550100 OR 01713920034} IN PHONE FIELDS", ["Whitfield", "Lee", "Raman", "Weiß"]),
        ("{1713920034} IN PHONE FIELDS", []),
        ("{00441632960123} IN PHONE FIELDS", ["Okafor"]),
        ("{0044*} IN PHONE FIELDS", ["Okafor"]),
        (r"{\(415\) 555\-0100} IN PHONE FIELDS", ["Whitfield", "Lee", "Raman"]),
        ("{dana@harborpine.example} IN EMAIL FIELDS", ["Whitfield"]),
        ('{"harborpine example"} IN EMAIL FIELDS', ["Whitfield"]),
        ('{"example harborpine"} IN EMAIL FIELDS', []),
        ("{example AND NOT dana} IN EMAIL FIELDS", ["Okafor"]),
        ("{DANA} IN NAME FIELDS", ["Whitfield"]),
        ("{paralegal} IN NAME FIELDS", []),
        ("{paralegal}", ["Lee"]),
        ("{山田} IN NAME FIELDS", ["山田"]),
        ("{(dana OR amara) example} IN ALL FIELDS", ["Whitfield", "Okafor"]),
        ("{w?it*} IN NAME FIELDS", ["Whitfield"]),
    ],
)
def test_a_term_finds_exactly_these(people: Org, text: str, names: list[str]) -> None:
    assert found(people, text) == names


def test_the_index_follows_writes(people: Org) -> None:
    assert found(people, "{415*} IN PHONE FIELDS") == ["Whitfield", "Lee", "Raman"]
    lee = people.changes[1].id
    people.update(Actor(people.admin), "Contact", lee, {"Phone": "020 7946 0123"})
    people.delete(Actor(people.admin), "Contact", people.changes[2].id)
    assert found(people, "{4155550100} IN PHONE FIELDS") == ["Whitfield"]
    assert found(people, "{02079460123} IN PHONE FIELDS") == ["Lee"]


def test_a_new_record_is_invisible_until_the_index_has_caught_up(people: Org, clock: Clock) -> None:
    people.setup.search_lag_ms = 15 * 60 * 1000
    assert found(people, "{dana}") == []
    clock.wait(hours=0.25)
    assert found(people, "{dana}") == ["Whitfield"]


def test_a_returning_can_filter_order_and_limit(people: Org) -> None:
    text = "FIND {4155550100} RETURNING Contact(LastName WHERE LastName != 'Lee' ORDER BY LastName LIMIT 1), Account"
    assert [row["LastName"] for row in search.run(people, people.admin, text, "60.0")] == ["Raman"]


def test_one_object_gives_at_most_250_rows(org: Org) -> None:
    org.load("Contact", ({"LastName": f"Twin {n}"} for n in range(300)))
    assert len(search.run(org, org.admin, "FIND {Twin}", "60.0")) == 250
    assert len(search.run(org, org.admin, "FIND {Twin} RETURNING Contact LIMIT 7", "60.0")) == 7


def test_a_field_hidden_from_the_user_finds_nothing(people: Org) -> None:
    people.profiles["Support"] = Profile("Support", hidden=frozenset({"Contact.Phone"}))
    assert search.run(people, people.colleague, "FIND {4155550100} RETURNING Contact", "60.0") == []


def test_phones_and_mails_of_the_org_s_own_are_looked_in(people: Org) -> None:
    people.load("Contact", [{"LastName": "Kim", "WhatsApp__c": "+82 2-312-3456", "Second_Email__c": "k@im.example"}])
    assert found(people, "{8223123456} IN PHONE FIELDS") == found(people, "{k@im.example} IN EMAIL FIELDS") == ["Kim"]


def test_an_accent_is_no_obstacle_but_a_letter_is(people: Org) -> None:
    people.load("Contact", [{"LastName": "Ångström"}])
    assert found(people, "{angstrom}") == found(people, "{ÅNGSTRÖM}") == ["Ångström"]
    assert found(people, "{weis*}") == []


def test_a_row_is_unfindable_while_its_last_write_is_younger_than_the_lag(people: Org, clock: Clock) -> None:
    people.setup.search_lag_ms = 60_000
    clock.wait(seconds=60)
    assert found(people, "{lee} IN NAME FIELDS") == ["Lee"]
    people.update(Actor(people.admin), "Contact", people.changes[1].id, {"Title": "Judge"})
    assert found(people, "{lee} IN NAME FIELDS") == []
    clock.wait(seconds=60)
    assert found(people, "{judge}") == ["Lee"]


def test_an_order_or_a_condition_lifts_the_cap_of_one_object(org: Org) -> None:
    """SOSL reference: 2,000 rows are looked at, whatever the condition says of the others."""
    org.load("Contact", ({"LastName": f"Twin {n}"} for n in range(2100)))
    for clauses, rows in {"": 250, " ORDER BY LastName": 2000, " WHERE LastName LIKE 'Twin 20%'": 11}.items():
        assert len(search.run(org, org.admin, f"FIND {{Twin}} RETURNING Contact(Id{clauses})", "60.0")) == rows


def test_several_objects_share_what_may_be_shown(org: Org) -> None:
    """SOSL reference: a LIMIT over several objects is spread evenly; what one does not need the others get."""
    org.load("Contact", ({"LastName": f"Twin {n}"} for n in range(300)))
    org.load("Lead", ({"LastName": f"Twin {n}", "Company": "Pines"} for n in range(3)))
    text = "FIND {Twin} IN NAME FIELDS RETURNING Contact(Id), Lead(Id)"
    for limit, contacts, leads in (("", 250, 3), (" LIMIT 2", 1, 1), (" LIMIT 10", 7, 3)):
        rows = search.run(org, org.admin, text + limit, "60.0")
        kinds = [str(row["attributes"]["type"]) for row in rows]
        assert kinds == ["Contact"] * contacts + ["Lead"] * leads


def test_a_long_search_loses_its_operators_and_a_very_long_one_its_rows(people: Org) -> None:
    """SOSL reference: above 4,000 characters AND becomes OR, above 10,000 nothing is found."""
    for padding, names in ((10, []), (2_000, ["Lee"]), (6_000, [])):
        assert found(people, "{lee" + " AND nobody" * (padding // 11 + 1) * 2 + "}") == names


def test_a_prefix_is_found_without_reading_every_word(org: Org) -> None:
    org.load("Contact", ({"LastName": f"Word{n}x{n}", "Title": "clerk"} for n in range(20_000)))
    search.run(org, org.admin, "FIND {clerk}", "60.0")
    started = time.process_time()
    for _ in range(200):
        assert search.run(org, org.admin, "FIND {zebra* OR yak?}", "60.0") == []
    assert time.process_time() - started < 2


def test_an_object_the_user_may_not_read_is_neither_named_nor_found(people: Org) -> None:
    people.profiles["Support"] = Profile("Support", denied=frozenset({"read Contact"}))
    assert search.run(people, people.colleague, "FIND {dana}", "60.0") == []
    with pytest.raises(SalesforceError, match="sObject type 'Contact' is not supported"):
        search.run(people, people.colleague, "FIND {dana} RETURNING Contact", "60.0")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"q": "4155550100", "in": "PHONE", "fields": ["LastName"], "sobjects": [{"name": "Contact"}]},
         ["Whitfield", "Lee", "Raman"]),
        ({"q": "4155550100", "sobjects": [{"name": "Contact", "fields": ["LastName"], "where": "LastName != 'Lee'",
          "orderBy": "LastName DESC", "limit": 1}]}, ["Whitfield"]),
        ({"q": "dana", "fields": ["LastName"], "sobjects": [{"name": "Lead"}, {"name": "contact"}], "overallLimit": 5,
          "defaultLimit": 2, "spellCorrection": False}, ["Whitfield"]),
        ({"q": "4155550100", "fields": ["LastName"], "sobjects": [{"name": "Contact"}], "offset": 2}, ["Raman"]),
        ({"q": "nobody"}, []),
    ],
)  # fmt: skip
def test_a_search_by_parameters_finds_the_same(people: Org, body: dict[str, JSON], names: list[str]) -> None:
    assert [row["LastName"] for row in parameterized.run(people, people.admin, body, "60.0")] == names


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_ARGUMENT"),
        ({"q": 5}, "JSON_PARSER_ERROR"),
        ({"q": "dana} RETURNING User(Id"}, "MALFORMED_SEARCH"),
        ({"q": "dana", "in": "LEGS"}, "INVALID_SEARCH_SCOPE"),
        ({"q": "dana", "sobjects": {"name": "Contact"}}, "JSON_PARSER_ERROR"),
        ({"q": "dana", "sobjects": ["Contact"]}, "JSON_PARSER_ERROR"),
        ({"q": "dana", "sobjects": [{"name": "Contact(Id), User"}]}, "INVALID_FIELD"),
        ({"q": "dana", "sobjects": [{"name": "Nobody"}]}, "INVALID_TYPE"),
        ({"q": "dana", "sobjects": [{"name": "Contact", "fields": ["Bacon"]}]}, "INVALID_FIELD"),
        ({"q": "dana", "sobjects": [{"name": "Contact", "where": "Id != null), User(Id"}]}, "MALFORMED_SEARCH"),
        ({"q": "dana", "sobjects": [{"name": "Contact", "where": "Bacon = 1"}]}, "INVALID_FIELD"),
        ({"q": "dana", "sobjects": [{"name": "Contact", "orderBy": 5}]}, "JSON_PARSER_ERROR"),
        ({"q": "dana", "overallLimit": 2001}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"q": "dana", "defaultLimit": True, "sobjects": [{"name": "Contact"}]}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"q": "dana", "offset": 1, "sobjects": [{"name": "Contact"}, {"name": "Lead"}]}, "INVALID_SEARCH"),
        ({"q": "dana", "snippet": "x"}, "JSON_PARSER_ERROR"),
    ],
)
def test_parameters_that_make_no_search_are_refused(people: Org, body: dict[str, JSON], code: str) -> None:
    with pytest.raises(SalesforceError) as refused:
        parameterized.run(people, people.admin, body, "60.0")
    assert (refused.value.status, refused.value.code) == (400, code)


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("FIND 415 IN PHONE FIELDS", "MALFORMED_SEARCH", "must be enclosed in braces"),
        ("FIND {}", "MALFORMED_SEARCH", "No search term found"),
        ("FIND {+14155550100}", "MALFORMED_SEARCH", "+"),
        ('FIND {"+14155550100"}', "MALFORMED_SEARCH", '"'),
        ('FIND {"a&b"}', "MALFORMED_SEARCH", '"'),
        ("FIND {*0100}", "MALFORMED_SEARCH", "wildcard"),
        ("FIND {a}", "MALFORMED_SEARCH", "longer than one character"),
        ("FIND {dana} WITH NETWORK = 'x'", "MALFORMED_SEARCH", "WITH NETWORK"),
        ("FIND {dana} RETURNING Contact(Id USING ListView=Recent)", "MALFORMED_SEARCH", "USING ListView (not spoken"),
        ("FIND {dana} IN LEGS FIELDS", "MALFORMED_SEARCH", "LEGS"),
        ("FIND {dana} RETURNING Organization(Id)", "INVALID_TYPE", "Organization"),
        ("FIND {dana} RETURNING Contact(FORMAT(Id))", "MALFORMED_QUERY", "FORMAT (not spoken"),
        ("FIND {" + "x" * 100_000 + "}", "MALFORMED_SEARCH", "100000"),
        ("FIND {dana} RETURNING Nobody(Id)", "INVALID_TYPE", "Nobody"),
        ("FIND {dana} RETURNING Contact(Bacon)", "INVALID_FIELD", "Bacon"),
        ("FIND {" + "(a AND NOT " * 330 + "lee" + ")" * 330 + "}", "MALFORMED_SEARCH", "nested"),
    ],
)
def test_a_search_that_cannot_be_read_is_refused_by_name(people: Org, text: str, code: str, named: str) -> None:
    with pytest.raises(SalesforceError) as refused:
        search.run(people, people.admin, text, "60.0")
    assert refused.value.code == code
    assert named in refused.value.message
