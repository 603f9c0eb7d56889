"""The countries a phone number without a country code may belong to, by their names in the reader's language."""

import unicodedata
from functools import cache

import phonenumbers
from babel import Locale

REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """(ISO code, name), sorted by name."""
    names = Locale.parse(language).territories
    return tuple(sorted(((code, names.get(code, code)) for code in REGIONS), key=lambda each: _sorting(each[1])))


def country_of(accept_language: str) -> str:
    """The country a browser's first language hints at ("en-GB,pl;q=0.8" → "GB"), else the United States."""
    _, _, region = accept_language.split(",")[0].split(";")[0].strip().partition("-")
    return region.upper() if region.upper() in REGIONS else "US"


def _sorting(name: str) -> str:
    """Accents aside, so that Åland stands before Albania."""
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each)).casefold()
