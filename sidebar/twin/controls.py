"""The doors of whoever plays with the twin: /twin/faults says what goes wrong, /twin/setup how the org is set up.

No real org has them. GET shows the switches; POST with a JSON object sets some, all of them or none. At /twin/setup
it may also ask for one wish about a field, such as {"remove_field": {"object": "Contact", "name": "Size__c"}}.
/twin/deeds is for what REST cannot do with records: one deed a call, done as the administrator does it on a page.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from sidebar.twin import ids
from sidebar.twin.answers import answer, refusal
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON, Actor, Org
from sidebar.twin.org.describe import SObject, custom_kinds
from sidebar.twin.org.people import PAGE
from sidebar.twin.org.switches import Misunderstood, Named, understood

_LONG = {"longtextarea", "html"}


class OfField(Named):
    object: str
    name: str


class AddField(OfField):
    label: str
    type: str
    length: int = 255
    values: list[str] = Field(default_factory=list)


class ChangeType(OfField):
    type: str
    length: int = 255


class Merge(Named):
    object: str
    master: str
    losers: list[str]


class ConvertLead(Named):
    lead: str
    account: str | None = None
    contact: str | None = None
    opportunity_name: str | None = None


class OfRecord(Named):
    object: str
    id: str


_WISHES: Mapping[str, type[OfField]] = {"add_field": AddField, "change_type": ChangeType, "remove_field": OfField}
_DEEDS: Mapping[str, type[Named]] = {
    "merge": Merge,
    "convert_lead": ConvertLead,
    "undelete": OfRecord,
    "purge": OfRecord,
}


def routes(org: Org) -> list[BaseRoute]:
    """The routes of the controls, to be mounted at the root."""
    return [
        Route("/twin/faults", endpoint=Door(org.faults.shown, partial(_sabotage, org))),
        Route("/twin/setup", endpoint=Door(org.setup.shown, partial(_set_up, org))),
        Route("/twin/deeds", endpoint=Door(_known_deeds, partial(_do, org))),
    ]


@dataclass(frozen=True, slots=True)
class Door:
    """`do` answers what came of it, or nothing: then the answer is what GET shows."""

    shown: Callable[[], Mapping[str, JSON]]
    do: Callable[[Mapping[str, JSON]], Mapping[str, JSON] | None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.headers.get("sec-fetch-site", "none") in ("cross-site", "same-site"):
            response = answer({"error": "Another site's page may not use the controls of this org."}, 403)
        else:
            response = self._answer(request.method, await request.body())
        await response(scope, receive, send)

    def _answer(self, method: str, body: bytes) -> Response:
        if method not in ("GET", "HEAD", "POST"):
            return answer({"error": "This door is read by GET and used by POST."}, 405, {"Allow": "GET, POST"})
        try:
            done = self.do(_wanted(body)) if method == "POST" else None
        except Misunderstood as error:
            return answer({"error": str(error)}, 400)
        except SalesforceError as error:
            return refusal(error)
        return answer(done or self.shown())


def _wanted(body: bytes) -> Mapping[str, JSON]:
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        wanted = None
    if not isinstance(wanted, dict):
        raise Misunderstood('Send a JSON object such as {"unavailable": true}.')
    return wanted


def _sabotage(org: Org, wanted: Mapping[str, JSON]) -> None:
    org.faults.check(wanted)
    for name in _texts(wanted, "withdrawn_fields"):
        object_name, _, field = name.partition(".")
        if field.lower() not in _sobject(org, object_name).fields:
            raise Misunderstood(f"There is no field '{name}'; fields are written Contact.Email.")
    org.faults.switch(wanted)


def _set_up(org: Org, wanted: Mapping[str, JSON]) -> None:
    """Set switches and fulfil a wish, both or neither."""
    wishes = {name: given for name, given in wanted.items() if name in _WISHES}
    switches = {name: value for name, value in wanted.items() if name not in _WISHES}
    if len(wishes) > 1:
        raise Misunderstood(f"One wish at a time: {', '.join(wishes)}.")
    org.setup.check(switches)
    for channel in _texts(switches, "channels"):
        _check_channel(org, channel)
    for name in _texts(switches, "uncaptured_objects"):
        _sobject(org, name)
    for name, given in wishes.items():
        _fulfil(org, name, understood(_WISHES[name], given))
    org.setup.switch(switches)


def _fulfil(org: Org, name: str, wish: OfField) -> None:
    sobject = _sobject(org, wish.object)
    _check_field(sobject, wish.name, new=name == "add_field")
    if isinstance(wish, AddField | ChangeType):
        _check_type(wish.type, wish.length)
    fulfil: Callable[..., None] = getattr(org, name)
    fulfil(**{**wish.model_dump(), "object": sobject.name})


def _known_deeds() -> Mapping[str, JSON]:
    return {name: [*deed.model_fields] for name, deed in _DEEDS.items()}


def _do(org: Org, wanted: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The answer names the records the deed made or changed. Raises Misunderstood, SalesforceError."""
    if len(wanted) != 1 or not wanted.keys() <= _DEEDS.keys():
        raise Misunderstood(f"Send one deed. Known: {', '.join(_DEEDS)}.")
    ((name, sent),) = wanted.items()
    given, actor = understood(_DEEDS[name], sent).model_dump(), Actor(org.admin, PAGE)
    if name == "convert_lead":
        return {"lead": _whole(given["lead"]), **asdict(org.convert_lead(actor, **given))}
    deed: Callable[..., None] = getattr(org, name)
    deed(actor, **given)
    return {key: _whole(value) for key, value in given.items()}


def _whole(value: JSON) -> JSON:
    """Ids with their 18 characters; any other value as it is."""
    return [*map(_whole, value)] if isinstance(value, list) else ids.full(str(value)) or value


def _sobject(org: Org, name: str) -> SObject:
    found = org.schema.get(name.lower())
    if found is None:
        known = ", ".join(sorted(sobject.name for sobject in org.schema.values()))
        raise Misunderstood(f"There is no object '{name}'. Known: {known}.")
    return found


def _texts(wanted: Mapping[str, JSON], name: str) -> list[str]:
    """The items of a list that has been checked already."""
    listed = wanted.get(name)
    return [str(item) for item in listed] if isinstance(listed, list) else []


def _check_channel(org: Org, channel: str) -> None:
    name, _, members = channel.partition("=")
    if not re.fullmatch(r"[A-Za-z]\w*__chn", name, re.ASCII):
        raise Misunderstood(f"'{channel}' is no channel, such as People__chn=Contact,Lead.")
    for member in members.split(","):
        _sobject(org, member.strip())


def _check_field(sobject: SObject, name: str, *, new: bool) -> None:
    if not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*__c", name) or len(name) > 43:
        raise Misunderstood(f"'{name}' is no name of a custom field, such as Shoe_Size__c.")
    if (name.lower() in sobject.fields) == new:
        raise Misunderstood(f"{sobject.name} {'already has a' if new else 'has no'} field '{name}'.")


def _check_type(kind: str, length: int) -> None:
    if kind not in custom_kinds():
        raise Misunderstood(f"There is no type '{kind}'. Known: {', '.join(custom_kinds())}.")
    most = 131_072 if kind in _LONG else 255
    if not 1 <= length <= most:
        raise Misunderstood(f"'length' takes 1 to {most}.")
