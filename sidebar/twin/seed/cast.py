"""The people everybody in the demo knows: the conversations of the demo inbox are with them.

Fictional, as are their numbers (drama ranges where a regulator keeps one) and domains. Inès Lefèvre of Atelier
Lumen is missing on purpose: a tour creates her.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sidebar.twin.org import Row


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    domain: str
    country: str
    city: str
    industry: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Each contact names the domain of its company, and a record type where it is no customer; numbers to be
    `kept_free` are those of people who come later."""

    companies: list[Company]
    contacts: list[Row]
    kept_free: list[str]


@cache
def cast() -> Cast:
    written = json.loads((Path(__file__).parent / "cast.json").read_text("utf-8"))
    return Cast([Company(**entry) for entry in written["companies"]], written["contacts"], written["kept_free"])
