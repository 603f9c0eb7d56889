"""Many rows in one statement: they travel as one text of JSON, which the database takes apart.

Whatever a driver does for each row and each of its values is done once, which makes a row several times cheaper.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import JSON, Delete, Select, Table, Text, bindparam, cast, column, delete, func, select, true, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection

Insert = sqlite.Insert | postgresql.Insert


async def insert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]], replaced_by: Collection[str] = ()
) -> None:
    """All with the same columns. One that is there already stays as it is, or where `replaced_by` names its key takes
    the other columns of the new one."""
    if rows:
        new = _new(connection.dialect.name, table, tuple(rows[0]), tuple(replaced_by))
        await connection.execute(new, {"given": _text(table, rows)})


async def remove(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Those that have these values in the same columns."""
    if rows:
        await connection.execute(_old(connection.dialect.name, table, tuple(rows[0])), {"given": json.dumps(rows)})


@cache
def _old(dialect: str, table: Table, names: tuple[str, ...]) -> Delete:
    return delete(table).where(tuple_(*(table.c[name] for name in names)).in_(_given(dialect, table, names)))


@cache
def _new(dialect: str, table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Insert:
    new = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    given = _given(dialect, table, names).where(true())  # SQLite would take ON for that of a join
    new = new.from_select(names, given)
    if not key:
        return new.on_conflict_do_nothing()
    return new.on_conflict_do_update(
        index_elements=key, set_={name: new.excluded[name] for name in names if name not in key}
    )


def _given(dialect: str, table: Table, names: Sequence[str]) -> Select[*tuple[Any, ...]]:
    text = bindparam("given", type_=Text)
    if dialect == "sqlite":
        each = func.json_each(text).table_valued("value", name="given").c.value
        return select(*(func.json_extract(each, f"$.{name}") for name in names))
    typed = [column(name, Text if isinstance(table.c[name].type, JSON) else table.c[name].type) for name in names]
    rows = func.json_to_recordset(cast(text, JSON)).table_valued(*typed, name="given").render_derived(with_types=True)
    return select(*(cast(rows.c[name], table.c[name].type) for name in names))


def _text(table: Table, rows: Sequence[Mapping[str, object]]) -> str:
    """JSON within is a text, which may hold what PostgreSQL takes in no other: a character of the code 0."""
    nested = [each.name for each in table.c if isinstance(each.type, JSON) and each.name in rows[0]]
    return json.dumps([{**row, **{name: json.dumps(row[name]) for name in nested}} for row in rows] if nested else rows)
