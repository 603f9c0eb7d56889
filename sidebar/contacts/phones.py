"""The many ways in which one phone number may stand in a Salesforce field, so that it can be asked for.

Salesforce keeps numbers as they were typed. Its search index takes a number's digits; an exact query takes whole texts.
Both cast a wide net: who comes back is compared by key afterwards.
"""

from collections.abc import Iterable

import phonenumbers
from phonenumbers import PhoneNumberFormat

from sidebar.identity import TAIL, former

LONGEST = 40  # characters a phone field of Salesforce holds
_LABELS = (" x", "x", " ext ", " ext. ")
_SCRIPTS = {
    **dict.fromkeys(("AE", "BH", "EG", "IQ", "JO", "KW", "LB", "OM", "QA", "SA", "SD", "SY", "YE"), "٠١٢٣٤٥٦٧٨٩"),
    **dict.fromkeys(("CN", "JP", "KR", "TW"), "０１２３４５６７８９"),
    **dict.fromkeys(("IR", "AF"), "۰۱۲۳۴۵۶۷۸۹"),
    "IN": "०१२३४५६७८९",
}
"""Digits that people type besides 0 to 9, by region."""


def digit_strings(keys: Iterable[str]) -> list[str]:
    """The digits under which the numbers behind `keys` may be indexed: national, international, with trunk prefix. What
    follows as an extension is left to the search."""
    found: dict[str, None] = {}
    for key in sorted({_main(key) for key in keys}):
        if not key.startswith("+"):
            found[key] = None
            continue
        number = phonenumbers.parse(key)
        national, country = phonenumbers.national_significant_number(number), str(number.country_code)
        trunk = _digits(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
        prefixed = _trunk_prefix(number) + national  # where formatting leaves it out, people may still type it
        for digits in (national, trunk, prefixed, country + national, country + trunk, "00" + country + national):
            found[digits] = None
        found |= dict.fromkeys(_in_own_script(number, (national, trunk, country + national)))
        for old in former(key):
            found |= dict.fromkeys((_digits(old), _digits(old).removeprefix(country)))
    return list(found)


def spellings(raws: Iterable[str], keys: Iterable[str]) -> list[str]:
    """Whole texts under which the numbers may be kept: as the host wrote them, and in the usual forms."""
    found = dict.fromkeys(raw.strip() for raw in raws)
    for key in sorted(keys):
        main, _, extension = key.partition(";ext=")
        forms = [main]
        if main.startswith("+"):
            forms += _forms(phonenumbers.parse(main))
            forms += [form for old in former(main) for form in (old, *_forms(phonenumbers.parse(old)))]
        found |= dict.fromkeys([] if main.startswith(TAIL) else forms)
        if extension:
            found |= {form + label + extension: None for form in forms for label in _LABELS}
    return [form for form in found if 0 < len(form) <= LONGEST]


def _main(key: str) -> str:
    return key.removeprefix(TAIL).partition(";")[0]


def _forms(number: phonenumbers.PhoneNumber) -> list[str]:
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    significant = phonenumbers.national_significant_number(number)
    forms = [
        national,
        _digits(national),
        significant,
        f"{number.country_code}{significant}",
        f"00{number.country_code}{significant}",
        phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
    ]
    if number.country_code == 1:
        area, office, line = significant[:3], significant[3:6], significant[6:]
        forms += [
            f"{area}-{office}-{line}",
            f"{area}.{office}.{line}",
            f"+1 {area} {office} {line}",
            f"1-{area}-{office}-{line}",
        ]
    return [*forms, *_in_own_script(number, (national, _digits(national)))]


def _trunk_prefix(number: phonenumbers.PhoneNumber) -> str:
    plan = phonenumbers.PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_number(number) or "")
    prefix = str(plan.national_prefix or "") if plan else ""
    return prefix if prefix.isdigit() else ""


def _in_own_script(number: phonenumbers.PhoneNumber, forms: Iterable[str]) -> list[str]:
    script = _SCRIPTS.get(phonenumbers.region_code_for_number(number) or "")
    own = str.maketrans("0123456789", script) if script else {}
    return [form.translate(own) for form in forms] if own else []


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
