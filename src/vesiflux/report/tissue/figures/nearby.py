"""Which types touch which, more or less often than chance would have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Row
from vesiflux.report.style import number
from vesiflux.report.tissue.contacts import Contacts
from vesiflux.report.tissue.figures.common import Matrix, boxes
from vesiflux.report.tissue.source import Floats, Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Grid", "draw", "rows"]


@dataclass(frozen=True)
class Grid:
    """Contacts of one arm at one frame."""

    arm: str
    title: str
    time: float
    kinds: tuple[Kind, ...]
    found: Contacts


def draw(data: Sequence[Grid]) -> Figure:
    """Observed over expected contacts by pair of types; blue: fewer, vermilion: more."""
    from matplotlib.colors import LinearSegmentedColormap

    # Blue to vermilion, both dark at the ends: told apart with any colour vision, and by lightness.
    shades = LinearSegmentedColormap.from_list(
        "over", ("#2a6fae", "#a9c8e2", "#f5f3ef", "#f0b995", "#c2540a")
    )
    panels = []
    for d in data:
        names = tuple(k.title for k in d.kinds)
        values = np.where(np.tri(len(names), dtype=bool), d.found.ratio, np.nan)
        panels.append(Matrix(f"{d.title}, {number(d.time)} h", "", names, names, values, {"arm": d.arm}))

    def share(m: Matrix) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.clip(0.5 + np.log2(m.values) / 5, 0, 1)
        return np.where(np.isfinite(m.values), found, np.nan)

    def text(m: Matrix, i: int, j: int) -> str:
        d = next(x for x, p in zip(data, panels, strict=True) if p is m)
        low, high, mean = (float(v[i, j]) for v in (d.found.low, d.found.high, d.found.expected))
        return (
            f"×{number(float(m.values[i, j]))}"
            + ("" if d.found.beyond[i, j] else "\nchance")
            + (f"\n{number(low / mean)}–{number(high / mean)}")
        )

    return boxes(panels, share, text, shades, line=0.5)


def rows(data: Sequence[Grid]) -> list[Row]:
    """One line per arm and pair of types."""
    return [
        {
            "arm": d.arm, "time_h": d.time, "type": a.name, "with": b.name,
            "contacts": float(d.found.observed[i, j]), "expected": float(d.found.expected[i, j]),
            "expected_q025": float(d.found.low[i, j]), "expected_q975": float(d.found.high[i, j]),
            "observed_over_expected": float(d.found.ratio[i, j]), "shuffles": d.found.shuffles,
        }
        for d in data
        for i, a in enumerate(d.kinds)
        for j, b in enumerate(d.kinds[: i + 1])
    ]  # fmt: skip
