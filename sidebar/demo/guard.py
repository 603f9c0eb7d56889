"""What every answer of the inbox carries, and who may ask it to act."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def policy(panel_origin: str) -> str:
    """The content security policy of an inbox that frames one panel and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"frame-src {panel_origin}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Headers:
    """ASGI layer that puts the security headers on every answer, files and refusals included."""

    def __init__(self, app: ASGIApp, panel_origin: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy(panel_origin),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_dressed)


def same_origin(request: Request) -> bool:
    """True when the browser says our own page asks; an Origin equal to the host will do for older browsers."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin == f"{request.url.scheme}://{request.headers.get('Host')}"
