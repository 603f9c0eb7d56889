"""SOQL that answers groups: COUNT, SUM and their like, GROUP BY, HAVING."""

import pytest

from .conftest import World


def rows(world: World, text: str) -> list[dict[str, object]]:
    answers = world.ask(text)
    assert all(row.pop("attributes") == {"type": "AggregateResult"} for row in answers)
    return answers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT COUNT(Id), COUNT(LeadSource), COUNT_DISTINCT(LeadSource) s FROM Contact",
         [{"expr0": 4, "expr1": 3, "s": 2}]),
        ("SELECT SUM(Amount), AVG(Amount), MIN(Amount) low, MAX(Name) FROM Opportunity",
         [{"expr0": 1350.5, "expr1": 675.25, "low": 100, "expr2": "Small"}]),
        ("SELECT COUNT(Id) expressly, COUNT(Id) FROM Contact WHERE LastName = 'Lee'", [{"expressly": 1, "expr0": 1}]),
        ("SELECT SUM(Amount) FROM Opportunity WHERE Name = 'none'", [{"expr0": None}]),
        ("SELECT LeadSource, COUNT(Id) n FROM Contact GROUP BY LeadSource ORDER BY LeadSource NULLS LAST",
         [{"LeadSource": "Web", "n": 2}, {"LeadSource": "Other", "n": 1}, {"LeadSource": None, "n": 1}]),
        ("SELECT Account.Name company, COUNT(Id) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC,"
         " Account.Name LIMIT 2", [{"company": "Harbor & Pine", "expr0": 2}, {"company": None, "expr0": 1}]),
        ("SELECT Account.Name FROM Contact GROUP BY Account.Name HAVING COUNT(Id) > 1", [{"Name": "Harbor & Pine"}]),
        ("SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING LeadSource LIKE 'w%' OR MAX(LastName) = 'lee'"
         " ORDER BY LeadSource", [{"LeadSource": None}, {"LeadSource": "Web"}]),
        ("SELECT StageName, SUM(Amount) FROM Opportunity GROUP BY StageName HAVING SUM(Amount) >= 1000.5",
         [{"StageName": "Prospecting", "expr0": 1250.5}]),
        ("SELECT IsDeleted FROM Contact GROUP BY IsDeleted", [{"IsDeleted": False}]),
    ],
)  # fmt: skip
def test_groups_have_exactly_these_values(world: World, text: str, found: list[dict[str, object]]) -> None:
    assert rows(world, text) == found


def test_text_is_grouped_without_regard_to_case(world: World) -> None:
    world.org.load("Contact", [{"LastName": "OKAFOR"}])
    assert rows(world, "SELECT COUNT(Id) FROM Contact GROUP BY LastName HAVING COUNT(Id) > 1") == [{"expr0": 2}]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("SELECT LastName, COUNT(Id) FROM Contact", "MALFORMED_QUERY",
         "ERROR at Row:1:Column:8\nField must be grouped or aggregated: LastName"),
        ("SELECT Id FROM Contact GROUP BY LastName", "MALFORMED_QUERY", "grouped or aggregated: Id"),
        ("SELECT LastName FROM Contact GROUP BY LastName ORDER BY Id", "MALFORMED_QUERY", "grouped or aggregated: Id"),
        ("SELECT LastName FROM Contact GROUP BY LastName HAVING Id != null", "MALFORMED_QUERY", "aggregated: Id"),
        ("SELECT FIELDS(ALL) FROM Contact GROUP BY Id LIMIT 2", "MALFORMED_QUERY", "FIELDS()"),
        ("SELECT COUNT(Id), (SELECT Id FROM Cases) FROM Contact GROUP BY Id", "MALFORMED_QUERY", "child relationships"),
        ("SELECT Description FROM Contact GROUP BY Description", "MALFORMED_QUERY",
         "field 'Description' can not be grouped in a query call"),
        ("SELECT COUNT(Description) FROM Contact", "MALFORMED_QUERY",
         "field Description does not support aggregate operator COUNT"),
        ("SELECT SUM(LastName) FROM Contact", "MALFORMED_QUERY", "aggregate operator SUM"),
        ("SELECT MAX(IsDeleted) FROM Contact", "MALFORMED_QUERY", "aggregate operator MAX"),
        ("SELECT COUNT(Id) FROM Contact LIMIT 1", "MALFORMED_QUERY",
         "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"),
        ("SELECT COUNT(Id) FROM Contact ORDER BY COUNT(Id)", "MALFORMED_QUERY", "cannot also use ORDER BY"),
        ("SELECT COUNT(Id) n, COUNT(Name) n FROM Contact", "MALFORMED_QUERY", "duplicate alias: n"),
        ("SELECT Name, Account.Name FROM Contact GROUP BY Name, Account.Name", "MALFORMED_QUERY",
         "duplicate alias: Name"),
        ("SELECT COUNT() FROM Contact GROUP BY Name", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT COUNT() FROM Contact ORDER BY Name", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT COUNT(), Id FROM Contact", "MALFORMED_QUERY", "unexpected token: ,"),
        ("SELECT SUM() FROM Contact", "MALFORMED_QUERY", "unexpected token: )"),
        ("SELECT SUM(Id, Name) FROM Contact", "MALFORMED_QUERY", "unexpected token: ,"),
        ("SELECT COUNT(Nothing) FROM Contact", "INVALID_FIELD", "No such column 'Nothing'"),
        ("SELECT Id FROM Contact HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "unexpected token: HAVING"),
        ("SELECT Id FROM Contact WHERE COUNT(Id) > 1", "MALFORMED_QUERY", "COUNT"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY ROLLUP(Name)", "MALFORMED_QUERY", "GROUP BY ROLLUP (not spoken"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY CALENDAR_YEAR(CreatedDate)", "MALFORMED_QUERY",
         "CALENDAR_YEAR (not spoken"),
    ],
)  # fmt: skip
def test_a_group_that_cannot_be_made_is_refused(world: World, text: str, code: str, named: str) -> None:
    error = world.refusal(text)
    assert (error.status, error.code) == (400, code)
    assert named in error.message


def test_more_than_2000_groups_cannot_be_paged(world: World) -> None:
    """Aggregates know no queryMore: the real error is EXCEEDED_ID_LIMIT."""
    world.org.load("Contact", ({"LastName": f"L{number}"} for number in range(2001)))
    assert world.refusal("SELECT LastName FROM Contact GROUP BY LastName").code == "EXCEEDED_ID_LIMIT"
    assert len(world.ask("SELECT LastName FROM Contact GROUP BY LastName LIMIT 2000")) == 2000
