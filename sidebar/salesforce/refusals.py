"""How the Pub/Sub API says no: from trailers and statuses to our errors. Pub/Sub API guide: Handle Errors."""

import grpc
import grpc.aio

from sidebar.salesforce.errors import LimitExceeded, SalesforceError, StreamRefused, Unauthorized, Unreachable

CORRUPTED = "subscription.fetch.replayid.corrupted"
"""The code of a refused replay id: unknown, malformed, or past the 72 hours of retention; the wire does not tell."""

_BY_CODE: dict[str, type[SalesforceError]] = {
    "service.auth.error": Unauthorized,
    "service.auth.refresh.invalid": Unauthorized,
    "service.unavailable": Unreachable,  # recorded with the status INTERNAL
    "topic.api.unavailable": Unreachable,
    "schema.api.unavailable": Unreachable,
    "subscription.fetch.overflow": Unreachable,
    "subscription.fetch.replay.repeated": Unreachable,
    "subscription.limit.exceeded": LimitExceeded,
    "service.protection.triggered": LimitExceeded,
    "service.protection.stream.limit.triggered": LimitExceeded,
}
_BY_STATUS: dict[grpc.StatusCode, type[SalesforceError]] = {
    grpc.StatusCode.UNAUTHENTICATED: Unauthorized,
    grpc.StatusCode.RESOURCE_EXHAUSTED: LimitExceeded,
    grpc.StatusCode.INVALID_ARGUMENT: StreamRefused,
    grpc.StatusCode.NOT_FOUND: StreamRefused,
    grpc.StatusCode.PERMISSION_DENIED: StreamRefused,
    grpc.StatusCode.FAILED_PRECONDITION: StreamRefused,
    grpc.StatusCode.UNIMPLEMENTED: StreamRefused,
}


def from_rpc(problem: grpc.aio.AioRpcError) -> SalesforceError:
    """By the trailer `error-code`, since statuses are a poor key; without one the connection broke, most likely."""
    trailers = {key: value for key, value in problem.trailing_metadata() or () if isinstance(value, str)}
    code = trailers.get("error-code", "").removeprefix("sfdc.platform.eventbus.grpc.")
    lost = problem.code() is grpc.StatusCode.UNAVAILABLE or not code
    unknown = _BY_STATUS.get(problem.code(), Unreachable if lost else StreamRefused)
    return _BY_CODE.get(code, unknown)(problem.details() or problem.code().name, code=code)
