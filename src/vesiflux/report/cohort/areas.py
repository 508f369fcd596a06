"""Area under the ROC curve of every marker and panel about every outcome, with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vesiflux.report.cohort.colours import MOST, colour
from vesiflux.report.figures.common import Row
from vesiflux.report.style import FAINT, MUTED, WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vesiflux.study.cohort_study import CohortStudy
    from vesiflux.study.markers import Told

__all__ = ["draw", "rows", "tells"]


def tells(study: CohortStudy) -> dict[str, list[Told]]:
    """Markers and panels by the outcome they tell, best first, without those of which nothing can be said."""
    from vesiflux.study.markers import Told

    found: dict[str, list[Told]] = {}
    for every in (*study.markers.values(), *study.panels.values()):
        for one in every:
            if isinstance(one, Told):
                found.setdefault(one.outcome, []).append(one)
    return {outcome: sorted(every, key=lambda t: -t.roc.auc) for outcome, every in found.items()}


def draw(study: CohortStudy) -> Figure:
    """A row per marker, a dot with its interval per outcome; panels in bold."""
    from matplotlib.figure import Figure

    found = tells(study)
    outcomes = [name for name in study.patients.spec.outcomes if name in found]
    names = list(dict.fromkeys(t.name for every in found.values() for t in every))
    pitch = 0.085 * len(outcomes) + 0.12
    height = pitch * len(names) + 1.05
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0.22, 0.5 / height, 0.6, (height - 0.95) / height))
    for position, outcome in enumerate(outcomes):
        shift = 0.6 * ((position + 0.5) / len(outcomes) - 0.5)
        tone = colour(position % MOST)
        for told in found[outcome]:
            place = names.index(told.name) + shift
            axes.plot([told.roc.low, told.roc.high], [place, place], color=tone, lw=1.2)
            axes.plot([told.roc.auc], [place], "o", color=tone, ms=4.5, mec="white", mew=0.5)
        axes.plot([], [], "o-", color=tone, ms=4.5, lw=1.2, label=outcome)
    axes.axvline(0.5, color=MUTED, lw=0.8)
    axes.set_yticks(range(len(names)), names)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if name in study.panels else "normal")
    axes.set_ylim(len(names) - 0.4, -0.6)
    low = min(0.45, *(t.roc.low for every in found.values() for t in every))
    axes.set_xlim(low - 0.02, 1.01)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, lw=0.8)
    axes.set_xlabel("area under the ROC curve; 0.5: no better than a coin")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=6, borderaxespad=0.2)
    return figure


def rows(study: CohortStudy) -> Iterator[Row]:
    """One row per marker and outcome."""
    for outcome, every in tells(study).items():
        for t in every:
            yield {"outcome": outcome, "marker": t.name, "auc": t.roc.auc, "low": t.roc.low,
                   "high": t.roc.high, "patients": int(t.case.size), "cases": t.roc.cases}  # fmt: skip
