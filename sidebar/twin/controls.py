"""The doors of whoever plays with the twin: /twin/faults says what goes wrong, /twin/setup how the org is set up.

No real org has them. GET shows the switches; POST with a JSON object sets some, all of them or none. At /twin/setup
it may also ask for one deed of an administrator, such as {"remove_field": {"object": "Contact", "name": "Size__c"}}.
/twin/deeds is for what REST cannot do with records: one deed a call, done as the administrator does it on a page.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

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
from sidebar.twin.org.setup import rsa_key
from sidebar.twin.org.switches import UnknownSwitch, check_kind

_LONG = {"longtextarea", "html"}
_FIELD: dict[str, type] = {"object": str, "name": str}
_DEEDS: dict[str, dict[str, type]] = {
    "add_field": {**_FIELD, "label": str, "type": str, "length": int, "values": list},
    "change_type": {**_FIELD, "type": str, "length": int},
    "remove_field": _FIELD,
}
_RECORD: dict[str, type] = {"object": str, "id": str}
_DEEDS_WITH_RECORDS: dict[str, dict[str, type]] = {
    "merge": {"object": str, "master": str, "losers": list},
    "convert_lead": {"lead": str, "account": str, "contact": str, "opportunity_name": str},
    "undelete": _RECORD,
    "purge": _RECORD,
}
_OPTIONAL = {"length", "values", "account", "contact", "opportunity_name"}


def routes(org: Org) -> list[BaseRoute]:
    """The routes of the controls, to be mounted at the root."""
    return [
        Route("/twin/faults", endpoint=Door(org.faults.shown, Saboteur(org).do)),
        Route("/twin/setup", endpoint=Door(org.setup.shown, Administrator(org).do)),
        Route("/twin/deeds", endpoint=Door(_known_deeds, PageUser(org).do)),
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
        except UnknownSwitch as error:
            return answer({"error": str(error)}, 400)
        except SalesforceError as error:
            return refusal(error)
        return answer(done or self.shown())


@dataclass(frozen=True, slots=True)
class Saboteur:
    org: Org

    def do(self, wanted: Mapping[str, JSON]) -> None:
        """Set switches. Raises UnknownSwitch."""
        self.org.faults.check(wanted)
        for name in _texts(wanted, "withdrawn_fields"):
            object_name, _, field = name.partition(".")
            if field.lower() not in _sobject(self.org, object_name).fields:
                raise UnknownSwitch(f"There is no field '{name}'; fields are written Contact.Email.")
        self.org.faults.switch(wanted)


@dataclass(frozen=True, slots=True)
class Administrator:
    org: Org

    def do(self, wanted: Mapping[str, JSON]) -> None:
        """Set switches and do a deed, both or neither. Raises UnknownSwitch."""
        deeds = {name: given for name, given in wanted.items() if name in _DEEDS}
        switches = {name: value for name, value in wanted.items() if name not in _DEEDS}
        if len(deeds) > 1:
            raise UnknownSwitch(f"One deed at a time: {', '.join(deeds)}.")
        self.org.setup.check(switches)
        _check_certificate(switches.get("jwt_certificate"))
        for channel in _texts(switches, "channels"):
            _check_channel(self.org, channel)
        for name in _texts(switches, "uncaptured_objects"):
            _sobject(self.org, name)
        for name, given in deeds.items():
            self._deed(name, _checked(_DEEDS, name, given))
        self.org.setup.switch(switches)

    def _deed(self, name: str, given: Mapping[str, JSON]) -> None:
        sobject = _sobject(self.org, str(given["object"]))
        _check_field(sobject, str(given["name"]), new=name == "add_field")
        if "type" in given:
            _check_type(str(given["type"]), given.get("length", 255))
        org = self.org
        deeds: dict[str, Callable[..., None]] = {
            "add_field": org.add_field,
            "change_type": org.change_type,
            "remove_field": org.remove_field,
        }
        deeds[name](**{**given, "object": sobject.name})


@dataclass(frozen=True, slots=True)
class PageUser:
    org: Org

    def do(self, wanted: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Do one deed; the answer names the records it made or changed. Raises UnknownSwitch, SalesforceError."""
        if len(wanted) != 1 or not wanted.keys() <= _DEEDS_WITH_RECORDS.keys():
            raise UnknownSwitch(f"Send one deed. Known: {', '.join(_DEEDS_WITH_RECORDS)}.")
        ((name, given),) = wanted.items()
        return self._deed(name, _checked(_DEEDS_WITH_RECORDS, name, given))

    def _deed(self, name: str, given: Mapping[str, JSON]) -> Mapping[str, JSON]:
        org, actor = self.org, Actor(self.org.admin, PAGE)
        deeds: dict[str, Callable[..., None]] = {"merge": org.merge, "undelete": org.undelete, "purge": org.purge}
        if name == "convert_lead":
            became = org.convert_lead(actor, **{key: str(value) for key, value in given.items()})
            return {"lead": _whole(given["lead"]), **asdict(became)}
        deeds[name](actor, **given)
        return {key: _whole(value) for key, value in given.items()}


