"""SOSL: found by words as a search index would find them, phones by the twin's conservative model."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org
from sidebar.twin.org.permissions import Profile
from sidebar.twin.query import search

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
    people.search_lag_ms = 15 * 60 * 1000
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


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("FIND 415 IN PHONE FIELDS", "MALFORMED_SEARCH", "must be enclosed in braces"),
        ("FIND {}", "MALFORMED_SEARCH", "No search term found"),
        ("FIND {+14155550100}", "MALFORMED_SEARCH", "+"),
        ("FIND {*0100}", "MALFORMED_SEARCH", "wildcard"),
        ("FIND {a}", "MALFORMED_SEARCH", "longer than one character"),
        ("FIND {dana} WITH NETWORK = 'x'", "MALFORMED_SEARCH", "WITH NETWORK"),
        ("FIND {dana} RETURNING Nobody(Id)", "INVALID_TYPE", "Nobody"),
        ("FIND {dana} RETURNING Contact(Bacon)", "INVALID_FIELD", "Bacon"),
        ("FIND {" + "(dana OR " * 900 + "lee" + ")" * 900 + "}", "MALFORMED_SEARCH", "nested"),
    ],
)
def test_a_search_that_cannot_be_read_is_refused_by_name(people: Org, text: str, code: str, named: str) -> None:
    with pytest.raises(SalesforceError) as refused:
        search.run(people, people.admin, text, "60.0")
    assert refused.value.code == code
    assert named in refused.value.message
