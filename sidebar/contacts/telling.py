"""A receipt in plain English sentences, for a terminal. Pages have their own words, in the reader's language."""

from collections.abc import Iterator

from sidebar.contacts.rank import Judged
from sidebar.contacts.receipt import Asked, Input, Near, Receipt

_REMOVED = {
    "unlinked": "an agent said it is not this customer",
    "policy": "leads are not looked for in this workspace",
    "converted": "it is a lead that has become a Contact",
    "weaker": "others have the very address, this one something like it",
    "phone": "others were found by e-mail, which goes first",
    "kind": "the workspace prefers the other kind of record",
    "unpicked": "an agent picked another",
}
_ASKED = {
    "copy": "our own copy",
    "email": "Contacts by e-mail",
    "lead email": "Leads by e-mail",
    "phone search": "the search index, by phone",
    "phone query": "usual spellings of the phone number",
}


def lines(receipt: Receipt) -> Iterator[str]:
    return (_printable(line) for line in _lines(receipt))


def _lines(receipt: Receipt) -> Iterator[str]:
    yield _outcome(receipt)
    yield from map(_input, receipt.inputs)
    yield from map(_judged, receipt.judged)
    yield from map(_near, receipt.nearest)
    yield from map(_asked, receipt.asked)
    where = f"the customer's country {receipt.country}, then {receipt.region}" if receipt.country else receipt.region
    yield f"Numbers without a country were read with that of each record, then {where}. Rule: {receipt.policy}."


def _printable(line: str) -> str:
    """What stands in a record must not steer the terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)


def _outcome(receipt: Receipt) -> str:
    if receipt.outcome == "nobody":
        return "Nobody in Salesforce has one of these addresses."
    left = [each.candidate for each in receipt.judged if not each.removed]
    if receipt.outcome == "several":
        return f"{len(left)} to choose from; nobody is picked in silence."
    by = {"picked": "picked by hand", "email": "found by e-mail", "phone": "found by phone"}.get(
        receipt.rule, receipt.rule
    )
    shared = f" {receipt.shared} records share the address." if receipt.shared > 1 else ""
    return f"{left[0].name} ({left[0].kind} {left[0].id}), {by}.{shared}" if left else f"Found, {by}."


def _input(given: Input) -> str:
    strong = ", ".join(key.value for key in given.keys if key.strong)
    weak = ", ".join(key.value for key in given.keys if not key.strong)
    if not given.keys:
        return f"  {given.kind} {given.raw!r}: no address"
    return f"  {given.kind} {given.raw!r}: {strong or 'nothing certain'}" + (f" (or like {weak})" if weak else "")


def _judged(judged: Judged) -> str:
    found = judged.candidate
    why = "; ".join(
        f"{clue.field} {clue.raw!r} is {'the same as' if clue.key.strong else 'like'} {clue.key.value}"
        for clue in found.clues
    )
    said = f"not taken: {_REMOVED.get(judged.removed, judged.removed)}" if judged.removed else "taken"
    return f"  {found.kind} {found.id} {found.name}: {why or 'by hand'}; {said}"


def _near(near: Near) -> str:
    how = f"would match if the country were {near.country}" if near.country else "only its last digits agree"
    return f"  near: {near.kind} {near.id}, {near.field} {near.raw!r}, {how}"


def _asked(asked: Asked) -> str:
    calls = f"{asked.calls} call{'' if asked.calls == 1 else 's'}"
    return f"  asked {_ASKED.get(asked.what, asked.what)}: {asked.found} found, {calls}"
