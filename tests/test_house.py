"""The house agrees with itself: README with the settings, the package with what it needs, pages with their rules."""

import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hatchling.builders.wheel import WheelBuilder

from sidebar.settings import Settings, variable
from sidebar.wire import pubsub_api_pb2 as wire

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
STYLES = sorted((ROOT / "static").rglob("*.css"))
PROTO = re.sub(r"/\*.*?\*/|//[^\n]*", "", (ROOT / "sidebar/wire/pubsub_api.proto").read_text("utf-8"), flags=re.DOTALL)

HTMX = "htmx-4.0.1.min.js"
HTMX_SHA256 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# README


def test_the_settings_table_in_readme_is_the_settings() -> None:
    """Every one, in order, by its variable, with its meaning and default, and no other."""
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.search(r"\| Variable \| Meaning \| Default \|\n\|[-| ]+\|\n((?:\|.*\|\n)+)", readme)
    assert table is not None
    rows = [tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in table[1].splitlines()]
    assert rows == [
        (f"`{variable(name)}`", field.description, f"`{field.default}`" if str(field.default) else "empty")
        for name, field in Settings.model_fields.items()
    ]


def test_readme_names_no_picture_and_no_page_that_is_not_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", readme)
    missing = [each for each in targets if "://" not in each and not (ROOT / each).exists()]
    assert targets
    assert missing == []


# Pages


@pytest.mark.parametrize("path", STYLES, ids=where)
def test_a_stylesheet_knows_no_left_and_no_right(path: Path) -> None:
    """Logical properties mirror by themselves for readers of Arabic."""
    assert list(_physical(path.read_text("utf-8"))) == []


def _physical(css: str) -> Iterator[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for name, value in re.findall(r"(?<![\w-])([a-z-]+)\s*:\s*([^;{}]+)[;}]", css):
        sides = re.split(r"\s+(?![^(]*\))", value.strip())
        is_shorthand = name in ("margin", "padding", "inset", "border-width", "border-radius")
        if (
            re.search(r"(^|-)(left|right)(-|$)", name)
            or (name in ("text-align", "float", "clear") and value.strip() in ("left", "right"))
            or (is_shorthand and len(sides) == 4 and sides[1] != sides[3])
        ):
            yield f"{name}: {value.strip()}"


def test_left_and_right_would_be_noticed() -> None:
    physical = (
        "margin-left: 1px", "padding-right: 1px", "left: 0", "right: 0", "border-left: 1px solid", "text-align: left",
        "float: right", "border-top-left-radius: 1px", "margin: 1px 2px 3px 4px", "inset: 0 var(--a) 0 calc(1px + 2px)",
    )  # fmt: skip
    for each in physical:
        assert list(_physical(f"p {{ color: red; {each}; }}")) == [each]
        assert list(_physical(f"p {{{each}}}")) == [each]
    assert not list(_physical("p { margin: 1px 2px 3px 2px; inset-inline: 0; text-align: start; } /* left: 0; */"))


@pytest.mark.parametrize("path", TEMPLATES, ids=where)
def test_a_template_has_no_style_and_no_script_of_its_own(path: Path) -> None:
    """The content security policy is `'self'`: what stands inside the page would not run."""
    text = path.read_text("utf-8")
    forbidden = (
        r"<style", r"<script(?![^>]*\bsrc=)", r"<[^>]*\sstyle\s*=", r"<[^>]*\son[a-z]+\s*=", r"javascript:",
        r"hx-on", r"""hx-[a-z-]+=["']?js:""", r"""hx-trigger="[^"]*\[""",
    )  # fmt: skip
    assert [each for each in forbidden if re.search(each, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=where)
def test_a_template_escapes_everything_and_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
    assert not re.search(r"""<(script|link|img|iframe|use)\b[^>]*(src|href)=["'](https?:)?//""", text)


def test_the_vendored_htmx_is_the_one_that_was_chosen() -> None:
    [kept] = (ROOT / "static").glob("htmx*")
    assert kept.name == HTMX
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == HTMX_SHA256


def test_every_page_that_loads_htmx_loads_that_one() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"htmx[-.\w]*\.js", path.read_text("utf-8"))}
    assert named == {HTMX}


