"""Who it is, by the rules in their order: each decides on its own, and none in silence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebar.contacts.candidates import Candidate, Clue, Kind, merged
from sidebar.contacts.rank import Policy, Ranking, rank
from sidebar.identity import Key

EMAIL, PHONE = Key("email", "ann@x.example"), Key("phone", "+442079460123")
WEAK_EMAIL, TAIL = replace(EMAIL, strong=False), Key("phone", "~9460123", strong=False)
EXTENSION = replace(PHONE, strong=False)
POLICIES: tuple[Policy, ...] = ("contacts", "contact_first", "lead_first")


def one(id: str, *keys: Key, kind: Kind = "Contact", at: int = 1, became: str = "") -> Candidate:
    return Candidate(id, kind, id, at, tuple(Clue(key, "Field", key.value) for key in keys), became)


def told(ranking: Ranking) -> tuple[str, str, list[str], list[str]]:
    """Outcome, rule, whoever is left, and why the others are not."""
    return (
        ranking.outcome,
        ranking.rule,
        [each.id for each in ranking.left],
        [f"{each.candidate.id} {each.removed}" for each in ranking.order if each.removed],
    )


A, B = one("a", EMAIL), one("b", EMAIL, at=2)
LEAD = one("l", EMAIL, kind="Lead", at=3)


@pytest.mark.parametrize(
    ("candidates", "policy", "picked", "unlinked", "expected"),
    [
        ([], "contacts", "", "", ("nobody", "", [], [])),
        ([A], "contacts", "", "", ("found", "email", ["a"], [])),
        ([one("a", PHONE)], "contacts", "", "", ("found", "phone", ["a"], [])),
        ([A, B], "contacts", "", "", ("several", "email", ["b", "a"], [])),
        ([A, replace(A, id="0")], "contacts", "", "", ("several", "email", ["0", "a"], [])),
        ([A, B], "contacts", "", "b", ("found", "email", ["a"], ["b unlinked"])),
        ([A], "contacts", "", "a", ("nobody", "", [], ["a unlinked"])),
        ([A, B], "contacts", "a", "", ("found", "picked", ["a"], ["b unpicked"])),
        ([A, B], "contacts", "a", "a", ("found", "email", ["b"], ["a unlinked"])),
        ([A, one("p")], "contacts", "p", "", ("found", "picked", ["p"], ["a unpicked"])),
        ([A, one("p")], "contacts", "", "", ("found", "email", ["a"], [])),
        ([A], "contacts", "gone", "", ("several", "email", ["a"], [])),
        ([], "contacts", "gone", "", ("nobody", "", [], [])),
        ([replace(LEAD, converted_to="gone"), A], "contacts", "l", "", ("several", "email", ["a"], ["l converted"])),
        ([LEAD], "contacts", "", "", ("nobody", "", [], ["l policy"])),
        ([LEAD], "contacts", "l", "", ("found", "picked", ["l"], [])),
        ([LEAD], "contact_first", "", "", ("found", "email", ["l"], [])),
        ([A, LEAD], "contacts", "", "", ("found", "email", ["a"], ["l policy"])),
        ([A, LEAD], "contact_first", "", "", ("found", "email", ["a"], ["l kind"])),
        ([A, LEAD], "lead_first", "", "", ("found", "email", ["l"], ["a kind"])),
        ([replace(LEAD, converted_to="a"), A], "lead_first", "", "", ("found", "email", ["a"], ["l converted"])),
        ([replace(LEAD, converted_to="a")], "lead_first", "", "", ("nobody", "", [], ["l converted"])),
        ([replace(LEAD, converted_to="p"), one("p")], "contacts", "l", "", ("found", "picked", ["p"], ["l converted"])),
        ([one("l", kind="Lead", became="p"), one("p")], "contacts", "l", "",
         ("found", "picked", ["p"], ["l converted"])),
        ([replace(LEAD, converted_to="a"), A], "contacts", "l", "a",
         ("nobody", "", [], ["l converted", "a unlinked"])),
        ([one("w", TAIL)], "contacts", "", "", ("several", "phone", ["w"], [])),
        ([one("w", TAIL)], "contacts", "w", "", ("found", "picked", ["w"], [])),
        ([one("w", WEAK_EMAIL), one("s", PHONE)], "contacts", "", "", ("found", "phone", ["s"], ["w weaker"])),
        ([one("w", WEAK_EMAIL), one("t", TAIL)], "contacts", "", "", ("several", "email", ["w"], ["t phone"])),
        ([A, one("s", PHONE)], "contacts", "", "", ("found", "email", ["a"], ["s phone"])),
        ([one("l", PHONE, kind="Lead"), A], "lead_first", "", "", ("found", "email", ["a"], ["l phone"])),
        ([one("s", PHONE), one("x", EXTENSION)], "contacts", "", "", ("found", "phone", ["s"], ["x weaker"])),
        ([one("s", PHONE), one("t", PHONE), one("x", EXTENSION, at=9), one("y", TAIL)], "contacts", "", "",
         ("several", "phone", ["x", "s", "t"], ["y weaker"])),
    ],
)  # fmt: skip
def test_who_it_is(
    candidates: list[Candidate],
    policy: Policy,
    picked: str,
    unlinked: str,
    expected: tuple[str, str, list[str], list[str]],
) -> None:
    """D-01, RI-31, IM-23, IM-24; requirements.md section 3, items 9, 16, 20, 22, 50."""
    ranking = rank(candidates, policy, picked, {unlinked} - {""})
    assert told(ranking)[:3] == expected[:3]
    assert sorted(told(ranking)[3]) == sorted(expected[3])


people = st.lists(
    st.builds(
        one,
        st.sampled_from("abcdef"),
        st.sampled_from([EMAIL, PHONE, WEAK_EMAIL, TAIL, EXTENSION]),
        st.sampled_from([EMAIL, PHONE, TAIL]),
        kind=st.sampled_from(["Contact", "Lead"]),
        at=st.integers(1, 3),
        became=st.sampled_from(["", "", "", "z"]),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)
policies = st.sampled_from(POLICIES)
ids = st.sampled_from(["", *"abcdefz"])


@given(people, policies, ids, st.frozensets(ids), st.randoms())
def test_the_order_in_which_they_came_decides_nothing(
    candidates: list[Candidate], policy: Policy, picked: str, unlinked: frozenset[str], chance: object
) -> None:
    before = rank(candidates, policy, picked, unlinked)
    chance.shuffle(candidates)  # type: ignore[attr-defined]
    assert rank(candidates, policy, picked, unlinked) == before


@given(people, policies, ids, st.frozensets(ids))
def test_everybody_is_told_and_one_is_found_for_a_reason_only(
    candidates: list[Candidate], policy: Policy, picked: str, unlinked: frozenset[str]
) -> None:
    ranking = rank(candidates, policy, picked, unlinked)
    assert {each.candidate.id for each in ranking.order} == {each.id for each in candidates}
    assert not unlinked & {each.id for each in ranking.left}
    assert not any(each.converted_to for each in ranking.left)
    match ranking.outcome:
        case "nobody":
            assert ranking.left == ()
        case "found":
            assert len(ranking.left) == 1
            assert ranking.left[0].is_strong or ranking.rule == "picked"
        case "several":
            assert len(ranking.left) > 1 or not ranking.left[0].is_strong or picked


@given(people, policies)
def test_the_time_of_a_change_never_decides(candidates: list[Candidate], policy: Policy) -> None:
    """Rule 7 orders; requirements.md section 3, item 22."""
    later = [replace(each, modified_at=each.modified_at * 7 % 5) for each in candidates]
    one, other = rank(candidates, policy), rank(later, policy)
    assert (one.outcome, {each.id for each in one.left}) == (other.outcome, {each.id for each in other.left})


@given(people, policies, ids)
def test_whom_an_agent_picked_is_it(candidates: list[Candidate], policy: Policy, picked: str) -> None:
    ranking = rank(candidates, policy, picked)
    if any(each.id == picked and not each.converted_to for each in candidates):
        assert told(ranking)[:3] == ("found", "picked", [picked])


def test_what_is_found_twice_is_one_with_all_its_clues() -> None:
    [found] = merged([one("a", EMAIL), one("a", PHONE), one("a", EMAIL)])
    assert [clue.key for clue in found.clues] == [EMAIL, PHONE]
