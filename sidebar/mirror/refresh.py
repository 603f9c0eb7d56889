"""Reads again what events did not tell all of, so many records at a time. Whose Contact was merged goes along."""

from collections.abc import Collection, Sequence

from sidebar.mirror import Mirror, rows
from sidebar.mirror.arrivals import SLACK
from sidebar.mirror.following import follow
from sidebar.salesforce import soql
from sidebar.salesforce.client import Client
from sidebar.salesforce.client import Record as Row
from sidebar.store import contacts, picks, records
from sidebar.store.database import AsyncConnection
from sidebar.store.notices import Notice, tell
from sidebar.store.records import Record

AT_ONCE = 200  # ids in one query


async def refresh(mirror: Mirror, client: Client, kept: Collection[str], dirty: Sequence[Record]) -> None:
    """Raises what the client does, and Lost; nothing is lost by that."""
    question = f"SELECT {rows.columns(kept)} FROM Contact WHERE Id IN {soql.texts(each.id for each in dirty)}"  # noqa: S608 - SOQL, quoted
    found = {str(row["Id"]): row for row in await client.query(question, deleted=True)}
    now = [_again(each, found.get(each.id), kept) for each in dirty]
    before = {each.id: each for each in dirty}
    async with mirror.writing() as connection:
        evidence = rows.imports(found.values())
        await mirror.put(connection, before, now, evidence, slack=lambda each: _slack(before[each.id]))
        for each in now:
            winner = rows.master(found.get(each.id)) if each.deleted else None
            if each.deleted and each.id in found:  # else it may only be hidden from us
                await picks.relink(connection, mirror.org_id, each.id, winner, mirror.clock())
            if winner:
                await _follow(connection, mirror.org_id, each.id, winner)
        other = [each.id for before, each in zip(dirty, now, strict=True) if rows.differs(before, each)]
        if other:
            await tell(connection, Notice(mirror.org_id, tuple(other), (), mirror.clock()))


def _again(before: Record, row: Row | None, kept: Collection[str]) -> Record:
    return rows.gone(before) if row is None or row["IsDeleted"] else rows.seen(before, row, kept)


def _slack(before: Record) -> int:
    """Only an event tells when who is dirty appeared."""
    return SLACK if before.appeared_at else 0


async def _follow(connection: AsyncConnection, org_id: str, loser: str, winner: str) -> None:
    """The winner may be gone by now, merged in its turn: then it is looked at again. Its contact is found by what it
    was found by before, too: it is the same person."""
    await contacts.relink(connection, org_id, loser, winner)
    after = await records.of(connection, org_id, [winner])
    await follow(connection, org_id, {}, after.values(), but=())
    if winner in after and after[winner].deleted:
        await records.soil(connection, org_id, winner)
