"""Keys of e-mail addresses: one mailbox in every way it is written, and two mailboxes never in one key."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sidebar.identity import Key, email_key, email_keys, email_spellings, shared

DOMAINS = ["brightloom.example", "münchen.example", "みなと.example", "straße.example", "παράδειγμα.example"]
locals_ = st.from_regex(r"[a-z0-9][a-z0-9'_-]{0,10}(\.[a-z0-9]{1,8})?", fullmatch=True)
domains = st.sampled_from(DOMAINS)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Ann <ann@example.com>", "ann@example.com"),
        ('"Lee, Ann" <Ann@Example.com>', "ann@example.com"),
        ("<ann@example.com>;", "ann@example.com"),
        ("Ann <mailto:ann@example.com>", "ann@example.com"),
        ("ann@example.com (Ann Lee)", "ann@example.com"),
        ("mailto:ann@example.com?subject=Order%2012", "ann@example.com"),
        ("MAILTO:Ann%2Bnews@Example.com", "ann+news@example.com"),
        ("'ann@example.com'", "ann@example.com"),
        ("‘ann@example.com’", "ann@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("'o'brien@example.com'", "o'brien@example.com"),
        ("ann @ example.com", "ann@example.com"),
        ("ann@example.com.", "ann@example.com"),
        ("ann@example.com,", "ann@example.com"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"),
        ('"ann.lee"@example.com', "ann.lee@example.com"),
        ('"ann lee"@example.com', '"ann lee"@example.com'),
        ('"ann@home"@example.com', '"ann@home"@example.com'),
        ('"a\\n\\n"@example.com', "ann@example.com"),
        ("ann@xn--mnchen-3ya.example", "ann@münchen.example"),
        ("ann@XN--MNCHEN-3YA.example", "ann@münchen.example"),
        ("ann@xn--strae-oqa.example", "ann@straße.example"),
    ],
)
def test_one_mailbox_has_one_key_however_it_is_written(written: str, key: str) -> None:
    """DS-11: case, spaces, plus tags, unicode domains, apostrophes."""
    assert email_key(written) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("j.weiß@example.com", "j.weiss@example.com"),
        ("ann@weiß.example", "ann@weiss.example"),
        ("ann@example.com", "ann@ехample.com"),
        ("ann.lee@example.com", "annlee@example.com"),
        ("ann@example.com", "ann@example.co"),
        ("ann@mail.example.com", "ann@example.com"),
        ("ann+news@example.com", "ann+shop@example.com"),
        ("o'brien@example.com", "obrien@example.com"),
        ('"ann lee"@example.com', "annlee@example.com"),
        ("ﬁona@example.com", "fiona@example.com"),
    ],
    ids=["sharp s", "sharp s of a domain", "Cyrillic e", "dot", "top level", "host", "tags", "apostrophe", "quoted",
         "ligature"],
)  # fmt: skip
def test_two_mailboxes_never_share_a_strong_key(one: str, other: str) -> None:
    assert not any(key.strong for key in shared(email_keys(one), email_keys(other)))


def test_a_plus_tag_belongs_to_the_address_and_suggests_the_one_without() -> None:
    tagged = email_keys("Ann+News@Example.com")
    assert tagged == (Key("email", "ann+news@example.com"), Key("email", "ann@example.com", strong=False))
    assert shared(tagged, email_keys("ann@example.com")) == (Key("email", "ann@example.com", strong=False),)
    assert email_keys("+news@example.com") == (Key("email", "+news@example.com"),)


@pytest.mark.parametrize(
    "written",
    ["Ann <>", "<ann>", "mailto:", "ann@xn--", "a@b", '""@example.com', "ann@-x.example", "ann@x-.example", "a@b.c@d.e",
     "ann@[1.2.3.4]", "ann@example.com/path", "ann@exam..com", "ann@example.com <bob@example.com",
     f"ann@{'x' * 64}.example"],
)  # fmt: skip
def test_what_is_no_address_has_no_key(written: str) -> None:
    assert email_keys(written) == ()


def test_an_address_is_asked_for_in_letters_and_as_the_wire_has_it() -> None:
    assert email_spellings("ann@münchen.example") == ("ann@münchen.example", "ann@xn--mnchen-3ya.example")
    assert email_spellings("ann@example.com") == ("ann@example.com",)


WRAPPED = ["{}", " {} ", "Ann <{}>", '"Lee, Ann" <{}>', "<{}>", "mailto:{}", "mailto:{}?subject=Hi", "{} (Ann)",
           "\u200b{}\u202c", "{},", "Ann <mailto:{}>"]  # fmt: skip


@given(locals_, domains, st.sampled_from(WRAPPED), st.booleans(), st.booleans())
def test_what_surrounds_an_address_never_changes_its_key(
    local: str, domain: str, wrapped: str, upper: bool, wire: bool
) -> None:
    key = f"{local}@{domain}"
    spelt = email_spellings(key)[-1] if wire else key
    assume(not (upper and "ß" in spelt))  # its upper case is SS
    assert email_key(wrapped.format(spelt.upper() if upper else spelt)) == key


@given(st.emails(), st.emails())
def test_different_addresses_never_share_a_strong_key(one: str, other: str) -> None:
    common = shared(email_keys(one), email_keys(other))
    assert any(key.strong for key in common) is (email_key(one) == email_key(other))
