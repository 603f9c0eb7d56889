"""A figure, what it stands beside, and how figures are written down. Must not know how any of them is measured."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.process import usable_cores


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is figure / baseline, of medians taken side by side where there were several rounds. `notes`: what else
    was counted."""

    name: str
    what: str
    figure: float
    unit: str
    baseline: float
    baseline_is: str
    ratio: float
    samples: int
    notes: Mapping[str, object] = field(default_factory=dict)


def compared(
    name: str, what: str, unit: str, figures: Sequence[float], baselines: Sequence[float], baseline_is: str
) -> Figure:
    """From interleaved rounds: the medians, and the median of each round's own ratio. A round whose baseline was too
    short to be measured has none."""
    ratios = [ours / theirs for ours, theirs in zip(figures, baselines, strict=True) if theirs]
    ratio = statistics.median(ratios) if ratios else 0
    return Figure(
        name=name,
        what=what,
        figure=round(statistics.median(figures), 2),
        unit=unit,
        baseline=round(statistics.median(baselines), 2),
        baseline_is=baseline_is,
        ratio=round(ratio, 3),
        samples=len(figures),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * round(share * 100) // 100) - 1)]


def write(path: Path, figures: Sequence[Figure], skipped: Mapping[str, str], seconds: float) -> None:
    """Whole or not at all: a reader never meets half a file."""
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds),
        "machine": machine(),
        "measurements": [asdict(each) for each in figures],
        "skipped": dict(skipped),
    }
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    draft.replace(path)


def machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "usable_cores": len(usable_cores()),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def table(figures: Sequence[Figure]) -> str:
    rows = [("", "figure", "baseline", "unit", "ratio")]
    rows += [(each.name, f"{each.figure:g}", f"{each.baseline:g}", each.unit, f"{each.ratio:g}") for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, figure, baseline, unit, ratio = (
        text.ljust(width) if column in (0, 3) else text.rjust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return f"  {name}  {figure}  {baseline}  {unit}  {ratio}"
