"""A field of the open contact becomes a form, and the form a correction. Whatever fails, what was typed stays."""

import json
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sidebar.contacts.edit import Author, Conflict, Correction, Editor, NotEditable
from sidebar.contacts.fields import Field, Invalid, Spec, field, fits, parse, show
from sidebar.contacts.lookup import Lookup
from sidebar.orgs import Orgs
from sidebar.web.cards import Cards, Place, place_in
from sidebar.web.entrance import Entrance, Guest, form
from sidebar.web.guard import fragment_headers
from sidebar.web.trouble import PROBLEMS, Closed, Notices, trouble_of

_FORM_BYTES = 8_000_000  # room to give back, with an explanation, a text that is far too long


class Edit:
    """What is refused outright is said in the panel's banner: a form on screen, and what was typed there, stays."""

    def __init__(
        self, *, notices: Notices, cards: Cards, entrance: Entrance, lookup: Lookup, orgs: Orgs, editor: Editor
    ) -> None:
        self._notices = notices
        self._orgs = orgs
        self._cards = cards
        self._entrance = entrance
        self._lookup = lookup
        self._editor = editor

    async def line(self, request: Request) -> Response:
        """GET …/contact/{id}/field?name=: the line as a form; with `view`, the plain line again (Cancel)."""
        name = request.query_params.get("name", "")
        language = ""
        try:
            guest = await self._entrance.guest(request)
            language = guest.context.language
            return await self._line(guest, request.path_params["id"], name, view="view" in request.query_params)
        except (Closed, NotEditable, *PROBLEMS) as problem:
            return self._notices.tell(request, problem, language)

    async def save(self, request: Request) -> Response:
        """POST …/contact/{id}/field with `name`, `value` and `saw`, the value it replaces on screen as JSON."""
        language = ""
        try:
            guest = await self._entrance.guest(request)
            language = guest.context.language
            correction = _correction(request.path_params["id"], await form(request, _FORM_BYTES))
            return await self._save(guest, correction)
        except (Closed, NotEditable, *PROBLEMS) as problem:
            return self._notices.tell(request, problem, language)

    async def _line(self, guest: Guest, id: str, name: str, *, view: bool) -> Response:
        workspace = guest.door.workspace
        place = await place_in(self._orgs, guest.door, guest.context.language)
        seen = await self._lookup.see(workspace, id)
        if view:
            spec = _shown(await self._lookup.specs(workspace), workspace.fields, name)
            return _fragment(self._cards.field(place, seen, spec, focus=True))
        spec = await self._editor.permitted(workspace, name)
        return _fragment(self._cards.form(place, id, field(spec, seen.record, True, place.language)))

    async def _save(self, guest: Guest, correction: Correction) -> Response:
        workspace, context = guest.door.workspace, guest.context
        place = await place_in(self._orgs, guest.door, guest.context.language)
        spec = await self._editor.permitted(workspace, correction.field)
        if not fits(spec, correction.saw):
            raise Closed("foreign")
        author = Author(context.agent, context.host, context.conversation)
        try:
            seen = await self._editor.save(workspace, author, correction)
        except (Invalid, Conflict, *PROBLEMS) as problem:
            return self._again(place, spec, correction, problem)
        response = _fragment(self._cards.field(place, seen, spec, focus=True, saved=True))
        response.headers["Sidebar-Read-At"] = str(seen.at)
        return response

    def _again(self, place: Place, spec: Spec, correction: Correction, problem: Exception) -> Response:
        """The form once more, with what was typed and what stands in its way."""
        if isinstance(problem, Conflict):
            theirs = show(spec, problem.theirs, problem.seen.record, place.language)
            mine = parse(spec, correction.typed)
            yours = {"raw": mine, "shown": show(spec, mine, {}, place.language)}
            more: dict[str, object] = {"conflict": {"raw": problem.theirs, "shown": theirs, "yours": yours}}
            status = 409
        elif isinstance(problem, Invalid):
            more, status = {"invalid": problem}, 422
        else:
            trouble = trouble_of(problem)
            more, status = {"trouble": trouble}, trouble.status
        line = Field(spec, correction.saw, show(spec, correction.saw, {}, place.language), True)
        html = self._cards.form(place, correction.record_id, line, typed=correction.typed, **more)
        return HTMLResponse(html, status, fragment_headers())


def _correction(id: str, sent: Mapping[str, str]) -> Correction:
    try:
        return Correction(id, sent["name"], sent.get("value", ""), json.loads(sent["saw"]))
    except (KeyError, ValueError, RecursionError):
        raise Closed("foreign") from None


def _shown(known: Mapping[str, Spec], names: Sequence[str], name: str) -> Spec:
    if name not in names or name not in known:
        raise NotEditable("hidden")
    return known[name]


def _fragment(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers=fragment_headers())
