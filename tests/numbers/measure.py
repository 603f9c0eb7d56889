"""Prints how our keys do on what is published here: `python -m tests.numbers.measure`."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from sidebar.identity import phone_keys, shared
from tests.numbers.forms import FORMS, Parts

HERE = Path(__file__).parent
_EACH = 25  # numbers of each kind in each region, besides the example


def pairs(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdict(row: dict[str, str]) -> str:
    """Of our keys: the same subscriber, perhaps the same, or different ones."""
    one, other = (phone_keys(row[side], [row[f"{side}_country"]]) for side in ("one", "other"))
    common = shared(one, other)
    return "different" if not common else "same" if common[0].strong else "perhaps"


def written(each: int) -> Iterator[tuple[str, str, str]]:
    """Region, number and text: every form of numbers of every region, fixed lines and mobiles."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
            for number in _numbers(region, kind, each):
                parts = Parts.of(number, region)
                yield from ((region, parts.e164, form(parts)) for form in FORMS.values())


def _numbers(region: str, kind: int, each: int) -> Iterator[phonenumbers.PhoneNumber]:
    if example := phonenumbers.example_number_for_type(region, kind):
        yield example
        text = phonenumbers.format_number(example, PhoneNumberFormat.E164)
        for step in range(1, each + 1):
            number = phonenumbers.parse(text[:-3] + f"{(int(text[-3:]) + 37 * step) % 1000:03}")
            if phonenumbers.is_valid_number_for_region(number, region):
                yield number


def main() -> None:
    read: Counter[str] = Counter()
    for region, number, text in written(_EACH):
        strong = [key.value for key in phone_keys(text, [region]) if key.strong]
        read["right" if strong == [number] else "wrong" if strong else "missed"] += 1
    print(f"written forms: {sum(read.values()):,} {dict(read)}")
    for name in ("hard.csv", "pairs.csv"):
        told = Counter((row["verdict"], verdict(row)) for row in pairs(name))
        print(name, {f"{theirs}, read as {ours}": count for (theirs, ours), count in sorted(told.items())})


if __name__ == "__main__":
    main()
