"""The demo inbox as a web app: the page, the signed context of each conversation, the files and the tour.

`app(house)` is its only door. Everything it does with the panel goes through the iframe, as for any other host.
"""

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sidebar.demo import choices
from sidebar.demo.colleague import Colleague
from sidebar.demo.conversations import CONVERSATIONS, find
from sidebar.demo.guard import Headers
from sidebar.demo.signing import AGENT, sign
from sidebar.demo.surroundings import Surroundings
from sidebar.demo.threads import threads
from sidebar.demo.tour import STOPS, Tour
from sidebar.demo.when import Calendar, local
from sidebar.demo.words import LANGUAGES, direction, words_in
from sidebar.files import folder

__all__ = ["Surroundings", "app"]


def app(house: Surroundings) -> Starlette:
    """The inbox, ready to be served on another site than the panel."""
    tour = Tour(Colleague(house))
    inbox = Inbox(house, tour)
    return Starlette(
        routes=[
            Route("/", inbox.page),
            Route("/token/{conversation_id}", inbox.token),
            *tour.routes(),
            Mount("/static/demo", StaticFiles(directory=folder("static") / "demo")),
        ],
        middleware=[Middleware(Headers, panel_origin=house.panel_origin)],
    )


class Inbox:
    def __init__(self, house: Surroundings, tour: Tour) -> None:
        self._house = house
        self._tour = tour
        self._opened = local(house.clock())
        self._templates = _templates()

    async def page(self, request: Request) -> Response:
        chosen = choices.read(request.query_params)
        calendar = Calendar(local(self._house.clock()), chosen.locale)
        html = self._templates.get_template("demo/inbox.html").render(
            house=self._house,
            agent=AGENT,
            chosen=chosen,
            direction=direction(chosen.locale),
            languages=LANGUAGES,
            themes=choices.THEMES,
            words=words_in(chosen.locale),
            threads=threads(CONVERSATIONS, self._opened, calendar),
            stops=STOPS,
            down=self._tour.down,
        )
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    async def token(self, request: Request) -> Response:
        """`{"token": "<JWT>"}` for one conversation, in the language and theme of the query."""
        conversation = find(request.path_params["conversation_id"])
        if conversation is None:
            return JSONResponse({"error": "This inbox has no such conversation."}, 404)
        token = sign(self._house, conversation, choices.read(request.query_params))
        return JSONResponse({"token": token}, headers={"Cache-Control": "no-store"})


def _templates() -> Environment:
    """Both folders are searched: the page includes the icon sprite from among the static files."""
    return Environment(
        loader=FileSystemLoader([folder("templates"), folder("static")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
