"""The inbox's own few words in five languages. The panel has its catalogue; these two never meet."""

from collections.abc import Mapping
from typing import Literal

from sidebar.demo.words.ar import AR
from sidebar.demo.words.en import EN
from sidebar.demo.words.fr import FR
from sidebar.demo.words.ja import JA
from sidebar.demo.words.pl import PL

Words = Mapping[str, str]

LANGUAGES = {"en": "English", "pl": "Polski", "fr": "Français", "ja": "日本語", "ar": "العربية"}
DEFAULT = "en"

_WORDS: Mapping[str, Words] = {"en": EN, "pl": PL, "fr": FR, "ja": JA, "ar": AR}


def words_in(locale: str) -> Words:
    """The words of one of LANGUAGES; KeyError for any other."""
    return _WORDS[locale]


def direction(locale: str) -> Literal["ltr", "rtl"]:
    return "rtl" if locale == "ar" else "ltr"
