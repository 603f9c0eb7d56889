"""Was this Contact made by a bulk import? Judged by its event, and by how many came with it. Pure but for the counting.

No single sign is proof: a loader may speak SOAP as a person's page does. So there are three, each told as evidence.
Change Data Capture Developer Guide, changeOrigin; Data Loader's client names.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BURST, WITHIN = 20, 10_000
"""So many Contacts made by one user within so many ms are an import, whatever they came by."""

_LOADERS = re.compile(r"client=(DataLoader\w*|DataImportWizard|Jitterbit\w*|Workbench)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Made:
    """A Contact that was made: by whom, when (ms), and by which API."""

    id: str
    user: str
    at: int
    origin: str = ""


class Imports:
    """Remembers who has made whom of late. One for each stream; another for what was read at once."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, int]] = {}  # user → record → when
        self._settled: set[str] = set()

    def judge(self, made: Sequence[Made]) -> dict[str, str]:
        """For those that count as an import why: "bulk_api", "client:" and its name, or "burst:" and how many. Also for
        earlier ones, who are known for it only now, until that is settled."""
        told = {each.id: why for each in made if (why := _told(each.origin))}
        others = [each for each in made if each.id not in told]
        for each in others:
            self._made.setdefault(each.user, {})[each.id] = each.at
        found = {id: why for user in {each.user for each in others} for id, why in self._crowd(user)}
        self._forget(max((each.at for each in others), default=0) - WITHIN)
        now = {each.id for each in others}
        return told | {id: why for id, why in found.items() if id in now or id not in self._settled}

    def settle(self, judged: Iterable[str]) -> None:
        """What followed of it is kept."""
        self._settled.update(judged)
        self._settled.intersection_update(id for made in self._made.values() for id in made)

    def _crowd(self, user: str) -> Iterable[tuple[str, str]]:
        """Those of a user who have so many beside them."""
        times = sorted((at, id) for id, at in self._made[user].items())
        crowded: set[str] = set()
        end = 0  # of those who are among the crowded already
        for start, (first, _) in enumerate(times[: 1 - BURST]):
            if times[start + BURST - 1][0] - first <= WITHIN:
                crowded.update(id for _, id in times[max(start, end) : start + BURST])
                end = start + BURST
        return ((id, f"burst:{len(crowded)}") for id in crowded)

    def _forget(self, before: int) -> None:
        for user, made in list(self._made.items()):
            self._made[user] = {id: at for id, at in made.items() if at >= before}
            if not self._made[user]:
                del self._made[user]


def _told(origin: str) -> str | None:
    if "/bulkapi/" in origin:
        return "bulk_api"
    found = _LOADERS.search(origin)
    return f"client:{found[1]}" if found else None
