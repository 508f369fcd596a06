"""ROC curves and whether foretold probabilities come true: one pair of panels per outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.cohort.areas import tells
from vesiflux.report.cohort.colours import MOST, colour
from vesiflux.report.figures.common import Floats, Row
from vesiflux.report.style import FAINT, MUTED, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vesiflux.study.cohort_study import CohortStudy
    from vesiflux.study.markers import Told

__all__ = ["draw", "rows"]

_SIDE, _PITCH = 3.1, 3.95
#: Points of a curve that are drawn: more cannot be seen.
_POINTS = 200


def draw(study: CohortStudy) -> Figure:
    """The best markers of every outcome; the table has all."""
    from matplotlib.figure import Figure

    found = tells(study)
    outcomes = [name for name in study.patients.spec.outcomes if name in found]
    height = _PITCH * len(outcomes)
    figure = Figure(figsize=(WIDTH, height))
    for place, outcome in enumerate(outcomes):
        bottom = (height - _PITCH * (place + 1) + 0.5) / height
        size = (_SIDE / WIDTH, _SIDE / height)
        curves = figure.add_axes((0.6 / WIDTH, bottom, *size))
        right = figure.add_axes((6.2 / WIDTH, bottom, *size))
        shown = found[outcome][:MOST]
        _roc(curves, outcome, shown, study)
        _true(right, outcome, shown)
    return figure


def _roc(axes: Axes, outcome: str, shown: list[Told], study: CohortStudy) -> None:
    axes.set_title(f"{outcome}: who has it, found and falsely suspected")
    axes.plot([0, 100], [0, 100], color=MUTED, lw=0.8, ls=(0, (3, 3)))
    for position, told in enumerate(shown):
        x, y = _thin(told)
        label = f"{told.name}  {told.roc.auc:.2f} ({told.roc.low:.2f}–{told.roc.high:.2f})"
        bold = 2.0 if told.name in study.panels else 1.3
        axes.plot(100 * x, 100 * y, color=colour(position), lw=bold, label=label, drawstyle="steps-post")
    axes.set_xlabel("% of those without it that are suspected")
    axes.set_ylabel("% of those with it that are found")
    _square(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0.0, title="area, 95 %",
                alignment="left", title_fontsize=7.5)  # fmt: skip


def _true(axes: Axes, outcome: str, shown: list[Told]) -> None:
    axes.set_title(f"{outcome}: foretold and seen")
    axes.plot([0, 100], [0, 100], color=MUTED, lw=0.8, ls=(0, (3, 3)))
    for position, told in enumerate(shown):
        fit = told.calibration
        if fit is None:
            continue
        x = np.array([100 * b.foretold for b in fit.bins])
        y = np.array([100 * b.seen for b in fit.bins])
        low = np.array([100 * b.low for b in fit.bins])
        high = np.array([100 * b.high for b in fit.bins])
        axes.vlines(x, low, high, color=colour(position), lw=1.0, alpha=0.6)
        axes.plot(x, y, "o-", color=colour(position), ms=3.8, lw=0.9, mec="white", mew=0.4)
    axes.set_xlabel("foretold, % (by patients it was not learned from)")
    axes.set_ylabel("seen, % of them")
    _square(axes)


def _square(axes: Axes) -> None:
    axes.set_xlim(-1, 101)
    axes.set_ylim(-1, 101)
    axes.grid(color=FAINT, lw=0.8)


def _thin(told: Told) -> tuple[Floats, Floats]:
    x, y = told.roc.false_positive, told.roc.true_positive
    if len(x) <= _POINTS:
        return x, y
    # as many points along the curve, by how far it has come
    way = (x + y) / 2.0
    keep = np.unique(np.searchsorted(way, np.linspace(0.0, 1.0, _POINTS)))
    keep = np.unique(np.append(keep[keep < len(x)], len(x) - 1))
    return x[keep], y[keep]


def rows(study: CohortStudy) -> Iterator[Row]:
    """Points of the curves that are drawn, and groups of like probability."""
    for outcome, every in tells(study).items():
        for told in every[:MOST]:
            for x, y in zip(*_thin(told), strict=True):
                yield {"outcome": outcome, "marker": told.name, "what": "roc", "x": float(x), "y": float(y),
                       "low": None, "high": None}  # fmt: skip
            for group in told.calibration.bins if told.calibration is not None else ():
                yield {"outcome": outcome, "marker": told.name, "what": "calibration", "x": group.foretold,
                       "y": group.seen, "low": group.low, "high": group.high}  # fmt: skip
