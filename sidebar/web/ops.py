"""For operators: is the process alive, and can it do its work?"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sidebar.store.database import Database, DatabaseProblem


class Listening(Protocol):
    """How a change stream is: what worker.Listening tells."""

    @property
    def state(self) -> str: ...
    @property
    def since(self) -> int: ...
    @property
    def problem(self) -> str | None: ...


class Ops:
    def __init__(self, database: Database, listening: Callable[[], Mapping[str, Listening]]) -> None:
        self._database = database
        self._listening = listening

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


def _told(stream: Listening) -> dict[str, str | int | None]:
    """Of Salesforce's own words only the code in front: anybody may read this, and they could quote a person's."""
    problem = stream.problem and re.sub(r"^(\S+): .*", r"\1", stream.problem, flags=re.DOTALL)
    return {"state": stream.state, "since": stream.since, "problem": problem}
