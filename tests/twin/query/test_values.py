"""SOQL values: how each type of field is read, compared, sorted and shown."""

from dataclasses import replace

import pytest

from sidebar.twin.query.values import folding

from .conftest import World


@pytest.fixture
def kinds(world: World) -> World:
    world.put("gold", "Contact", LastName="Gold", Tier__c="Gold", Interests__c="Events;Offers", Credit_Limit__c=250.5,
              Preferred_Time__c="09:30:00.000Z", MailingCity="Leeds", MailingStreet="1 Mill Row")  # fmt: skip
    world.put("bronze", "Contact", LastName="Bronze", Tier__c="Bronze", Interests__c="Events", Credit_Limit__c=100,
              Preferred_Time__c="17:00:00.000Z", HasOptedOutOfEmail=True)  # fmt: skip
    world.put("silver", "Contact", LastName="Silver", Tier__c="Silver", Credit_Limit__c=None)
    return world


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Interests__c INCLUDES ('events')", ["Gold", "Bronze"]),
        ("Interests__c INCLUDES ('Events;Offers', 'Training')", ["Gold"]),
        ("Interests__c EXCLUDES ('Offers')", ["Bronze", "Silver"]),
        ("Interests__c = 'Offers;Events'", ["Gold"]),
        ("Interests__c != 'Offers;Events'", ["Bronze", "Silver"]),
        ("Credit_Limit__c > USD100", ["Gold"]),
        ("Credit_Limit__c IN (100, 7)", ["Bronze"]),
        ("Credit_Limit__c >= .5", ["Gold", "Bronze"]),
        ("Credit_Limit__c < = +100", ["Bronze"]),
        ("Credit_Limit__c = null", ["Silver"]),
        ("Preferred_Time__c < 12:00:00Z", ["Gold"]),
        ("Preferred_Time__c = 17:00:00.000Z", ["Bronze"]),
        ("Preferred_Time__c = 17:00:00.0Z", ["Bronze"]),
        ("HasOptedOutOfEmail = TRUE", ["Bronze"]),
        ("HasOptedOutOfEmail != true", ["Gold", "Silver"]),
        ("Tier__c LIKE '%o%'", ["Gold", "Bronze"]),
        ("Tier__c NOT IN ('gold', null)", ["Bronze", "Silver"]),
        ("toLabel(Tier__c) = 'gold'", ["Gold"]),
        ("Greeting__c != null AND MailingCity = 'LEEDS'", ["Gold"]),
        (r"LastName = 'GOLD\n'", []),
    ],
)
def test_each_kind_of_value_is_compared_its_own_way(kinds: World, where: str, found: list[str]) -> None:
    assert kinds.values(f"SELECT LastName FROM Contact WHERE Tier__c != null AND ({where})") == found


def test_a_picklist_is_sorted_by_its_values_not_by_its_letters(kinds: World) -> None:
    """SOQL reference, ORDER BY: picklists follow the order of Setup."""
    text = "SELECT Tier__c FROM Contact WHERE Tier__c != null ORDER BY Tier__c"
    assert kinds.values(text) == ["Bronze", "Silver", "Gold"]
    assert kinds.values(f"{text} DESC LIMIT 1") == ["Gold"]
    [best] = kinds.ask("SELECT MAX(Tier__c), MIN(Credit_Limit__c) low FROM Contact")
    assert (best["expr0"], best["low"]) == ("Gold", 100)


def test_a_field_that_regards_case_is_compared_by_it(kinds: World) -> None:
    field = kinds.org.schema["contact"].fields["ext_id__c"]
    assert folding(field)("Ab") == folding(field)("aB")
    strict = replace(field, case_sensitive=True)
    assert folding(strict)("Ab") != folding(strict)("aB")


def test_compound_fields_are_shown_whole_or_by_part(kinds: World) -> None:
    [row] = kinds.ask("SELECT mailingaddress, MAILINGCITY, Name FROM Contact WHERE Id = '{gold}'")
    assert list(row) == ["attributes", "MailingAddress", "MailingCity", "Name"]
    assert (row["MailingAddress"]["city"], row["MailingAddress"]["street"]) == ("Leeds", "1 Mill Row")
    assert kinds.values("SELECT MailingAddress FROM Contact WHERE Id = '{silver}'") == [None]


def test_labels_take_the_place_of_values_under_the_field_or_an_alias(kinds: World) -> None:
    [row] = kinds.ask("SELECT Tier__c, toLabel(Tier__c) label FROM Contact WHERE Id = '{gold}'")
    assert (row["Tier__c"], row["label"]) == ("Gold", "Gold")
    assert kinds.values("SELECT toLabel(Interests__c) FROM Contact WHERE Id = '{gold}'") == ["Events;Offers"]


def test_fields_stand_for_what_the_user_may_read(kinds: World) -> None:
    [everything] = kinds.ask("SELECT FIELDS(ALL) FROM Contact WHERE Id = '{gold}' LIMIT 200")
    [standard] = kinds.ask("SELECT FIELDS(STANDARD) FROM Contact WHERE Id = '{gold}'")
    [custom] = kinds.ask("SELECT Id, FIELDS(CUSTOM) FROM Contact WHERE Id = '{gold}' LIMIT 1")
    assert {"Id", "MailingAddress", "Tier__c"} <= set(everything)
    assert set(everything) == set(standard) | set(custom)
    assert set(standard) & set(custom) == {"attributes", "Id"}
    [account] = kinds.ask("SELECT Id, (SELECT FIELDS(STANDARD) FROM Contacts) FROM Account WHERE Id = '{loom}'")
    assert account["Contacts"]["records"][0]["LastName"] == "Okafor"
