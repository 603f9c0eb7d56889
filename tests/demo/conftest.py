"""The inbox in a small world: a clock, and a stand-in for the few routes of the org the tour calls."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sidebar.demo.inbox import Surroundings, app

DATA = "/services/data/v67.0"
ASKED = ("Email", "Title", "MobilePhone")
NOW = 1_795_000_000_000


@dataclass
class Org:
    """Contacts by id, what was asked in which words, and two ways to misbehave."""

    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    unavailable: bool = False
    refusal: str = ""

    def web(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/twin/faults", self.faults, methods=["POST"]),
                Route(DATA + "/query", self.query),
                Route(DATA + "/sobjects/Contact", self.create, methods=["POST"]),
                Route(DATA + "/sobjects/Contact/{id}", self.one, methods=["PATCH"]),
            ]
        )

    async def faults(self, request: Request) -> Response:
        self.unavailable = (await request.json())["unavailable"]
        return JSONResponse({"unavailable": self.unavailable})

    async def query(self, request: Request) -> Response:
        soql = parse_qs(request.url.query)["q"][0]
        email = soql.split("'")[1]
        found = [
            {"attributes": {"type": "Contact"}, "Id": key, **{name: one.get(name) for name in ASKED}}
            for key, one in self.contacts.items()
            if one["Email"] == email or (email.startswith("%") and one["Email"].endswith(email[1:]))
        ]
        return self._noted(request, JSONResponse({"totalSize": len(found), "done": True, "records": found}))

    async def create(self, request: Request) -> Response:
        key = f"003{len(self.asked):015}"
        self.contacts[key] = await request.json()
        return self._noted(request, JSONResponse({"id": key, "success": True, "errors": []}, 201))

    async def one(self, request: Request) -> Response:
        key = request.path_params["id"]
        if not self.refusal:
            self.contacts[key] |= await request.json()
        return self._noted(request, Response(status_code=204))

    def _noted(self, request: Request, answer: Response) -> Response:
        headers = request.headers
        self.asked.append((request.method, headers["Authorization"], headers["Sforce-Call-Options"]))
        if self.unavailable:
            return JSONResponse([{"message": "Server Unavailable", "errorCode": "SERVER_UNAVAILABLE"}], 503)
        if self.refusal:
            complaint = {"message": self.refusal, "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": []}
            return JSONResponse([complaint], 400)
        return answer


@pytest.fixture
def org() -> Org:
    return Org()


@pytest.fixture
async def house(org: Org) -> AsyncIterator[Surroundings]:
    async def token() -> str:
        return "colleague-token"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(org.web())) as http:
        yield Surroundings(
            panel_origin="http://localhost:8000",
            workspace_key="wk_test",
            host_secret="a secret of the host, thirty-two bytes or more",
            admin_url="http://localhost:8000/admin",
            admin_email="admin@demo.example",
            admin_password="calm-otter-93",
            contacts_url="http://localhost:8000/contacts",
            org_url="http://localhost:8002",
            org_token=token,
            http=http,
            clock=lambda: NOW,
        )


@pytest.fixture
async def inbox(house: Surroundings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's side of the inbox."""
    transport = httpx.ASGITransport(app(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
        yield client
