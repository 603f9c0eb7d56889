"""Our own word for the panel beside a contact."""

from dataclasses import replace

import jwt
import pytest

from sidebar.hosts import Arrival, Unproven, Visit
from sidebar.hosts.desk import HOST, MINUTES, Word, sign

KEY, SECRET, NOW = "workspace-key", "a secret of ours that nobody else has", 1_795_000_000_000
WORD = Word(
    "admin-1", "owner@brightside.example", "Amara", ["a@b.example"], ["+14155550101"], "003000000000000001", "pl"
)


def visit(token: str, *, key: str = KEY, secret: str = SECRET, now: int = NOW) -> Visit:
    return HOST.visit(Arrival({}, {}, f"token={token}".encode()), key, secret, now)


def test_it_says_which_admin_looks_at_whom_and_that_there_is_no_conversation() -> None:
    told = visit(sign(WORD, KEY, SECRET, NOW))
    assert (told.agent.id, told.agent.email) == ("admin-1", "owner@brightside.example")
    assert (told.customer.emails, told.customer.phones) == (("a@b.example",), ("+14155550101",))
    assert (told.record, told.conversation, told.locale) == ("003000000000000001", "", "pl")
    assert told.expires == NOW + MINUTES * 60_000


def test_it_holds_for_minutes() -> None:
    token = sign(WORD, KEY, SECRET, NOW)
    visit(token, now=NOW + MINUTES * 60_000 - 1)
    with pytest.raises(Unproven, match="expired"):
        visit(token, now=NOW + MINUTES * 60_000)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        sign(WORD, "another-key", SECRET, NOW),
        sign(WORD, KEY, SECRET + "!", NOW),
        jwt.encode({"aud": KEY, "exp": NOW // 1000 + 60, "sub": "x", "conversation": "1"}, SECRET, algorithm="HS256"),
        jwt.encode({"aud": KEY, "exp": NOW // 1000 + 60}, None, algorithm="none"),
    ],
)
def test_nobody_elses_word_counts(token: str) -> None:
    with pytest.raises(Unproven, match="forged"):
        visit(token)


def test_a_contact_without_a_record_is_looked_for_by_its_addresses() -> None:
    assert visit(sign(replace(WORD, record=""), KEY, SECRET, NOW)).record == ""
