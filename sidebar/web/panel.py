"""The panel: the shell a host frames, the match, and the contact's fragment.

The shell holds no customer data. What a host says is proven first (hosts/), then a signed context opens exactly the
records that were found.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sidebar.contacts.begin import Beginning, Conversations
from sidebar.contacts.lookup import Lookup, Match
from sidebar.contacts.picks import Picks, Word, known_by
from sidebar.contacts.receipts import Receipts
from sidebar.hosts import Unproven, Visit
from sidebar.identity import Identity
from sidebar.orgs import Orgs
from sidebar.salesforce.errors import NotFound
from sidebar.web.cards import Cards, place_in
from sidebar.web.context import HEADER, Context, Contexts
from sidebar.web.doors import Door
from sidebar.web.entrance import Entrance, Guest, arrival
from sidebar.web.guard import fragment_headers, page_headers, panel_headers
from sidebar.web.match import Case, Showing, Shown, is_lead
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
        showing: Showing,
        picks: Picks,
        receipts: Receipts,
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
        self._showing = showing
        self._picks = picks
        self._receipts = receipts
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
            if former.customer != self._customer(door, visit):
                raise Closed("other")  # what is on screen, and its buttons, is of the one they were before
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
        case = await self._case(door, visit, fresh=fresh)
        self._matches[case.match.outcome] += 1
        shown = await self._showing.show(await place_in(self._orgs, door, language), case)
        response = HTMLResponse(shown.html, headers=fragment_headers())
        response.headers["Sidebar-Read-At"] = str(shown.seen.at if shown.seen else case.match.at)
        self._admit(response, door, visit, language, shown.records)
        self._begin(door, visit, case.match, shown)
        return response

    def _begin(self, door: Door, visit: Visit, match: Match, shown: Shown) -> None:
        """Of several the agent chooses first. An address that records share is not the conversation's own."""
        if match.outcome == "several":
            return
        customer = visit.customer
        if match.receipt.shared > 1:
            customer = Identity(name=customer.name, external_id=customer.external_id)
        record = shown.seen.record if shown.seen and not is_lead(shown.seen.id) else None
        self._conversations.begin(door.workspace, Beginning(door.host.kind, visit.conversation, customer, record))

    async def _case(self, door: Door, visit: Visit, *, fresh: bool) -> Case:
        workspace = door.workspace
        if visit.record:
            seen = await self._lookup.see(workspace, visit.record, fresh=fresh)
            return Case(Match((seen.id,), "link", (), seen.at))
        customer = self._customer(door, visit)
        word = await self._picks.word(workspace.id, customer)
        match = await self._lookup.match(workspace, visit.customer, word.told, fresh=fresh)
        if word.pick and match.rule == "picked" and match.ids and match.ids[0] != word.pick.record_id:
            await self._picks.follow(workspace, customer, word.pick.record_id, match.ids[0])
        if match.outcome == "nobody":
            match = await self._linked(door, visit, match, word)
        return Case(match, customer, word, self._receipts.keep(workspace.id, customer, match.receipt))

    async def _linked(self, door: Door, visit: Visit, match: Match, word: Word) -> Match:
        """Whom this conversation was with before, where none of the addresses is in Salesforce any more (RI-37)."""
        id = await self._conversations.linked(door.workspace, door.host.kind, visit.conversation, visit.customer)
        if not id or id in word.told.unlinked:
            return match
        try:
            seen = await self._lookup.see(door.workspace, id)
        except NotFound:
            return match
        receipt = replace(match.receipt, outcome="found", rule="linked")
        return replace(match, ids=(id,), outcome="found", rule="linked", at=seen.at, receipt=receipt, lead=None)

    def _customer(self, door: Door, visit: Visit) -> str:
        """Under what is remembered whom people say this is. Whom the host itself names needs nobody's word."""
        known = known_by(visit.customer, door.workspace.region, door.host.kind, visit.conversation)
        return "" if visit.record else known

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
        if request.headers.get("if-none-match") == card.etag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(card.html, headers=headers)

    def _admit(self, response: Response, door: Door, visit: Visit, language: str, records: tuple[str, ...]) -> None:
        context = Context(
            workspace_id=door.workspace.id,
            host=door.host.kind,
            stamp=door.stamp,
            agent=visit.agent,
            conversation=visit.conversation,
            customer=self._customer(door, visit),
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
