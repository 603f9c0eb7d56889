"""Secrets stay secret, signatures cannot be bent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebar.vault import Vault, VaultProblem

OLD, NEW = "o" * 40, "n" * 40


def test_a_locked_secret_opens_again_and_does_not_show_itself() -> None:
    vault = Vault([NEW])
    locked = vault.lock("consumer-secret")
    assert "consumer-secret" not in locked + repr(vault)
    assert vault.open(locked) == "consumer-secret"


def test_after_a_rotation_the_former_key_still_opens_and_verifies() -> None:
    former, rotated = Vault([OLD]), Vault([NEW, OLD])
    assert rotated.open(former.lock("s")) == "s"
    assert rotated.verify("p", former.sign("p", {"a": 1}, 10), now=5) == {"a": 1, "exp": 10}


def test_a_lost_key_is_said_in_words_that_help() -> None:
    with pytest.raises(VaultProblem, match="former key"):
        Vault([NEW]).open(Vault([OLD]).lock("s"))


def test_a_signature_ends_with_its_time_and_its_purpose() -> None:
    vault = Vault([NEW])
    signed = vault.sign("context", {"who": "ann"}, expires=1000)
    assert vault.verify("context", signed, now=999) is not None
    assert vault.verify("context", signed, now=1000) is None
    assert vault.verify("session", signed, now=0) is None
    assert vault.verify_expired("context", signed) is not None


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_breaks_the_signature(at: int, change: int) -> None:
    vault = Vault([NEW])
    raw = bytearray(vault.sign("context", {"who": "ann"}, expires=1000).encode())
    raw[at % len(raw)] ^= change
    assert vault.verify("context", raw.decode("latin-1"), now=0) is None


@given(st.text())
def test_any_other_text_is_no_signature(text: str) -> None:
    assert Vault([NEW]).verify("context", text, now=0) is None
