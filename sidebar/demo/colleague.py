"""A colleague who works in the org while the person takes the tour: plain Salesforce REST and the twin's fault switch.

It must not know the tour's words: it says what happened as a value or as an error.
"""

from collections.abc import Mapping, Sequence

import httpx
from pydantic import BaseModel, ValidationError

from sidebar.demo.surroundings import Surroundings

_DATA = "/services/data/v67.0"


class Refused(Exception):
    """Salesforce answered and said no; the text is Salesforce's own."""


class Unreachable(Exception):
    """Salesforce did not answer, or what answered was not Salesforce."""


class Row(BaseModel):
    """The columns of a Contact the colleague looks at."""

    Id: str
    Email: str
    Title: str | None = None
    MobilePhone: str | None = None


class _Found(BaseModel):
    records: list[Row]


class _Complaint(BaseModel):
    message: str
    errorCode: str


class Colleague:
    def __init__(self, house: Surroundings) -> None:
        self._house = house

    async def find(self, email: str) -> Sequence[Row]:
        return await self._found(f"Email = '{_quoted(email)}'")

    async def find_at(self, domain: str) -> Sequence[Row]:
        return await self._found(f"Email LIKE '%@{_quoted(domain)}'")

    async def _found(self, condition: str) -> Sequence[Row]:
        query = f"SELECT Id, Email, Title, MobilePhone FROM Contact WHERE {condition}"  # noqa: S608 - SOQL, escaped
        answer = await self._ask("GET", "/query", query={"q": query})
        try:
            return _Found.model_validate_json(answer.content).records
        except ValidationError as error:
            raise Unreachable from error

    async def change(self, contact_id: str, fields: Mapping[str, str]) -> None:
        await self._ask("PATCH", f"/sobjects/Contact/{contact_id}", body=fields)

    async def create(self, fields: Mapping[str, str]) -> None:
        await self._ask("POST", "/sobjects/Contact", body=fields)

    async def pull_the_plug(self, unavailable: bool) -> None:
        """Makes the twin answer as a Salesforce that is down, or as usual again."""
        await self._send("POST", "/twin/faults", body={"unavailable": unavailable})

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        token = await self._token()
        headers = {"Authorization": f"Bearer {token}", "Sforce-Call-Options": "client=colleague"}
        return await self._send(method, _DATA + path, query, body, headers)

    async def _token(self) -> str:
        try:
            return await self._house.org_token()
        except httpx.HTTPError as error:
            raise Unreachable from error

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = await self._house.http.request(
                method, self._house.org_url + path, params=query, json=body, headers=headers
            )
        except httpx.HTTPError as error:
            raise Unreachable from error
        if not answer.is_success:
            raise _failure(answer)
        return answer


def _failure(answer: httpx.Response) -> Refused | Unreachable:
    """Salesforce complains with an array; anything else, or a 5xx, comes from somewhere in between."""
    try:
        complaints = [_Complaint.model_validate(one) for one in answer.json()]
    except (ValueError, TypeError):
        return Unreachable()
    if answer.is_server_error or not complaints:
        return Unreachable()
    return Refused(complaints[0].message)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
