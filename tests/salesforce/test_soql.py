"""Texts inside SOQL and SOSL: whatever stands in them, they stay texts. The twin's own parser is the judge."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lark import Token

from sidebar.salesforce.soql import batches, term, text, texts
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org
from sidebar.twin.query import search, soql
from sidebar.twin.query.grammar import parse, unquoted

ORG = Org(clock=lambda: 1_795_000_000_000, instance_url="https://brightside.my.salesforce.com")
ORG.load(
    "Contact",
    [
        {"LastName": "Okafor", "Email": "amara@brightloom.example", "Phone": "020 7946 0123"},
        {"LastName": "Ab", "Email": "ab@x.example", "Phone": "123"},
        {"LastName": "O'Brien", "Email": "o'brien@x.example"},
        {"LastName": "Nobody"},
    ],
)
NASTY = (
    "'", "''", "\\", "\\'", "\\\\'", "' OR Email != '", "x' OR Name LIKE '%", "') OR (Email != '", "a\x00b@x.example",
    "ab\x1b@x.example", "\n", "\r\n", "\t", "\b\f", '"', "\\u0027", "\\u0027 OR Email != \\u0027", "%", "_", "\x7f",
    "\u2028", "😀", "٠", "null", "{", "}", "?",
)  # fmt: skip
anything = st.text(st.characters(codec="utf-8"), max_size=60) | st.text(
    "'\"\\ux0027%ab@.{}()[]*?&|!^~:+- \n\x00", max_size=30
)


def by_email(condition: str) -> list[str]:
    return [
        str(row["Email"]) for row in soql.run(ORG, ORG.integration, f"SELECT Email FROM Contact WHERE {condition}").rows
    ]


@given(anything)
def test_a_literal_is_read_back_as_it_was_meant(value: str) -> None:
    assert unquoted(Token("STRING", text(value))) == value


@pytest.mark.parametrize("value", NASTY)
def test_a_nasty_text_is_no_error_and_finds_nobody_else(value: str) -> None:
    assert by_email(f"Email IN {texts([value, 'ann@nowhere.example'])}") == []


@given(anything)
def test_a_query_for_any_text_finds_those_who_have_it_and_nobody_else(value: str) -> None:
    for condition in (f"Email = {text(value)}", f"Email IN {texts([value])}"):
        if value:  # = '' means null in SOQL
            assert by_email(condition) == [
                row["Email"] for row in ORG.rows("Contact") if str(row["Email"] or "").lower() == value.lower()
            ]


def test_an_apostrophe_finds_its_owner() -> None:
    assert by_email("Email = " + text("o'brien@x.example")) == ["o'brien@x.example"]


@given(st.lists(anything, min_size=1, max_size=5))
def test_a_list_has_as_many_literals_as_values(values: list[str]) -> None:
    statement = parse(f"SELECT Id FROM Contact WHERE Email IN {texts(values)}", "query")
    assert [unquoted(each) for each in statement.scan_values(lambda token: token.type == "STRING")] == values


@given(anything)
@example("}")
@example("123} IN ALL FIELDS RETURNING User")
@example("* OR a")
def test_a_search_for_any_term_stays_a_search_for_it(value: str) -> None:
    """Too few letters and digits are the only thing Salesforce may object to."""
    statement = f"FIND {{{term(value)}}} IN PHONE FIELDS RETURNING Contact(Id, Phone)"
    try:
        found = search.run(ORG, ORG.integration, statement, "67.0")
    except SalesforceError as problem:
        assert problem.code == "MALFORMED_SEARCH"
        assert "one character" in problem.message or "No search term" in problem.message
        return
    digits = "".join(character for character in value if character.isdigit())
    assert all(record["attributes"]["type"] == "Contact" for record in found)  # type: ignore[index, call-overload]
    assert all((digits and digits in str(record["Phone"]).replace(" ", "")) or "020" in digits for record in found)


@pytest.mark.parametrize("character", list("?&|!{}[]()^~*:\\\"'+-"))
def test_every_reserved_character_is_escaped_in_a_term(character: str) -> None:
    assert term(f"1{character}2") == f"1\\{character}2"


def test_digits_stay_as_they_are_in_a_term() -> None:
    assert term("442079460123") == "442079460123"


@given(st.lists(anything, max_size=40), st.integers(20, 400))
def test_batches_keep_every_value_in_order_and_within_bounds(values: list[str], most: int) -> None:
    parts = list(batches(values, most))
    assert [value for part in parts for value in part] == values
    assert all(parts)
    assert all(len(part) == 1 or sum(len(text(value)) + 2 for value in part) <= most for part in parts)
