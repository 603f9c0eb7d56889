"""Who may knock: admin sessions, requests from our own pages only, and the headers that keep browsers strict."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sidebar.vault import Vault

SESSION_HOURS = 12
_CLOSED = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


@dataclass(frozen=True, slots=True)
class Session:
    """An admin who has signed in."""

    admin_id: str
    workspace_id: str
    email: str
    role: str


class Sessions:
    """Signed cookies, checked without a database read. `public_url` decides whether they can be Secure."""

    def __init__(self, vault: Vault, clock: Callable[[], int], public_url: str) -> None:
        self._vault = vault
        self._clock = clock
        self._secure = public_url.startswith("https:")
        self._name = "__Host-sidebar" if self._secure else "sidebar"

    def of(self, request: Request) -> Session | None:
        claims = self._vault.verify("session", request.cookies.get(self._name, ""), self._clock())
        if claims is None:
            return None
        return Session(str(claims["admin"]), str(claims["workspace"]), str(claims["email"]), str(claims["role"]))

    def start(self, response: Response, session: Session) -> None:
        claims = {
            "admin": session.admin_id,
            "workspace": session.workspace_id,
            "email": session.email,
            "role": session.role,
        }
        signed = self._vault.sign("session", claims, self._clock() + SESSION_HOURS * 3_600_000)
        self._set(response, signed, SESSION_HOURS * 3600)

    def end(self, response: Response) -> None:
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self._name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax"
        )


def from_our_page(request: Request, public_url: str) -> bool:
    """Whether a page of ours sent this request: what a form on a stranger's page cannot forge (Fetch Metadata)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == public_url


def page_headers() -> dict[str, str]:
    """For pages that nobody may frame: admin, sign-in, errors.

    They tell their own server where a form was sent from: over plain http browsers have no other proof to give.
    """
    return _headers("'none'") | {
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Referrer-Policy": "same-origin",
    }


def panel_headers(ancestors: Iterable[str]) -> dict[str, str]:
    """For the panel's shell: exactly the workspace's own hosts may frame it."""
    return _headers(" ".join(ancestors) or "'none'")


def fragment_headers() -> dict[str, str]:
    """For what the shell swaps in. `Sidebar` tells its script that we answered, and not something in between."""
    return _headers("'none'") | {"Cross-Origin-Resource-Policy": "same-origin", "Sidebar": "1"}


def _headers(ancestors: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": _POLICY.format(ancestors=ancestors),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": _CLOSED,
    }
