"""What the agent has chosen to look at the inbox with: language and theme, carried in the address."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidebar.demo.words import DEFAULT, LANGUAGES

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Choices:
    locale: str
    theme: str


def read(query: Mapping[str, str]) -> Choices:
    """The choices in a query string; what is missing or unknown falls back, since both are only a matter of taste."""
    locale, theme = query.get("locale", DEFAULT), query.get("theme", THEMES[0])
    return Choices(
        locale if locale in LANGUAGES else DEFAULT,
        theme if theme in THEMES else THEMES[0],
    )
