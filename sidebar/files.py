"""Where our files lie: templates/ and static/ beside the package in a checkout and inside it in an installed wheel, and
what Sidebar keeps in folders that nobody else may look into."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `name` ("templates" or "static"), wherever this installation keeps it."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def own_folder(path: Path) -> None:
    """Make it where it is missing, its parents too, for this user alone: what lies in it is customers' data. One that
    is there stays as it is. Raises OSError."""
    if not path.is_dir():
        own_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
