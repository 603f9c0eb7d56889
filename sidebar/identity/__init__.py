"""Who somebody claims to be, and the keys that make two ways of writing the same address comparable. Pure.

An e-mail key is the address as mail systems compare it. A phone key is the number in E.164 ("+442079460123") where a
numbering plan can be told, else its bare digits ("123"), so that "12 3" equals "123" (RI-34). Strong keys say that two
addresses are one; weak keys (last digits, the switchboard of an extension) only suggest it.
"""

from dataclasses import dataclass

from sidebar.identity.countries import region_of
from sidebar.identity.emails import LONGEST_EMAIL, email_key, email_keys, email_spellings
from sidebar.identity.ends import end_of, ends_of
from sidebar.identity.key import TAIL, Key, shared
from sidebar.identity.lines import LONGEST_PHONE
from sidebar.identity.phones import FEWEST_DIGITS, MOST_DIGITS, dialled, phone_key, phone_keys
from sidebar.identity.renumbered import former

__all__ = [
    "FEWEST_DIGITS",
    "LONGEST_EMAIL",
    "LONGEST_PHONE",
    "MOST_DIGITS",
    "TAIL",
    "Identity",
    "Key",
    "dialled",
    "email_key",
    "email_keys",
    "email_spellings",
    "end_of",
    "ends_of",
    "former",
    "phone_key",
    "phone_keys",
    "region_of",
    "shared",
]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a host tells of the customer, as it was written there. `country` is an ISO code where the host knows it."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    name: str = ""
    external_id: str = ""
    country: str = ""
