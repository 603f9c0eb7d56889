"""What people and programs do in an org, at random but repeatably: one seed, one history."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org

BULK = "com/salesforce/api/bulkapi/68.0"
FIRST = ("Amara", "Inès", "花子", "Jürgen", "Layla")
LAST = ("Okafor", "Lefèvre", "山田", "Großmann", "Haddad", "O'Neill")


class History:
    def __init__(self, org: Org, random: Random) -> None:
        self.org = org
        self.random = random
        self._number = 0

    def go_on(self, times: int) -> None:
        for _ in range(times):
            deed = self.random.choices(list(self._deeds()), list(self._deeds().values()))[0]
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
            self.merge: 3,
            self.load: 1,
            self.move: 2,
            self.create_and_delete: 1,
            self.convert: 1,
        }

    def create(self) -> str:
        return self.org.create(self._somebody(), "Contact", {"LastName": self.random.choice(LAST), **self._values()})

    def update(self) -> None:
        self.org.update(self._somebody(), "Contact", self._one(), self._values())

    def update_many(self) -> None:
        """The same of several in one transaction: told by one event, or two."""
        with self.org.transaction():
            for id in {self._one() for _ in range(5)}:
                self.org.update(self._somebody(plain=True), "Contact", id, {"Title": "Moved", "Phone": None})

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

    def load(self) -> None:
        """An import."""
        with self.org.transaction():
            for _ in range(self.random.randrange(2, 30)):
                self.org.create(Actor(self.org.admin, BULK), "Contact", {"LastName": "Import", **self._values()})

    def move(self) -> None:
        """A name and an address are told in parts."""
        values = {"FirstName": self.random.choice([*FIRST, None]), "LastName": self.random.choice(LAST)}
        self.org.update(self._somebody(), "Contact", self._one(), values | {"MailingCity": f"City {self._next()}"})

    def create_and_delete(self) -> None:
        self.org.delete(self._somebody(plain=True), "Contact", self.create())

    def convert(self) -> None:
        actor = self._somebody(plain=True)
        lead = self.org.create(actor, "Lead", {"LastName": "Lead", "Company": f"Company {self._next()}"})
        self.org.convert_lead(actor, lead)

    def _values(self) -> dict[str, str | float | None]:
        """Few addresses, so that several people share one."""
        wanted: dict[str, str | float | None] = {
            "FirstName": self.random.choice(FIRST),
            "Email": self.random.choice([f"person{self.random.randrange(40)}@house.example", None]),
            "MobilePhone": self.random.choice([f"+33 6 39 98 {self.random.randrange(10, 99)} 34", None]),
            "Title": self.random.choice(["Buyer", "Owner", None]),
            "Birthdate": self.random.choice(["1980-02-29", None]),
            "Loyalty_Points__c": self.random.choice([0, 7.5, None]),
        }
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
