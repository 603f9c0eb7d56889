"""The tour: five stops, and what a colleague does in the org at three of them.

Each answer is one plain sentence in the reader's language for the coach card. Only our own page may ask.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel, StrictBool, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sidebar.demo import choices
from sidebar.demo.colleague import Colleague, Refused, Unreachable
from sidebar.demo.conversations.ines import INES
from sidebar.demo.conversations.zofia import ZOFIA
from sidebar.demo.guard import same_origin
from sidebar.demo.words import Words, words_in


@dataclass(frozen=True, slots=True)
class Stop:
    """`key` begins the stop's words; `action` is asked for a moment after the panel was told whom to show."""

    key: str
    conversation: str
    icon: str
    action: str = ""
    button: str = ""


STOPS = (
    Stop("messy", "juergen", "hash"),
    Stop("switchboard", "switchboard", "people"),
    Stop("faster", "zofia", "bolt", "/tour/faster", "again"),
    Stop("new", "ines", "plus", "/tour/new-contact", "again"),
    Stop("down", "owen", "cloud-off", "/tour/down", "turn_off"),
)

_TITLES = ("Kierowniczka zakupów", "Dyrektorka ds. dostaw", "Starsza specjalistka ds. zakupów")

_NEW_CONTACT = {
    "FirstName": "Inès",
    "LastName": "Lefèvre",
    "Title": "Maître verrière",
    "Email": INES.customer.emails[0],
    "MobilePhone": "+33 6 39 98 12 34",
    "MailingCity": "Lyon",
    "MailingCountry": "France",
    "Description": "Atelier Lumen",
}


class Gone(Exception):
    """The person this stop is about is not in the org any more."""


class _Switch(BaseModel):
    unavailable: StrictBool


class Tour:
    """Remembers one thing, whether it has switched Salesforce off, so that a reloaded page still says so."""

    def __init__(self, colleague: Colleague) -> None:
        self._colleague = colleague
        self.down = False

    def routes(self) -> list[Route]:
        return [
            Route("/tour/faster", self.faster, methods=["POST"]),
            Route("/tour/new-contact", self.new_contact, methods=["POST"]),
            Route("/tour/down", self.switch, methods=["POST"]),
        ]

    async def faster(self, request: Request) -> Response:
        """A colleague gives Zofia another title."""
        return await self._answer(request, self._change_title)

    async def new_contact(self, request: Request) -> Response:
        """A colleague creates Inès, once more if she is there from an earlier tour."""
        return await self._answer(request, self._create_ines)

    async def switch(self, request: Request) -> Response:
        """Body `{"unavailable": true | false}`: Salesforce stops answering, or answers again."""
        try:
            wanted = _Switch.model_validate_json(await request.body())
        except ValidationError:
            return _said(False, 'The body must be {"unavailable": true} or {"unavailable": false}.', 400)

        async def pull_the_plug(words: Words) -> str:
            await self._colleague.pull_the_plug(wanted.unavailable)
            self.down = wanted.unavailable
            return words["down_done" if self.down else "up_done"]

        return await self._answer(request, pull_the_plug)

    async def _answer(self, request: Request, act: Callable[[Words], Awaitable[str]]) -> Response:
        if not same_origin(request):
            return _said(False, "Only the inbox's own page may take the tour.", 403)
        words = words_in(choices.read(request.query_params).locale)
        try:
            return _said(True, await act(words), 200)
        except Gone:
            return _said(False, words["faster_missing"], 502)
        except Refused as error:
            return _said(False, words["refused"].format(reason=error), 502)
        except Unreachable:
            return _said(False, words["while_down" if self.down else "unreachable"], 502)

    async def _change_title(self, words: Words) -> str:
        found = await self._colleague.find(ZOFIA.customer.emails[0])
        if not found:
            raise Gone
        title = _another_title(found[0].Title)
        await self._colleague.change(found[0].Id, {"Title": title})
        return words["faster_done"].format(title=title)

    async def _create_ines(self, words: Words) -> str:
        for earlier in await self._colleague.find(_NEW_CONTACT["Email"]):
            await self._colleague.remove(earlier.Id)
        await self._colleague.create(_NEW_CONTACT)
        return words["new_done"]


def _another_title(present: str | None) -> str:
    """The next of the colleague's titles, so that each repeat of the stop is a real change."""
    if present not in _TITLES:
        return _TITLES[0]
    return _TITLES[(_TITLES.index(present) + 1) % len(_TITLES)]


def _said(done: bool, message: str, status: int) -> Response:
    return JSONResponse({"done": done, "message": message}, status, {"Cache-Control": "no-store"})
