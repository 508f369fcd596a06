"""Quantities over time, a small panel each, a line per arm: levels in blood, volumes, scores, titres."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Band, Floats, Row
from vesiflux.report.style import FAINT, SPARE_COLOURS, WIDTH, log_axis, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["QuantitiesData", "Quantity", "draw", "rows"]

_COLUMNS = 3
_PANEL, _GAP, _LEFT, _RIGHT = 1.35, 0.75, 0.75, 0.15  # inches: height of a panel, between them, margins
_HEAD, _LINE, _FOOT = 0.6, 0.2, 0.55
_BANDS = 3  # arms whose band is drawn
_WIDE = 30.0  # a larger ratio asks for a logarithm
_DECADES = 6.0  # most that one shows


@dataclass(frozen=True)
class Quantity:
    """One output: arm -> its band over the draws, at the times of the data."""

    output: str
    title: str
    unit: str
    bands: Mapping[str, Band]


@dataclass(frozen=True)
class QuantitiesData:
    """``times`` in h; ``arms``: name -> title; ``more``, ``more_arms``: how many are not drawn."""

    times: Floats
    arms: Mapping[str, str]
    quantities: tuple[Quantity, ...]
    more: int = 0
    more_arms: int = 0


def draw(data: QuantitiesData) -> Figure:
    """Small multiples in rows of three, one legend for all."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    lines = -(-len(data.quantities) // _COLUMNS)
    legend = _LINE * -(-len(data.arms) // _COLUMNS)
    height = legend + _HEAD + lines * _PANEL + (lines - 1) * _GAP + _FOOT
    figure = Figure(figsize=(WIDTH, height))
    wide = (WIDTH - _LEFT - _RIGHT - (_COLUMNS - 1) * _GAP) / _COLUMNS
    scale, unit = (24.0, "d") if data.times[-1] > 96.0 else (1.0, "h")
    for i, quantity in enumerate(data.quantities):
        line, column = divmod(i, _COLUMNS)
        bottom = height - legend - _HEAD - _PANEL - line * (_PANEL + _GAP)
        left = _LEFT + column * (wide + _GAP)
        axes = figure.add_axes((left / WIDTH, bottom / height, wide / WIDTH, _PANEL / height))
        _panel(axes, data, quantity, scale)
        axes.set_xlabel(f"time ({unit})" if i + _COLUMNS >= len(data.quantities) else "")
    handles = [
        Line2D([], [], color=_colour(i), label=textwrap.shorten(title, 48, placeholder="…"))
        for i, title in enumerate(data.arms.values())
    ]
    figure.legend(
        handles=handles, loc="upper left", ncols=_COLUMNS, bbox_to_anchor=(_LEFT / WIDTH - 0.01, 1.0)
    )
    return figure


def _panel(axes: Axes, data: QuantitiesData, quantity: Quantity, scale: float) -> None:
    times = data.times / scale
    unit = "" if quantity.unit == "1" else f" ({quantity.unit.replace('vesicle/mL', 'per mL')})"
    axes.set_title("\n".join(textwrap.wrap(quantity.title + unit, 44)[:2]), fontsize=7.6)
    medians = np.array([band.median for band in quantity.bands.values()])
    above = medians[np.isfinite(medians) & (medians > 0)]
    logarithmic = bool(above.size and above.max() > _WIDE * above.min() and not (medians < 0).any())
    low = max(float(above.min()), float(above.max()) * 10**-_DECADES) / 3 if logarithmic else 0.0
    for i, band in enumerate(quantity.bands.values()):
        under, median, over = (
            np.maximum(edge, low / 10) if logarithmic else edge
            for edge in (band.low90, band.median, band.high90)
        )
        if i < _BANDS:
            axes.fill_between(times, under, over, color=_colour(i), alpha=0.13, lw=0)
        axes.plot(times, median, color=_colour(i), lw=1.4, zorder=3 - 0.01 * i)
    axes.set_xlim(float(times[0]), float(times[-1]))
    if logarithmic:
        high = max(float(np.nanmax(band.high90)) for band in quantity.bands.values()) * 1.5
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        log_axis(axes.yaxis, low, high, room=4)
    else:
        axes.yaxis.set_major_formatter(lambda value, _: number(value, 3) if value else "0")
    axes.grid(color=FAINT, lw=0.8)


def _colour(i: int) -> str:
    return SPARE_COLOURS[i % len(SPARE_COLOURS)]


def rows(data: QuantitiesData) -> list[Row]:
    """Long form: arm, output, time in h, median and 90 % interval."""
    return [
        {
            "arm": arm, "output": quantity.output, "unit": quantity.unit, "time_h": float(time),
            "q05": float(low), "median": float(median), "q95": float(high),
        }
        for quantity in data.quantities
        for arm, band in quantity.bands.items()
        for time, low, median, high in zip(data.times, band.low90, band.median, band.high90, strict=True)
    ]  # fmt: skip
