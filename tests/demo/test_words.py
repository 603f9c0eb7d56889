"""Five languages say the same things."""

from string import Formatter

import pytest

from sidebar.demo.tour import STOPS
from sidebar.demo.words import LANGUAGES, Words, direction, words_in

languages = pytest.mark.parametrize("locale", LANGUAGES)


def gaps(words: Words) -> dict[str, set[str | None]]:
    return {key: {gap for _, gap, _, _ in Formatter().parse(text) if gap} for key, text in words.items()}


@languages
def test_every_language_has_every_word_with_the_same_gaps(locale: str):
    assert gaps(words_in(locale)) == gaps(words_in("en"))
    assert all(text.strip() for text in words_in(locale).values())


@languages
def test_every_stop_of_the_tour_has_its_words(locale: str):
    needed = {f"{stop.key}_{part}" for stop in STOPS for part in ("title", "teaser", "look", "try")}
    assert needed <= set(words_in(locale))


def test_only_arabic_runs_from_right_to_left():
    assert [locale for locale in LANGUAGES if direction(locale) == "rtl"] == ["ar"]
