"""The open panel hears of changes: server-sent events for one record, as this workspace shows it and may see it.

The stream is read by the panel's own script, since it is proven by the signed context like every other request. It ends
with the context, with the process, and when the agent opens too many.
"""

import json
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sidebar.cache import Cache
from sidebar.contacts.changers import Change, Changers
from sidebar.contacts.fields import Spec
from sidebar.contacts.lookup import FRESH_SECONDS, Lookup
from sidebar.contacts.pulse import Pulse
from sidebar.orgs import Orgs
from sidebar.web.cards import Cards, Place, place_in
from sidebar.web.entrance import Entrance
from sidebar.web.guard import fragment_headers
from sidebar.web.trouble import PROBLEMS, Closed, Notices, trouble_of
from sidebar.web.watches import ALL, Watch, Watched, Watches

LOOK = 2.0
"""Seconds after which a panel looks whether the change stream still lives."""

BEAT = 15_000
"""In ms: so often a panel is told how things stand, and asked for its context again."""

_COMPOUND = ("address", "location")
_NAME_PARTS = ("Name", "Salutation", "FirstName", "MiddleName", "LastName", "Suffix")
_PASSING = ("down", "limit")


@dataclass(frozen=True, slots=True)
class _News:
    """The record as it is now, line by line, and what to tell a panel that showed it otherwise."""

    name: str
    lines: Mapping[str, str]
    at: int
    events: tuple[str, ...]
    before: Mapping[str, str]


@dataclass(slots=True)
class _Told:
    """What a panel has been told: what it shows, until when (ms) that was surely true, and when it was last told.
    `place`: what that was made for; None before the first time."""

    place: Place | None = None
    name: str = ""
    lines: Mapping[str, str] = field(default_factory=dict)
    sure_at: int = 0
    read_at: int = 0
    tried_at: int = 0
    state: str = ""
    beat_at: int = 0
    trouble: str = ""


