"""Long texts as unified diffs (Change Data Capture Developer Guide, "Sending Data Differences")."""

import hashlib

import pytest

from sidebar.twin.events.differences import difference

LINES = [f"Line {number} of a long letter about nothing much.\r\n" for number in range(40)]
LETTER = "".join(LINES)


def replaced(**lines: str) -> str:
    return "".join(lines.get(f"line{number}", line) for number, line in enumerate(LINES))


def test_a_small_change_is_told_by_a_diff_headed_by_the_hash_of_the_new_value():
    after = replaced(line7="Another line.\r\n")
    diff = difference(LETTER, after)
    assert diff is not None
    head = f"--- \n+++ {hashlib.sha256(after.encode()).hexdigest()}\n@@ -5,7 +5,7 @@\n"
    assert diff.startswith(head)
    assert f"-{LINES[7]}+Another line.\r\n" in diff


def test_a_last_line_without_an_end_is_marked():
    diff = difference(LETTER, LETTER + "P.S.")
    assert diff is not None
    assert diff.endswith("+P.S.\n\\ No newline at end of file\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, LETTER),
        (LETTER, None),
        (LETTER, LETTER[:900]),
        (LETTER, LETTER.replace("letter", "poem")),
        ("a" * 2_000, "b" * 2_000),
        (LETTER, "".join(line if number % 3 else "New\r\n" for number, line in enumerate(LINES))),
    ],
    ids=["there was none", "it was cleared", "it is short", "every line", "one long line", "a third of the lines"],
)
def test_otherwise_the_whole_value_is_sent(before: str | None, after: str | None):
    assert difference(before, after) is None
