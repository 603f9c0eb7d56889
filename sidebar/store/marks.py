"""By which addresses our copies of records may be found: an e-mail address, the last digits of a number.

Two people with one address share a mark; a shared mark is not yet one address. Callers compare what they are given.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import delete, select

from sidebar.identity import LONGEST_PHONE, email_key
from sidebar.store import rows
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import record_marks

_TAIL = 7  # digits: fewer than any two ways of writing one number share
_AT_ONCE = 500  # marks in one question
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


async def put(
    connection: AsyncConnection, org_id: str, changes: Iterable[tuple[str, Mapping[str, object], Mapping[str, object]]]
) -> None:
    """`changes`: the id of each record, and what its values were and are; only what differs is written."""
    old: list[dict[str, str]] = []
    new: list[dict[str, str]] = []
    for id, before, now in changes:
        lost, gained = set(of_values(_other(before, now))), set(of_values(_other(now, before)))
        if lost:
            lost -= {*gained, *of_values(now)}  # another field may hold it still
        old += ({"org_id": org_id, "mark": mark, "record_id": id} for mark in sorted(lost))
        new += ({"org_id": org_id, "mark": mark, "record_id": id} for mark in sorted(gained))
    await rows.remove(connection, record_marks, old)
    await rows.insert(connection, record_marks, new)


async def find(connection: AsyncConnection, org_id: str, marks: Iterable[str]) -> list[str]:
    """The ids of the records that have any of these."""
    wanted = list(marks)
    found: dict[str, None] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = record_marks.c.mark.in_(wanted[start : start + _AT_ONCE])
        mine = select(record_marks.c.record_id).where(record_marks.c.org_id == org_id, some)
        found |= dict.fromkeys((await connection.execute(mine.distinct())).scalars())
    return list(found)


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await connection.execute(delete(record_marks).where(record_marks.c.org_id == org_id))


def _other(values: Mapping[str, object], than: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if than.get(name) != value}


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value.strip()) is not None and _DAY.fullmatch(value) is None
