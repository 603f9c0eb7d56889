"""For operators and their machines: is the process alive, can it do its work, and the figures of both."""

import re
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sidebar.mirror import CONTACTS, lease
from sidebar.store import standing
from sidebar.store.database import Database, DatabaseProblem
from sidebar.web import metrics
from sidebar.web.metrics import Org
from sidebar.web.streams import Listening, condition


class Ops:
    """`listening`: by org id, the change streams this process hears; `calls` and `matches`: how often each outcome of a
    Salesforce call, and of a match in a panel, came in this process."""

    def __init__(
        self,
        database: Database,
        listening: Callable[[], Mapping[str, Listening]],
        *,
        clock: Callable[[], int],
        calls: Mapping[str, int],
        matches: Mapping[str, int],
    ) -> None:
        self._database = database
        self._listening = listening
        self._clock = clock
        self._calls = calls
        self._matches = matches

    async def healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        """200 while the database answers. `streams`: by org, how each change stream heard by this process is, since
        when (ms), and what broke it last."""
        try:
            await self._database.ping()
        except DatabaseProblem as problem:
            return JSONResponse({"database": str(problem)}, 503)
        return JSONResponse(
            {"database": "ok", "streams": {org: _told(each) for org, each in self._listening().items()}}
        )

    async def metrics(self, _request: Request) -> Response:
        """For Prometheus. 503 while the database does not answer."""
        try:
            await self._database.ping()
        except DatabaseProblem as problem:
            return PlainTextResponse(f"{problem}\n", 503)
        now = self._clock()
        told = metrics.text(await self._orgs(now), self._calls, self._matches, now)
        return Response(told, media_type=metrics.CONTENT_TYPE)

    async def _orgs(self, now: int) -> list[Org]:
        heard = self._listening()
        async with self._database.read() as connection:
            ids = await standing.orgs(connection)
            found = [await standing.of(connection, id, CONTACTS, lease(id)) for id in ids]
            made = [await standing.made_of_org(connection, id) for id in ids]
        states = [condition(heard.get(each.org_id), each, now) for each in found]
        return [Org(*each) for each in zip(found, made, states, strict=True)]


def _told(stream: Listening) -> dict[str, str | int | None]:
    """Of Salesforce's own words only the code in front: anybody may read this, and they could quote a person's."""
    problem = stream.problem and re.sub(r"^(\S+): .*", r"\1", stream.problem, flags=re.DOTALL)
    return {"state": stream.state, "since": stream.since, "problem": problem}
