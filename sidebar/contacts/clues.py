"""What a record holds, compared with what the inbox told: clues where it is the same, near misses where it nearly is.

A number without a country is read with the record's own, then with the workspace's; the inbox's, which may be written
so too, in the same ways. Pure.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import phonenumbers

from sidebar.contacts.candidates import GONE, Candidate, Clue
from sidebar.contacts.people import People
from sidebar.contacts.receipt import Input, Near
from sidebar.identity import Identity, Key, email_keys, phone_keys, shared
from sidebar.salesforce.client import Record, moment

_TAIL = 7  # digits of two numbers that agree and are worth mentioning


def inputs_of(customer: Identity, region: str) -> tuple[Input, ...]:
    """Every address of the customer with its keys; `region` is the workspace's country."""
    regions = [each for each in (customer.country, region) if each]
    emails = (Input("email", raw, tuple(email_keys(raw))) for raw in customer.emails)
    numbers = (Input("phone", raw, tuple(phone_keys(raw, regions))) for raw in customer.phones)
    return (*emails, *numbers)


@dataclass(frozen=True, slots=True)
class Compared:
    """Records compared with these inputs; `read`: keys of the inbox's numbers that only some record's country made;
    `numbers`: what was read before, since reading takes long and records that share a number come in crowds."""

    inputs: tuple[Input, ...]
    region: str
    read: set[tuple[Input, Key]] = field(default_factory=set)
    numbers: dict[tuple[str, tuple[str, ...]], tuple[Key, ...]] = field(default_factory=dict)

    def as_read(self) -> tuple[Input, ...]:
        """The inputs with all the keys by which something was the same."""
        more = sorted(self.read, key=lambda pair: pair[1].value)
        return tuple(
            replace(each, keys=tuple(dict.fromkeys((*each.keys, *(key for of, key in more if of == each)))))
            for each in self.inputs
        )

    def candidate(self, people: People, record: Record) -> Candidate:
        """What is known of the record, as far as it decides; without clues where nothing of it is the same."""
        return Candidate(
            id=str(record["Id"]),
            kind=people.kind,
            name=str(record.get("Name") or ""),
            modified_at=int(moment(str(record["LastModifiedDate"])).timestamp() * 1000),
            clues=self.clues(people, record),
            converted_to=str(record.get("ConvertedContactId") or GONE) if record.get("IsConverted") else "",
        )

    def clues(self, people: People, values: Mapping[str, object]) -> tuple[Clue, ...]:
        """The strongest of each field for each address."""
        by_email = (
            Clue(key, name, raw)
            for name, raw in _written(values, people.emails)
            for each in self._of("email")
            for key in shared(each.keys, email_keys(raw))[:1]
        )
        regions = self._regions(people, values)
        by_phone = (
            clue
            for name, raw in _written(values, people.phones)
            for each in self._of("phone")
            if (clue := self._same_number(name, raw, regions, each))
        )
        return tuple(dict.fromkeys((*by_email, *by_phone)))

    def near(self, people: People, id: str, values: Mapping[str, object]) -> Iterator[Near]:
        """Numbers of the record that are none of these, and would be if they were read with another country."""
        regions = self._regions(people, values)
        for name, raw in _written(values, people.phones):
            for each in self._of("phone"):
                clue = self._same_number(name, raw, regions, each)
                if clue is None or not clue.key.strong:
                    country = self._country(raw, regions, each)
                    if country or _tail(raw) & {digits_of(key.value.partition(";")[0])[-_TAIL:] for key in each.keys}:
                        yield Near(id, people.kind, name, raw, country)

    def _same_number(self, name: str, raw: str, regions: tuple[str, ...], wanted: Input) -> Clue | None:
        ours = (*wanted.keys, *(key for region in regions for key in self._keys(wanted.raw, (region,))))
        same = shared(ours, self._keys(raw, regions))
        if not same:
            return None
        if same[0].value not in {key.value for key in wanted.keys}:
            self.read.add((wanted, same[0]))
        values = {region: {key.value for key in self._keys(raw, (region,))} for region in ("", *regions)}
        return Clue(same[0], name, raw, next((each for each in values if same[0].value in values[each]), ""))

    def _country(self, raw: str, regions: tuple[str, ...], wanted: Input) -> str:
        """With which the two would be one number: the country that one of them names."""
        for region in dict.fromkeys(filter(None, map(_home, (*wanted.keys, *self._keys(raw, regions))))):
            same = shared((*wanted.keys, *self._keys(wanted.raw, (region,))), self._keys(raw, (region,)))
            if any(key.strong for key in same):
                return region
        return ""

    def _keys(self, raw: str, regions: tuple[str, ...]) -> tuple[Key, ...]:
        if (raw, regions) not in self.numbers:
            self.numbers[raw, regions] = phone_keys(raw, regions)
        return self.numbers[raw, regions]

    def _of(self, kind: str) -> Iterator[Input]:
        return (each for each in self.inputs if each.kind == kind and each.keys)

    def _regions(self, people: People, values: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for each in (people.region(values), self.region) if each))


@lru_cache(maxsize=1_000)
def _home(key: Key) -> str:
    if not key.strong or not key.value.startswith("+"):
        return ""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(key.value)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _tail(raw: str) -> set[str]:
    digits = digits_of(raw)
    return {digits[-_TAIL:]} if len(digits) >= _TAIL else set()


def digits_of(text: str) -> str:
    """Of every script, as 0 to 9."""
    values = (unicodedata.digit(character, None) for character in text)
    return "".join(str(value) for value in values if value is not None)


def _written(values: Mapping[str, object], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((name, str(values[name])) for name in names if values.get(name))
