"""By which addresses our copies of records may be found: an e-mail address, the last digits of a number.

Two people with one address share a mark; a shared mark is not yet one address. Callers compare what they are given.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import ColumnElement, bindparam, delete, insert, select

from sidebar.identity import LONGEST_PHONE, email_key
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import record_marks

_TAIL = 7  # digits: fewer than any two ways of writing one number share
_AT_ONCE = 500
_NUMBER = re.compile(r"[+(\d][\d\s()+/.,\-\u2010-\u2015\u00a0]{2,}\d\D{0,12}\d{0,8}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d.*")
_EXTENSION = re.compile(r"(?<=\d)\s*[^\W\d_#;,].*|(?<=\d)\s*[#;,].*")


def of_email(raw: str) -> str | None:
    key = email_key(raw)
    return f"e:{key}" if key else None


def of_phone(raw: str) -> str | None:
    """Of a number however it is written; what follows as an extension does not count."""
    digits = re.sub(r"\D", "", _EXTENSION.sub("", raw.strip()[:LONGEST_PHONE], count=1))
    return f"p:{digits[-_TAIL:]}" if digits else None


def of_values(values: Mapping[str, object]) -> Iterator[str]:
    """Of every value that looks like an address, whichever field holds it."""
    for value in values.values():
        if not isinstance(value, str) or len(value) > LONGEST_PHONE:
            continue
        mark = of_email(value) if "@" in value else of_phone(value) if _is_number(value) else None
        if mark:
            yield mark


async def put(connection: AsyncConnection, org_id: str, values: Mapping[str, Mapping[str, object]]) -> None:
    """`values` of each record by its id; only what differs is written."""
    ids = list(values)
    before: set[tuple[str, str]] = set()
    for some in (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)):
        mine = select(record_marks.c.record_id, record_marks.c.mark).where(
            record_marks.c.org_id == org_id, record_marks.c.record_id.in_(some)
        )
        before |= {(row.record_id, row.mark) for row in await connection.execute(mine)}
    now = {(id, mark) for id, held in values.items() for mark in of_values(held)}
    if old := [{"its_id": id, "its_mark": mark} for id, mark in before - now]:
        await connection.execute(delete(record_marks).where(_is(org_id)), old)
    if new := [{"org_id": org_id, "record_id": id, "mark": mark} for id, mark in sorted(now - before)]:
        await connection.execute(insert(record_marks), new)


async def find(connection: AsyncConnection, org_id: str, marks: Iterable[str]) -> list[str]:
    """The ids of the records that have any of these."""
    mine = select(record_marks.c.record_id).where(record_marks.c.org_id == org_id, record_marks.c.mark.in_(list(marks)))
    return list((await connection.execute(mine.distinct())).scalars())


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await connection.execute(delete(record_marks).where(record_marks.c.org_id == org_id))


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value.strip()) is not None and _DAY.fullmatch(value) is None


def _is(org_id: str) -> ColumnElement[bool]:
    """The mark that each set of parameters names."""
    mine = record_marks.c
    return (mine.org_id == org_id) & (mine.record_id == bindparam("its_id")) & (mine.mark == bindparam("its_mark"))
