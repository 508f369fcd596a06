"""Curves over time with bands: one row of panels per arm, its reference in grey behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Band, Floats, Row, finite_range
from vesiflux.report.style import FAINT, INK, MUTED, RULE, WIDTH, class_colour, log_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Polygon

__all__ = ["CurveRow", "CurvesData", "draw", "rows"]


@dataclass(frozen=True)
class CurveRow:
    """One arm: bands over draws of what it released so far, of its rate now, and of rate / reference."""

    arm: str
    title: str
    released: Band
    rate: Band
    fold: Band | None  # paired draw by draw; None for a reference arm
    reference: str = ""
    reference_released: Band | None = None
    reference_rate: Band | None = None


@dataclass(frozen=True)
class CurvesData:
    """Rows of one vesicle class. ``times`` in h, shape (time,); released in vesicles per cell."""

    vesicle: str
    vesicle_title: str
    times: Floats
    rows: tuple[CurveRow, ...]


def draw(data: CurvesData) -> Figure:
    """Three columns: released per cell, rate, rate relative to the reference arm (log axes)."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    colour = class_colour(data.vesicle)
    n = len(data.rows)
    height = 0.92 * n + 1.15
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.subplots(n, 3, squeeze=False)
    figure.subplots_adjust(
        left=0.215, right=0.985, wspace=0.24, hspace=0.16, bottom=0.48 / height, top=1 - 0.72 / height
    )
    _scales(data, axes)
    for row, panels in zip(data.rows, axes, strict=True):
        _band(panels[0], data.times, row.released, colour, row.reference_released, skip_start=True)
        _band(panels[1], data.times, row.rate, colour, row.reference_rate)
        if row.fold is not None:
            _band(panels[2], data.times, row.fold, colour, None)
        panels[2].axhline(1, color=MUTED, lw=0.8, zorder=0.5)
        panels[0].annotate(
            _wrapped(row.title, 19), (-0.29, 0.5), xycoords="axes fraction", ha="right", va="center",
            weight="bold", fontsize=7.8, linespacing=1.25,
        )  # fmt: skip
    heads = (
        f"{data.vesicle_title} released\nper cell so far",
        f"release now\n{data.vesicle_title}/cell/h",
        "release now,\nfold of the reference arm",
    )
    for panel, head in zip(axes[0], heads, strict=True):
        panel.set_title(head, fontsize=8, pad=6)
    for panel in axes[-1]:
        panel.set_xlabel("time (h)", labelpad=2)
    handles = [
        Line2D([], [], color=colour, lw=1.6, label="median"),
        Patch(color=colour, alpha=0.40, lw=0, label="50 % of draws"),
        Patch(color=colour, alpha=0.16, lw=0, label="90 %"),
        Line2D([], [], color=INK, lw=1.0, ls=(0, (3, 2)), label="reference arm, median"),
        Patch(color=RULE, alpha=0.55, lw=0, label="its 90 %"),
    ]
    figure.legend(handles=handles, loc="upper right", ncols=5, bbox_to_anchor=(0.99, 1 - 0.02 / height))
    return figure


def _band(
    panel: Axes, times: Floats, band: Band, colour: str, reference: Band | None, skip_start: bool = False
) -> None:
    from matplotlib.lines import Line2D

    start = 1 if skip_start and len(times) > 1 else 0  # nothing is released at 0 h: no place on a log axis
    t = times[start:]
    # added as plain artists: the limits are set already, and finding them anew for every band is slow
    if reference is not None:
        panel.add_artist(_area(t, reference.low90[start:], reference.high90[start:], RULE, 0.55, 1))
        line = Line2D(t, reference.median[start:], color=INK, lw=1.0, ls=(0, (3, 2)), zorder=5)
        panel.add_artist(line)
    panel.add_artist(_area(t, band.low90[start:], band.high90[start:], colour, 0.16, 2))
    panel.add_artist(_area(t, band.low50[start:], band.high50[start:], colour, 0.40, 3))
    panel.add_artist(Line2D(t, band.median[start:], color=colour, zorder=4))


def _area(times: Floats, low: Floats, high: Floats, colour: str, alpha: float, zorder: int) -> Polygon:
    from matplotlib.patches import Polygon

    outline = np.column_stack([np.concatenate([times, times[::-1]]), np.concatenate([low, high[::-1]])])
    return Polygon(outline, closed=True, color=colour, alpha=alpha, lw=0, zorder=zorder)


def _scales(data: CurvesData, axes: np.ndarray) -> None:
    """The same limits in every row of a column; only the last row says the times."""
    from matplotlib.ticker import MaxNLocator

    end = float(data.times[-1])
    clock = [t for t in MaxNLocator(5, steps=[1, 2, 3, 4, 6, 10]).tick_values(0, end) if 0 <= t <= end]
    for column in range(3):
        seen: list[Floats] = []
        for row in data.rows:
            own = (row.released, row.rate, row.fold)[column]
            ref = (row.reference_released, row.reference_rate, None)[column]
            seen += [b for band in (own, ref) if band is not None for b in (band.low90[1:], band.high90[1:])]
        span = finite_range(np.concatenate(seen)) if seen else None
        for panel in axes[:, column]:
            panel.set_autoscale_on(False)
            panel.set_xlim(float(data.times[0]), end)
            panel.set_xticks(clock, [f"{t:g}" for t in clock] if panel is axes[-1, column] else [])
            if span is None:
                panel.set_yticks([])
                continue
            low, high = span
            if column == 2:
                low, high = min(low, 0.8), max(high, 1.25)
            low = max(low, high * 1e-5)
            low, high = low / 1.15, high * 1.15
            panel.set_yscale("log")
            panel.set_ylim(low, high)
            log_axis(panel.yaxis, low, high, room=4)
            panel.set_yticks([], minor=True)
            panel.grid(axis="y", color=FAINT, lw=0.8)


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width)[:4])


def rows(data: CurvesData) -> list[Row]:
    """Long form: vesicle, arm, quantity, time_h and the five quantiles."""
    table: list[Row] = []
    for row in data.rows:
        for quantity, band in (
            ("released_per_cell", row.released),
            ("rate_per_cell_per_hour", row.rate),
            ("fold_of_reference", row.fold),
        ):
            if band is None:
                continue
            columns = (band.low90, band.low50, band.median, band.high50, band.high90)
            for time, *values in zip(data.times, *columns, strict=True):
                low90, low50, median, high50, high90 = map(float, values)
                table.append(
                    {
                        "vesicle": data.vesicle,
                        "arm": row.arm,
                        "reference": row.reference,
                        "quantity": quantity,
                        "time_h": float(time),
                        "q05": low90,
                        "q25": low50,
                        "median": median,
                        "q75": high50,
                        "q95": high90,
                    }
                )
    return table
