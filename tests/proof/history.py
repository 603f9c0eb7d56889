"""What people and programs do in an org, at random but repeatably: one seed, one history."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org

BULK = "com/salesforce/api/bulkapi/68.0"
FIRST = ("Amara", "Inès", "花子", "Jürgen", "Lay\0la")
LAST = ("Okafor", "Lefèvre", "山田", "Großmann", "Haddad", "O'Neill")
FIELD = "Loyalty_Points__c"
HUNDREDS = 230
TYPES = ("double", "string", "currency")


class History:
    """`wild`: whether fields come and go, and some transactions are very large. Whoever listens reads everything again
    then, which may mend what else went wrong: so most histories are not."""

    def __init__(self, org: Org, random: Random, *, wild: bool = False) -> None:
        self._wild = wild
        self.org = org
        self.random = random
        self._number = 0

    def go_on(self, times: int) -> None:
        self._do(self.random.choices(list(self._deeds()), list(self._deeds().values()), k=times))

    def each_once(self) -> None:
        """Every kind of deed there is."""
        self._do([deed for deed, weight in self._deeds().items() if weight])

    def _do(self, deeds: Iterable[Callable[[], object]]) -> None:
        for deed in deeds:
            with suppress(SalesforceError):  # such as a deletion the org does not allow
                deed()

    def _deeds(self) -> dict[Callable[[], object], int]:
        return {
            self.create: 8,
            self.update: 12,
            self.update_many: 2,
            self.rewrite: 3,
            self.delete: 4,
            self.undelete: 4,
            self.purge: 1,
            self.merge: 2,
            self.merge_three: 2,
            self.load: 1,
            self.move: 2,
            self.create_and_delete: 1,
            self.convert: 1,
            self.convert_into: 1,
            self.add_field: 1,
            self.update_hundreds: int(self._wild),
            self.remove_field: int(self._wild),
            self.change_field: int(self._wild),
        }

    def create(self) -> str:
        return self._made(self._somebody(), self.random.choice(LAST))

    def update(self) -> None:
        self.org.update(self._somebody(), "Contact", self._one(), self._values())

    def update_many(self) -> None:
        """The same of several in one transaction: told by one event, or two."""
        with self.org.transaction():
            for id in {self._one() for _ in range(5)}:
                self.org.update(Actor(self.org.admin), "Contact", id, {"Title": "Moved", "Phone": None})

    def update_hundreds(self) -> None:
        """More in one transaction than one event names, one response holds and one question asks for."""
        with self.org.transaction():
            while len(self.org.tables["Contact"].live) < HUNDREDS:
                self._made(Actor(self.org.admin, BULK), "Many")
        with self.org.transaction():
            for number, id in enumerate(sorted(self.org.tables["Contact"].live)):
                self.org.update(Actor(self.org.admin, BULK), "Contact", id, {"Title": f"Seat {number % 7}"})

    def rewrite(self) -> None:
        """A long text that changes a little travels as its difference."""
        id = self._one()
        lines = [f"{number}: {'text ' * 8}" for number in range(60)]
        self.org.update(self._somebody(), "Contact", id, {"Description": "\r\n".join(lines)})
        lines[self.random.randrange(60)] = "another line"
        self.org.update(self._somebody(), "Contact", id, {"Description": "\r\n".join(lines)})

    def delete(self) -> None:
        self.org.delete(self._somebody(plain=True), "Contact", self._one())

    def undelete(self) -> None:
        self.org.undelete(self._somebody(plain=True), "Contact", self._binned())

    def purge(self) -> None:
        self.org.purge(self._somebody(plain=True), "Contact", self._binned())

    def merge(self) -> None:
        self.org.merge(self._somebody(plain=True), "Contact", self._one(), [self._one()])

    def merge_three(self) -> None:
        self.org.merge(self._somebody(plain=True), "Contact", self._one(), [self._one(), self._one()])

    def load(self) -> None:
        """An import."""
        with self.org.transaction():
            for _ in range(self.random.randrange(2, 25)):
                self._made(Actor(self.org.admin, BULK), "Import")

    def move(self) -> None:
        """A name and an address are told in parts."""
        id = self._one()
        number = str(self.org.tables["Contact"].live[id]["LastName"]).rpartition(" ")[2]
        values = {"FirstName": self.random.choice([*FIRST, None]), "LastName": f"{self.random.choice(LAST)} {number}"}
        self.org.update(self._somebody(), "Contact", id, values | {"MailingCity": f"City {self._next()}"})

    def create_and_delete(self) -> None:
        self.org.delete(self._somebody(plain=True), "Contact", self.create())

    def convert(self) -> None:
        self.org.convert_lead(self._somebody(plain=True), self._lead())

    def convert_into(self) -> None:
        """A lead becomes part of a Contact who is there."""
        company = self.org.create(Actor(self.org.admin), "Account", {"Name": f"Company {self._next()}"})
        person = self._one()
        self.org.update(self._somebody(plain=True), "Contact", person, {"AccountId": company, "Email": None})
        self.org.convert_lead(self._somebody(plain=True), self._lead(), account=company, contact=person)

    def add_field(self) -> None:
        """From now on events have another schema."""
        self.org.add_field("Contact", name=f"Extra_{self._next()}__c", label="Extra", type="string")

    def bring_field_back(self) -> None:
        self.org.add_field("Contact", name=FIELD, label="Points", type="double")

    def remove_field(self) -> None:
        self.org.remove_field("Contact", FIELD)

    def change_field(self) -> None:
        """What the new type cannot hold is lost, told by one event for all records."""
        if FIELD.lower() in self.org.sobject("Contact").fields:
            self.org.change_type("Contact", FIELD, self.random.choice(TYPES))

    def _made(self, actor: Actor, last_name: str) -> str:
        return self.org.create(actor, "Contact", {"LastName": f"{last_name} №h{self._next()}", **self._values()})

    def _lead(self) -> str:
        email = f"person{self.random.randrange(40)}@house.example"
        values = {"LastName": f"Lead №h{self._next()}", "Company": f"Company {self._number}", "Email": email}
        return self.org.create(self._somebody(plain=True), "Lead", values)

    def _values(self) -> dict[str, str | float | None]:
        """Few addresses, so that several people share one; and what fits its type."""
        wanted: dict[str, str | float | None] = {
            "FirstName": self.random.choice(FIRST),
            "Email": self.random.choice([f"person{self.random.randrange(40)}@house.example", None]),
            "MobilePhone": self.random.choice([f"+33 6 39 98 {self.random.randrange(10, 99)} 34", None]),
            "Title": self.random.choice(["Buyer", "Own\0er", None]),
            "Birthdate": self.random.choice(["1980-02-29", None]),
        }
        if points := self.org.sobject("Contact").fields.get(FIELD.lower()):
            wanted[FIELD] = self.random.choice(["seven", None] if points.type == "string" else [0, 7.5, None])
        return {name: wanted[name] for name in self.random.sample(list(wanted), 3)}

    def _somebody(self, *, plain: bool = False) -> Actor:
        user = self.org.admin if plain else self.random.choice([self.org.admin, self.org.integration])
        return Actor(user)

    def _one(self) -> str:
        living = sorted(self.org.tables["Contact"].live)
        return self.random.choice(living) if living else self.create()

    def _binned(self) -> str:
        return self.random.choice(sorted(self.org.tables["Contact"].bin) or [self._one()])

    def _next(self) -> int:
        self._number += 1
        return self._number
