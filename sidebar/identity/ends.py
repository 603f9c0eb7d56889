"""The last digits of a number, by which all ways to write it are found while no plan is known: a wide net. Pure.

Who is found is compared by key afterwards, so too many ends cost little, and one too few would hide somebody.
"""

import re
from collections.abc import Iterator

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from sidebar.identity.lines import BETWEEN, LABELLED, LONGEST_PHONE, TRAILING, dialled_in, keyed
from sidebar.identity.links import read_link
from sidebar.identity.signs import readable

END = 7  # digits: fewer than any two ways of writing one number share
_LONGEST = 24  # digits of one number
_LONG = 10  # digits that a number seldom has more of, but with an extension
_HOME = re.compile(r"0?(\d{2,4})15(\d{6,8})")  # an Argentine mobile, called from home


def ends_of(raw: str) -> tuple[str, ...]:
    """`"020 7946 0123 ext 5"` → `("9460123",)`; of two numbers in one text, those of both."""
    text = read_link(readable(raw[: LONGEST_PHONE + 1])).number
    if len(raw) > LONGEST_PHONE:
        return ()
    parts = [part for part in BETWEEN.split(text) if len(dialled_in(part)) >= END]
    found = (end_of(dialled_in(form)) for part in (text, *parts) for form in _forms(part))
    return tuple(dict.fromkeys(filter(None, found)))


def end_of(typed: str) -> str:
    """Of digits; without the country or a trunk zero where that is all there is before a short number."""
    national = _national(typed)
    return typed[-END:] if len(national) >= END else national


def _forms(text: str) -> Iterator[str]:
    """Without what is called an extension, or may be one; by the letters on the keys."""
    labelled, trailing = LABELLED.fullmatch(text), TRAILING.fullmatch(text)
    main = labelled["main"] if labelled and len(dialled_in(labelled["main"])) >= END else text
    digits = dialled_in(main)
    if len(digits) <= _LONGEST:
        yield main
    if trailing and len(_national(digits)) > _LONG:
        yield trailing["main"]
    if (home := _HOME.fullmatch(digits)) and len(home[1] + home[2]) == 10:
        yield home[1] + home[2]
    if len(digits) < _LONG and (spelt := keyed(text)) != text:
        yield spelt


def _national(typed: str) -> str:
    digits = typed.lstrip("+0")
    country = next((count for count in (1, 2, 3) if int(digits[:count] or 0) in COUNTRY_CODE_TO_REGION_CODE), 0)
    return digits[country:].lstrip("0") if typed.startswith(("+", "00")) else digits
