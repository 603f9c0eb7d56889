"""The JSON API: local contacts for other programs that hold the workspace's key. Cookies open nothing here."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sidebar.contacts import tags
from sidebar.identity import email_key, phone_key
from sidebar.store import contacts, listing, workspaces
from sidebar.store.contacts import Contact
from sidebar.store.database import Database
from sidebar.store.listing import Place, Wanted
from sidebar.store.workspaces import Workspace
from sidebar.web.answers import Change, Question, Refusal, Tag, Tags, people, person
from sidebar.web.filters import read_place, write_place
from sidebar.web.forms import read_body
from sidebar.web.openapi import document
from sidebar.workspaces import api_key_hash

LARGEST = 64 * 1024
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_MESSAGES = {
    "unauthorized": "Send the workspace's API key: Authorization: Bearer sidebar_… An admin makes one on the overview.",
    "not_found": "There is nothing at this address, or not in this workspace.",
    "method_not_allowed": "This address does not know that method.",
    "too_large": "The request is too large.",
    "malformed": "The body is no JSON that fits the description at /api/v1/openapi.json.",
    "email": "email is no e-mail address.",
    "phone": "phone is no telephone number, or names no country; say which with region, such as DE.",
    "tag_system": f"“{tags.SYSTEM}” is given by Sidebar: nobody else adds, renames or removes it. Nothing was changed.",
    "tag_empty": "A tag has at least one character. Nothing was changed.",
    "tag_long": f"A tag has at most {tags.LONGEST} characters. Nothing was changed.",
    "tag_many": f"A contact has at most {tags.MOST} tags. Nothing was changed.",
    "tag_signs": "A tag has characters that cannot be seen. Nothing was changed.",
    "unknown": "Salesforce did not answer, so nobody knows who this is. Ask again in a moment.",
    "unconnected": "The workspace is not connected to Salesforce, or no longer: an admin connects it under Salesforce.",
    "limit": "The org's API calls are used up for now. Ask again later.",
    "refused": "Salesforce refused to answer: an admin finds out why with `sidebar doctor`.",
    "failed": "Something went wrong in Sidebar. Try again; if it goes on, tell its operator.",
}
_PARAMETERS = {
    **dict.fromkeys(("email", "phone", "tag"), "at most 254 characters."),
    "region": "a country's two letters, such as DE.",
    "salesforce_id": "the 18 characters of a Contact's id.",
    "limit": "a whole number from 1 to 200.",
    "cursor": "send `next` of the page before, as it is.",
}
_NO_PARAMETER = "there is no such parameter. All are described at /api/v1/openapi.json."
_OF_STATUS = {400: "malformed", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class Problem(Exception):
    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message or _MESSAGES[code]


def refusal(problem: Exception) -> Response:
    """How every failure is told."""
    headers = {}
    if isinstance(problem, HTTPException):
        headers = dict(problem.headers or {})
        problem = Problem(problem.status_code, _OF_STATUS.get(problem.status_code, "failed"))
    if not isinstance(problem, Problem):
        problem = Problem(500, "failed")
    if problem.status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return _json(Refusal(code=problem.code, message=problem.message), problem.status, headers)


A = TypeVar("A", bound="Keyed")


def with_key(
    endpoint: Callable[[A, Request, Workspace], Awaitable[BaseModel]],
) -> Callable[[A, Request], Awaitable[Response]]:
    """Give the endpoint the workspace whose key was sent, and send what it gives, or why there is nothing."""

    @wraps(endpoint)
    async def answered(self: A, request: Request) -> Response:
        try:
            return _json(await endpoint(self, request, await self.workspace(request)))
        except (Problem, HTTPException) as problem:
            return refusal(problem)

    return answered


class Keyed:
    """Whoever answers programs that hold a workspace's key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def workspace(self, request: Request) -> Workspace:
        """Whose key it is. Raises Problem."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and key:
            async with self._database.read() as connection:
                workspace = await workspaces.by_api_key(connection, api_key_hash(key.strip()))
            if workspace is not None:
                return workspace
        raise Problem(401, "unauthorized")


class Api(Keyed):
    async def openapi(self, _request: Request) -> Response:
        return JSONResponse(document(), headers=_HEADERS)

    @with_key
    async def contacts(self, request: Request, workspace: Workspace) -> BaseModel:
        """GET /api/v1/contacts"""
        asked = _question(request)
        after = read_place(asked.cursor or "")
        async with self._database.read() as connection:
            wanted = _wanted(asked, workspace.region)
            found = await listing.page(connection, workspace.id, wanted, after, asked.limit + 1)
        shown = found[: asked.limit]
        more = len(found) > len(shown)
        return people(shown, write_place(Place(shown[-1].created_at, shown[-1].id)) if more else None)

    @with_key
    async def contact(self, request: Request, workspace: Workspace) -> BaseModel:
        """GET /api/v1/contacts/{id}"""
        async with self._database.read() as connection:
            return person(_found(await contacts.by_id(connection, workspace.id, request.path_params["id"])))

    @with_key
    async def set_tags(self, request: Request, workspace: Workspace) -> BaseModel:
        """PATCH /api/v1/contacts/{id}"""
        change = await _change(request)
        async with self._database.write() as connection:
            contact = _found(await contacts.locked(connection, workspace.id, request.path_params["id"]))
            try:
                now = tags.changed(contact.tags, change.tags)
            except tags.Refused as refused:
                raise Problem(422, f"tag_{refused.reason}") from None
            await contacts.set_tags(connection, contact, now)
            return person(_found(await contacts.by_id(connection, workspace.id, contact.id)))

    @with_key
    async def tags(self, _request: Request, workspace: Workspace) -> BaseModel:
        """GET /api/v1/tags: the system's tag is always there."""
        async with self._database.read() as connection:
            used = {tags.SYSTEM: 0, **await listing.tags(connection, workspace.id)}
        return Tags(tags=[Tag(name=name, contacts=used[name], system=name == tags.SYSTEM) for name in sorted(used)])


def _question(request: Request) -> Question:
    try:
        return Question.model_validate(dict(request.query_params))
    except ValidationError as problem:
        name = str(problem.errors()[0]["loc"][0])
        raise Problem(422, "parameter", f"{name}: {_PARAMETERS.get(name, _NO_PARAMETER)}") from None


async def _change(request: Request) -> Change:
    try:
        return Change.model_validate_json(await read_body(request, LARGEST))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise Problem(422, "malformed", f"{where}: {first['msg']}. Nothing was changed.") from None


def _wanted(asked: Question, region: str) -> Wanted:
    keys = []
    if asked.email is not None:
        keys.append(f"email:{_key('email', email_key(asked.email))}")
    if asked.phone is not None:
        phone = phone_key(asked.phone, [asked.region or region])
        keys.append(f"phone:{_key('phone', phone if phone and phone.startswith('+') else None)}")
    return Wanted(keys=tuple(keys), tag=asked.tag, record=asked.salesforce_id)


def _key(name: str, key: str | None) -> str:
    if key is None:
        raise Problem(422, name)
    return key


def _found(contact: Contact | None) -> Contact:
    if contact is None:
        raise Problem(404, "not_found")
    return contact


def _json(answer: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(answer.model_dump_json(), status, _HEADERS | (headers or {}), media_type="application/json")
