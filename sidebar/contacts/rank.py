"""Candidates → who it is: by a policy that can be read aloud. Pure.

1. Whom an agent unlinked from this customer by hand stays out.
2. Whom an agent picked for this customer is it, or the Contact that a picked lead has become. Where that one cannot be
   seen any more, nobody else is it in silence.
3. A policy of contacts only leaves leads out; a converted lead gives way to the Contact it has become.
4. A strong key goes before a weak one: weak keys only suggest. But where several share a number, whoever has that
   number with an extension is one of them.
5. An e-mail address goes before a phone number.
6. The kind of record the policy prefers goes first ("contact first", "lead first").
7. The latest modified goes first, the lower id last: that orders, and never decides in silence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sidebar.contacts.candidates import Candidate

Policy: TypeAlias = Literal["contacts", "contact_first", "lead_first"]
Outcome: TypeAlias = Literal["found", "several", "nobody"]
Removal: TypeAlias = Literal["", "unlinked", "unpicked", "policy", "converted", "weaker", "phone", "kind"]
"""Why a candidate is not it: taken out by hand, by the policy, as a converted lead; or beaten by one picked by hand, by
a stronger key, by an e-mail address, by the preferred kind. Empty: it is, or may be."""

_LEFT: Removal = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What people told of this customer by hand, by record id: who it is, and who it is not."""

    picked: str = ""
    unlinked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    candidate: Candidate
    removed: Removal = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """`order`: whoever is left first, best first; then the removed. "found": exactly one is left, with a strong key or
    picked by hand. "several": a person has to choose, even where one is left who is weak, or not the one picked before.
    `rule`: what decided: "picked", "email", "phone", or "" for nobody."""

    outcome: Outcome
    rule: str
    order: tuple[Judged, ...]

    @property
    def left(self) -> tuple[Candidate, ...]:
        return tuple(each.candidate for each in self.order if not each.removed)


def rank(candidates: Sequence[Candidate], policy: Policy, picked: str = "", unlinked: Collection[str] = ()) -> Ranking:
    """Nobody is one without a clue, unless picked by hand."""
    became = next((each.converted_to for each in candidates if each.id == picked), "")
    counted = [each for each in candidates if each.clues or each.id in (picked, became)]
    picked = became or picked
    removed = {each.id: _barred(each, policy, picked, unlinked) for each in counted}
    left = [each for each in counted if not removed[each.id]]
    best = max((each.worth for each in left), default=(False, False))
    if picked in (each.id for each in left):
        removed |= {each.id: "unpicked" for each in left if each.id != picked}
    else:
        removed |= {each.id: _beaten(each, best) for each in left}
        removed |= _less_preferred([each for each in left if not removed[each.id]], policy)
        removed |= _sharing(left, removed, best)
    order = tuple(Judged(each, removed[each.id]) for each in sorted(counted, key=lambda each: _place(each, removed)))
    return _concluded(order, best, "" if picked in unlinked else picked)


def _concluded(order: tuple[Judged, ...], best: tuple[bool, bool], picked: str) -> Ranking:
    left = [each.candidate for each in order if not each.removed]
    if not left:
        return Ranking("nobody", "", order)
    if left[0].id == picked:
        return Ranking("found", "picked", order)
    strong, by_email = best
    is_sure = strong and len(left) == 1 and not picked
    return Ranking("found" if is_sure else "several", "email" if by_email else "phone", order)


def _barred(candidate: Candidate, policy: Policy, picked: str, unlinked: Collection[str]) -> Removal:
    """Rules 1 to 3, in which a candidate stands alone."""
    if candidate.id in unlinked:
        return "unlinked"
    if candidate.converted_to:
        return "converted"
    if candidate.id == picked:
        return _LEFT
    return "policy" if candidate.kind == "Lead" and policy == "contacts" else _LEFT


def _beaten(candidate: Candidate, best: tuple[bool, bool]) -> Removal:
    """Rules 4 and 5."""
    strong, by_email = candidate.worth
    if strong < best[0]:
        return "weaker"
    return "phone" if by_email < best[1] else _LEFT


def _sharing(left: Sequence[Candidate], removed: Mapping[str, Removal], best: tuple[bool, bool]) -> dict[str, Removal]:
    """Rule 4, where it is a choice already: the weaker ones who have the very number of the others."""
    chosen = [each for each in left if not removed[each.id]]
    decided = (clue.key.value for each in chosen for clue in each.clues if clue.worth == best)
    values = set(decided) if len(chosen) > 1 and not best[1] else set()
    weaker = (each for each in left if removed[each.id] == "weaker" and each.kind == chosen[0].kind)
    return {each.id: _LEFT for each in weaker if any(clue.key.value in values for clue in each.clues)}


def _less_preferred(left: Sequence[Candidate], policy: Policy) -> dict[str, Removal]:
    """Rule 6."""
    preferred = "Lead" if policy == "lead_first" else "Contact"
    if not any(each.kind == preferred for each in left):
        return {}
    return {each.id: "kind" for each in left if each.kind != preferred}


def _place(candidate: Candidate, removed: Mapping[str, Removal]) -> tuple[object, ...]:
    """Whoever is left, by rule 7; then the others, the better clue first."""
    strong, by_email = candidate.worth if removed[candidate.id] else (True, True)
    return bool(removed[candidate.id]), not strong, not by_email, -candidate.modified_at, candidate.id
