"""What can go wrong between us and Salesforce.

    SalesforceError
    ├── Unreachable      no answer, an answer that is not Salesforce's, or "try again later" (5xx, locks)
    ├── LimitExceeded    the org's API requests are used up, or too many long ones run at once
    ├── ApiDisabled      the org's edition or the user's profile has no API access (RI-39)
    ├── Unauthorized     the access token is no longer taken: refresh once, then ask again
    ├── GrantEnded       the refresh token is no longer taken: an admin has to connect again
    ├── SignInRefused    the token endpoint refused an app, a code or a verifier while connecting
    ├── NotFound         the record does not exist, or this user may not know that it does
    ├── Changed          somebody changed the record since the moment we named (412)
    ├── StreamRefused    the change stream turned our subscription down
    └── Refused          everything else that Salesforce says no to: its code, message and fields stay visible

`permanent`: asking again will not help. `retry_after`: seconds worth waiting before the next try, None where unknown.
An unknown errorCode is a Refused that carries it (or Unreachable from 500 up): new codes need no new class.
"""

from collections.abc import Sequence

import httpx


class SalesforceError(Exception):
    permanent = True
    retry_after: float | None = None

    def __init__(self, message: str, *, code: str = "", fields: Sequence[str] = (), status: int = 0) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.message = message
        self.code = code
        self.fields = tuple(fields)
        self.status = status


class Unreachable(SalesforceError):
    permanent = False
    retry_after = 5.0


class LimitExceeded(SalesforceError):
    permanent = False

    @property
    def retry_after(self) -> float:  # type: ignore[override]
        """The daily allowance comes back slowly; a crowd of long requests (20 s and more) passes soon."""
        return 5.0 if "Concurrent" in self.message else 300.0


class ApiDisabled(SalesforceError): ...


class Unauthorized(SalesforceError):
    permanent = False
    retry_after = 0.0


class GrantEnded(SalesforceError): ...


class SignInRefused(SalesforceError): ...


class NotFound(SalesforceError): ...


class Changed(SalesforceError):
    permanent = False
    retry_after = 0.0


class StreamRefused(SalesforceError): ...


class Refused(SalesforceError): ...


_BY_CODE: dict[str, type[SalesforceError]] = {
    "INVALID_SESSION_ID": Unauthorized,
    "INVALID_AUTH_HEADER": Unauthorized,
    "REQUEST_LIMIT_EXCEEDED": LimitExceeded,
    "API_DISABLED_FOR_ORG": ApiDisabled,
    "API_CURRENTLY_DISABLED": ApiDisabled,
    "NOT_FOUND": NotFound,
    "ENTITY_IS_DELETED": NotFound,
    "UNABLE_TO_LOCK_ROW": Unreachable,
    "SERVER_UNAVAILABLE": Unreachable,
    "QUERY_TIMEOUT": Unreachable,
}
_BY_STATUS: dict[int, type[SalesforceError]] = {401: Unauthorized, 404: NotFound, 412: Changed}


def from_response(response: httpx.Response) -> SalesforceError:
    """The error in a data-API answer of status 300 and up; its body may be errors, HTML, text or nothing."""
    code, message, fields = _first_error(response)
    status = response.status_code
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or (Unreachable if status >= 500 or not code else Refused)
    if kind is Refused and "UNABLE_TO_LOCK_ROW" in message:  # inside an error of the org's own automation
        kind = Unreachable
    return kind(message or f"Salesforce answered {status}", code=code, fields=fields, status=status)


def from_transport(problem: httpx.HTTPError) -> Unreachable:
    """A request that got no answer."""
    return Unreachable(f"Salesforce could not be reached ({type(problem).__name__})")


def _first_error(response: httpx.Response) -> tuple[str, str, list[str]]:
    try:
        body = response.json()
    except ValueError:
        return "", "", []
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return "", "", []
    fields = first.get("fields")
    return (
        str(first.get("errorCode") or ""),
        str(first.get("message") or ""),
        [str(each) for each in fields] if isinstance(fields, list) else [],
    )
