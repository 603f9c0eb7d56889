"""The JSON API: who a customer is, and the receipt of the answer. It decides as the panel does, by the same look-up."""

from typing import cast

from pydantic import BaseModel, JsonValue, ValidationError
from starlette.requests import Request

from sidebar.contacts.lookup import Lookup, Match
from sidebar.contacts.picks import Picks, known_by
from sidebar.contacts.receipts import Receipts, written
from sidebar.identity import Identity
from sidebar.orgs import NotConnected
from sidebar.salesforce.errors import ApiDisabled, GrantEnded, LimitExceeded, Refused, SalesforceError, Unauthorized
from sidebar.store import receipts
from sidebar.store.database import Database
from sidebar.store.workspaces import Workspace
from sidebar.web.answers import Customer, Found, Kept, Matched
from sidebar.web.api import LARGEST, Keyed, Problem, with_key
from sidebar.web.forms import read_body

_NOT_CONNECTED = (NotConnected, GrantEnded, Unauthorized, ApiDisabled)


class Matching(Keyed):
    def __init__(self, database: Database, *, lookup: Lookup, picks: Picks, receipts: Receipts) -> None:
        super().__init__(database)
        self._lookup = lookup
        self._picks = picks
        self._receipts = receipts

    @with_key
    async def match(self, request: Request, workspace: Workspace) -> BaseModel:
        """POST /api/v1/match"""
        sent = await _customer(request)
        customer = _identity(sent)
        known = known_by(customer, workspace.region, sent.inbox)
        word = await self._picks.word(workspace.id, known)
        try:
            match = await self._lookup.match(workspace, customer, word.told)
        except (SalesforceError, NotConnected) as problem:
            raise _unknown(problem) from problem
        return _matched(match, self._receipts.keep(workspace.id, known, match.receipt))

    @with_key
    async def receipt(self, request: Request, workspace: Workspace) -> BaseModel:
        """GET /api/v1/receipts/{id}"""
        async with self._database.read() as connection:
            kept = await receipts.by_id(connection, workspace.id, request.path_params["id"])
        if kept is None:
            raise Problem(404, "not_found")
        return Kept(id=kept.id, at=kept.at, masked=kept.masked, receipt=cast("JsonValue", kept.receipt))


async def _customer(request: Request) -> Customer:
    try:
        return Customer.model_validate_json(await read_body(request, LARGEST))
    except ValidationError as problem:
        first = problem.errors()[0]
        raise Problem(422, "malformed", f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}.") from None


def _identity(customer: Customer) -> Identity:
    return Identity(
        tuple(customer.emails), tuple(customer.phones), customer.name, customer.external_id, customer.country
    )


def _matched(match: Match, receipt_id: str) -> Matched:
    """Whoever is left to choose from, best first."""
    left = [each.candidate for each in match.receipt.judged if not each.removed]
    found = [Found(id=each.id, object=each.kind, name=each.name, strong=each.is_strong) for each in left]
    receipt = cast("JsonValue", written(match.receipt))
    return Matched(outcome=match.outcome, rule=match.rule, records=found, receipt_id=receipt_id, receipt=receipt)


def _unknown(problem: Exception) -> Problem:
    """Not known is not nobody."""
    if isinstance(problem, _NOT_CONNECTED):
        return Problem(409, "unconnected")
    if isinstance(problem, LimitExceeded):
        return Problem(503, "limit")
    return Problem(502, "refused") if isinstance(problem, Refused) else Problem(503, "unknown")
