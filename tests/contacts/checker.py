"""A second opinion: who it is, worked out from a receipt's JSON alone. Knows the rules of the house from its
documentation, and imports nothing of its code."""

from typing import Any

Verdict = tuple[str, str, list[str]]
"""Outcome, rule, and the ids of whoever is left, best first."""


def verdict(receipt: dict[str, Any]) -> Verdict:
    """The winner by elimination."""
    people = [{**each["candidate"], "clues": each["candidate"]["clues"]} for each in receipt["judged"]]
    chosen = receipt["picked"]
    for person in people:
        if person["id"] == chosen and person["converted_to"]:
            chosen = person["converted_to"]
            break
    running = [each for each in people if each["id"] not in receipt["unlinked"] and not each["converted_to"]]
    if any(each["id"] == chosen for each in running):
        return "found", "picked", [chosen]
    running = [each for each in running if each["clues"]]
    if receipt["policy"] == "contacts":
        running = [each for each in running if each["kind"] == "Contact"]
    if not running:
        return "nobody", "", []
    missing = chosen and chosen not in receipt["unlinked"]
    outcome, kind, left = _final(running, receipt["policy"])
    return "several" if missing else outcome, kind, left


def _final(running: list[dict[str, Any]], policy: str) -> Verdict:
    strong = [each for each in running if any(clue["key"]["strong"] for clue in each["clues"])]
    certain = bool(strong)
    field = strong or running
    by_email = [each for each in field if _has(each, certain, "email")]
    kind = "email" if by_email else "phone"
    field = by_email or field
    favourite = "Lead" if policy == "lead_first" else "Contact"
    field = [each for each in field if each["kind"] == favourite] or field
    if certain and len(field) > 1 and kind == "phone":
        addresses = {clue["key"]["value"] for each in field for clue in _of(each, certain, kind)}
        field += [
            each
            for each in running
            if each not in strong
            and each["kind"] == field[0]["kind"]
            and any(clue["key"]["value"] in addresses for clue in each["clues"])
        ]
    field.sort(key=lambda each: each["id"])
    field.sort(key=lambda each: each["modified_at"], reverse=True)
    return "found" if certain and len(field) == 1 else "several", kind, [each["id"] for each in field]


def _of(person: dict[str, Any], strong: bool, kind: str) -> list[dict[str, Any]]:
    return [clue for clue in person["clues"] if clue["key"]["strong"] == strong and clue["key"]["kind"] == kind]


def _has(person: dict[str, Any], strong: bool, kind: str) -> bool:
    return bool(_of(person, strong, kind))


def said(receipt: dict[str, Any]) -> Verdict:
    """What the house itself concluded."""
    left = [each["candidate"]["id"] for each in receipt["judged"] if not each["removed"]]
    return receipt["outcome"], receipt["rule"], left


def deciding(receipt: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """For whoever is left: their best clues, by which they are. Nobody's where a pick decided."""
    if receipt["rule"] == "picked":
        return []
    left = [each["candidate"] for each in receipt["judged"] if not each["removed"]]
    return [(each["id"], _best(each)) for each in left]


def _best(person: dict[str, Any]) -> list[dict[str, Any]]:
    ways = [(True, "email"), (True, "phone"), (False, "email"), (False, "phone")]
    best = next(clues for way in ways if (clues := _of(person, *way)))
    values = {clue["key"]["value"] for clue in best}
    return [clue for clue in person["clues"] if clue["key"]["value"] in values]


def without(receipt: dict[str, Any], id: str, clues: list[dict[str, Any]]) -> dict[str, Any]:
    """The receipt as if these clues of that record had not been found."""
    judged = [
        {
            **each,
            "candidate": {
                **each["candidate"],
                "clues": [
                    clue for clue in each["candidate"]["clues"] if each["candidate"]["id"] != id or clue not in clues
                ],
            },
        }
        for each in receipt["judged"]
    ]
    return {**receipt, "judged": judged}


def unfounded(receipt: dict[str, Any]) -> list[dict[str, Any]]:
    """Clues by a key that no input has."""
    keys = {(key["kind"], key["value"]) for each in receipt["inputs"] for key in each["keys"]}
    clues = [clue for each in receipt["judged"] for clue in each["candidate"]["clues"]]
    return [clue for clue in clues if (clue["key"]["kind"], clue["key"]["value"]) not in keys]
