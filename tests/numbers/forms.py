"""The ways in which people, address books and programs write one phone number. Knows nothing of what reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat


@dataclass(frozen=True, slots=True)
class Parts:
    """What a written number is made of. `trunk`: the zero that is dialled before national numbers, where one is."""

    e164: str
    code: str
    national: str  # as the country writes it
    significant: str  # digits after the country code
    international: str
    rfc3966: str
    abroad: str  # dialled from the United States
    trunk: str

    @classmethod
    def of(cls, number: PhoneNumber, region: str) -> "Parts":
        plan = PhoneMetadata.metadata_for_region(region)
        return cls(
            e164=phonenumbers.format_number(number, PhoneNumberFormat.E164),
            code=str(number.country_code),
            national=phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
            significant=phonenumbers.national_significant_number(number),
            international=phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
            rfc3966=phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
            abroad=phonenumbers.format_out_of_country_calling_number(number, "US"),
            trunk="0" if plan and plan.national_prefix == "0" and not number.italian_leading_zero else "",
        )

    @property
    def groups(self) -> str:
        """The significant digits as they are grouped abroad, one space between the groups."""
        return "".join(each if each.isdigit() else " " for each in self.international[len(self.code) + 1 :]).strip()


def _script(text: str, zero: int) -> str:
    return text.translate({ord("0") + value: zero + value for value in range(10)})


FORMS: Mapping[str, Callable[[Parts], str]] = {
    "E.164": lambda n: n.e164,
    "international": lambda n: n.international,
    "national": lambda n: n.national,
    "RFC 3966": lambda n: n.rfc3966,
    "national digits": lambda n: "".join(filter(str.isdigit, n.national)),
    "00 instead of +": lambda n: f"00{n.code} {n.groups}",
    "00 in brackets": lambda n: f"(00{n.code}) {n.groups}",
    "+00": lambda n: f"+00{n.code}{n.significant}",
    "+ and a space": lambda n: f"+ {n.code} {n.groups}",
    "code in brackets": lambda n: f"(+{n.code}) {n.groups}",
    "(0)": lambda n: f"+{n.code} ({n.trunk}) {n.groups}" if n.trunk else f"+{n.code} {n.groups}",
    "(0) close": lambda n: f"+{n.code}({n.trunk}){n.significant}" if n.trunk else f"+{n.code}{n.significant}",
    "00 and (0)": lambda n: f"00{n.code} ({n.trunk}) {n.groups}" if n.trunk else f"00{n.code} {n.groups}",
    "dots": lambda n: f"+{n.code}.{n.groups.replace(' ', '.')}",
    "hyphens": lambda n: f"+{n.code}-{n.groups.replace(' ', '-')}",
    "dashes": lambda n: f"+{n.code} {n.groups.replace(' ', ' – ')}",
    "slash after the code": lambda n: f"+{n.code}/{n.significant}",
    "hard spaces": lambda n: n.international.replace(" ", "\u00a0"),
    "thin spaces": lambda n: n.international.replace(" ", "\u2009"),
    "tabs": lambda n: n.international.replace(" ", "\t"),
    "single digits": lambda n: " ".join(n.e164),
    "pairs": lambda n: f"+{n.code} " + " ".join(n.significant[at : at + 2] for at in range(0, len(n.significant), 2)),
    "invisible signs": lambda n: f"\u202a{n.international}\u202c\u200b",
    "invisible signs between": lambda n: "\u200d".join(n.e164),
    "Arabic-Indic digits": lambda n: _script(n.national, 0x660),
    "Persian digits": lambda n: _script(n.international, 0x6F0),
    "Devanagari digits": lambda n: _script(n.national, 0x966),
    "full-width": lambda n: _script(n.international, 0xFF10).replace("+", "＋").replace("-", "－"),
    "mathematical digits": lambda n: _script(n.e164, 0x1D7CE),
    "label before": lambda n: f"Tel.: {n.international}",
    "short label before": lambda n: f"M {n.national}",
    "remark behind": lambda n: f"{n.national} (work)",
    "messenger": lambda n: f"whatsapp:{n.e164}",
    "chat link": lambda n: f"https://wa.me/{n.e164[1:]}",
    "chat account": lambda n: f"{n.e164[1:]}@s.whatsapp.net",
    "SIP": lambda n: f"sip:{n.e164}@voice.example;user=phone",
    "link with escapes": lambda n: "tel:" + n.international.replace(" ", "%20"),
    "from the United States": lambda n: f"+{n.e164[1:]}" if n.code == "1" else n.abroad.replace("011", "00", 1),
}
"""Each is read in the number's own country."""
