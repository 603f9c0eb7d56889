"""People of Inès' workshop who have never written: somebody else each time the tour creates one. Pure."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

DOMAIN = "atelierlumen.example"
_FIRST = ("Margaux", "Théo", "Lila", "Noé", "Camille", "Jules")
_LAST = ("Perrin", "Garnier", "Fontaine", "Aubert", "Rivière")


@dataclass(frozen=True, slots=True)
class Newcomer:
    first: str
    last: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        return f"{_plain(self.first)}.{_plain(self.last)}@{DOMAIN}"


EVERYBODY = tuple(Newcomer(_FIRST[n % len(_FIRST)], _LAST[n % len(_LAST)]) for n in range(len(_FIRST) * len(_LAST)))


def next_after(known: Collection[str]) -> Newcomer:
    """Somebody whose e-mail is not known; the last, once all are."""
    return next((one for one in EVERYBODY if one.email not in known), EVERYBODY[-1])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
