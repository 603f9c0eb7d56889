"""The app's side of OAuth: what it sends, and the person it sends to the org's pages."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx

from sidebar.twin.org import Org

CALLBACK = "http://localhost:8000/connect/callback"


def asked(org: Org, **more: str) -> dict[str, str]:
    first = {"response_type": "code", "client_id": org.client_id, "redirect_uri": CALLBACK, "state": "s 1&"}
    return first | {"scope": "api refresh_token"} | more


async def consent(http: httpx.AsyncClient, org: Org, decision: str = "allow", **more: str) -> dict[str, list[str]]:
    """Sign in and decide; what the callback is told."""
    params = asked(org, **more)
    form = {"username": org.integration.username, "password": org.integration.password}
    page = await http.post("/services/oauth2/authorize", params=params, data=form)
    assert "Manage user data via APIs (api)" in page.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket
    back = await http.post(
        "/services/oauth2/authorize", params=params, data={"ticket": ticket[1], "decision": decision}
    )
    assert back.status_code == 302
    assert back.headers["location"].startswith(f"{CALLBACK}?")
    return parse_qs(urlsplit(back.headers["location"]).query)


async def exchange(http: httpx.AsyncClient, org: Org, **form: str) -> httpx.Response:
    app = {"client_id": org.client_id, "client_secret": org.client_secret, "redirect_uri": CALLBACK}
    return await http.post("/services/oauth2/token", data=app | form)


async def connect(http: httpx.AsyncClient, org: Org) -> dict[str, str]:
    code = (await consent(http, org))["code"][0]
    return dict((await exchange(http, org, grant_type="authorization_code", code=code)).json())


async def refresh(http: httpx.AsyncClient, org: Org, token: str) -> httpx.Response:
    return await exchange(http, org, grant_type="refresh_token", refresh_token=token)


async def works(http: httpx.AsyncClient, token: str) -> bool:
    answer = await http.get("/services/data/v60.0/limits", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def problem(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    return str(answer.json()["error"])


def words(answer: httpx.Response) -> tuple[str, str]:
    """A refusal of the token endpoint: its error and description, and nothing else."""
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}
    return answer.json()["error"], answer.json()["error_description"]
