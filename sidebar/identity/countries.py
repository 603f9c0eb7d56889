"""Names of countries, in the languages their people write them in → ISO codes. Pure."""

from collections.abc import Mapping
from functools import cache

from babel import Locale

_LANGUAGES = ("de", "es", "pt", "it", "nl", "ar", "ja", "fr", "pl", "en")  # where two say it differently, the last wins


def region_of(country: str) -> str:
    """`"Germany"`, `"Niemcy"`, `"de"` → `"DE"`; empty where the country is not known by that name."""
    name = country.strip().casefold()
    is_code = len(name) == 2 and name.isascii() and name.isalpha()
    return _regions_by_name().get(name) or (name.upper() if is_code else "")


@cache
def _regions_by_name() -> Mapping[str, str]:
    names = {
        "usa": "US", "uk": "GB", "uae": "AE", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
        "holland": "NL", "turkey": "TR", "czech republic": "CZ", "russian federation": "RU", "viet nam": "VN",
    }  # fmt: skip
    for language in _LANGUAGES:
        territories = Locale(language).territories
        names |= {str(name).casefold(): code for code, name in territories.items() if code.isalpha() and len(code) == 2}
    return names
