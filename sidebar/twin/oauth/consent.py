"""The two pages a person meets on the way to a token: sign in, then allow or deny. Plain HTML, no script."""

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} | {org}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 10vh auto; padding: 0 1rem; color: #16325c }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit }}
input, button {{ padding: .5rem; margin: .25rem 0 1rem }}
.alert {{ color: #a61a14 }}
</style></head>
<body><main><h1>{title}</h1>{content}<p><small>{org}: a pretend Salesforce org.</small></p></main></body></html>"""
_LOGIN = """{alert}<form method="post">
<label for="username">Username</label>
<input id="username" name="username" autocomplete="username" required value="{username}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button></form>"""
_CONSENT = """<p>The app <strong>{app}</strong> asks, for {name} ({username}), to:</p><ul>{scopes}</ul>
<form method="post"><input type="hidden" name="ticket" value="{ticket}">
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>"""
_MEANINGS = {
    "api": "Manage user data via APIs (api)",
    "id": "Access the identity URL service (id)",
    "refresh_token": "Perform requests at any time (refresh_token)",
    "offline_access": "Perform requests at any time (offline_access)",
}


def login(org: str, username: str, alert: str = "") -> HTMLResponse:
    shown = f'<p class="alert" role="alert">{escape(alert)}</p>' if alert else ""
    return _page("Log in", org, _LOGIN.format(alert=shown, username=escape(username)))


def consent(org: str, app: str, name: str, username: str, scopes: Iterable[str], ticket: str) -> HTMLResponse:
    items = "".join(f"<li>{escape(_MEANINGS[scope])}</li>" for scope in scopes)
    filled = _CONSENT.format(
        app=escape(app), name=escape(name), username=escape(username), scopes=items, ticket=escape(ticket)
    )
    return _page("Allow access?", org, filled)


def error(org: str, code: str, description: str) -> HTMLResponse:
    """What cannot be sent back to the app, since it is not known to be the app, is told to the person."""
    text = f'<p class="alert" role="alert">error={escape(code)}<br>error_description={escape(description)}</p>'
    return _page("OAuth Error", org, text, 400)


def _page(title: str, org: str, content: str, status: int = 200) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "X-Frame-Options": "DENY"}
    return HTMLResponse(_PAGE.format(title=title, org=escape(org), content=content), status, headers)
