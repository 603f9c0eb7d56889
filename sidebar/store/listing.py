"""Contacts as they are listed: searched, filtered, counted, newest first.

A page is asked for by the last contact of the one before, never by a number of rows to leave out, so that the
thousandth costs as much as the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, intersect, select, text, tuple_

from sidebar.store import contacts as rows
from sidebar.store import terms
from sidebar.store.contacts import Contact
from sidebar.store.database import AsyncConnection
from sidebar.store.tables import contact_tags, contacts

_ROOM = "64MB"
"""For the ids of all who share a beginning: where PostgreSQL thinks they do not fit, it goes through them once more for
each contact of the list."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: after the contact with this id that is there since then (ms)."""

    at: int
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contacts; what is None does not matter. Each of `words` begins something of theirs, each of `keys`
    ("email:…", "phone:+…") is one of their addresses, one of `phones` begins a number of theirs."""

    words: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    tag: str | None = None
    source: str | None = None
    dormant: bool | None = None
    linked: bool | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    all: int
    dormant: int


async def page(
    connection: AsyncConnection, workspace_id: str, wanted: Wanted, after: Place | None, limit: int
) -> list[Contact]:
    """The newest `limit` of them, or those that follow."""
    if connection.dialect.name == "postgresql" and list(_sets(workspace_id, wanted)):
        await connection.execute(text(f"SET LOCAL work_mem = '{_ROOM}'"))
    found = (await connection.execute(_ids(workspace_id, wanted, after, limit))).scalars().all()
    mine = select(contacts).where(contacts.c.id.in_(found)).order_by(contacts.c.created_at.desc(), contacts.c.id.desc())
    return [rows.read(row) for row in await connection.execute(mine)]


async def counts(connection: AsyncConnection, workspace_id: str) -> Counts:
    dormant = func.coalesce(func.sum(case((contacts.c.dormant, 1), else_=0)), 0)
    mine = select(func.count(), dormant).where(contacts.c.workspace_id == workspace_id)
    return Counts(*(await connection.execute(mine)).one())


async def tags(connection: AsyncConnection, workspace_id: str) -> dict[str, int]:
    """Every tag that somebody has, and how many have it."""
    mine = select(contact_tags.c.tag, func.count().label("number")).where(contact_tags.c.workspace_id == workspace_id)
    found = await connection.execute(mine.group_by(contact_tags.c.tag))
    return {row.tag: row.number for row in found}


def _ids(workspace_id: str, wanted: Wanted, after: Place | None, limit: int) -> Select[str]:
    mine = select(contacts.c.id).where(contacts.c.workspace_id == workspace_id, *_conditions(workspace_id, wanted))
    order = (contacts.c.created_at, contacts.c.id)
    if wanted == Wanted(tag=wanted.tag) and wanted.tag is not None:
        mine = _tagged(workspace_id, wanted.tag)  # in the order of lists already
        order = (contact_tags.c.created_at, contact_tags.c.contact_id)
    if after is not None:
        mine = mine.where(tuple_(*order) < tuple_(after.at, after.id))
    return mine.order_by(*(column.desc() for column in order)).limit(limit)


def _conditions(workspace_id: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.source is not None:
        yield contacts.c.source == wanted.source
    if wanted.dormant is not None:
        yield contacts.c.dormant == wanted.dormant
    if wanted.linked is not None:
        yield contacts.c.salesforce_id.is_not(None) if wanted.linked else contacts.c.salesforce_id.is_(None)
    if wanted.record is not None:
        yield contacts.c.salesforce_id == wanted.record
    for key in wanted.keys:
        yield contacts.c.id.in_(terms.having(workspace_id, key))
    if sets := list(_sets(workspace_id, wanted)):
        yield _among(sets)


def _sets(workspace_id: str, wanted: Wanted) -> Iterator[Select[str]]:
    """The ids of those who have the tag, of those who are found by each word, and by the phone."""
    if wanted.tag is not None:
        yield _tagged(workspace_id, wanted.tag)
    for word in wanted.words:
        yield terms.beginning(workspace_id, word)
    if wanted.phones:
        yield terms.beginning(workspace_id, *wanted.phones)


def _tagged(workspace_id: str, tag: str) -> Select[str]:
    mine = (contact_tags.c.workspace_id == workspace_id) & (contact_tags.c.tag == tag)
    return select(contact_tags.c.contact_id).where(mine)


def _among(sets: Sequence[Select[str]]) -> ColumnElement[bool]:
    """`IS TRUE` keeps planners from joining, which goes wrong where many share a beginning: one pass over the list's
    index, each id looked up among those found, takes some 30 ms for 100,000 contacts whatever is asked."""
    ids = intersect(*sets) if len(sets) > 1 else sets[0]
    return contacts.c.id.in_(ids).is_(True)
