"""Curves over time with bands: one row of panels per arm, its reference in grey behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Band, Floats, Row, finite_range
from vesiflux.report.figures.panel import Canvas, Panel, clock, legend
from vesiflux.report.style import class_colour, log_ticks, tick

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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


_COLUMNS = (2.15, 4.89, 7.63)  # inches: where the panels begin
_PANEL, _PITCH, _FOOT, _HEAD = (2.22, 0.79), 0.92, 0.48, 0.72


def draw(data: CurvesData) -> Figure:
    """Three columns: released per cell, rate, rate relative to the reference arm (log axes)."""
    colour = class_colour(data.vesicle)
    height = _PITCH * len(data.rows) + _FOOT + _HEAD - (_PITCH - _PANEL[1])
    canvas = Canvas(height)
    heads = (
        f"{data.vesicle_title} released\nper cell so far",
        f"release now\n{data.vesicle_title}/cell/h",
        "release now,\nfold of the reference arm",
    )
    for column, (left, head) in enumerate(zip(_COLUMNS, heads, strict=True)):
        canvas.text(left, height - _HEAD + 0.08, head, ha="left", va="bottom", fontsize=8, weight="bold")
        scale = _scale(data, column)
        for place, row in enumerate(data.rows):
            bottom = _FOOT + _PITCH * (len(data.rows) - 1 - place)
            last = place == len(data.rows) - 1
            _panel(canvas, data, row, column, (left, bottom, *_PANEL), scale, colour, last)
    for place, row in enumerate(data.rows):
        middle = _FOOT + _PITCH * (len(data.rows) - 1 - place) + _PANEL[1] / 2
        canvas.label(1.5, middle, _wrapped(row.title, 19), 7.8)
    legend(canvas, colour, "reference arm, median")
    return canvas.finish()


def _panel(
    canvas: Canvas,
    data: CurvesData,
    row: CurveRow,
    column: int,
    box: tuple[float, float, float, float],
    scale: tuple[float, float] | None,
    colour: str,
    last: bool,
) -> None:
    band, reference = _bands(row)[column]
    end = float(data.times[-1])
    panel = Panel(canvas, box, (float(data.times[0]), end), scale or (0.5, 2.0), log=True)
    if scale is not None:
        major, _ = log_ticks(*scale, room=4)
        panel.value_ticks(major, [tick(v) for v in major])
    if column == 2:
        panel.level(1.0)
    start = 1 if column == 0 and len(data.times) > 1 else 0  # nothing is released at 0 h: no logarithm
    times = data.times[start:]
    if reference is not None:
        panel.reference(times, reference.after(start))
    if band is not None:
        panel.band(times, band.after(start), colour)
    if last:
        panel.time_ticks(clock(end))
        canvas.text(box[0] + box[2] / 2, box[1] - 0.27, "time (h)", ha="center", va="top", fontsize=8)


def _bands(row: CurveRow) -> tuple[tuple[Band | None, Band | None], ...]:
    """By column: the arm's band and its reference's."""
    return (row.released, row.reference_released), (row.rate, row.reference_rate), (row.fold, None)


def _scale(data: CurvesData, column: int) -> tuple[float, float] | None:
    """The same limits in every row of a column; None where there is nothing to show."""
    bands = [b for row in data.rows for b in _bands(row)[column] if b is not None]
    edges = [edge[1:] for band in bands for edge in (band.low90, band.high90)]
    span = finite_range(np.concatenate(edges)) if edges else None
    if span is None:
        return None
    low, high = span
    if column == 2:
        low, high = min(low, 0.8), max(high, 1.25)
    low = max(low, high * 1e-5)
    return low / 1.15, high * 1.15


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
