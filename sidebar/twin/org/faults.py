"""What can go wrong with an org on demand. A tour, a test or a curious reader switches it by POST /twin/faults."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field, PrivateAttr

from sidebar.twin.org.rows import JSON
from sidebar.twin.org.switches import Count, Switches


class Faults(Switches):
    """Some switches are deeds: done at once, then off again. Whole numbers count down where they say how often."""

    unavailable: bool = False  # 503 for every data and token call
    latency_ms: Annotated[int, Field(ge=0, le=60_000)] = 0  # wait before every answer
    api_disabled: bool = False  # 403 API_DISABLED_FOR_ORG
    limit_exceeded: bool = False  # 403 REQUEST_LIMIT_EXCEEDED
    expire_sessions: bool = False  # a deed: every access token ends
    locked_rows: Count = 0  # so many writes answer UNABLE_TO_LOCK_ROW
    timeouts_before: Count = 0  # so many data calls are neither done nor answered
    timeouts_after: Count = 0  # so many data calls are done, but never answered
    withdrawn_fields: list[str] = Field(default_factory=list)  # such as Contact.Email: nobody may read them any more
    stream_cut: bool = False  # a deed: every stream breaks
    silent_streams: bool = False  # streams stay open and say nothing: half-open connections
    auth_fails: bool = False  # new calls of the Pub/Sub API are refused as unauthenticated, streams go on
    corrupted_positions: bool = False  # every replay id is refused
    forget_events: bool = False  # a deed: what was retained is gone, as after 72 hours
    duplicates_on_resume: Count = 0  # a resumed stream begins with so many events from before its position
    allocation_exhausted: bool = False  # the org's deliveries of the day are spent
    schema_failures: Count = 0  # so many GetSchema calls fail
    event_lag_ms: Count = 0  # changes reach the bus so much later
    gap_writes: Count = 0  # so many changes are told as gap events

    _deeds: dict[str, Callable[[], None]] = PrivateAttr(default_factory=dict)

    def does(self, name: str, deed: Callable[[], None]) -> None:
        """Let this switch be a deed."""
        self._deeds[name] = deed

    def switch(self, wanted: Mapping[str, JSON]) -> None:
        super().switch(wanted)
        for name, deed in self._deeds.items():
            if getattr(self, name):
                setattr(self, name, False)
                deed()

    def spend(self, name: str) -> bool:
        """Whether a fault that happens a number of times happens now; counts it."""
        left: int = getattr(self, name)
        if left:
            setattr(self, name, left - 1)
        return bool(left)
