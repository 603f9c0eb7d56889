"""Asks Salesforce who has an e-mail address or a phone number: e-mail first, then phone, each however it is written.

An e-mail query is never OR-ed with a phone: that would lose the index. Whoever a phone search brings is compared by
key, read with the contact's own country and then the workspace's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidebar.contacts import phones
from sidebar.contacts.fields import Spec
from sidebar.identity import Identity, email_key, phone_key, phone_keys, region_of
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client, Record
from sidebar.salesforce.errors import NotFound

MOST = 25  # people who share one address and are still worth listing
_WHOLE_NUMBER = 7  # digits
_ADDRESS_BYTES = 10_000  # Salesforce refuses addresses of more than 16,384, and columns and headers take their share


@dataclass(frozen=True, slots=True)
class Tried:
    """One address that was looked for: as the host wrote it, and as it was compared (None: it could not be read)."""

    kind: str  # "email" or "phone"
    raw: str
    key: str | None


def tried(identity: Identity, region: str) -> tuple[Tried, ...]:
    """Every address of `identity` with its key; `region` is the workspace's country."""
    regions = [each for each in (identity.country, region) if each]
    emails = (Tried("email", raw, email_key(raw)) for raw in identity.emails)
    numbers = (Tried("phone", raw, phone_key(raw, regions)) for raw in identity.phones)
    return (*emails, *numbers)


class Search:
    """`columns` are asked for; `known` tells which fields hold e-mail and phone."""

    def __init__(self, client: Client, known: Mapping[str, Spec], columns: Sequence[str], region: str) -> None:
        self._client = client
        self._columns = columns
        self._region = region
        emails = (spec.name for spec in known.values() if spec.type == "email")
        self._emails = sorted(emails, key=lambda name: name != "Email")
        self._phones = [spec.name for spec in known.values() if spec.type == "phone"]

    async def find(self, addresses: Sequence[Tried]) -> tuple[str, list[Record]]:
        """The rule that found somebody ("email", "phone", or "" for nobody), and whom, latest changed first."""
        for rule, ask in (("email", self._by_email), ("phone", self._by_phone)):
            usable = [each for each in addresses if each.kind == rule and each.key]
            found = await ask(usable) if usable else []
            if found:
                return rule, _latest_first(found)
        return "", []

    async def by_id(self, id: str) -> Record:
        """Raises NotFound where it has been deleted, or the connected user may not see it."""
        found = await self._client.query(self._select(f"Id = {soql.text(id)}"))
        if not found:
            raise NotFound("no such Contact")
        return found[0]

    async def _by_email(self, usable: Sequence[Tried]) -> list[Record]:
        """Salesforce compares e-mail without regard to case and has Contact.Email indexed: an exact query is cheap. An
        org's own fields for e-mail are asked only where that one holds nobody."""
        for name in self._emails:
            found: list[Record] = []
            for some in soql.batches(sorted({str(each.key) for each in usable}), _ADDRESS_BYTES):
                found += await self._client.query(self._select(f"{name} IN {soql.texts(some)}"))
            if found:
                return found
        return []

    async def _by_phone(self, usable: Sequence[Tried]) -> list[Record]:
        """The search index first; where it has nothing (it lags behind writes), the usual spellings, exactly."""
        if not self._phones:
            return []  # all of them are hidden from the connected user
        keys = {str(each.key) for each in usable}
        terms = " OR ".join(_open_ended(digits) for digits in phones.digit_strings(keys))
        returning = f"Contact({', '.join(self._columns)} LIMIT 200)"
        found = await self._client.search(f"FIND {{{terms}}} IN PHONE FIELDS RETURNING {returning}")
        same = [record for record in found if self._is_same(record, usable)]
        return same or await self._by_spelling(keys, usable)

    async def _by_spelling(self, keys: set[str], usable: Sequence[Tried]) -> list[Record]:
        forms = phones.spellings([each.raw for each in usable], keys)
        found: list[Record] = []
        for some in soql.batches(forms, _ADDRESS_BYTES // len(self._phones)):
            texts = soql.texts(some)
            found += await self._client.query(self._select(" OR ".join(f"{name} IN {texts}" for name in self._phones)))
        return [record for record in found if self._is_same(record, usable)]

    def _is_same(self, record: Record, usable: Sequence[Tried]) -> bool:
        return is_same(record, usable, self._phones, self._region)

    def _select(self, where: str) -> str:
        columns = ", ".join(self._columns)
        return f"SELECT {columns} FROM Contact WHERE {where} ORDER BY LastModifiedDate DESC LIMIT {MOST}"  # noqa: S608 - SOQL, quoted by soql.texts


def is_same(record: Mapping[str, object], usable: Sequence[Tried], phones: Sequence[str], region: str) -> bool:
    """Whether a number in any of these fields is one of those, read with the contact's own country, then `region`."""
    country = region_of(str(record.get("MailingCountryCode") or record.get("MailingCountry") or ""))
    regions = [each for each in (country, region) if each]
    theirs = {phone_key(str(record[name]), regions) for name in phones if record.get(name)}
    ours = {key for each in usable for key in (each.key, *phone_keys(each.raw, regions))}
    return bool((theirs & ours) - {None})


def _open_ended(digits: str) -> str:
    """A search term; a whole number may be followed by an extension, whose digits the index joins to it."""
    return soql.term(digits) + ("*" if len(digits) >= _WHOLE_NUMBER else "")


def _latest_first(found: Sequence[Record]) -> list[Record]:
    distinct = {str(record["Id"]): record for record in found}.values()
    return sorted(distinct, key=lambda record: str(record["LastModifiedDate"]), reverse=True)[:MOST]
