"""Where people are kept in Salesforce: Contact and Lead, as the connected user may see them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sidebar.contacts.candidates import Kind
from sidebar.contacts.fields import Spec, columns
from sidebar.identity import region_of

LEAD_PREFIX = "00Q"  # an id says what it is of
_LEAD = ("Company", "Title", "Status", "Country", "CountryCode", "IsConverted", "ConvertedContactId")


@dataclass(frozen=True, slots=True)
class People:
    """`columns`: what is asked for; `emails`, `phones`: all fields of these types, the indexed Email first;
    `countries`: where a person's own country stands."""

    kind: Kind
    columns: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    countries: tuple[str, ...]

    def region(self, values: Mapping[str, object]) -> str:
        """The country of whoever these values are of, as an ISO code; empty where it is not known."""
        return region_of(next((str(values[name]) for name in self.countries if values.get(name)), ""))


def contacts(known: Mapping[str, Spec], shown: Sequence[str]) -> People:
    """A person account is a Contact, too, and says so."""
    return _people("Contact", known, ["IsPersonAccount", *shown], ("MailingCountryCode", "MailingCountry"))


def leads(known: Mapping[str, Spec]) -> People:
    """Without the names of what a lead has become: those are told of the Contact."""
    found = _people("Lead", known, _LEAD, ("CountryCode", "Country"))
    return replace(found, columns=tuple(name for name in found.columns if "." not in name))


def _people(kind: Kind, known: Mapping[str, Spec], shown: Sequence[str], countries: tuple[str, ...]) -> People:
    emails, phones = ([spec.name for spec in known.values() if spec.type == type] for type in ("email", "phone"))
    emails.sort(key=lambda name: name != "Email")
    return People(kind, tuple(columns(known, shown)), tuple(emails), tuple(phones), countries)
