"""Which tags are given and taken by hand."""

import pytest

from sidebar.contacts.tags import LONGEST, MOST, SYSTEM, Refused, added, changed, removed


def test_a_tag_is_added_at_the_end_and_once() -> None:
    assert added(("A",), "  B\u3000b ") == ("A", "B b")
    assert added(("A",), "a") == ("A",)
    assert removed(("A", "B"), "A") == ("B",)


@pytest.mark.parametrize(
    "look_alike",
    [
        SYSTEM,
        SYSTEM.upper(),
        f" {SYSTEM} ",
        "Ａuto-create: Salesforce",
        "Auto\u2010create: Salesforce",
        "Auto\u200d-create: Salesforce",
        f"{SYSTEM}\ufe0f",
    ],
)
def test_nobody_gives_the_systems_tag_or_one_that_looks_like_it(look_alike: str) -> None:
    """RI-27"""
    with pytest.raises(Refused, match="system"):
        added(("A",), look_alike)


def test_nobody_takes_or_renames_the_systems_tag() -> None:
    """RI-27"""
    for wanted in ([], ["A"], ["Auto-create", "A"]):
        with pytest.raises(Refused, match="system"):
            changed((SYSTEM, "A"), wanted)
    with pytest.raises(Refused, match="system"):
        removed((SYSTEM,), SYSTEM)
    assert changed((SYSTEM,), [SYSTEM.lower(), "B"]) == (SYSTEM, "B")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("", "empty"), (" \n", "empty"), ("x" * (LONGEST + 1), "long"), ("a\u202eb", "signs")]
    + [(f"{SYSTEM}{blank}", "signs") for blank in "\u034f\u115f\u2800\u3164"]
    + [("\u200d", "signs"), ("\ufe0f", "signs")],
)
def test_a_tag_can_be_read_and_fits(typed: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        added((), typed)


def test_twenty_tags_are_enough() -> None:
    many = tuple(f"tag {number}" for number in range(MOST))
    assert added(many, "tag 3") == many
    with pytest.raises(Refused, match="many"):
        added(many, "one more")


@pytest.mark.parametrize("tag", ["\U0001f469\u200d\U0001f4bb", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"])
def test_what_is_written_with_joiners_stays_as_it_is(tag: str) -> None:
    assert added((), tag) == (tag,)
    assert added((tag,), tag.replace("\u200d", "").replace("\u200c", "")) == (tag,)
