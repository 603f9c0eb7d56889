"""Static files, kept by browsers for ever when their address carries the mark of their contents."""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from sidebar.files import folder
from sidebar.web.render import mark


class Static(StaticFiles):
    def __init__(self) -> None:
        super().__init__(directory=folder("static"))

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        marked = response.status_code == 200 and scope["query_string"].decode() == f"v={mark(folder('static') / path)}"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
