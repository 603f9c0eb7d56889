"""Every language says everything: catalogues agree with the templates, and no template says a word past them."""

import re
import tomllib
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from sidebar.web.render import LANGUAGES, RIGHT_TO_LEFT, pick_language, translations
from tests.conftest import Clock
from tests.inbox import Inbox, open_inbox

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "sidebar" / "locale"
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if path.parent.name != "demo"]
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
Id = str | tuple[str, ...]

in_every_language = pytest.mark.parametrize("language", TRANSLATED)


@pytest.fixture(scope="module")
def wanted() -> set[Id]:
    """What the templates ask to be translated, as `make messages` finds it."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    options = {each.pop("pattern"): each for each in mappings}
    return {id for _, _, id, _, _ in extract_from_dir(ROOT, methods, options)}


def catalogue(name: str) -> Catalog:
    with (LOCALE / name).open("rb") as file:
        return read_po(file)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(f"{language}.po") if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|%", text))


def tags(text: str) -> list[str]:
    return re.findall(r"<[^>]*>", text)


def once(language: str, form: int) -> bool:
    """Whether this plural form stands for one number only (Arabic has a word for two), which it need not repeat."""
    plural = translations(language).plural  # type: ignore[attr-defined]
    return sum(plural(n) == form for n in range(1000)) == 1


class TestCatalogues:
    def test_there_is_one_for_every_language_and_no_other(self) -> None:
        assert sorted(path.stem for path in LOCALE.glob("*.po")) == TRANSLATED

    @pytest.mark.parametrize("name", ["messages.pot", *(f"{language}.po" for language in TRANSLATED)])
    def test_they_hold_the_templates_messages_and_nothing_else(self, wanted: set[Id], name: str) -> None:
        """Where this fails, run `make messages` and translate what is new."""
        found = catalogue(name)
        assert len(wanted) > 200
        assert {message.id for message in found if message.id} == wanted
        assert not found.obsolete

    @in_every_language
    def test_every_message_is_translated_and_nobody_is_unsure(self, language: str) -> None:
        for message in messages(language):
            assert not message.fuzzy, message.id
            assert all(form.strip() for form in forms(message.string)), message.id

    @in_every_language
    def test_counted_messages_have_as_many_forms_as_the_language(self, language: str) -> None:
        counted = [message for message in messages(language) if message.pluralizable]
        assert counted
        assert catalogue(f"{language}.po").num_plurals == get_plural(language).num_plurals
        assert {len(message.string) for message in counted} == {get_plural(language).num_plurals}

    @in_every_language
    def test_placeholders_are_kept(self, language: str) -> None:
        for message in messages(language):
            asked = placeholders(forms(message.id)[-1])
            for number, form in enumerate(forms(message.string)):
                kept = placeholders(form)
                assert kept == asked or (message.pluralizable and once(language, number) and set(kept) < set(asked))

    @in_every_language
    def test_markup_is_kept_and_none_is_added(self, language: str) -> None:
        """Translations reach the page as they are, in attributes too."""
        for message in messages(language):
            for form in forms(message.string):
                assert tags(form) == tags(forms(message.id)[-1])
                assert not re.search('[<>&"]', re.sub(r"<[^>]*>", "", form)), form


class TestCounting:
    @pytest.mark.parametrize(
        ("language", "n", "words"),
        [
            ("pl", 3, "3 osoby mają"),
            ("pl", 5, "5 osób ma"),
            ("pl", 22, "22 osoby mają"),
            ("fr", 3, "3 personnes partagent"),
            ("ja", 3, "3 人"),
            ("ar", 2, "شخصان"),
            ("ar", 3, "3 أشخاص"),
            ("ar", 11, "11 شخصًا"),
            ("ar", 100, "100 شخص يتشاركون"),
        ],
    )
    def test_people_are_counted_as_the_language_counts(self, language: str, n: int, words: str) -> None:
        one, many = "%(n)s person has this address", "%(n)s people share this address"
        assert words in translations(language).ngettext(one, many, n) % {"n": n}


class TestTemplates:
    @pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
    def test_no_word_stands_outside_the_catalogues(self, path: Path) -> None:
        """In all branches: what is left of a template without its expressions and translated texts has no words."""
        tree = _environment().parse(path.read_text())
        reader = Reader()
        reader.feed(_literal(tree))
        reader.close()
        assert [word for word in reader.words if not _is_a_name(word)] == []
        assert [text for text in _strings(tree) if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", text)] == []

    def test_a_word_outside_is_noticed(self) -> None:
        reader = Reader()
        reader.feed('<p>Hello</p><a title="There" data-x="you" class="and you"></a>')
        assert reader.words == ["Hello", "There", "you"]
        assert list(_strings(_environment().parse("{{ 'so it is' }}{{ _('fine here') }}"))) == ["so it is"]


class Reader(HTMLParser):
    """Gathers the words that people see or hear: text, and the attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            shown = name in ("title", "alt", "placeholder", "aria-label", "aria-description", "label")
            if shown or (name.startswith("data-") and name != "data-theme"):
                self.handle_data(value or "")

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]", data):
            self.words.append(" ".join(data.split()))


