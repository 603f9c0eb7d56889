"""Fields nobody writes: what the org works out of the other fields of the same record whenever it is read.

Pure functions of a stored row. The describes carry the admin's formulas as text; here is what they come to.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str | None
Formula: TypeAlias = Callable[[Mapping[str, object]], Value]

_SHOWN_OF_PASSPORT = 4
# of the standard sales process: probability in per cent, forecast category
_STAGES = {
    "Prospecting": (10, "Pipeline"),
    "Qualification": (10, "Pipeline"),
    "Needs Analysis": (20, "Pipeline"),
    "Value Proposition": (50, "Pipeline"),
    "Id. Decision Makers": (60, "Pipeline"),
    "Perception Analysis": (70, "Pipeline"),
    "Proposal/Price Quote": (75, "Pipeline"),
    "Negotiation/Review": (90, "Pipeline"),
    "Closed Won": (100, "Closed"),
    "Closed Lost": (0, "Omitted"),
}
_FORECASTS = {"Best Case": "BestCase", "Commit": "Forecast"}  # where the API's own word differs from the name


def known(object_name: str, field: str) -> bool:
    """Whether the field is worked out here instead of stored."""
    return (object_name, field) in _FORMULAS


def value(object_name: str, field: str, stored: Mapping[str, object]) -> Value:
    """What the field comes to for this row. Raises KeyError for a field that is not `known`."""
    return _FORMULAS[object_name, field](stored)


def _greeting(row: Mapping[str, object]) -> Value:
    return " ".join(["Dear", *(str(row[part]) for part in ("Salutation", "LastName") if part in row)])


def _masked_passport(row: Mapping[str, object]) -> Value:
    """Nobody in this org may view encrypted data: the mask hides all but the last four characters."""
    if "Passport__c" not in row:
        return None
    number = str(row["Passport__c"])
    return number[-_SHOWN_OF_PASSPORT:].rjust(len(number), "*")


def _yearly_fee(row: Mapping[str, object]) -> Value:
    """Blanks count as zero, and a per cent field is a fraction in a formula."""
    return round(_number(row, "Monthly_Fee__c") * 12 * (1 - _number(row, "Discount__c") / 100), 2)


def _probability(row: Mapping[str, object]) -> float:
    return _number(row, "Probability") if "Probability" in row else float(_stage(row)[0])


def _expected_revenue(row: Mapping[str, object]) -> Value:
    return round(_number(row, "Amount") * _probability(row) / 100, 2) if "Amount" in row else None


def _forecast(row: Mapping[str, object]) -> Value:
    name = _forecast_name(row)
    return _FORECASTS.get(name, name)


def _forecast_name(row: Mapping[str, object]) -> str:
    return str(row.get("ForecastCategoryName", _stage(row)[1]))


def _stage(row: Mapping[str, object]) -> tuple[int, str]:
    return _STAGES.get(str(row.get("StageName")), (0, "Pipeline"))


def _number(row: Mapping[str, object], name: str) -> float:
    value = row.get(name, 0)
    assert isinstance(value, int | float)
    return float(value)


def _is(field: str, *values: str) -> Formula:
    return lambda row: row.get(field) in values


_FORMULAS: Mapping[tuple[str, str], Formula] = {
    ("Contact", "Greeting__c"): _greeting,
    ("Contact", "Passport__c"): _masked_passport,
    ("Subscription__c", "Yearly_Fee__c"): _yearly_fee,
    ("Case", "IsClosed"): _is("Status", "Closed"),
    ("Task", "IsClosed"): _is("Status", "Completed"),
    ("Task", "IsHighPriority"): _is("Priority", "High"),
    ("Opportunity", "IsClosed"): _is("StageName", "Closed Won", "Closed Lost"),
    ("Opportunity", "IsWon"): _is("StageName", "Closed Won"),
    ("Opportunity", "Probability"): _probability,
    ("Opportunity", "ExpectedRevenue"): _expected_revenue,
    ("Opportunity", "ForecastCategory"): _forecast,
    ("Opportunity", "ForecastCategoryName"): _forecast_name,
}
