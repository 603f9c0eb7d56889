"""A long text that changed a little travels as a unified diff instead of whole.

Change Data Capture Developer Guide, "Sending Data Differences for Fields of Updated Records". Knows nothing of events.
"""

import difflib
import hashlib
import io

SHORTEST = 1_000


def difference(before: object, after: object) -> str | None:
    """The diff that stands for `after`; None where the whole value has to be sent.

    Only for texts of 1,000 characters or more, when at most half of the text and a quarter of its lines changed, and
    the diff is the shorter of the two. It is headed by the SHA-256 of `after`."""
    if not isinstance(before, str) or not isinstance(after, str) or len(after) < SHORTEST:
        return None
    old, new = _lines(before), _lines(after)
    digest = hashlib.sha256(after.encode()).hexdigest()
    diff = list(difflib.unified_diff(old, new, "", digest))
    changed = [line[1:] for line in diff[2:] if line[0] in "+-"]
    fits = sum(map(len, changed)) <= len(before + after) / 2 and len(changed) <= len(old + new) / 4
    text = "".join(map(_ended, diff))
    return text if fits and 0 < len(text) < len(after) else None


def _lines(text: str) -> list[str]:
    """With their ends as they are: browsers store carriage returns."""
    return list(io.StringIO(text, newline="\n"))


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
