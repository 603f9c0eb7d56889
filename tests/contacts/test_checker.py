"""Receipts are true: a checker that knows nothing of our code comes to the same winner, and each reason counts."""

import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from sidebar.contacts.clues import inputs_of
from sidebar.contacts.people import People
from sidebar.contacts.rank import Policy, Told
from sidebar.contacts.receipts import written
from sidebar.contacts.trail import Sought, Trail
from sidebar.identity import Identity
from sidebar.salesforce.client import JSON, Record
from tests.contacts import checker
from tests.contacts.conftest import Desk

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
PAIRS = 5_000 if THOROUGH else 400

CONTACTS = People("Contact", (), ("Email", "Second__c"), ("Phone", "MobilePhone"), ("MailingCountry",))
LEADS = People("Lead", (), ("Email",), ("Phone",), ("Country",))
EMAILS = ["ann@x.example", "Ann@X.example", "ann+news@x.example", "bo@x.example", "ann@müller.example", "no address"]
NUMBERS = [
    ("GB", "+442079460123", "020 7946 0123", "(0044) 20 7946 0123", "+44 20 7946 0123 ext. 5"),
    ("DE", "+491713920034", "0171 3920034", "0049 171 392 00 34", "0171/3920034"),
    ("US", "+14155550100", "(415) 555-0100", "415.555.0100 x204", "1-415-555-0100"),
    ("BR", "+5511987654321", "(11) 98765-4321", "11 8765-4321", "+55 11 98765 4321"),
    ("", "123", "12 3", "1-2-3", "555 0100"),
]
COUNTRIES = ["", "GB", "DE", "US", "BR"]


class Pair:
    """An org of a few people, who share addresses more than people should, and a customer."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        ids = [f"003{number:015}" for number in range(self.chance.randint(1, 5))]
        leads = [f"00Q{number:015}" for number in range(self.chance.randint(0, 3))]
        self.contacts = [self._contact(id) for id in ids]
        self.leads = [self._lead(id, ids) for id in leads]
        everybody = [*ids, *leads]
        picked = self.chance.choice(["", "", "", *everybody, "003000000000000gone"])
        unlinked = frozenset(self.chance.sample(everybody, self.chance.choice([0, 0, 0, 1])))
        customer = Identity(
            tuple(self.chance.sample(EMAILS, self.chance.randint(0, 2))),
            tuple(self._number() for _ in range(self.chance.randint(0, 2))),
            country=self.chance.choice(COUNTRIES),
        )
        policy = cast(Policy, self.chance.choice(["contacts", "contact_first", "lead_first"]))
        self.sought = Sought(customer, Told(picked, unlinked), policy, self.chance.choice(COUNTRIES))

    def receipt(self) -> dict[str, Any]:
        trail = Trail.begin(self.sought)
        trail.take("lead email", 1, LEADS, self.leads)
        trail.take("email", 1, CONTACTS, self.contacts)
        trail.inherit()
        return cast("dict[str, Any]", written(trail.match(1).receipt))

    def _contact(self, id: str) -> Record:
        few = {"Second__c": self._email(), "MobilePhone": self._some(self._number)}
        return {**self._person(id), **few, "MailingCountry": self.chance.choice(COUNTRIES)}

    def _lead(self, id: str, contacts: list[str]) -> Record:
        became = self.chance.choice([None, None, self.chance.choice(contacts)])
        converted: dict[str, JSON] = {"IsConverted": became is not None, "ConvertedContactId": became}
        return {**self._person(id), **converted, "Country": self.chance.choice(COUNTRIES)}

    def _person(self, id: str) -> Record:
        at = f"2026-11-22T08:00:{self.chance.randint(0, 3):02}.000+0000"
        email, phone = self._email(), self._some(self._number)
        return {"Id": id, "Name": id[-3:], "LastModifiedDate": at, "Email": email, "Phone": phone}

    def _email(self) -> str | None:
        return self.chance.choice([None, None, *EMAILS])

    def _number(self) -> str:
        return self.chance.choice(self.chance.choice(NUMBERS)[1:])

    def _some(self, make: Any) -> str | None:
        return self.chance.choice([None, make()])


@pytest.fixture(scope="module")
def receipts() -> list[dict[str, Any]]:
    return [Pair(seed).receipt() for seed in range(PAIRS)]


def test_the_winner_follows_from_the_receipt_alone(receipts: list[dict[str, Any]]) -> None:
    for seed, receipt in enumerate(receipts):
        assert checker.verdict(receipt) == checker.said(receipt), f"pair {seed}"


def test_every_clue_is_by_a_key_of_what_the_inbox_told(receipts: list[dict[str, Any]]) -> None:
    for seed, receipt in enumerate(receipts):
        assert checker.unfounded(receipt) == [], f"pair {seed}"


def test_what_decided_cannot_be_left_out(receipts: list[dict[str, Any]]) -> None:
    """Without the clues by which somebody is left, the result is another: each of them counts."""
    alone = 0
    for seed, receipt in enumerate(receipts):
        before = checker.verdict(receipt)
        for id, clues in checker.deciding(receipt):
            alone += len(clues) == 1
            assert checker.verdict(checker.without(receipt, id, clues)) != before, f"pair {seed}, {id}"
        if receipt["rule"] == "picked":
            assert checker.verdict({**receipt, "picked": ""}) != before, f"pair {seed}"
    assert alone > PAIRS / 4


def test_the_pairs_are_of_every_sort(receipts: list[dict[str, Any]]) -> None:
    sorts = {(receipt["outcome"], receipt["rule"]) for receipt in receipts}
    assert sorts == {
        ("found", "email"), ("found", "phone"), ("found", "picked"), ("several", "email"), ("several", "phone"),
        ("nobody", ""),
    }  # fmt: skip
    removed = {each["removed"] for receipt in receipts for each in receipt["judged"]}
    assert removed == {"", "unlinked", "unpicked", "policy", "converted", "weaker", "phone", "kind"}


@pytest.mark.anyio
async def test_receipts_of_the_demo_s_org_are_true_as_well(desk: Desk) -> None:
    """By every address of every tenth person there, under each policy."""
    rows = list(desk.salesforce.org.rows("Contact"))[::10]
    policies: list[Policy] = ["contacts", "contact_first", "lead_first"]
    for row, policy in zip(rows, policies * len(rows), strict=False):
        customer = Identity((str(row["Email"]),), (str(row["Phone"]), str(row["MobilePhone"])))
        match = await desk.lookup.match(replace(desk.workspace, policy=policy), customer)
        receipt = cast("dict[str, Any]", written(match.receipt))
        assert checker.verdict(receipt) == checker.said(receipt)
        assert checker.unfounded(receipt) == []
        assert match.outcome == receipt["outcome"]


def test_the_checker_knows_nothing_of_the_house() -> None:
    assert "sidebar" not in Path(checker.__file__).read_text("utf-8")


def test_inputs_are_told_as_they_were_written() -> None:
    """RI-35: the raw forms."""
    inputs = inputs_of(Identity((" Ann@X.example",), ("12 3",)), "GB")
    assert [each.raw for each in inputs] == [" Ann@X.example", "12 3"]
