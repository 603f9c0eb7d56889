"""How long it took to take in a stretch of change events. What a process of the bench answers another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """Wall clock and CPU of the process, in seconds."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds / self.events * 1e6
