"""A crowd from many countries with the names and numbers people really type. Numbers are fictional, domains end in
.example. The same chance always makes the same people. Must not know how rows are kept.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from sidebar.twin.org import Row
from sidebar.twin.seed.cast import cast

_PHONES = (("Phone", 0.75), ("HomePhone", 0.12), ("OtherPhone", 0.1), ("AssistantPhone", 0.06), ("Fax", 0.06))
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", None)
_TIERS = {False: ("Bronze", "Silver"), True: ("Gold", "Platinum")}
_INTERESTS = ("Product news", "Events;Offers", "Training;Research")
_AS_LEAD = ("FirstName", "LastName", "Salutation", "Email", "Phone", "MobilePhone", "Title")
_DEPARTMENTS = ("Sales", "Finance", "Operations", "IT", None, None, None)
_UNDECOMPOSED = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "ı": "i", "’": "", " ": "", "'": "", ".": ""})


@dataclass(frozen=True, slots=True)
class Country:
    """Names are `written` or `written|in Latin letters`; in patterns # is a digit and X a capital letter."""

    country: str
    given: list[str]
    family: list[str]
    companies: list[str]
    domains: list[str]
    cities: list[str]
    postal: str
    streets: list[str]
    titles: list[str]
    phones: list[str]
    mobiles: list[str]


class Crowd:
    """Makes people one after another; remembers which addresses and numbers are taken."""

    def __init__(self, random: Random, accounts: dict[str, str], kinds: dict[str, str]) -> None:
        self._random = random
        self._accounts = accounts
        self._kinds = kinds
        self._turn = 0
        self._addresses: dict[str, int] = {}
        numbers = [str(value) for row in cast().contacts for name, value in row.items() if "Phone" in name]
        self._reserved = {_tail(text) for text in (*numbers, *cast().kept_free)}
        self._numbers = set(self._reserved)
        self._used_up: set[str] = set()  # ranges by their first pattern

    def person(self) -> Row:
        place = self._random.choice(countries())
        given, given_latin = self._name(place.given)
        family, family_latin = self._name(place.family)
        domain = self._random.choice(place.domains)
        row: Row = {"FirstName": given, "LastName": family, "AccountId": self._accounts[domain]}
        if self._random.random() < 0.92:
            row["Email"] = self._address(f"{given_latin}.{family_latin}", domain)
        row |= self._work(place) | self._home(place) | self._phones(place)
        return row | self._own(row)

    def lead(self, status: str) -> Row:
        """Somebody who is no contact yet."""
        person = self.person()
        place = next(place for place in countries() if place.country == person["MailingCountry"])
        address = {part: person.get(f"Mailing{part}") for part in ("Street", "City", "PostalCode", "Country")}
        company = {"Company": place.companies[self._turn % len(place.companies)], "Status": status}
        return {name: person.get(name) for name in _AS_LEAD} | address | company | {"LeadSource": person["LeadSource"]}

    def _own(self, row: Row) -> Row:
        """The org's own fields, by turns instead of by chance, so that they change nobody's name or number."""
        self._turn = turn = self._turn + 1
        partner = turn % 10 == 0
        own: Row = {"RecordTypeId": self._kinds["Partner" if partner else "Customer"]}
        if turn % 4 == 0:
            own |= {"Tier__c": _TIERS[partner][turn // 4 % 2], "Interests__c": _INTERESTS[turn % 3]}
        if turn % 9 == 0 and "MobilePhone" in row:
            own["WhatsApp__c"] = row["MobilePhone"]
        if turn % 13 == 0 and "Email" in row:
            own["Second_Email__c"] = str(row["Email"]).partition("@")[0] + "@post.example"
        return own | {"Ext_Id__c": f"CRM-{turn:06}"} if turn % 20 == 0 else own

    def _name(self, names: list[str]) -> tuple[str, str]:
        written, _, latin = self._random.choice(names).partition("|")
        return written, latin or _latin(written)

    def _address(self, local: str, domain: str) -> str:
        taken = self._addresses[local] = self._addresses.get(local, 0) + 1
        return f"{local}{taken if taken > 1 else ''}@{domain}.example"

    def _work(self, place: Country) -> Row:
        choose = self._random.choice
        return {
            "Title": choose(place.titles),
            "Department": choose(_DEPARTMENTS),
            "LeadSource": choose(_SOURCES),
            "Salutation": choose(("Mr.", "Ms.", "Dr.", None, None, None)),
        }

    def _home(self, place: Country) -> Row:
        birthday = date(1950, 1, 1) + timedelta(days=self._random.randrange(20_000))
        return {
            "MailingStreet": self._filled(self._random.choice(place.streets)),
            "MailingCity": self._random.choice(place.cities),
            "MailingPostalCode": self._filled(place.postal) or None,
            "MailingCountry": place.country,
            "Birthdate": birthday.isoformat() if self._random.random() < 0.4 else None,
        }

    def _phones(self, place: Country) -> Row:
        row: Row = {name: self._number(place.phones) for name, share in _PHONES if self._random.random() < share}
        if self._random.random() < 0.55 or not row:
            row["MobilePhone"] = self._number(place.mobiles)
        if self._random.random() < 0.01:
            row["Phone"] = "12 3"  # an extension of the switchboard: real orgs hold these too
        return row

    def _number(self, patterns: list[str]) -> str:
        """A number nobody has yet; where a drama range is used up, one that somebody shares, but never the cast's."""
        for attempt in range(100):
            number = self._filled(self._random.choice(patterns))
            tail = _tail(number)
            if tail not in self._numbers:
                break
            if tail not in self._reserved and (attempt >= 8 or patterns[0] in self._used_up):
                self._used_up.add(patterns[0])
                break
        self._numbers.add(tail)
        return number

    def _filled(self, pattern: str) -> str:
        return re.sub("[#X]", self._symbol, pattern)

    def _symbol(self, found: re.Match[str]) -> str:
        zero = _zero(found.string)
        if found[0] == "#":
            return chr(zero + int(self._random.random() * 10))
        return self._random.choice("ABCDEFGHJKLMNPRSTUVWXY")


@cache
def countries() -> tuple[Country, ...]:
    text = (Path(__file__).parent / "people.json").read_text("utf-8")
    return tuple(Country(**entry) for entry in json.loads(text))


@cache
def _zero(pattern: str) -> int:
    """The code point of 0 in the script the pattern's own digits are written in."""
    for char in pattern:
        if char.isdigit():
            return ord(char) - unicodedata.digit(char)
    return ord("0")


def _latin(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_UNDECOMPOSED))
    return "".join(char for char in plain if char.isascii())


def _tail(number: str) -> str:
    """What two spellings of one number share: its last nine digits, without an extension."""
    main = re.split(r"ext|x|wew|\(内|转", number)[0]
    return str(int("1" + re.sub(r"\D", "", main)))[1:][-9:]  # int reads the digits of every script
