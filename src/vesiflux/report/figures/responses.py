"""What recipients get and do over time: quantities as rows, arms as columns, the reference behind each."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Band, Floats, Row, finite_range
from vesiflux.report.figures.panel import Canvas, Panel, clock, legend
from vesiflux.report.style import WIDTH, log_ticks, tick

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ResponseCurve", "ResponseRow", "ResponsesData", "draw", "rows"]

_COLOUR = "#0072B2"
_LEFT, _RIGHT, _GAP = 2.15, 0.12, 0.14  # inches
_PANEL, _PITCH, _FOOT, _HEAD = 0.74, 0.92, 0.48, 0.95


@dataclass(frozen=True)
class ResponseCurve:
    """One quantity in one arm; ``change``: fold or difference against ``reference``, paired by draw."""

    arm: str
    title: str
    reference: str
    band: Band
    behind: Band | None
    change: Band | None


@dataclass(frozen=True)
class ResponseRow:
    """One quantity in every arm. ``log``: an amount, compared by fold; otherwise 0..1, by difference."""

    key: str
    title: str
    unit: str
    log: bool
    curves: tuple[ResponseCurve, ...]


@dataclass(frozen=True)
class ResponsesData:
    """Rows with the same arms in the same order. ``times`` in h, shape (time,)."""

    times: Floats
    rows: tuple[ResponseRow, ...]


def draw(data: ResponsesData) -> Figure:
    """Small multiples; every row has one scale, so that arms are compared along it."""
    arms = data.rows[0].curves
    height = _PITCH * len(data.rows) + _FOOT + _HEAD - (_PITCH - _PANEL)
    # a few arms get wider panels, not panels that fill the page
    width = min((WIDTH - _LEFT - _RIGHT - _GAP * (len(arms) - 1)) / len(arms), 2.5)
    canvas = Canvas(height)
    for column, arm in enumerate(arms):
        head = "\n".join(textwrap.wrap(arm.title, max(12, int(width * 12.5)), break_on_hyphens=False)[:3])
        left = _LEFT + column * (width + _GAP)
        canvas.text(left, height - _HEAD + 0.08, head, ha="left", va="bottom", fontsize=7.6, weight="bold")
    for place, row in enumerate(data.rows):
        bottom = _FOOT + _PITCH * (len(data.rows) - 1 - place)
        limits = _limits(row)
        name = textwrap.wrap(row.title, 20, break_on_hyphens=False)[:3]
        name += [f"({row.unit})"] if row.unit != "1" else []
        canvas.label(_LEFT - 0.55, bottom + _PANEL / 2, "\n".join(name))
        for column, curve in enumerate(row.curves):
            box = (_LEFT + column * (width + _GAP), bottom, width, _PANEL)
            _panel(canvas, data, row, curve, box, limits, first=column == 0)
            if place == len(data.rows) - 1:
                canvas.text(box[0] + width / 2, bottom - 0.27, "time (h)", ha="center", va="top", fontsize=8)
    legend(canvas, _COLOUR, "reference arm, median")
    return canvas.finish()


def _panel(
    canvas: Canvas,
    data: ResponsesData,
    row: ResponseRow,
    curve: ResponseCurve,
    box: tuple[float, float, float, float],
    limits: tuple[float, float],
    first: bool,
) -> None:
    end = float(data.times[-1])
    panel = Panel(canvas, box, (float(data.times[0]), end), limits, row.log)
    if row.log:
        major, _ = log_ticks(*limits, room=4)
        labels = [tick(v) for v in major]
    else:
        major = [limits[1] * k for k in (0.0, 0.5, 1.0)]
        labels = [f"{v:g}" for v in major]
    panel.value_ticks(major, labels if first else [])
    start = 1 if row.log and len(data.times) > 1 else 0  # nothing has arrived at 0 h: no logarithm
    if curve.behind is not None:
        panel.reference(data.times[start:], curve.behind.after(start))
    panel.band(data.times[start:], curve.band.after(start), _COLOUR)
    if box[1] < _FOOT + 1e-9:
        panel.time_ticks(clock(end)[:: 1 if box[2] > 1.6 else 2])


def _limits(row: ResponseRow) -> tuple[float, float]:
    """Limits of a row: from 0 to a round number, or five decades at most."""
    edges = [b for c in row.curves for band in (c.band, c.behind) if band is not None for b in _edges(band)]
    span = finite_range(np.concatenate(edges))
    if span is None:
        return (0.1, 10.0) if row.log else (0.0, 1.0)
    low, high = span
    if not row.log:
        return 0.0, next((top for top in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if top >= high), high)
    return max(low, high * 1e-5) / 1.15, high * 1.15


def _edges(band: Band) -> tuple[Floats, Floats]:
    return band.low90[1:], band.high90[1:]


def rows(data: ResponsesData) -> list[Row]:
    """Long form: quantity, arm, time_h, five quantiles, and the change against the reference."""
    table: list[Row] = []
    for row in data.rows:
        for curve in row.curves:
            for i, time in enumerate(data.times):
                own, change = curve.band, curve.change
                table.append(
                    {
                        "quantity": row.key,
                        "unit": row.unit,
                        "arm": curve.arm,
                        "reference": curve.reference,
                        "time_h": float(time),
                        "q05": float(own.low90[i]),
                        "q25": float(own.low50[i]),
                        "median": float(own.median[i]),
                        "q75": float(own.high50[i]),
                        "q95": float(own.high90[i]),
                        "change": "" if change is None else "fold" if row.log else "difference",
                        "change_q05": None if change is None else float(change.low90[i]),
                        "change_median": None if change is None else float(change.median[i]),
                        "change_q95": None if change is None else float(change.high90[i]),
                    }
                )
    return table