class Live:
    def __init__(
        self,
        *,
        notices: Notices,
        cards: Cards,
        entrance: Entrance,
        lookup: Lookup,
        orgs: Orgs,
        watches: Watches,
        changers: Changers,
        clock: Callable[[], int],
    ) -> None:
        self._notices = notices
        self._cards = cards
        self._entrance = entrance
        self._lookup = lookup
        self._orgs = orgs
        self._watches = watches
        self._changers = changers
        self._clock = clock
        self._news_of: Cache[tuple[Place, str, int, int], _News] = Cache(seconds=1, size=10_000, clock=clock)

    async def stream(self, request: Request) -> Response:
        """GET /h/{host}/{key}/live?record=: `changed` with the lines that did, `state` every 15 s and when it turns."""
        try:
            guest = await self._entrance.guest(request)
            place = await place_in(self._orgs, guest.door, guest.context.language)
        except (Closed, *PROBLEMS) as problem:
            return self._notices.tell(request, problem)
        agent = (guest.door.workspace.id, guest.context.agent.id)
        watched = Watched(place.org_id, request.query_params["record"], agent)
        headers = fragment_headers() | {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(request, watched), 200, headers, "text/event-stream")

    async def _events(self, request: Request, watched: Watched) -> AsyncIterator[str]:
        told, language, looked_at = _Told(), "", 0
        with self._watches.open(watched) as watch:
            while not watch.over:
                try:
                    if self._clock() - looked_at >= LOOK * 1000:
                        looked_at = self._clock()
                        guest = await self._entrance.guest(request)
                        language = guest.context.language
                        place = await place_in(self._orgs, guest.door, language)
                    events = await self._news(place, watch, told)
                except (Closed, *PROBLEMS) as problem:
                    yield self._end(request, problem, language)
                    return
                for event in events:
                    yield event
                await watch.wait(LOOK)
        if not self._watches.closed:  # a process that ends has others beside or after it: they are asked at once
            yield _event("over")

    def _end(self, request: Request, problem: Exception, language: str) -> str:
        """A context that has run out is the panel's to renew; anything else is told in its banner."""
        if isinstance(problem, Closed):
            return _event("over")
        told = self._notices.tell(request, problem, language, retry=True)
        return _event("over", html=bytes(told.body).decode())

    async def _news(self, place: Place, watch: Watch, told: _Told) -> list[str]:
        pulse = await self._lookup.pulse(place.workspace)
        events = list(await self._changed(place, watch, told)) if self._is_due(place, watch, told, pulse) else []
        if pulse.alive and not told.trouble:
            told.sure_at = self._clock()
        state = told.trouble or ("live" if pulse.alive else "polling" if pulse.exists else "aged")
        if state != told.state or self._clock() - told.beat_at >= BEAT:
            told.state, told.beat_at = state, self._clock()
            events.append(_event("state", state=state, at=max(told.sure_at, told.read_at)))
        return events

    def _is_due(self, place: Place, watch: Watch, told: _Told, pulse: Pulse) -> bool:
        """At first, when the workspace is set up otherwise, after a change, when the stream is back; without it, a
        minute after the last look (RI-33)."""
        back = pulse.alive and told.state not in ("live", "")
        waited = self._clock() - told.tried_at
        polls = pulse.exists and not pulse.alive and waited >= FRESH_SECONDS * 1000
        patience = LOOK * 1000 if pulse.alive else BEAT
        wanted = told.place != place or bool(watch.changes) or back or polls
        return wanted and (not told.trouble or waited >= patience)

    async def _changed(self, place: Place, watch: Watch, told: _Told) -> tuple[str, ...]:
        """Panels that show the same, and have heard the same, share the work."""
        taken, record_id = watch.take(), watch.watched.record_id
        changes = ChainMap(watch.changes, taken)  # who changed it may be told while it is looked at
        told.tried_at = self._clock()
        try:
            if told.place != place:
                watch.concerns = _concerns(await self._lookup.specs(place.workspace), place.workspace.fields)
            news = await self._shared(place, record_id, watch.version, told, changes)
        except PROBLEMS as problem:
            told.trouble = trouble_of(problem).kind
            if told.trouble not in _PASSING:
                raise
            watch.changes = {**taken, **watch.changes}
            return ()
        told.trouble, told.place, told.name, told.lines, told.read_at = "", place, news.name, news.lines, news.at
        return news.events

    async def _shared(
        self, place: Place, record_id: str, version: int, told: _Told, changes: Mapping[str, Change]
    ) -> _News:
        if told.place is None:
            return await self._look(place, record_id, None, changes)
        before = (told.name, told.lines)
        key = (place, record_id, version, id(told.lines))  # the news hold on to them, so that the id stays theirs
        return await self._news_of.load(key, lambda: self._look(place, record_id, before, changes))

    async def _look(
        self, place: Place, record_id: str, before: tuple[str, Mapping[str, str]] | None, changes: Mapping[str, Change]
    ) -> _News:
        """The lines that are no longer as the panel shows them; all of them at first, for it may show older ones."""
        seen = await self._lookup.see(place.workspace, record_id)
        name = str(seen.record["Name"])
        lines = self._cards.lines(place, seen, await self._lookup.specs(place.workspace))
        first, (old_name, old) = before is None, before or ("", {})
        if not first and list(old) != list(lines):
            return _News(name, lines, seen.at, (_event("layout"),), old)
        other = [each for each in lines if lines[each] != old.get(each)]
        sent = [await self._line(place, record_id, each, lines[each], {} if first else changes) for each in other]
        event = _event("changed", name=name, at=seen.at, first=first, lines=sent)
        return _News(name, lines, seen.at, (event,) if other or name != old_name else (), old)

    async def _line(
        self, place: Place, id: str, name: str, html: str, changes: Mapping[str, Change]
    ) -> dict[str, object]:
        change = changes.get(name) or changes.get(ALL)
        by = await self._changers.name(place.workspace, id, name, change) if change else ""
        return {"field": name, "html": html, "at": change.at if change else 0, "by": by}


def _concerns(known: Mapping[str, Spec], shown: Collection[str]) -> Callable[[Collection[str]], bool]:
    """Whether changed fields can show. A formula or an address may change with any."""
    specs = [known[name] for name in shown if name in known]
    names = frozenset([*shown, *_NAME_PARTS])
    any_does = any(spec.calculated or spec.type in _COMPOUND for spec in specs)
    return lambda changed: any_does or not names.isdisjoint(changed)


def _event(kind: str, **data: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