def _environment() -> Environment:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment


def _literal(tree: nodes.Node) -> str:
    """All text of the template itself, in order; a block of nothing but attributes becomes an element of its own."""
    if isinstance(tree, nodes.TemplateData):
        return tree.data
    inner = "".join(_literal(child) for child in tree.iter_child_nodes())
    if isinstance(tree, nodes.AssignBlock | nodes.Block) and re.match(r'\s*[\w-]+="', inner):
        return f"<i {inner}>"
    return inner


def _strings(tree: nodes.Node) -> Iterator[str]:
    """Strings in expressions, except those that are translated."""
    if isinstance(tree, nodes.Call) and getattr(tree.node, "name", "") in ("_", "gettext", "ngettext"):
        return
    if isinstance(tree, nodes.Const) and isinstance(tree.value, str):
        yield tree.value
    for child in tree.iter_child_nodes():
        yield from _strings(child)


def _is_a_name(words: str) -> bool:
    """Names and addresses are the same in every language."""
    names = r"(· )?Sidebar|UTC|https://\S+|(login|test)\.salesforce\.com|Authorization: Bearer …"
    return re.fullmatch(names, words) is not None


@pytest.fixture(scope="module")
async def inbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inbox]:
    folder = tmp_path_factory.mktemp("house")
    async with open_inbox(f"sqlite:///{folder / 'house.sqlite'}", Clock()) as inbox:
        yield inbox


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
class TestPages:
    async def test_the_panel_speaks_it(self, inbox: Inbox, language: str) -> None:
        said = translations(language).gettext
        shell = await inbox.browser.get(f"{inbox.url}?locale={language}")
        assert f'<html lang="{language}" dir="{direction(language)}"' in shell.text
        assert said("Waiting for the conversation…") in shell.text
        nobody = await inbox.open_with("nobody@stranger.example", locale=language)
        assert f'lang="{language}" dir="{direction(language)}"' in nobody.text
        assert said("Nobody found in Salesforce") in nobody.text

    async def test_a_refusal_speaks_the_agents_language_not_the_browsers(self, inbox: Inbox, language: str) -> None:
        await inbox.open_with("amara.okafor@brightloom.example", locale=language)
        path = f"/contact/{inbox.contact_id('amara.okafor@brightloom.example')}/field?name=Title"
        refused = await inbox.get(path, **{"Accept-Language": "de"})
        assert refused.status_code == 403
        assert translations(language).gettext("Editing is switched off") in refused.text

    async def test_the_admin_pages_speak_it(self, inbox: Inbox, language: str) -> None:
        said, headers = translations(language).gettext, {"Accept-Language": f"xx,{language};q=0.9,en;q=0.1"}
        page = await inbox.browser.get("/admin", headers=headers)
        assert f'<html lang="{language}" dir="{direction(language)}"' in page.text
        assert said("Panel in your inbox") in page.text

    async def test_errors_speak_it(self, inbox: Inbox, language: str) -> None:
        page = await inbox.browser.get("/nowhere", headers={"Accept-Language": language})
        assert page.status_code == 404
        assert f"<h1>{translations(language).gettext('There is no such page')}</h1>" in page.text


def direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@pytest.mark.parametrize(
    ("hints", "language"),
    [
        (["pl-PL"], "pl"),
        (["ja_JP"], "ja"),
        (["AR"], "ar"),
        (["fr;q=0.9,en"], "fr"),
        (["xx, fr"], "fr"),
        (["xx"], "en"),
        (["", "pl"], "pl"),
        (["", ""], "en"),
        ([], "en"),
        (["plain", "fr"], "fr"),
        ([";;,-_,\x00<b>", "*"], "en"),
        (["x" * 100_000], "en"),
    ],
)
def test_the_first_hint_that_we_speak_decides(hints: list[str], language: str) -> None:
    assert pick_language(hints) == language
