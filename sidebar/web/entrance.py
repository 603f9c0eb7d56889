"""The panel's requests at the door: the right workspace, our own page, a valid context, a record it opens."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sidebar.hosts import Arrival
from sidebar.web.context import HEADER, Context, Contexts
from sidebar.web.doors import Door, Doors
from sidebar.web.forms import read_body, read_form
from sidebar.web.guard import from_our_page
from sidebar.web.trouble import Closed


@dataclass(frozen=True, slots=True)
class Guest:
    """Who has come in: by which door, and with which context."""

    door: Door
    context: Context


class Entrance:
    def __init__(self, doors: Doors, contexts: Contexts, clock: Callable[[], int], public_url: str) -> None:
        self._doors = doors
        self._contexts = contexts
        self._clock = clock
        self._public_url = public_url

    async def door(self, request: Request) -> Door:
        """Raises Closed("unknown")."""
        door = await self._doors.find(request.path_params["host"], request.path_params["key"])
        if door is None:
            raise Closed("unknown")
        return door

    async def own_door(self, request: Request) -> Door:
        """The same, for requests that only our own page may send: a stranger's page cannot set HX-Request."""
        if "hx-request" not in request.headers or not from_our_page(request, self._public_url):
            raise Closed("foreign")
        return await self.door(request)

    async def guest(self, request: Request) -> Guest:
        """One who asks for a record that the context opens. Raises Closed, "other" for other records."""
        guest = await self.visitor(request)
        if request.path_params.get("id", request.query_params.get("record", "")) not in guest.context.records:
            raise Closed("other")
        return guest

    async def visitor(self, request: Request) -> Guest:
        """One who asks for no record. Raises Closed: "expired" where the panel should ask its host for a new proof."""
        door = await self.own_door(request)
        context = self._contexts.read(request.headers.get(HEADER, ""), self._clock())
        if context is None:
            raise Closed("expired")
        if (context.workspace_id, context.host) != (door.workspace.id, door.host.kind):
            raise Closed("other")
        if context.stamp != door.stamp:
            raise Closed("expired")
        return Guest(door, context)


async def arrival(request: Request, most: int) -> Arrival:
    """What a host sent. Raises Closed("large") for a body of more than `most` bytes."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    with _closing():
        return Arrival(headers, dict(request.query_params), await read_body(request, most))


async def form(request: Request, most: int) -> Mapping[str, str]:
    """What the panel's own form sent. Raises Closed, "large" or "malformed"."""
    with _closing():
        return await read_form(request, most)


@contextmanager
def _closing() -> Iterator[None]:
    try:
        yield
    except HTTPException as problem:
        raise Closed("large" if problem.status_code == 413 else "malformed") from None
