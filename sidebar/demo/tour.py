"""The tour: six stops, and what a colleague does in the org at four of them.

Each answer is one plain sentence in the reader's language for the coach card. Only our own page may ask.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, StrictBool, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sidebar.demo import choices
from sidebar.demo.colleague import Colleague, Refused, Row, Unreachable
from sidebar.demo.conversations.amara import AMARA
from sidebar.demo.conversations.ines import INES
from sidebar.demo.conversations.shape import Conversation
from sidebar.demo.conversations.zofia import ZOFIA
from sidebar.demo.guard import same_origin
from sidebar.demo.newcomers import DOMAIN, next_after
from sidebar.demo.words import Words, words_in


@dataclass(frozen=True, slots=True)
class Stop:
    """`key` begins the stop's words; `action` is asked for by the button, and with `at_once` also a moment after the
    panel was told whom to show."""

    key: str
    conversation: str
    icon: str
    action: str = ""
    button: str = ""
    at_once: bool = True


STOPS = (
    Stop("messy", "juergen", "hash"),
    Stop("switchboard", "switchboard", "people"),
    Stop("live", "amara", "pulse", "/tour/live", "again"),
    Stop("faster", "zofia", "bolt", "/tour/faster", "let", at_once=False),
    Stop("new", "ines", "plus", "/tour/new-contact", "again"),
    Stop("down", "owen", "cloud-off", "/tour/down", "turn_off"),
)

_TITLES = ("Kierowniczka zakupów", "Dyrektorka ds. dostaw", "Starsza specjalistka ds. zakupów")
_MOBILES = ("+44 7700 900456", "+44 7700 900789", "+44 7700 900321")

_WORKSHOP = {"MailingCity": "Lyon", "MailingCountry": "France", "Description": "Atelier Lumen"}

_INES = {
    "FirstName": "Inès",
    "LastName": "Lefèvre",
    "Title": "Maître verrière",
    "Email": INES.customer.emails[0],
    "MobilePhone": "+33 6 39 98 12 34",
    **_WORKSHOP,
}


class Gone(Exception):
    """The person this stop is about, by first name, is not in the org any more."""


class _Switch(BaseModel):
    unavailable: StrictBool


class Tour:
    """Remembers one thing, whether it has switched Salesforce off, so that a reloaded page still says so."""

    def __init__(self, colleague: Colleague) -> None:
        self._colleague = colleague
        self.down = False

    def routes(self) -> list[Route]:
        return [
            Route("/tour/live", self.live, methods=["POST"]),
            Route("/tour/faster", self.faster, methods=["POST"]),
            Route("/tour/new-contact", self.new_contact, methods=["POST"]),
            Route("/tour/down", self.switch, methods=["POST"]),
        ]

    async def live(self, request: Request) -> Response:
        """A colleague gives Amara another mobile number."""
        return await self._answer(request, self._change_mobile)

    async def faster(self, request: Request) -> Response:
        """A colleague gives Zofia another title."""
        return await self._answer(request, self._change_title)

    async def new_contact(self, request: Request) -> Response:
        """A colleague creates somebody who has never written, and Inès with her, unless she is there already."""
        return await self._answer(request, self._create)

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
        except Gone as gone:
            return _said(False, words["missing"].format(name=gone), 502)
        except Refused as error:
            return _said(False, words["refused"].format(reason=error), 502)
        except Unreachable:
            return _said(False, words["while_down" if self.down else "unreachable"], 502)

    async def _change_mobile(self, words: Words) -> str:
        amara = await self._present(AMARA)
        phone = _another(_MOBILES, amara.MobilePhone)
        await self._colleague.change(amara.Id, {"MobilePhone": phone})
        return words["live_done"].format(phone=phone)

    async def _change_title(self, words: Words) -> str:
        zofia = await self._present(ZOFIA)
        title = _another(_TITLES, zofia.Title)
        await self._colleague.change(zofia.Id, {"Title": title})
        return words["faster_done"].format(title=title)

    async def _present(self, conversation: Conversation) -> Row:
        """Raises Gone."""
        found = await self._colleague.find(conversation.customer.emails[0])
        if not found:
            raise Gone(conversation.customer.name.split()[0])
        return found[0]

    async def _create(self, words: Words) -> str:
        known = {row.Email for row in await self._colleague.find_at(DOMAIN)}
        if _INES["Email"] not in known:
            await self._colleague.create(_INES)
        newcomer = next_after(known)
        person = {"FirstName": newcomer.first, "LastName": newcomer.last, "Email": newcomer.email}
        await self._colleague.create(person | _WORKSHOP)
        return words["new_done"].format(name=newcomer.name)


def _another(choice: Sequence[str], present: str | None) -> str:
    """The next of them, so that each repeat of a stop is a real change."""
    place = choice.index(present) + 1 if present in choice else 0
    return choice[place % len(choice)]


def _said(done: bool, message: str, status: int) -> Response:
    return JSONResponse({"done": done, "message": message}, status, {"Cache-Control": "no-store"})
