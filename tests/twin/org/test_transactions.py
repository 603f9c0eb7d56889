"""Whatever is written, undone and written again: rows, bin and changes are what a plain model says they should be."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org

from ..conftest import Clock

OPERATIONS = ("contact", "task", "rename", "delete", "undelete", "purge", "merge", *["report"] * 4, *["undelete"] * 2)


@dataclass
class Known:
    """A contact that reports to another, or a task about one; in the bin, what it remembers of its deletion."""

    object: str
    name: str
    link: str | None
    along: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    lonely: bool = True

    @property
    def field(self) -> str:
        return {"Contact": "ReportsToId", "Task": "WhoId"}[self.object]


@dataclass
class Model:
    live: dict[str, Known] = field(default_factory=dict)
    bin: dict[str, Known] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # who was changed out loud in this transaction

    def pointing(self, id_: str) -> list[str]:
        return [found for found, known in self.live.items() if known.link == id_]

    def delete(self, id_: str) -> None:
        tasks = [found for found in self.pointing(id_) if self.live[found].object == "Task"]
        reports = [found for found in self.pointing(id_) if self.live[found].object == "Contact" and found != id_]
        for found in reports:
            self.live[found].link = None
        self.live[id_].along, self.live[id_].cut = tasks, reports
        for gone in (id_, *tasks):
            self.bin[gone] = self.live.pop(gone)
            self.bin[gone].lonely = gone == id_
            self.told.add(gone)

    def undelete(self, id_: str) -> None:
        root = self.bin[id_]
        back = [id_, *(found for found in root.along if found in self.bin)]
        for found in back:
            self.live[found] = self.bin.pop(found)
            self.told.add(found)
        for found in back:
            if self.live[found].link not in self.live:
                self.live[found].link = None
        for found in root.cut:
            if found in self.live and self.live[found].link is None:
                self.live[found].link = id_

    def purge(self, id_: str) -> None:
        if id_ in self.live:
            self.delete(id_)
        for found in (*self.bin[id_].along, id_):
            self.bin.pop(found, None)

    def merge(self, winner: str, loser: str) -> None:
        for found in self.pointing(loser):
            self.live[found].link = None if found == winner else winner
            self.told.add(found)
        self.told.add(winner)
        self.delete(loser)


@dataclass
class Play:
    """Does everything twice: to the org, and to the model."""

    org: Org
    random: Random
    ids: list[str] = field(default_factory=list)
    model: Model = field(default_factory=Model)

    def steps(self, depth: int) -> None:
        for _ in range(self.random.randrange(40 // depth)):
            if depth < 4 and self.random.random() < 0.2:
                self.attempt(depth + 1, fails=self.random.random() < 0.5)
            else:
                self.operate(self.random.choice(OPERATIONS))

    def attempt(self, depth: int, *, fails: bool) -> None:
        before = deepcopy(self.model)
        try:
            with self.org.transaction():
                self.steps(depth)
                if fails:
                    raise InterruptedError
        except InterruptedError:
            self.model = before

    def operate(self, name: str) -> None:
        if name in ("contact", "task"):
            self.create({"contact": "Contact", "task": "Task"}[name], self.random.randrange(8))
        elif self.ids:
            getattr(self, name)(self.random.choice(self.ids), self.random.choice(self.ids))

    def create(self, object_name: str, two: int) -> None:
        contacts = [id_ for id_, known in self.model.live.items() if known.object == "Contact"]
        known = Known(object_name, f"Number {two}", contacts[two % len(contacts)] if contacts and two % 2 else None)
        fields = {"LastName" if object_name == "Contact" else "Subject": known.name, known.field: known.link}
        id_ = self.org.create(Actor(self.org.admin), object_name, fields)
        self.ids.append(id_)
        self.model.live[id_] = known
        self.model.told.add(id_)

    def report(self, one: str, two: str) -> None:
        fits = one in self.model.live and two in self.model.live and two.startswith("003")
        object_name, field_name = ("Contact", "ReportsToId") if one.startswith("003") else ("Task", "WhoId")
        if self.agree(fits, lambda actor: self.org.update(actor, object_name, one, {field_name: two})):
            self.model.live[one].link = two
            self.model.told.add(one)

    def rename(self, one: str, two: str) -> None:
        object_name, field_name = ("Contact", "LastName") if one.startswith("003") else ("Task", "Subject")
        if self.agree(
            one in self.model.live, lambda actor: self.org.update(actor, object_name, one, {field_name: two})
        ):
            self.model.live[one].name = two
            self.model.told.add(one)

    def delete(self, one: str, _: str) -> None:
        if self.agree(one in self.model.live, lambda actor: self.org.delete(actor, self.object(one), one)):
            self.model.delete(one)

    def undelete(self, one: str, _: str) -> None:
        fits = one in self.model.bin and self.model.bin[one].lonely
        if self.agree(fits, lambda actor: self.org.undelete(actor, self.object(one), one)):
            self.model.undelete(one)

    def purge(self, one: str, _: str) -> None:
        fits = one in self.model.bin or one in self.model.live
        if self.agree(fits, lambda actor: self.org.purge(actor, self.object(one), one)):
            self.model.purge(one)

    def merge(self, one: str, two: str) -> None:
        fits = one != two and all(id_ in self.model.live and id_.startswith("003") for id_ in (one, two))
        if self.agree(fits, lambda actor: self.org.merge(actor, "Contact", one, [two])):
            self.model.merge(one, two)

    def agree(self, fits: bool, deed: Callable[[Actor], None]) -> bool:
        if fits:
            deed(Actor(self.org.admin))
        else:
            with pytest.raises(SalesforceError):
                deed(Actor(self.org.admin))
        return fits

    def object(self, id_: str) -> str:
        return "Contact" if id_.startswith("003") else "Task"


def kind(before: Model, after: Model, id_: str) -> str | None:
    if id_ in after.live:
        return "UPDATE" if id_ in before.live else "UNDELETE" if id_ in before.bin else "CREATE"
    return "DELETE" if id_ in before.live else None


def rows(org: Org, home: str) -> dict[str, tuple[object, object]]:
    kept = {}
    for object_name, name, link in (("Contact", "LastName", "ReportsToId"), ("Task", "Subject", "WhoId")):
        table = org.tables[object_name]
        kept |= {id_: (row.get(name), row.get(link)) for id_, row in getattr(table, home).items()}
    return kept


@pytest.mark.parametrize("seed", range(60))
def test_what_is_left_and_told_is_what_a_plain_model_says(seed: int, tmp_path: Path, clock: Clock):
    path = tmp_path / "org.db"
    org = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    play = Play(org, Random(seed))
    play.steps(1)
    start, count = deepcopy(play.model), len(org.changes)
    play.model.told.clear()
    play.attempt(2, fails=False)
    for home in ("live", "bin"):
        known: dict[str, Known] = getattr(play.model, home)
        assert rows(org, home) == {id_: (record.name, record.link) for id_, record in known.items()}
    told = org.changes[count:]
    expected = {(kind(start, play.model, id_), id_) for id_ in play.model.told}
    assert {(change.kind, id_) for change in told for id_ in change.ids} == {entry for entry in expected if entry[0]}
    assert len({change.transaction for change in told}) <= 1
    org.close()
    again = Org(clock=clock, instance_url="http://localhost:8002", path=path)
    assert {name: (table.live, table.bin) for name, table in again.tables.items()} == {
        name: (table.live, table.bin) for name, table in org.tables.items()
    }
    assert again.changes == org.changes
    again.close()
