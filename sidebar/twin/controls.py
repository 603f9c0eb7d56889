"""The doors of whoever plays with the twin: /twin/faults says what goes wrong, /twin/setup how the org is set up.

No real org has them. GET shows the switches; POST with a JSON object sets some, all of them or none. At /twin/setup
it may also ask for one deed of an administrator, such as {"remove_field": {"object": "Contact", "name": "Size__c"}}.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from sidebar.twin.org import JSON, Org
from sidebar.twin.org.describe import SObject, custom_kinds
from sidebar.twin.org.setup import rsa_key
from sidebar.twin.org.switches import Switches, UnknownSwitch, check_kind

_LONG = {"longtextarea", "html"}
_FIELD: dict[str, type] = {"object": str, "name": str}
_DEEDS: dict[str, dict[str, type]] = {
    "add_field": {**_FIELD, "label": str, "type": str, "length": int, "values": list},
    "change_type": {**_FIELD, "type": str, "length": int},
    "remove_field": _FIELD,
}
_OPTIONAL = {"length", "values"}


def routes(org: Org) -> list[BaseRoute]:
    """The routes of the controls, to be mounted at the root."""
    return [
        Route("/twin/faults", endpoint=Door(org.faults, org.faults.switch)),
        Route("/twin/setup", endpoint=Door(org.setup, Administrator(org).do)),
    ]


@dataclass(frozen=True, slots=True)
class Door:
    switches: Switches
    do: Callable[[Mapping[str, JSON]], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = self._answer(request.method, await request.body())
        await response(scope, receive, send)

    def _answer(self, method: str, body: bytes) -> JSONResponse:
        if method not in ("GET", "HEAD", "POST"):
            return JSONResponse({"error": "Switches are shown by GET and set by POST."}, 405, {"Allow": "GET, POST"})
        try:
            if method == "POST":
                self.do(_wanted(body))
        except UnknownSwitch as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(self.switches.shown())


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
        for name, given in deeds.items():
            self._deed(name, _checked(name, given))
        self.org.setup.switch(switches)

    def _deed(self, name: str, given: Mapping[str, JSON]) -> None:
        sobject = self._sobject(str(given["object"]))
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

    def _sobject(self, name: str) -> SObject:
        found = self.org.schema.get(name.lower())
        if found is None:
            known = ", ".join(sorted(sobject.name for sobject in self.org.schema.values()))
            raise UnknownSwitch(f"There is no object '{name}'. Known: {known}.")
        return found


def _wanted(body: bytes) -> Mapping[str, JSON]:
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        wanted = None
    if not isinstance(wanted, dict):
        raise UnknownSwitch('Send a JSON object such as {"unavailable": true}.')
    return wanted


def _checked(deed: str, given: JSON) -> Mapping[str, JSON]:
    takes = _DEEDS[deed]
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
