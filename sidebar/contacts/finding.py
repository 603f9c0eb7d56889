"""What somebody typed to find a contact by → what is looked for. Pure.

A text of digits and their signs is a telephone number, or the beginning of one; everything else is words, each of which
must begin a word of the name or a part of the e-mail address.
"""

import re
import unicodedata

from phonenumbers import country_code_for_region

from sidebar.identity import phone_key
from sidebar.store.listing import Wanted
from sidebar.store.terms import LONGEST, words_of

_NUMBER = re.compile(r"[\d\s()+./-]+")
_FEWEST_DIGITS = 3


def typed(text: str, region: str) -> Wanted:
    """`region` is the workspace's country."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _NUMBER.fullmatch(plain) and len(re.sub(r"\D", "", plain)) >= _FEWEST_DIGITS:
        return Wanted(phones=_beginnings(plain, region))
    return Wanted(words=tuple(word[:LONGEST] for word in words_of(plain)))


def _beginnings(number: str, region: str) -> tuple[str, ...]:
    """Read as a whole number, as one cut short, and by its bare digits."""
    digits = "".join(str(unicodedata.digit(sign)) for sign in number if sign.isdigit())[:LONGEST]
    whole = phone_key(number, (region,)) or ""
    if number.startswith("+"):
        cut = f"+{digits}"
    elif digits.startswith("00"):
        cut = f"+{digits[2:]}"
    else:
        cut = f"+{country_code_for_region(region)}{digits.lstrip('0')}"
    keys = (key for key in (whole, cut) if key.startswith("+"))
    return tuple(dict.fromkeys([*(f"phone:{key}" for key in keys), digits]))
