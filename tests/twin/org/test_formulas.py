"""What the org works out by itself."""

import pytest

from sidebar.twin.org import formulas
from sidebar.twin.org.describe import schema


@pytest.mark.parametrize(
    ("object_name", "field", "row", "result"),
    [
        ("Contact", "Greeting__c", {"Salutation": "Ms.", "LastName": "Okafor"}, "Dear Ms. Okafor"),
        ("Contact", "Greeting__c", {"LastName": "Okafor"}, "Dear Okafor"),
        ("Contact", "Passport__c", {"Passport__c": "X1234567"}, "****4567"),
        ("Contact", "Passport__c", {"Passport__c": "123"}, "123"),
        ("Contact", "Passport__c", {}, None),
        ("Subscription__c", "Yearly_Fee__c", {"Monthly_Fee__c": 49.5, "Discount__c": 10}, 534.6),
        ("Subscription__c", "Yearly_Fee__c", {"Monthly_Fee__c": 19}, 228),
        ("Subscription__c", "Yearly_Fee__c", {}, 0),
        ("Task", "IsClosed", {"Status": "Completed"}, True),
        ("Task", "IsClosed", {"Status": "Deferred"}, False),
        ("Task", "IsHighPriority", {"Priority": "High"}, True),
        ("Case", "IsClosed", {"Status": "Closed"}, True),
        ("Opportunity", "IsWon", {"StageName": "Closed Lost"}, False),
        ("Opportunity", "IsClosed", {"StageName": "Closed Lost"}, True),
        ("Opportunity", "Probability", {"StageName": "Value Proposition"}, 50),
        ("Opportunity", "Probability", {"StageName": "Value Proposition", "Probability": 35}, 35),
        ("Opportunity", "ExpectedRevenue", {"StageName": "Value Proposition", "Amount": 800}, 400),
        ("Opportunity", "ExpectedRevenue", {"StageName": "Value Proposition"}, None),
        ("Opportunity", "ForecastCategoryName", {"StageName": "Closed Won"}, "Closed"),
        ("Opportunity", "ForecastCategory", {"StageName": "Prospecting", "ForecastCategoryName": "Commit"}, "Forecast"),
    ],
)
def test_a_field_is_worked_out_of_its_record(object_name: str, field: str, row: dict[str, object], result: object):
    assert formulas.value(object_name, field, row) == result


def test_every_formula_of_a_describe_is_known():
    told = {
        (sobject.name, f.name) for sobject in schema().values() for f in sobject.fields.values() if f.raw["calculated"]
    }
    assert told == {("Contact", "Greeting__c"), ("Subscription__c", "Yearly_Fee__c")}
    assert all(formulas.known(*field) for field in told)


def test_a_field_somebody_writes_is_not_a_formula():
    assert not formulas.known("Contact", "LastName")
