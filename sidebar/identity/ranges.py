"""Whether a number lies in a range that its country gives out: one expression a country, for what phonenumbers asks
range by range takes as long as all the rest. Pure."""

import re
from collections.abc import Iterator
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber
from phonenumbers.phonemetadata import PhoneNumberDesc

_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
_RESERVED = re.compile(r"44(?:7700900|1632960)\d{3}|3532091\d{5}|3363998\d{4}")
"""For films and manuals: nobody has them, so the plans leave them out."""


def is_given_out(number: PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    country = number.country_code or 0
    return bool(_ranges(country).fullmatch(national) or _RESERVED.fullmatch(f"{country}{national}"))


@cache
def _ranges(country_code: int) -> re.Pattern[str]:
    """Of all regions that share the code."""
    ranges = (_of_kind(plan, getattr(plan, kind)) for plan in _plans(country_code) for kind in _KINDS)
    return re.compile("|".join(filter(None, ranges)) or r"(?!)")


def _plans(country_code: int) -> Iterator[PhoneMetadata]:
    for region in phonenumbers.region_codes_for_country_code(country_code):
        if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
            plan = PhoneMetadata.metadata_for_nongeo_region(country_code)
        else:
            plan = PhoneMetadata.metadata_for_region(region)
        if plan:
            yield plan


def _of_kind(plan: PhoneMetadata, kind: PhoneNumberDesc | None) -> str:
    general = plan.general_desc
    if general is None or kind is None or not kind.national_number_pattern:
        return ""
    lengths = "|".join(rf"\d{{{length}}}\Z" for length in kind.possible_length or general.possible_length)
    return f"(?={lengths})(?={general.national_number_pattern})(?:{kind.national_number_pattern})"
