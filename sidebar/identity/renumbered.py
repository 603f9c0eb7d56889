"""What became of numbers when a country changed its plan, and which others may be the same person's. Pure."""

import re
from collections.abc import Iterator, Sequence

_Rules = Sequence[tuple[re.Pattern[str], Sequence[str]]]
_TODAY: _Rules = (
    (re.compile(r"\+52(?:1|01|044|045)(\d{10})"), (r"+52\1",)),  # Mexico until 2019: mobiles had a 1
    (re.compile(r"\+550?(\d\d)([689]\d{7})"), (r"+55\g<1>9\2",)),  # Brazil until 2016: mobiles had eight digits
    (re.compile(r"\+549?(\d{2,4})15(\d{6,8})"), (r"+549\1\2",)),  # Argentina: 15 at home is 9 from abroad
)
_FORMER: _Rules = (
    (re.compile(r"\+52(\d{10})"), (r"+521\1", r"+52044\1", r"+5201\1")),
    (re.compile(r"\+55(\d\d)9([689]\d{7})"), (r"+55\1\2",)),
)
_ALIKE: _Rules = (
    (re.compile(r"\+549(\d{10})"), (r"+54\1",)),  # written without the 9, as a line in a house is
    (re.compile(r"\+54([1-8]\d{9})"), (r"+549\1",)),
    (re.compile(r"\+55(\d\d)(7\d{7})"), (r"+55\g<1>9\2",)),  # old radios kept eight digits: it may be another's number
    (re.compile(r"\+55(\d\d)9(7\d{7})"), (r"+55\1\2",)),
)


def today(number: str) -> Iterator[str]:
    """How a number of former days is called now: `"+5215512345678"` → `"+525512345678"`."""
    return _rewritten(number, _TODAY)


def former(number: str) -> Iterator[str]:
    """How the same subscriber was called in former days; records keep such numbers for long."""
    return _rewritten(number, _FORMER)


def alike(number: str) -> Iterator[str]:
    """Other numbers that may be the same person's."""
    return _rewritten(number, _ALIKE)


def _rewritten(number: str, rules: _Rules) -> Iterator[str]:
    found = ((pattern.fullmatch(number), forms) for pattern, forms in rules)
    return (match.expand(form) for match, forms in found if match for form in forms)
