"""One look-up on its way: whom it looks for, what it has asked and found so far, and what follows from that. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sidebar.contacts.candidates import GONE, Candidate, merged
from sidebar.contacts.clues import Compared, inputs_of
from sidebar.contacts.memory import Match
from sidebar.contacts.people import People
from sidebar.contacts.rank import Judged, Policy, Ranking, Told, rank
from sidebar.contacts.receipt import Asked, Input, Near, Receipt, Tried
from sidebar.identity import Identity
from sidebar.salesforce.client import Record

MOST = 25  # people who share one address and are still worth listing
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom a look-up is for. `region` is the workspace's country."""

    customer: Identity
    told: Told
    policy: Policy
    region: str

    @property
    def inputs(self) -> tuple[Input, ...]:
        return inputs_of(self.customer, self.region)


@dataclass(slots=True)
class Trail:
    """`records`: all that came along, by id. `knows_contacts`: our own copies have told of every Contact there is."""

    sought: Sought
    compared: Compared
    candidates: list[Candidate] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    nearest: list[Near] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    knows_contacts: bool = False

    @classmethod
    def begin(cls, sought: Sought) -> "Trail":
        return cls(sought, Compared(sought.inputs, sought.region))

    def again(self) -> "Trail":
        """From here on, another time."""
        return replace(
            self,
            candidates=list(self.candidates),
            asked=list(self.asked),
            nearest=list(self.nearest),
            records=dict(self.records),
        )

    def usable(self, kind: str) -> list[Input]:
        return [each for each in self.compared.inputs if each.kind == kind and each.keys]

    def take(self, what: str, calls: int, people: People, found: Iterable[Record]) -> None:
        """What came of a step: whoever has one of the addresses, or nearly."""
        rows = {str(record["Id"]): record for record in found}
        new = [self.compared.candidate(people, record) for record in rows.values()]
        self.add(what, calls, new)
        self.records |= {each.id: rows[each.id] for each in new if self.counts(each)}
        for each in [each for each in new if not each.is_strong][:MOST]:
            self.nearest += self.compared.near(people, each.id, rows[each.id])

    def add(self, what: str, calls: int, new: Sequence[Candidate]) -> None:
        held = [each for each in new if self.counts(each)]
        self.asked.append(Asked(what, calls, len(held)))
        self.candidates = merged([*self.candidates, *sorted(held, key=_worth, reverse=True)[:MOST]])

    def counts(self, candidate: Candidate) -> bool:
        """Whether it is one: by its address, by hand, or as what a lead has become."""
        meant = {self.sought.told.picked, *(each.converted_to for each in self.candidates if each.converted_to)}
        return bool(candidate.clues) or candidate.id in meant

    def has(self, id: str) -> bool:
        return any(each.id == id for each in self.candidates)

    def inherit(self) -> None:
        """Contacts have the addresses of the leads they were, too."""
        heirs = {each.converted_to: each for each in self.candidates if each.converted_to}
        for place, each in enumerate(self.candidates):
            if lead := heirs.get(each.id):
                theirs = [replace(clue, field=f"Lead.{clue.field}") for clue in lead.clues]
                self.candidates[place] = each.with_clues(theirs)

    @property
    def heirs(self) -> list[str]:
        """The Contacts that converted leads have become, as far as they are not here yet."""
        wanted = dict.fromkeys(each.converted_to for each in self.candidates if each.converted_to)
        return [id for id in wanted if id != GONE and not self.has(id)]

    @property
    def ranking(self) -> Ranking:
        told = self.sought.told
        return rank(self.candidates, self.sought.policy, told.picked, told.unlinked)

    @property
    def lacks_picked(self) -> bool:
        """Whom an agent picked has neither come along nor been looked for."""
        told = self.sought.told
        looked = any(each.what == "picked" for each in self.asked)
        return bool(told.picked) and not looked and not self.has(told.picked) and told.picked not in told.unlinked

    @property
    def is_settled(self) -> bool:
        """Whether weaker addresses need not be asked for any more."""
        ranking = self.ranking
        if ranking.rule == "picked" or self.lacks_picked:
            return ranking.rule == "picked"
        return any(each.is_strong for each in ranking.left)

    @property
    def is_settled_by_contacts(self) -> bool:
        """Whether no lead could change it."""
        policy, ranking = self.sought.policy, self.ranking
        if ranking.rule == "picked" or not self.is_settled or policy == "contacts":
            return self.is_settled
        return policy == "contact_first" and (ranking.rule == "email" or not self.usable("email"))

    def match(self, at: int) -> Match:
        ranking = self.ranking
        left = ranking.left
        lead = next((each for each in left if each.kind == "Lead"), None) or self._left_out(ranking)
        tried = tuple(map(tried_of, self.compared.inputs))
        ids = tuple(each.id for each in left if each.kind == "Contact")[:MOST]
        return Match(ids, ranking.rule, tried, at, ranking.outcome, self._receipt(ranking, at), lead)

    def _left_out(self, ranking: Ranking) -> Candidate | None:
        """Under a policy of contacts only: the lead that is all there is (RI-31)."""
        leads = (each.candidate for each in ranking.order if each.removed == "policy" and each.candidate.is_strong)
        return next(leads, None) if ranking.outcome == "nobody" else None

    def _receipt(self, ranking: Ranking, at: int) -> Receipt:
        sought = self.sought
        strong = {each.id for each in self.candidates if each.is_strong}
        near = dict.fromkeys(map(self._near_told, sorted(self.nearest, key=lambda each: not each.country)))
        return Receipt(
            inputs=self.compared.as_read(),
            country=sought.customer.country,
            region=sought.region,
            policy=sought.policy,
            outcome=ranking.outcome,
            rule=ranking.rule,
            judged=tuple(map(self._told, ranking.order)),
            asked=tuple(self.asked),
            nearest=tuple(each for each in near if each.id not in strong)[:_NEAREST],
            picked=sought.told.picked,
            unlinked=tuple(sorted(sought.told.unlinked)),
            shared=self._shared(ranking),
            at=at,
        )

    def _told(self, judged: Judged) -> Judged:
        """Under a policy of contacts only nothing that a lead holds is told, unless it was picked by hand (RI-31)."""
        lead = judged.candidate
        if not self._is_closed(lead.kind, lead.id):
            return judged
        clues = tuple(replace(clue, raw="", region="") for clue in lead.clues)
        return replace(judged, candidate=replace(lead, name="", modified_at=0, clues=clues))

    def _near_told(self, near: Near) -> Near:
        return replace(near, raw="") if self._is_closed(near.kind, near.id) else near

    def _is_closed(self, kind: str, id: str) -> bool:
        return kind == "Lead" and self.sought.policy == "contacts" and id != self.sought.told.picked

    def _shared(self, ranking: Ranking) -> int:
        """How many have the best address of whom it is: as records that count, whatever people told by hand."""
        best = ranking.left[0].best if ranking.left else None
        value = best.key.value if best else None
        having = (each for each in self.candidates if not each.converted_to)
        return max(1, sum(any(clue.key.value == value for clue in each.clues) for each in having))


def tried_of(each: Input) -> Tried:
    return Tried(each.kind, each.raw, each.keys[0].value if each.keys else None)


def _worth(candidate: Candidate) -> tuple[bool, bool, int]:
    """Of more than can be listed; whoever is here without a clue is here by hand, or was a lead."""
    return not candidate.clues, candidate.is_strong, candidate.modified_at
