"""The pages a person meets on the way to a token: sign in, then allow or deny. No script."""

from collections.abc import Iterable

from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse

from sidebar.twin.org import User

_TEMPLATES = Environment(loader=PackageLoader("sidebar.twin.oauth", "templates"), autoescape=True)
_APP = "Sidebar"
_MEANINGS = {
    "api": "Manage user data via APIs (api)",
    "id": "Access the identity URL service (id)",
    "refresh_token": "Perform requests at any time (refresh_token)",
    "offline_access": "Perform requests at any time (offline_access)",
}


def login(org: str, username: str, alert: str = "") -> HTMLResponse:
    return _page("login.html", title="Log in", org=org, username=username, alert=alert)


def consent(org: str, user: User, scopes: Iterable[str], ticket: str) -> HTMLResponse:
    meanings = [_MEANINGS[scope] for scope in scopes]
    return _page("consent.html", title="Allow access?", org=org, app=_APP, user=user, meanings=meanings, ticket=ticket)


def error(org: str, code: str, description: str) -> HTMLResponse:
    """What cannot be sent back to the app, since it is not known to be the app, is told to the person."""
    return _page("error.html", 400, title="OAuth Error", org=org, code=code, description=description)


def _page(template: str, status: int = 200, /, **shown: object) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "X-Frame-Options": "DENY"}
    return HTMLResponse(_TEMPLATES.get_template(template).render(**shown), status, headers)