# The package


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install sidebar` would bring, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    [built] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_brings_every_page_style_script_and_catalogue(wheel: Path) -> None:
    for folder, inside in (("templates", "templates"), ("static", "static"), ("sidebar/locale", "locale")):
        needed = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()}
        packed = {path.relative_to(wheel / "sidebar" / inside) for path in (wheel / "sidebar" / inside).rglob("*.*")}
        assert needed
        assert needed <= packed


def test_the_wheel_brings_what_the_twin_reads(wheel: Path) -> None:
    for path in (ROOT / "sidebar").rglob("*"):
        if path.is_file() and path.suffix not in (".pyc", ".pyi") and "__pycache__" not in path.parts:
            assert (wheel / path.relative_to(ROOT)).is_file(), path


def test_a_page_can_be_rendered_from_the_wheel_alone(wheel: Path) -> None:
    """Templates and static files lie beside the package in a checkout and inside it when it is installed."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import sidebar.web.render as render\n"
        "assert render.__file__.startswith(sys.argv[1]), render.__file__\n"
        "print(render.Pages().render('error.html', 'pl', status=404))\n"
        "print(render.static_url('sidebar.css'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(wheel)], cwd=wheel.parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert '<html lang="pl"' in done.stdout
    assert "/static/sidebar.css?v=" in done.stdout


# The wire


def test_the_generated_code_has_the_service_of_the_proto() -> None:
    service = re.search(r"service\s+(\w+)\s*{(.*?)\n\s*}", PROTO, re.DOTALL)
    assert service is not None
    calls = re.findall(r"rpc\s+(\w+)\s*\((stream\s+)?(\w+)\)\s*returns\s*\((stream\s+)?(\w+)\)", service[2])
    written = {name: (bool(sends), asked, bool(gets), told) for name, sends, asked, gets, told in calls}
    assert written
    assert written == {
        method.name: (method.client_streaming, method.input_type.name, method.server_streaming, method.output_type.name)
        for method in wire.DESCRIPTOR.services_by_name[service[1]].methods
    }
    assert len(wire.DESCRIPTOR.services_by_name) == PROTO.count("service ")


def test_the_generated_code_has_the_messages_and_enums_of_the_proto() -> None:
    messages = dict(re.findall(r"message\s+(\w+)\s*{(.*?)}", PROTO, re.DOTALL))
    assert {name: set(_fields(body)) for name, body in messages.items()} == {
        name: {_field(field) for field in message.fields}
        for name, message in wire.DESCRIPTOR.message_types_by_name.items()
    }
    enums = dict(re.findall(r"enum\s+(\w+)\s*{(.*?)}", PROTO, re.DOTALL))
    assert {name: {(key, int(value)) for key, value in _values(body)} for name, body in enums.items()} == {
        name: {(value.name, value.number) for value in enum.values}
        for name, enum in wire.DESCRIPTOR.enum_types_by_name.items()
    }


def _fields(body: str) -> list[tuple[bool, str, str, int]]:
    found = re.findall(r"(repeated\s+|optional\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)\s*(?:\[[^\]]*\])?\s*;", body)
    return [(label.strip() == "repeated", kind, name, int(number)) for label, kind, name, number in found]


def _field(field: FieldDescriptor) -> tuple[bool, str, str, int]:
    kinds = {
        FieldDescriptor.TYPE_STRING: "string",
        FieldDescriptor.TYPE_BYTES: "bytes",
        FieldDescriptor.TYPE_BOOL: "bool",
        FieldDescriptor.TYPE_INT32: "int32",
        FieldDescriptor.TYPE_INT64: "int64",
    }
    named = field.message_type or field.enum_type
    return field.is_repeated, named.name if named else kinds[field.type], field.name, field.number


def _values(body: str) -> list[tuple[str, str]]:
    return re.findall(r"(\w+)\s*=\s*(\d+)", body)