def _sobject(org: Org, name: str) -> SObject:
    found = org.schema.get(name.lower())
    if found is None:
        known = ", ".join(sorted(sobject.name for sobject in org.schema.values()))
        raise UnknownSwitch(f"There is no object '{name}'. Known: {known}.")
    return found


def _check_channel(org: Org, channel: str) -> None:
    name, _, members = channel.partition("=")
    if not re.fullmatch(r"[A-Za-z]\w*__chn", name, re.ASCII):
        raise UnknownSwitch(f"'{channel}' is no channel, such as People__chn=Contact,Lead.")
    for member in members.split(","):
        _sobject(org, member.strip())


def _texts(wanted: Mapping[str, JSON], name: str) -> list[str]:
    """The items of a list that has been checked already."""
    listed = wanted.get(name)
    return [str(item) for item in listed] if isinstance(listed, list) else []


def _known_deeds() -> Mapping[str, JSON]:
    return {name: [*takes] for name, takes in _DEEDS_WITH_RECORDS.items()}


def _whole(value: JSON) -> JSON:
    """Ids with their 18 characters; any other value as it is."""
    return [*map(_whole, value)] if isinstance(value, list) else ids.full(str(value)) or value


def _wanted(body: bytes) -> Mapping[str, JSON]:
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        wanted = None
    if not isinstance(wanted, dict):
        raise UnknownSwitch('Send a JSON object such as {"unavailable": true}.')
    return wanted


def _checked(deeds: Mapping[str, Mapping[str, type]], deed: str, given: JSON) -> Mapping[str, JSON]:
    takes = deeds[deed]
    if not isinstance(given, dict) or not takes.keys() - _OPTIONAL <= given.keys() <= takes.keys():
        raise UnknownSwitch(f"'{deed}' takes an object with {', '.join(takes)}.")
    for name, value in given.items():
        check_kind(name, value, takes[name])
    return given


def _check_field(sobject: SObject, name: str, *, new: bool) -> None:
    if not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*__c", name) or len(name) > 43:
        raise UnknownSwitch(f"'{name}' is no name of a custom field, such as Shoe_Size__c.")
    if (name.lower() in sobject.fields) == new:
        raise UnknownSwitch(f"{sobject.name} {'already has a' if new else 'has no'} field '{name}'.")


def _check_type(kind: str, length: JSON) -> None:
    if kind not in custom_kinds():
        raise UnknownSwitch(f"There is no type '{kind}'. Known: {', '.join(custom_kinds())}.")
    most = 131_072 if kind in _LONG else 255
    if not isinstance(length, int) or not 1 <= length <= most:
        raise UnknownSwitch(f"'length' takes 1 to {most}.")


def _check_certificate(pem: JSON) -> None:
    try:
        if pem:
            rsa_key(str(pem))
    except ValueError:
        raise UnknownSwitch("'jwt_certificate' takes the PEM text of a certificate with an RSA key.") from None
