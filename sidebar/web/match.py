"""What a match looks like in the panel: the one person, several to choose from, a lead, perhaps somebody, or nobody;
and in one sentence, why.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from babel import Locale
from babel.dates import format_date
from markupsafe import Markup

from sidebar.contacts.candidates import Candidate, Clue
from sidebar.contacts.lookup import Lookup, Match, Seen
from sidebar.contacts.picks import Word
from sidebar.contacts.rank import Removal
from sidebar.contacts.receipt import Receipt
from sidebar.salesforce.errors import NotFound
from sidebar.web.cards import Cards, Place
from sidebar.web.render import Pages

_OFFERED: tuple[Removal, Removal] = ("", "weaker")


@dataclass(frozen=True, slots=True)
class Case:
    """`customer`: under what a choice is remembered; empty where none can be. `word`: what people said before.
    `receipt_id`: empty where nothing was looked for."""

    match: Match
    customer: str = ""
    word: Word = Word()  # noqa: RUF009 - it is frozen
    receipt_id: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One of several: `seen` is their record, `clue` what speaks for them."""

    id: str
    seen: Seen
    clue: Clue | None

    @property
    def is_lead(self) -> bool:
        return is_lead(self.id)

    @property
    def note(self) -> str:
        record = self.seen.record
        account = record.get("Account")
        company = account.get("Name") if isinstance(account, dict) else record.get("Company")
        return " · ".join(str(each) for each in (record.get("Title"), company) if each)


@dataclass(frozen=True, slots=True)
class Shown:
    """`records`: which the panel may open. `seen`: the one person's."""

    html: str
    records: tuple[str, ...] = ()
    seen: Seen | None = None


class Showing:
    def __init__(self, pages: Pages, cards: Cards, lookup: Lookup) -> None:
        self._pages = pages
        self._cards = cards
        self._lookup = lookup

    async def show(self, place: Place, case: Case) -> Shown:
        match = case.match
        if match.outcome == "several":
            found, weaker = [await self.people(place, _judged(match, why)) for why in _OFFERED]
            if not found:
                raise NotFound("whoever was found is gone")
            html = self._render("_several", place, case, found=found, weaker=weaker)
            return Shown(html, tuple(each.id for each in (*found, *weaker)))
        if match.outcome == "nobody":
            return Shown(self._render("_nobody", place, case))
        id = match.ids[0] if match.ids else match.lead.id if match.lead else ""
        seen = await self._lookup.see(place.workspace, id)
        card = self._lead(place, seen) if is_lead(id) else await self._contact(place, seen)
        return Shown(self._render("_match", place, case, card=Markup(card), id=id), (id,), seen)  # noqa: S704 - rendered by our own templates

    async def people(self, place: Place, candidates: Mapping[str, Clue | None]) -> list[Person]:
        """Those who are still there."""
        found = []
        for id, clue in candidates.items():
            with suppress(NotFound):  # deleted, or merged, since it was found
                found.append(Person(id, await self._lookup.see(place.workspace, id), clue))
        return found

    async def _contact(self, place: Place, seen: Seen) -> str:
        return self._cards.card(place, seen, await self._lookup.specs(place.workspace)).html

    def _lead(self, place: Place, seen: Seen) -> str:
        return self._pages.render("panel/_lead.html", place.language, place=place, id=seen.id, record=seen.record)

    def _render(self, template: str, place: Place, case: Case, **more: object) -> str:
        return self._pages.render(
            f"panel/{template}.html",
            place.language,
            place=place,
            match=case.match,
            case=case,
            why=Why(case.match.receipt, case.word, place.language),
            **more,
        )


@dataclass(frozen=True, slots=True)
class Why:
    """A receipt, and what people said, as a template tells them."""

    receipt: Receipt
    word: Word
    language: str

    @property
    def left(self) -> tuple[Candidate, ...]:
        return tuple(each.candidate for each in self.receipt.judged if not each.removed)

    @property
    def is_weak(self) -> bool:
        """Nobody has the very address: perhaps it is one of these."""
        return self.receipt.outcome == "several" and not any(each.is_strong for each in self.left)

    @property
    def has_weaker(self) -> bool:
        return any(each.removed == "weaker" for each in self.receipt.judged)

    @property
    def clue(self) -> Clue | None:
        """What decided."""
        return self.left[0].best if self.left else None

    def name(self, id: str) -> str:
        """Of a record that was looked at; empty where it was not, or is not to be shown (RI-31)."""
        for each in (judged.candidate for judged in self.receipt.judged):
            if each.id == id and not self.is_hidden(each):
                return each.name
        return ""

    def is_hidden(self, candidate: Candidate) -> bool:
        return candidate.kind == "Lead" and self.receipt.policy == "contacts" and candidate.id != self.receipt.picked

    def kind(self, id: str) -> str:
        return "Lead" if is_lead(id) else "Contact"

    def country(self, code: str) -> str:
        return str(Locale.parse(self.language).territories.get(code, code))

    def day(self, at: int) -> str:
        return day(at, self.language)


def day(at: int, language: str) -> str:
    """Of a moment in ms: "22 Nov 2026"."""
    return format_date(datetime.fromtimestamp(at / 1000, UTC), "medium", language)


def is_lead(id: str) -> bool:
    return id.startswith("00Q")


def _judged(match: Match, removed: Removal) -> dict[str, Clue | None]:
    judged = (each.candidate for each in match.receipt.judged if each.removed == removed)
    return {each.id: each.best for each in judged}
