"""What an agent says by hand: whom a customer is, or is not, and that an earlier word no longer holds; and the search
that finds somebody to link to. Any agent with a proven context of the workspace may.

After a word the panel is told to match again, as if the conversation had just been opened.
"""

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sidebar.contacts.begin import Conversations
from sidebar.contacts.edit import Author
from sidebar.contacts.lookup import Lookup
from sidebar.contacts.picks import Picks
from sidebar.orgs import Orgs
from sidebar.web.cards import place_in
from sidebar.web.entrance import Entrance, Guest, form
from sidebar.web.guard import fragment_headers
from sidebar.web.match import Showing, is_lead
from sidebar.web.render import Pages
from sidebar.web.trouble import PROBLEMS, Closed, Notices, Trouble, trouble_of

LONGEST = 100
"""Characters somebody is searched by."""

_FORM_BYTES = 4096
_SHORTEST = 2  # Salesforce does not search for less
_RECORD = re.compile(r"(003|00Q)[A-Za-z0-9]{15}")


class Hand:
    def __init__(
        self,
        *,
        pages: Pages,
        notices: Notices,
        entrance: Entrance,
        lookup: Lookup,
        orgs: Orgs,
        picks: Picks,
        conversations: Conversations,
        showing: Showing,
    ) -> None:
        self._pages = pages
        self._notices = notices
        self._entrance = entrance
        self._lookup = lookup
        self._orgs = orgs
        self._picks = picks
        self._conversations = conversations
        self._showing = showing

    async def pick(self, request: Request) -> Response:
        """POST …/pick with `record`: the customer is this one."""
        return await self._say(request, "record", self._pick)

    async def unlink(self, request: Request) -> Response:
        """POST …/unlink with `record`: the customer is not this one."""
        return await self._say(request, "record", self._unlink)

    async def revoke(self, request: Request) -> Response:
        """POST …/revoke with `word`, the id of a pick or unlink."""
        return await self._say(request, "word", self._revoke)

    async def search(self, request: Request) -> Response:
        """POST …/search with `text`: people by name, e-mail, phone or company. What goes wrong is said in place."""
        language = ""
        try:
            guest = await self._entrance.visitor(request)
            language = guest.context.language
            sent = await form(request, _FORM_BYTES)
            return await self._search(guest, sent.get("text", "").strip()[:LONGEST])
        except Closed as problem:
            return self._notices.tell(request, problem, language)
        except PROBLEMS as problem:
            return self._people(language, trouble=trouble_of(problem))

    async def _say(self, request: Request, name: str, say: Callable[[Guest, str], Awaitable[None]]) -> Response:
        language = ""
        try:
            guest = await self._entrance.visitor(request)
            language = guest.context.language
            if not guest.context.customer:
                raise Closed("other")
            await say(guest, (await form(request, _FORM_BYTES)).get(name, ""))
        except (Closed, *PROBLEMS) as problem:
            return self._notices.tell(request, problem, language)
        return Response(status_code=204, headers=fragment_headers() | {"Sidebar-Again": "1"})

    async def _pick(self, guest: Guest, record: str) -> None:
        if not _RECORD.fullmatch(record):
            raise Closed("foreign")
        if is_lead(record) and guest.door.workspace.policy == "contacts":
            raise Closed("other")  # RI-31
        await self._lookup.see(guest.door.workspace, record)  # nobody is linked to what is not there
        await self._picks.pick(guest.door.workspace, _author(guest), guest.context.customer, record)

    async def _unlink(self, guest: Guest, record: str) -> None:
        if record not in guest.context.records:
            raise Closed("other")
        await self._picks.unlink(guest.door.workspace, _author(guest), guest.context.customer, record)
        await self._part(guest)

    async def _revoke(self, guest: Guest, word: str) -> None:
        await self._picks.revoke(guest.door.workspace, _author(guest), guest.context.customer, word)
        await self._part(guest)

    async def _part(self, guest: Guest) -> None:
        await self._conversations.part(guest.door.workspace, guest.context.host, guest.context.conversation)

    async def _search(self, guest: Guest, text: str) -> Response:
        language = guest.context.language
        if len(text) < _SHORTEST:
            return self._people(language, short=True)
        place = await place_in(self._orgs, guest.door, language)
        found = await self._lookup.by_hand(guest.door.workspace, text)
        people = await self._showing.people(place, {each.id: each.best for each in found})
        return self._people(language, place=place, people=people)

    def _people(
        self, language: str, *, trouble: Trouble | None = None, short: bool = False, **found: object
    ) -> Response:
        """The panel swaps it in whatever the status, and tells it from an answer by that."""
        shown: dict[str, object] = {"people": (), "place": None, **found}
        html = self._pages.render("panel/_people.html", language, trouble=trouble, short=short, **shown)
        return HTMLResponse(html, trouble.status if trouble else 422 if short else 200, fragment_headers())


def _author(guest: Guest) -> Author:
    context = guest.context
    return Author(context.agent, context.host, context.conversation)
