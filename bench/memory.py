"""What the server's process weighs, before and after it has worked."""

from bench.figures import Figure
from bench.ground import Ground

_MB = 1e6


class Scales:
    """Weighed once at the start; everything later is compared with that, and the start with a bare server."""

    def __init__(self, ground: Ground) -> None:
        self._product = ground.product
        self._start = self._product.rss()
        self.figures = [_figure("start", "at start", self._start, ground.bare.rss(), "the bare server's at start")]

    def weigh(self, name: str, when: str) -> None:
        self.figures.append(_figure(name, when, self._product.rss(), self._start, "at start"))


def _figure(name: str, when: str, rss: int, baseline: int, baseline_is: str) -> Figure:
    return Figure(
        name=f"memory_{name}",
        what=f"resident memory of the server's process, worker included, {when}",
        figure=round(rss / _MB, 1),
        unit="MB",
        baseline=round(baseline / _MB, 1),
        baseline_is=baseline_is,
        ratio=round(rss / baseline, 3),
        samples=1,
    )
