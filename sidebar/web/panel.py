"""The panel: the shell a host frames, the match, and the contact's fragment.

The shell holds no customer data. What a host says is proven first (hosts/), then a signed context opens exactly the
records that were found.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sidebar.contacts.begin import Beginning, Conversations
from sidebar.contacts.fields import Spec
from sidebar.contacts.lookup import Lookup, Match, Seen
from sidebar.hosts import Unproven, Visit
from sidebar.identity import Identity
from sidebar.orgs import Orgs
from sidebar.store.workspaces import Workspace
from sidebar.web.cards import Cards, Place, place_in
from sidebar.web.context import HEADER, Context, Contexts
from sidebar.web.doors import Door
from sidebar.web.entrance import Entrance, Guest, arrival
from sidebar.web.guard import fragment_headers, page_headers, panel_headers
from sidebar.web.render import Pages, pick_language
from sidebar.web.trouble import PROBLEMS, Closed, Notices, trouble_of

_TOKEN_BYTES = 32_768


class Panel:
    def __init__(
        self,
        *,
        pages: Pages,
        notices: Notices,
        cards: Cards,
        entrance: Entrance,
        contexts: Contexts,
        lookup: Lookup,
        orgs: Orgs,
        conversations: Conversations,
        clock: Callable[[], int],
        matches: Counter[str],
    ) -> None:
        self._pages = pages
        self._notices = notices
        self._cards = cards
        self._entrance = entrance
        self._contexts = contexts
        self._lookup = lookup
        self._orgs = orgs
        self._conversations = conversations
        self._clock = clock
        self._matches = matches

    async def shell(self, request: Request) -> Response:
        """GET /h/{host}/{key}: an empty panel that waits for its host; `locale` and `theme` only dress it."""
        language = pick_language([request.query_params.get("locale", ""), request.headers.get("accept-language", "")])
        try:
            door = await self._entrance.door(request)
        except Closed as problem:
            return self._page_of(problem, language)
        html = shell(self._pages, door, language, request.query_params.get("theme", ""))
        return HTMLResponse(html, headers=panel_headers(door.origins))

    async def match(self, request: Request) -> Response:
        """POST /h/{host}/{key}/match: the host's word → a signed context and the contact, or why there is none."""
        try:
            door = await self._entrance.own_door(request)
            visit = await self._visit(request, door)
        except (Closed, Unproven) as problem:
            return self._notices.tell(request, problem)
        language = pick_language([visit.locale, request.headers.get("accept-language", "")])
        try:
            return await self._matched(door, visit, language, fresh="fresh" in request.query_params)
        except PROBLEMS as problem:
            self._matches["unknown"] += 1
            response = self._notices.tell(request, problem, language, retry=True)
            self._admit(response, door, visit, language, ())
            return response

    async def renew(self, request: Request) -> Response:
        """POST …/renew: a new proof of the same visit keeps the open records open; nothing on screen changes."""
        try:
            door = await self._entrance.own_door(request)
            visit = await self._visit(request, door)
            former = self._contexts.read_for_renewal(request.headers.get(HEADER, ""), self._clock())
            if former is None or former.workspace_id != door.workspace.id or not former.continues(visit):
                raise Closed("other")
        except (Closed, Unproven) as problem:
            return self._notices.tell(request, problem)
        response = Response(status_code=204, headers=fragment_headers())
        self._admit(response, door, visit, former.language, former.records)
        return response

    async def contact(self, request: Request) -> Response:
        """GET …/contact/{id}: the fragment again, 304 where nothing changed; `?fresh` asks Salesforce now."""
        try:
            guest = await self._entrance.guest(request)
        except Closed as problem:
            return self._notices.tell(request, problem)
        try:
            return await self._contact(request, guest)
        except PROBLEMS as problem:
            return self._notices.tell(request, problem, guest.context.language, retry=True)

    async def _visit(self, request: Request, door: Door) -> Visit:
        word = await arrival(request, _TOKEN_BYTES)
        return door.host.visit(word, door.workspace.key, door.secret, self._clock())

    async def _matched(self, door: Door, visit: Visit, language: str, *, fresh: bool) -> Response:
        match = await self._match(door, visit, fresh=fresh)
        self._matches[("nobody", "found")[len(match.ids)] if len(match.ids) < 2 else "several"] += 1
        place = await place_in(self._orgs, door, language)
        found = [await self._lookup.see(door.workspace, id) for id in match.ids]
        specs = await self._lookup.specs(door.workspace)
        html = self._found(place, match, found, specs)
        response = HTMLResponse(html, headers=fragment_headers())
        response.headers["Sidebar-Read-At"] = str(found[0].at if len(found) == 1 else match.at)
        self._admit(response, door, visit, language, match.ids)
        if len(found) < 2:  # of several the agent chooses one
            record = found[0].record if found else None
            beginning = Beginning(door.host.kind, visit.conversation, visit.customer, record)
            self._conversations.begin(door.workspace, beginning)
        return response

    async def _match(self, door: Door, visit: Visit, *, fresh: bool) -> Match:
        if visit.record:
            seen = await self._lookup.see(door.workspace, visit.record, fresh=fresh)
            return Match((seen.id,), "link", (), seen.at)
        return await self._lookup.match(door.workspace, visit.customer, fresh=fresh)

    def _found(self, place: Place, match: Match, found: list[Seen], specs: Mapping[str, Spec]) -> str:
        context = {"place": place, "match": match}
        if not found:
            return self._pages.render("panel/_nobody.html", place.language, **context)
        if len(found) > 1:
            return self._pages.render("panel/_several.html", place.language, found=found, **context)
        card = Markup(self._cards.card(place, found[0], specs).html)  # noqa: S704 - rendered by our own template
        return self._pages.render("panel/_match.html", place.language, card=card, **context)

    async def _contact(self, request: Request, guest: Guest) -> Response:
        workspace = guest.door.workspace
        seen = await self._lookup.see(workspace, request.path_params["id"], fresh="fresh" in request.query_params)
        place = await place_in(self._orgs, guest.door, guest.context.language)
        card = self._cards.card(place, seen, await self._lookup.specs(workspace))
        headers = fragment_headers() | {
            "Cache-Control": "private, no-cache",
            "ETag": card.etag,
            "Sidebar-Read-At": str(seen.at),
        }
        if len(guest.context.records) > 1:
            self._choose(workspace, guest.context, seen)
        if request.headers.get("if-none-match") == card.etag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(card.html, headers=headers)

    def _choose(self, workspace: Workspace, context: Context, seen: Seen) -> None:
        """One of several is whom the conversation is with; the address they share is among their own."""
        customer = Identity(external_id=context.customer)
        chosen = Beginning(context.host, context.conversation, customer, seen.record)
        self._conversations.begin(workspace, chosen)

    def _admit(self, response: Response, door: Door, visit: Visit, language: str, records: tuple[str, ...]) -> None:
        context = Context(
            workspace_id=door.workspace.id,
            host=door.host.kind,
            stamp=door.stamp,
            agent=visit.agent,
            conversation=visit.conversation,
            customer=visit.customer.external_id,
            language=language,
            records=records,
            expires=visit.expires,
        )
        response.headers[HEADER] = self._contexts.sign(context)
        response.headers["Sidebar-Expires"] = str(visit.expires)
        response.headers["Sidebar-Theme"] = visit.theme
        response.headers["Sidebar-Language"] = language

    def _page_of(self, problem: Closed, language: str) -> Response:
        trouble = trouble_of(problem)
        html = self._pages.render("panel/closed.html", language, trouble=trouble)
        return HTMLResponse(html, trouble.status, page_headers())


def shell(pages: Pages, door: Door, language: str, theme: str = "") -> str:
    """The empty panel behind that door."""
    return pages.render(
        "panel/page.html",
        language,
        door=door,
        url=f"/h/{door.host.kind}/{door.workspace.key}",
        theme=theme if theme in ("light", "dark") else "auto",
    )
