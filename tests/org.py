"""A pretend org at Salesforce's own addresses, without a network: what tests of connecting and renewing lean on."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from sidebar.twin import oauth, rest
from sidebar.twin.org import Org, User

LOGIN = "https://login.salesforce.com"
MY_DOMAIN = "https://brightside.my.salesforce.com"
ANOTHER_ORG = "00D5e00000OTHERAAA"

Seen = tuple[str, str, dict[str, str]]
"""Path, bearer token, form."""


class PretendSalesforce:
    """The twin behind login.salesforce.com and its My Domain; keeps what it was asked, and can be made to lie."""

    def __init__(self, clock: Callable[[], int], instance_url: str = MY_DOMAIN) -> None:
        self.org = Org(clock=clock, instance_url=instance_url, redirect_uris=["https://sidebar.example/oauth/callback"])
        self.requests: list[Seen] = []
        self.lies: dict[str, tuple[int, object]] = {}
        self.on_data: Callable[[str], Awaitable[None]] | None = None
        self._twin = Starlette(routes=[*oauth.routes(self.org), *rest.app(self.org)])

    def http(self, *more_hosts: str) -> httpx.AsyncClient:
        """A client for which these hosts are all there is in the world."""
        transport = httpx.ASGITransport(self._answer)
        hosts = (LOGIN, "https://test.salesforce.com", MY_DOMAIN, self.org.instance_url, *more_hosts)
        return httpx.AsyncClient(transport=_Nowhere(), mounts=dict.fromkeys(hosts, transport))

    def refreshes(self) -> int:
        return sum(form.get("grant_type") == "refresh_token" for _, _, form in self.requests)

    def tokens_used(self) -> list[str]:
        return [token for path, token, _ in self.requests if path.startswith("/services/data/v")]

    def revoked(self) -> list[str]:
        return [form["token"] for path, _, form in self.requests if path.endswith("/revoke")]

    def become(self, id: str, name: str = "Another Org") -> str:
        """From here on people sign in to that org; gives the id of the one before."""
        row = self.org.tables["Organization"].live.pop(self.org.id)
        former, self.org.id = self.org.id, id
        self.org.load("Organization", [{**row, "Id": id, "Name": name}])
        return former

    async def consent(self, authorize_url: str, *, allow: bool = True, user: User | None = None) -> str:
        """Sign in and decide, as a person would; gives the address Salesforce sends the browser back to."""
        user = user or self.org.integration
        async with self.http() as browser:
            page = await browser.post(authorize_url, data={"username": user.username, "password": user.password})
            ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
            assert ticket is not None, page.text
            decision = {"ticket": ticket[1], "decision": "allow" if allow else "deny"}
            answer = await browser.post(authorize_url, data=decision)
        return answer.headers["location"]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        path = request.url.path
        self.requests.append((path, token, {name: each[0] for name, each in parse_qs(body.decode()).items()}))
        if self.on_data is not None and path.startswith("/services/data/v"):
            await self.on_data(token)
        for start, (status, lie) in self.lies.items():
            if path.startswith(start):
                await JSONResponse(lie, status)(scope, receive, send)
                return

        async def again() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._twin(scope, again, send)


class _Nowhere(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"nobody at {request.url.host}")


def query(url: str) -> dict[str, str]:
    """The query of an address, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
