"""Phone numbers as people write them → keys: how many per second, beside phonenumbers asked for E.164 and no more."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import phonenumbers

from bench.figures import Figure, compared
from sidebar.identity import phone_keys
from tests.numbers.forms import FORMS, Parts

BARE = "phonenumbers.parse, is_valid_number and format_number of the same texts, same run"

Written: TypeAlias = tuple[str, str, str]
"""The text, the country it is read in, and what it is."""


def measure(count: int = 4_000, rounds: int = 5) -> list[Figure]:
    """Some of every form and every country, the same every time."""
    texts = written(count)
    ours, bare = list[float](), list[float]()
    for _ in range(rounds):
        ours.append(_per_second(texts, _ours))
        bare.append(_per_second(texts, _bare))
    figure = compared("keys_per_second", "phone numbers to keys, of every country", "numbers/s", ours, bare, BARE)
    read = {name: sum(key(text, region) == e164 for text, region, e164 in texts) for name, key in _NAMED.items()}
    return [replace(figure, notes={"texts": len(texts), **read})]


def written(count: int) -> Sequence[Written]:
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    numbers = [(region, number) for region in regions if (number := phonenumbers.example_number(region))]
    parts = [(region, Parts.of(number, region)) for region, number in numbers]
    forms = list(FORMS.values())
    picked = ((parts[each % len(parts)], forms[each % len(forms)]) for each in range(count))
    return [(form(part), region, part.e164) for (region, part), form in picked]


def _ours(text: str, region: str) -> str:
    return next((key.value for key in phone_keys(text, (region,))), "")


def _bare(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return plain if phonenumbers.is_valid_number(number) else ""


_NAMED = {"read_right": _ours, "read_right_by_baseline": _bare}


def _per_second(texts: Sequence[Written], key: Callable[[str, str], str]) -> float:
    began = time.perf_counter()
    for text, region, _ in texts:
        key(text, region)
    return len(texts) / (time.perf_counter() - began)
