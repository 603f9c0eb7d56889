"""Digits → the subscriber they reach, by the numbering plans of the world. Pure."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, ValidationResult

from sidebar.identity.ranges import is_given_out
from sidebar.identity.renumbered import today

INSIDE = 6  # digits an inside number ("123") has at most
_SHORTEST_ABROAD = 9  # digits of a number with the code of its country


def known(typed: str, regions: Sequence[str]) -> str:
    """`"02079460123"` in GB → `"+442079460123"`; empty where no plan says whose number that is."""
    if typed.startswith("+"):
        return _international(typed)
    home = next(readings(typed, regions), "")
    return _dialled_abroad(typed, home, regions) if typed.startswith("00") else home


def readings(typed: str, regions: Sequence[str]) -> Iterator[str]:
    """What a number written without + is in each of `regions`."""
    return (found for region in regions if region and (found := _national(typed, region)))


def guesses(typed: str, regions: Sequence[str]) -> Iterator[str]:
    """What a number that no plan knows may be: one whose + was left out, or of a plan newer than our copy."""
    if typed.startswith("00"):
        yield from filter(None, (_given_out(f"+{typed[2:]}"), *readings(typed, regions)))
    elif not typed.startswith("+"):
        yield from filter(None, (_given_out(f"+{typed}"),))
    for region in regions:
        if region and (number := _parse(typed, region)) and (plausible := _plausible(number)):
            yield plausible


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def has_trunk_prefix(typed: str, regions: Sequence[str]) -> bool:
    """Whether a whole number begins here: with +, 0, or what is dialled before a national number."""
    return typed.startswith(("+", "0", *(prefix for region in regions if (prefix := _trunk_prefix(region)))))


def _dialled_abroad(typed: str, home: str, regions: Sequence[str]) -> str:
    """00 is + nearly everywhere; but where people dial 001, 008 or 009, the next digit may belong to either."""
    abroad = _international(f"+{typed[2:]}")
    given_out = _given_out(abroad) if home else ""
    own = tuple(f"+{phonenumbers.country_code_for_region(region)}" for region in regions)
    if not home or (given_out and given_out.startswith(own)):
        return abroad
    return home if given_out in (home, "") or given_out != f"+{typed[2:]}" else ""


def _international(typed: str) -> str:
    """Its country is said, so a number of plausible length will do: our copy of the plans may be old."""
    number = _parse(re.sub(r"^\+0+", "+", typed), None)
    if number is None:
        return ""
    if is_given_out(number):
        return e164(number)
    return _mended(number) or _without_zero(number) or _plausible(number)


def _national(typed: str, region: str) -> str:
    if len(typed) <= INSIDE and len(typed) < _usual_length(region):
        return ""
    number = _parse(typed, region)
    if number is None:
        return ""
    if not is_given_out(number):
        return _mended(number)
    return "" if _may_lack_its_plus(typed, number, region) else e164(number)


def _may_lack_its_plus(typed: str, number: PhoneNumber, region: str) -> bool:
    """Messengers leave the + out, and people seldom the 0 that their numbers begin with."""
    prefix = _trunk_prefix(region)
    if not prefix or typed.startswith(prefix) or len(typed) < _SHORTEST_ABROAD:
        return False
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    if not national.lstrip("(").startswith(prefix):
        return False
    return _given_out(f"+{typed}") not in ("", e164(number))


def _mended(number: PhoneNumber) -> str:
    """As it is dialled since it was renumbered; empty where it was not."""
    return next(filter(None, map(_given_out, today(e164(number)))), "")


def _without_zero(number: PhoneNumber) -> str:
    """+48 (0)22: a zero that nobody dials after the country."""
    return _given_out(f"+{number.country_code}{number.national_number}") if number.italian_leading_zero else ""


def _given_out(typed: str) -> str:
    number = _parse(typed, None)
    return e164(number) if number and is_given_out(number) else ""


def _plausible(number: PhoneNumber) -> str:
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return ""
    home = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return e164(number).replace(f"+{number.country_code}{_trunk_prefix(home)}", f"+{number.country_code}", 1)


def _parse(typed: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None


@cache
def _usual_length(region: str) -> int:
    """Digits of a number there; in small countries as few as four."""
    number = phonenumbers.example_number(region)
    return len(phonenumbers.national_significant_number(number)) if number else INSIDE + 1


@cache
def _trunk_prefix(region: str) -> str:
    plan = PhoneMetadata.metadata_for_region(region)
    return str(plan.national_prefix or "") if plan else ""
