"""Pages and fragments from templates/, in the reader's language, and the addresses of static files.

Every text stands in a template and is translated by the catalogues in sidebar/locale/*.po, which are read as they are:
no compile step can be forgotten.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sidebar.files import folder
from sidebar.identity import dialled

LANGUAGES = {"en": "English", "pl": "Polski", "fr": "Français", "ja": "日本語", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
_CATALOGUES = Path(__file__).parent.parent / "locale"


class Pages:
    """Renders templates. One Jinja environment per language, made at the first use of that language."""

    def render(self, template: str, language: str, **context: object) -> str:
        """The text of `template` ("panel/_contact.html"); `language` is one of LANGUAGES."""
        return _environment(language).get_template(template).render(context)


def pick_language(wanted: Iterable[str]) -> str:
    """The first of `wanted` ("pl-PL", "fr", …, or a whole Accept-Language header) that we speak, else English."""
    for hint in wanted:
        for each in hint.split(","):
            language = each.split(";")[0].strip().replace("_", "-").split("-")[0].lower()
            if language in LANGUAGES:
                return language
    return "en"


def translations(language: str) -> NullTranslations:
    path = _CATALOGUES / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def static_url(name: str) -> str:
    """The address of a file in static/, with a mark of its contents, so that browsers may keep it for ever."""
    return f"/static/{name}?v={mark(folder('static') / name)}"


@cache
def mark(path: Path) -> str:
    """A short mark of a file's contents."""
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["dialled"] = dialled
    environment.globals.update(
        static=static_url,
        language=language,
        languages=LANGUAGES,
        direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
    )
    return environment
