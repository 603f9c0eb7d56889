"""Writes pairs.csv: `python -m tests.numbers.make`. Knows phonenumbers and the forms, and nothing that is to be tested.

One number in two forms; and what a careless reader takes for the same: a digit that differs, the same national text in
another country, another extension, the main number of an extension, a number whose country nobody told.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from tests.numbers.forms import FORMS, Parts

HERE = Path(__file__).parent
COLUMNS = ("case", "one", "one_country", "other", "other_country", "verdict", "reason", "source")
_CHANCE = random.Random(20261122)
_HARDEST = ("00 and (0)", "Arabic-Indic digits", "national", "(0) close", "full-width", "chat account", "+00")
_EXTENSIONS = (" x{}", " ext. {}", ";ext={}", " #{}", ",,{}", " extension {}", " (ext {})")
Row = tuple[str, ...]


def rows() -> Iterator[Row]:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind, name in ((PhoneNumberType.FIXED_LINE, "fixed"), (PhoneNumberType.MOBILE, "mobile")):
            if example := phonenumbers.example_number_for_type(region, kind):
                number = _anybody(example, region)
                yield from _same(region, name, number)
                yield from _other_digit(region, name, number)
                yield from _behind(region, name, number)
                yield from _no_country(region, name, number)
    yield from _same_text()


def _same(region: str, name: str, number: PhoneNumber) -> Iterator[Row]:
    parts = Parts.of(number, region)
    forms = [_CHANCE.choice(_HARDEST), *_CHANCE.sample(sorted(FORMS), 3)]
    for one, other in zip(forms[::2], forms[1::2], strict=True):
        texts = FORMS[one](parts), region, FORMS[other](parts), region
        yield (f"{region}-{name}-form", *texts, "same", f"{one} and {other}", "generated")


def _other_digit(region: str, name: str, number: PhoneNumber) -> Iterator[Row]:
    """Valid, too, and hard to tell apart when the last digits are compared."""
    written = _e164(number)
    for place in _CHANCE.sample(range(len(str(number.country_code)) + 1, len(written)), 4):
        digit = _CHANCE.choice([each for each in "0123456789" if each != written[place]])
        other = phonenumbers.parse(f"{written[:place]}{digit}{written[place + 1 :]}")
        if phonenumbers.is_valid_number_for_region(other, region) and not _is_renumbered(written, _e164(other)):
            one, two = (FORMS[_CHANCE.choice(_HARDEST)](Parts.of(each, region)) for each in (number, other))
            yield f"{region}-{name}-digit", one, region, two, region, "different", "one digit differs", "generated"
            return


def _behind(region: str, name: str, number: PhoneNumber) -> Iterator[Row]:
    inside = str(_CHANCE.randint(10, 9999))
    texts = [_e164(number) + each for each in _CHANCE.sample(_EXTENSIONS, 2)]
    one, other = (text.format(inside) for text in texts)
    case = f"{region}-{name}-extension"
    choice = _CHANCE.randrange(3)
    if choice == 0:
        yield case, one, region, other, region, "same", "one extension in two ways", "generated"
    elif choice == 1:
        wrong = texts[1].format(int(inside) + 1)
        yield case, one, region, wrong, region, "different", "two extensions of one number", "generated"
    else:
        yield case, one, region, _e164(number), region, "perhaps", "a main number and an extension", "generated"


def _no_country(region: str, name: str, number: PhoneNumber) -> Iterator[Row]:
    parts = Parts.of(number, region)
    if len(parts.significant) > 6 and not parts.national.startswith("00"):
        texts = FORMS["national digits"](parts), "", parts.e164, ""
        yield f"{region}-{name}-no-country", *texts, "perhaps", "nobody says which country it is in", "generated"


def _same_text() -> Iterator[Row]:
    """One national text, valid in two countries."""
    for region, other in _CHANCE.sample(_neighbours(), 300):
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(region, kind)
            text = Parts.of(example, region).national if example else ""
            if text and _reads(text, region) != _reads(text, other) != "":
                yield f"{region}-{other}-text", text, region, text, other, "different", "two countries", "generated"


def _neighbours() -> Sequence[tuple[str, str]]:
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    return [(one, other) for one in regions for other in regions if one != other]


def _reads(text: str, region: str) -> str:
    number = phonenumbers.parse(text, region)
    return _e164(number) if phonenumbers.is_valid_number(number) else ""


def _anybody(example: PhoneNumber, region: str) -> PhoneNumber:
    written = _e164(example)
    for _ in range(20):
        number = phonenumbers.parse(written[:-3] + f"{_CHANCE.randrange(1000):03}")
        if phonenumbers.is_valid_number_for_region(number, region):
            return number
    return example


def _is_renumbered(one: str, other: str) -> bool:
    """Argentine lines with and without the 9 are a case of their own."""
    return one.startswith("+54") and other.startswith("+54") and one[-8:] == other[-8:]


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


if __name__ == "__main__":
    with (HERE / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(rows())
