"""The org's memory between two runs: one SQLite file that mirrors rows, grants, changes and the app's secret."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_SHARED = 20_000
_TABLES = """
CREATE TABLE IF NOT EXISTS record (object TEXT, id TEXT, body TEXT, PRIMARY KEY (object, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS change (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS consent (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""


class Disk:
    """Without a path it forgets everything at once."""

    def __init__(self, path: Path | None) -> None:
        self._file: sqlite3.Connection | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        if self._file:
            self._file.close()

    def setting(self, name: str, fresh: str) -> str:
        """The remembered value of a setting; `fresh`, from now on remembered, where there is none."""
        self._write("INSERT OR IGNORE INTO setting VALUES (?, ?)", [(name, fresh)])
        found = self._read("SELECT value FROM setting WHERE name = ?", name)
        return str(found[0][0]) if found else fresh

    def keep(self, name: str, value: str) -> None:
        self._write("INSERT OR REPLACE INTO setting VALUES (?, ?)", [(name, value)])

    def rows(self, object_name: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Ids with their stored rows in the order of their making; deleted ones say IsDeleted, purged ones are None."""
        share = _Sharing()
        sql = "SELECT id, body FROM record WHERE object = ? ORDER BY id"
        for id_, body in self._file.execute(sql, (object_name,)) if self._file else ():
            yield id_, json.loads(body, object_pairs_hook=share) if body else None

    def put(self, object_name: str, rows: Iterable[tuple[str, object]]) -> None:
        """Rows by id, None for one that is gone for ever."""
        bodies = ((object_name, id_, json.dumps(row) if row else None) for id_, row in rows)
        self._write("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", bodies)

    def changes(self, since: int) -> list[dict[str, Any]]:
        """Those since then in commit order; older ones are dropped."""
        self._write("DELETE FROM change WHERE at < ?", [(since,)])
        share = _Sharing()
        found = self._read("SELECT body FROM change ORDER BY number")
        return [json.loads(body, object_pairs_hook=share) for (body,) in found]

    def put_changes(self, changes: Iterable[tuple[int, object]]) -> None:
        """Changes as (when, what), in commit order."""
        bodies = ((at, json.dumps(change)) for at, change in changes)
        self._write("INSERT INTO change (at, body) VALUES (?, ?)", bodies)

    def grants(self) -> list[dict[str, Any]]:
        return [json.loads(body) for (body,) in self._read("SELECT body FROM consent")]

    def put_grant(self, id_: str, grant: dict[str, Any]) -> None:
        self._write("INSERT OR REPLACE INTO consent VALUES (?, ?)", [(id_, json.dumps(grant))])

    def drop_grant(self, id_: str) -> None:
        self._write("DELETE FROM consent WHERE id = ?", [(id_,)])

    def _read(self, sql: str, *values: str) -> list[Any]:
        return self._file.execute(sql, values).fetchall() if self._file else []

    def _write(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        if self._file:
            with self._file:
                self._file.executemany(sql, rows)


class _Sharing:
    """Makes dicts whose names and frequent texts are one object however many rows hold them."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {self._one(name): self._one(value) if isinstance(value, str) else value for name, value in pairs}

    def _one(self, text: str) -> str:
        if len(self._known) > _SHARED:
            self._known.clear()
        return self._known.setdefault(text, text)
