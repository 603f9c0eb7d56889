"""What can go wrong with an org on demand. A tour, a test or a curious reader switches it by POST /twin/faults."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields

from sidebar.twin.org.rows import JSON

_LONGEST = 60_000


class UnknownFault(ValueError):
    """Says which switch or value was not understood, and which there are."""


@dataclass(slots=True)
class Switches:
    unavailable: bool = False  # 503 for every data and token call
    latency_ms: int = 0  # wait before every answer
    api_disabled: bool = False  # 403 API_DISABLED_FOR_ORG
    limit_exceeded: bool = False  # 403 REQUEST_LIMIT_EXCEEDED


class Faults(Switches):
    """The switches as they stand; `expire_sessions` is no state but a deed done at once."""

    def __init__(self, expire_sessions: Callable[[], None]) -> None:
        super().__init__()
        self._expire_sessions = expire_sessions

    def switch(self, wanted: Mapping[str, JSON]) -> None:
        """Set the named switches, all or none. Raises UnknownFault."""
        for name, value in wanted.items():
            _check(name, value)
        for name, value in wanted.items():
            if name != "expire_sessions":
                setattr(self, name, value)
        if wanted.get("expire_sessions"):
            self._expire_sessions()

    def shown(self) -> dict[str, JSON]:
        return {**asdict(self), "expire_sessions": False}


def _check(name: str, value: JSON) -> None:
    known = {field.name: field.type for field in fields(Switches)} | {"expire_sessions": bool}
    if name not in known:
        raise UnknownFault(f"There is no fault '{name}'. Known faults: {', '.join(sorted(known))}.")
    if type(value) is not known[name]:
        raise UnknownFault(f"'{name}' takes {'true or false' if known[name] is bool else 'whole milliseconds'}.")
    if name == "latency_ms" and isinstance(value, int) and not 0 <= value <= _LONGEST:
        raise UnknownFault(f"'latency_ms' takes 0 to {_LONGEST}.")
