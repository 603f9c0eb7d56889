"""Which contacts somebody asked the contacts page for: its form and its addresses, read and written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sidebar.contacts.finding import typed
from sidebar.store.listing import Place, Wanted

SOURCES = ("salesforce", "conversation")
_YES_NO = {"yes": True, "no": False}
_LONGEST = 200
_PLACE = re.compile(r"(\d{1,15})\.([\w-]{1,22})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """As they stand in the form; empty where it does not matter. `dormant` and `linked` are "yes" or "no"."""

    q: str = ""
    tag: str = ""
    source: str = ""
    dormant: str = ""
    linked: str = ""

    def __bool__(self) -> bool:
        return self != Filters()

    def wanted(self, region: str) -> Wanted:
        return replace(
            typed(self.q, region),
            tag=self.tag or None,
            source=self.source or None,
            dormant=_YES_NO.get(self.dormant),
            linked=_YES_NO.get(self.linked),
        )

    def query(self, **more: str) -> str:
        """As part of an address, with its question mark; empty where nothing is asked."""
        asked = {name: value for name in self.__slots__ if (value := getattr(self, name))} | more
        return f"?{urlencode(asked)}" if asked else ""


def read_filters(query: Mapping[str, str]) -> Filters:
    """What is not understood does not matter."""

    def text(name: str) -> str:
        return query.get(name, "").replace("\0", "").strip()[:_LONGEST]

    return Filters(
        q=text("q"),
        tag=text("tag"),
        source=text("source") if text("source") in SOURCES else "",
        dormant=text("dormant") if text("dormant") in _YES_NO else "",
        linked=text("linked") if text("linked") in _YES_NO else "",
    )


def read_place(written: str) -> Place | None:
    found = _PLACE.fullmatch(written)
    return Place(int(found[1]), found[2]) if found else None


def write_place(place: Place) -> str:
    return f"{place.at}.{place.id}"
