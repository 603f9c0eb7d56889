"""How the Pub/Sub API says no: gRPC status, text and the trailers clients branch on.

Texts and codes are as recorded where a recording exists. Must not know when to say no.
"""

from dataclasses import dataclass
from typing import NoReturn
from uuid import uuid4

import grpc
import grpc.aio

from sidebar.twin.org.faults import Faults

_PREFIX = "sfdc.platform.eventbus.grpc."
_LONGEST_NAME = 200  # a text of many kilobytes would not fit the trailers
_INVALID = grpc.StatusCode.INVALID_ARGUMENT


@dataclass(frozen=True)
class Refusal(Exception):
    """`code` without the platform's prefix; without one it is the connection that fails, not the service."""

    status: grpc.StatusCode
    code: str
    text: str

    async def end(self, rpc: str, context: "grpc.aio.ServicerContext[object, object]") -> NoReturn:
        if not self.code:
            await context.abort(self.status, self.text)
        rpc_id = str(uuid4())
        trailers = (("error-code", _PREFIX + self.code), ("rpc-id", rpc_id), ("type", rpc))
        await context.abort(self.status, f"{self.text} rpcId: {rpc_id}", trailers)
        raise AssertionError("abort raises")


UNAVAILABLE = Refusal(grpc.StatusCode.INTERNAL, "service.unavailable", "The service is unavailable. Try again later.")
CUT = Refusal(grpc.StatusCode.UNAVAILABLE, "", "Stream removed")
EXHAUSTED = Refusal(
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    "subscription.limit.exceeded",
    "The org's event delivery allocation of the last 24 hours is exceeded.",
)
CANNOT_SUBSCRIBE = Refusal(
    grpc.StatusCode.PERMISSION_DENIED,
    "subscription.topic.cannot.subscribe",
    "The user doesn't have permission to subscribe to the topic.",
)
NO_SCHEMA_NOW = Refusal(
    grpc.StatusCode.UNAVAILABLE,
    "schema.api.unavailable",
    "The schema information is unavailable. Try again later.",
)
UNAUTHENTICATED = Refusal(
    grpc.StatusCode.UNAUTHENTICATED,
    "service.auth.error",
    "An authentication exception occurred. Provide valid authentication via metadata headers.",
)
HEADERS = Refusal(
    grpc.StatusCode.UNAUTHENTICATED,
    "service.auth.headers.invalid",
    "The metadata headers accesstoken, instanceurl and tenantid are required and can't be blank.",
)
NO_TOPIC = Refusal(_INVALID, "topic.validation.empty", "Topic validation failed. The topic name can't be blank.")
TOPIC_CHANGED = Refusal(
    _INVALID,
    "subscription.fetch.topic.mismatch",
    "The topic name can't change within a Subscribe call. Open a new call to subscribe to another topic.",
)
NO_EVENTS_REQUESTED = Refusal(
    _INVALID,
    "subscription.fetch.requested.events.invalid",
    "The requested number of events must be greater than zero.",
)
NO_REPLAY_ID = Refusal(
    _INVALID,
    "subscription.fetch.replayid.validation.failed",
    "The Replay ID validation failed. The Replay ID can't be blank with the CUSTOM replay preset.",
)
BAD_REPLAY_ID = Refusal(
    _INVALID,
    "subscription.fetch.replayid.corrupted",
    "The Replay ID validation failed. Ensure that the Replay ID is valid.",
)
NO_SCHEMA_ID = Refusal(_INVALID, "schema.validation.failed", "Schema validation failed. The schema ID can't be blank.")
UNKNOWN_SCHEMA_ID = Refusal(
    _INVALID, "schema.validation.failed", "Schema validation failed. Ensure that the schema ID is valid."
)


def unknown_topic(tenant: str, topic: str) -> Refusal:
    return Refusal(
        grpc.StatusCode.NOT_FOUND,
        "topic.not.found",
        f"The topic information for org {tenant} and topic {topic[:_LONGEST_NAME]} not found. "
        "Ensure the topic name is correct and that the topic exists.",
    )


def of(faults: Faults) -> Refusal | None:
    """What ends every running stream as long as it lasts."""
    if faults.unavailable:
        return UNAVAILABLE
    return EXHAUSTED if faults.allocation_exhausted else None
