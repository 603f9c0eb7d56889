"""How far each org's change stream has been taken in. Saved in the transaction that holds the events' effects."""

from dataclasses import asdict, dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sidebar.store.database import AsyncConnection
from sidebar.store.tables import positions


@dataclass(frozen=True, slots=True)
class News:
    """What one response brought: how many events, how many of them gaps, when the last was committed, and how long (ms)
    it took from there to here."""

    events: int = 0
    gaps: int = 0
    event_at: int | None = None
    lag: int | None = None


NOTHING = News()


@dataclass(frozen=True, slots=True)
class State:
    """How far a stream is, since when (ms), and what it has brought in all. `refused_at`: when Salesforce last knew our
    position no more; since then everything has been read again. `lost_at`: when the stream broke, until the next
    response."""

    at: int
    events: int
    gaps: int
    event_at: int | None
    lag: int | None
    refused_at: int | None
    lost_at: int | None = None


async def of(connection: AsyncConnection, org_id: str, topic: str) -> bytes | None:
    """The replay id of the last event whose effect is kept; None before the first."""
    mine = select(positions.c.replay_id).where(positions.c.org_id == org_id, positions.c.topic == topic)
    return (await connection.execute(mine)).scalar_one_or_none() or None


async def put(
    connection: AsyncConnection, org_id: str, topic: str, replay_id: bytes, now: int, news: News = NOTHING
) -> None:
    """An empty `replay_id` says nothing: the former one stays."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"org_id": org_id, "topic": topic, "replay_id": replay_id, "at": now, **asdict(news)}
    told = {"event_at": news.event_at, "lag": news.lag} if news.event_at is not None else {}
    moved = {"replay_id": replay_id, "at": now} if replay_id else {}
    added = {"events": positions.c.events + news.events, "gaps": positions.c.gaps + news.gaps}
    new = insert(positions).values(values)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["org_id", "topic"], set_={**moved, **told, **added, "lost_at": None})
    )


async def give_up(connection: AsyncConnection, org_id: str, topic: str, now: int) -> None:
    """Salesforce does not know it any more (ms): there is none until the next response."""
    mine = (positions.c.org_id == org_id) & (positions.c.topic == topic)
    await connection.execute(update(positions).where(mine).values(replay_id=b"", refused_at=now))


async def lose(connection: AsyncConnection, org_id: str, topic: str, now: int) -> None:
    """The stream has broken (ms): until the next response what it brought may be old."""
    mine = (positions.c.org_id == org_id) & (positions.c.topic == topic) & positions.c.lost_at.is_(None)
    await connection.execute(update(positions).where(mine).values(lost_at=now))


async def state(connection: AsyncConnection, org_id: str, topic: str) -> State | None:
    mine = select(positions).where(positions.c.org_id == org_id, positions.c.topic == topic)
    row = (await connection.execute(mine)).mappings().one_or_none()
    return State(**{name: row[name] for name in State.__dataclass_fields__}) if row else None


async def drop(connection: AsyncConnection, org_id: str) -> None:
    await connection.execute(delete(positions).where(positions.c.org_id == org_id))
