"""Countries by name."""

import pytest

from sidebar.web.countries import countries, country_of
from sidebar.web.render import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name_in_every_language(language: str) -> None:
    names = dict(countries(language))
    assert len(names) > 240
    assert not [code for code, name in names.items() if code == name]


def test_accents_do_not_send_a_country_to_the_end() -> None:
    names = [name for _, name in countries("en")]
    assert names.index("Åland Islands") < names.index("Albania")


@pytest.mark.parametrize(
    ("header", "country"),
    [("pl-PL,en;q=0.8", "PL"), ("en-gb;q=1", "GB"), ("pl", "US"), ("zh-Hant-TW", "US"), ("", "US")],
)
def test_a_browsers_language_hints_at_a_country(header: str, country: str) -> None:
    assert country_of(header) == country
