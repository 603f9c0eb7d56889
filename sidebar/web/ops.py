"""For operators: is the process alive, and can it do its work?"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sidebar.store.database import Database, DatabaseProblem


class Ops:
    def __init__(self, database: Database, listening: Callable[[], dict[str, str]]) -> None:
        self._database = database
        self._listening = listening

    async def healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        """200 while the database answers. `streams`: the state of each org's change stream heard by this process."""
        try:
            await self._database.ping()
        except DatabaseProblem as problem:
            return JSONResponse({"database": str(problem)}, 503)
        return JSONResponse({"database": "ok", "streams": self._listening()})
