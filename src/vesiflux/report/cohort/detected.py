"""When markers tell: the area under the ROC curve over time, and patients found so far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.cohort.colours import MOST, colour
from vesiflux.report.figures.common import Row
from vesiflux.report.style import FAINT, MUTED, WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vesiflux.study.cohort_study import CohortStudy
    from vesiflux.study.detection import Detected

__all__ = ["draw", "found", "rows"]


def found(study: CohortStudy) -> list[Detected]:
    """Markers of which something can be said."""
    from vesiflux.study.detection import Detected

    return [one for one in study.detection.values() if isinstance(one, Detected)]


def draw(study: CohortStudy) -> Figure:
    """Left: areas in those alive, with 95 % bands. Right: share of the cases that passed the threshold."""
    from matplotlib.figure import Figure

    every = found(study)
    figure = Figure(figsize=(WIDTH, 3.7))
    left = figure.add_axes((0.075, 0.15, 0.36, 0.74))
    right = figure.add_axes((0.525, 0.15, 0.36, 0.74))
    first = every[0]
    left.set_title(f"{first.outcome}: area under the ROC curve in those alive")
    right.set_title(f"{first.outcome}: patients who have it, found by then")
    for position, one in enumerate(every):
        tone, days = colour(position % MOST), one.times / 24.0
        left.fill_between(days, one.areas[:, 1], one.areas[:, 2], color=tone, alpha=0.15, lw=0)
        left.plot(days, one.areas[:, 0], color=tone)
        share = [100.0 * float(np.mean(one.first <= t)) for t in one.times]
        right.plot(days, share, color=tone, drawstyle="steps-post", label=one.name)
    left.axhline(0.5, color=MUTED, lw=0.8, ls=(0, (3, 3)))
    left.axhline(first.auc, color=MUTED, lw=0.8)
    left.set_ylim(top=1.01)
    right.set_ylim(-1, 101)
    left.set_ylabel("area")
    right.set_ylabel(f"% found; {100 * first.specificity:g} % of the others never suspected")
    for axes in (left, right):
        axes.set_xlabel("days")
        axes.set_xlim(left=0)
        axes.grid(color=FAINT, lw=0.8)
    right.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0.0)
    return figure


def rows(study: CohortStudy) -> Iterator[Row]:
    """One row per marker and time."""
    for one in found(study):
        for time, (area, low, high) in zip(one.times, one.areas, strict=True):
            yield {"marker": one.name, "outcome": one.outcome, "time_h": float(time), "auc": float(area),
                   "low": float(low), "high": float(high),
                   "found": float(np.mean(one.first <= time))}  # fmt: skip
