"""By which addresses our copies of records may be found: an e-mail address, the last digits of a number.

Two people with one address share a mark; a shared mark is not yet one address. Callers compare what they are given.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import delete, select

from sidebar.identity import LONGEST_PHONE, Key, email_key, email_keys, end_of, ends_of
from sidebar.store import rows
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import record_marks

_AT_ONCE = 500  # marks in one question
_OWN = frozenset({"Email", "Phone", "Fax", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"})
"""Contact's own fields for addresses; any field of an org's own may be another."""

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(
    r"[\W_]*\d(?:[\W_]{0,12}\d)+[\W_]*"  # digits and signs
    r"|\D{0,40}\d(?:\D{0,12}\d){6,}\D{0,40}"  # with words
    r"|\D{1,9}\d(?:[\W_]?\d){1,5}"  # inside a house
    r"|[+(\d][\d().\s-]{2,}[A-Za-z]{3,}\W?"  # spelt
)
_NO_NUMBER = re.compile(
    r"\d{4}-\d\d-\d\d.*|(?=.*[A-Za-z])[0-9A-Za-z]{15}(?:[0-9A-Z]{3})?|https?://(?!wa\.me|api\.wh).*"
)


def of_email(raw: str) -> str | None:
    key = email_key(raw)
    return f"e:{key}" if key else None


def of_phone(raw: str) -> str | None:
    """Of a number however it is written; what follows as an extension does not count."""
    return next((f"p:{end}" for end in ends_of(raw)), None)


def of_keys(keys: Iterable[Key]) -> set[str]:
    """Under which marks whoever has any of these keys, weak ones included, is found."""
    return {mark for key in keys if (mark := _of_key(key))}


def of_values(values: Mapping[str, object]) -> Iterator[str]:
    """Of every value that looks like an address, in the fields that may hold one."""
    for name, value in values.items():
        is_ours = name in _OWN or name.endswith(("__c", "__pc"))
        if not is_ours or not isinstance(value, str) or len(value) > LONGEST_PHONE:
            continue
        emails = email_keys(value) if "@" in value or "\uff20" in value else ()  # the wide one, too
        yield from (f"e:{key.value}" for key in emails)
        if (not emails or "@s.whatsapp" in value) and _DIGIT.search(value) and _is_number(value.strip()):
            yield from (f"p:{end}" for end in ends_of(value))


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
        found |= dict.fromkeys((await connection.execute(mine)).scalars())  # DISTINCT would read the whole org
    return list(found)


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await connection.execute(delete(record_marks).where(record_marks.c.org_id == org_id))


def _other(values: Mapping[str, object], than: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if than.get(name) != value}


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and _NO_NUMBER.fullmatch(text) is None


def _of_key(key: Key) -> str:
    if key.kind == "email":
        return f"e:{key.value}"
    end = end_of(key.value.lstrip("~").partition(";")[0])
    return f"p:{end}" if end else ""
