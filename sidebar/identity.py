"""Who somebody claims to be, and the keys that make two ways of writing the same address comparable. Pure.

An e-mail key is the address as mail systems compare it. A phone key is the number in E.164 ("+442079460123") where a
numbering plan can be told, else its bare digits ("123"), so that "12 3" equals "123" (RI-34).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import phonenumbers
from babel import Locale
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

LONGEST_EMAIL = 254  # RFC 5321's path; Salesforce keeps 80
LONGEST_PHONE = 250
MOST_DIGITS = 24  # E.164 has 15 and an extension may follow; anything longer is not a phone number
FEWEST_DIGITS = 2  # Salesforce does not search for less
_EMAIL = re.compile(r"[^@\s<>\x00-\x1f\x7f]+@[^@\s.<>\x00-\x1f\x7f]+(\.[^@\s.<>\x00-\x1f\x7f]+)+")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")  # comes with pasted text
_MEANT = frozenset("+#*,;=~()[]/.-")  # what phonenumbers makes something of; other signs only separate


@dataclass(frozen=True, slots=True)
class Identity:
    """What a host tells of the customer, as it was written there. `country` is an ISO code where the host knows it."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    name: str = ""
    external_id: str = ""
    country: str = ""


def email_key(raw: str) -> str | None:
    """`" Ann@Example.COM "` → `"ann@example.com"`; None where it is no address."""
    text = _INVISIBLE.sub("", raw).strip()
    if len(text) > LONGEST_EMAIL:
        return None
    key = unicodedata.normalize("NFC", text).lower()  # not casefold: weiß@ and weiss@ are two mailboxes
    return key if _EMAIL.fullmatch(key) else None


def phone_key(raw: str, regions: Iterable[str]) -> str | None:
    """The key of a number, read by the first of `regions` ("DE", "US") whose plan it fits; None where it is none."""
    typed = _plain(raw) if len(raw) <= LONGEST_PHONE else ""
    digits = re.sub(r"\D", "", typed)
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    number = _number(typed, [region for region in regions if region])
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else digits


def phone_keys(raw: str, regions: Sequence[str]) -> frozenset[str]:
    """The keys of a number that may belong to any of `regions`: one for each reading."""
    return frozenset(key for region in regions or ("",) if (key := phone_key(raw, (region,))))


def region_of(country: str) -> str:
    """`"Germany"`, `"Niemcy"`, `"de"` → `"DE"`; empty where the country is not known by that name."""
    name = country.strip().casefold()
    is_code = len(name) == 2 and name.isascii() and name.isalpha()
    return _regions_by_name().get(name) or (name.upper() if is_code else "")


@cache
def _regions_by_name() -> Mapping[str, str]:
    names = {
        "usa": "US", "uk": "GB", "uae": "AE", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
        "holland": "NL", "turkey": "TR", "czech republic": "CZ", "russian federation": "RU", "viet nam": "VN",
    }  # fmt: skip
    for language in ("de", "es", "pt", "it", "nl", "ar", "ja", "fr", "pl", "en"):
        territories = Locale(language).territories
        names |= {str(name).casefold(): code for code, name in territories.items() if code.isalpha() and len(code) == 2}
    return names


def dialled(raw: str) -> str:
    """What a telephone is given: `"(0044) 1632 960 123"` → `"+441632960123"`; an extension is left to the person."""
    key = phone_key(raw, ()) or ""
    if key.startswith("+"):
        return key
    labelled = re.sub(r"^\D+", "", _plain(raw))
    number = re.sub(r"\D", "", re.split(r"[^\W\d_]|[;,#]", labelled, maxsplit=1)[0])
    return number if len(number) > 1 else key  # Brazilians write 0xx11 5557-4310


def _plain(raw: str) -> str:
    """Digits of every script become 0-9; signs that mean nothing in a phone number become spaces."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", raw))
    return "".join(_ascii(character) for character in text).strip()


def _ascii(character: str) -> str:
    value = unicodedata.digit(character, None)
    if value is not None:
        return str(value)
    return character if character.isalpha() or character in _MEANT else " "


def _number(typed: str, regions: Sequence[str]) -> PhoneNumber | None:
    """A valid reading first; else one of plausible length, for plans newer than our copy of them."""
    dialled = re.sub(r"^[\s(]*00\)?(?=[\s()./-]*[1-9])", "+", typed)
    readings = [number for region in regions or ("ZZ",) if (number := _parse(dialled, region))]
    # "00" means "+" nearly everywhere, but Australians dial 0011
    other = [number for region in regions if dialled != typed and (number := _parse(typed, region))]
    valid = (number for number in (*readings, *other) if phonenumbers.is_valid_number(number))
    plausible = (
        number
        for number in readings
        if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    )
    return next(valid, None) or next(plausible, None)


def _parse(cleaned: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException:
        return None
