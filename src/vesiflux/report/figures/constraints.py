"""Limits of the cell: every arm's value as a share of what a cell can hold, and the draws beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import FAINT, INK, MUTED, WARN, WIDTH, log_axis, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ConstraintPoint", "ConstraintsData", "Limit", "draw", "rows"]


@dataclass(frozen=True)
class ConstraintPoint:
    """One arm against one limit; ``ratio`` = value / bound, ``beyond`` = share of draws above it."""

    arm: str
    title: str
    value: Interval
    ratio: Interval
    beyond: float


@dataclass(frozen=True)
class Limit:
    """One limit: ``bound`` over the draws of the first arm (it may itself be uncertain)."""

    name: str
    title: str
    unit: str
    bound: Interval
    points: tuple[ConstraintPoint, ...]


@dataclass(frozen=True)
class ConstraintsData:
    """All limits; every limit lists the same arms in the same order."""

    limits: tuple[Limit, ...]


def draw(data: ConstraintsData) -> Figure:
    """One panel per limit, arms downwards; red where draws lie beyond."""
    from matplotlib.figure import Figure

    arms = data.limits[0].points
    n = len(data.limits)
    height = 0.2 * len(arms) + 1.5
    figure = Figure(figsize=(WIDTH, height))
    panels = figure.subplots(1, n, squeeze=False, sharey=True)[0]
    figure.subplots_adjust(left=0.235, right=0.955, wspace=0.42, bottom=0.62 / height, top=1 - 0.74 / height)
    for limit, panel in zip(data.limits, panels, strict=True):
        known = [p.ratio for p in limit.points if p.ratio.known and p.ratio.high > 0]
        low = max(min((r.low for r in known), default=0.1), 1e-4)
        high = max((r.high for r in known), default=1.0)
        low, high = min(low, 0.5) / 1.15, max(high, 1.3) * 1.15
        panel.set_xscale("log")
        panel.set_xlim(low, high)
        log_axis(panel.xaxis, low, high)
        panel.axvspan(1, high, color=WARN, alpha=0.06, lw=0)
        panel.axvline(1, color=WARN, lw=1.1, ls=(0, (4, 2)))
        panel.grid(axis="x", color=FAINT, lw=0.8)
        for i, point in enumerate(limit.points):
            colour = WARN if point.beyond > 0.05 else "#0072B2"
            if point.ratio.known:
                panel.plot(
                    [max(point.ratio.low, low), point.ratio.high],
                    [i, i],
                    color=colour,
                    lw=1.5,
                    solid_capstyle="butt",
                )
                panel.plot([point.ratio.median], [i], "o", color=colour, ms=4.2, mec="white", mew=0.5)
            if point.beyond > 0:
                share = f"{100 * point.beyond:.0f} %" if point.beyond >= 0.01 else "<1 %"
                panel.text(
                    1.03, i, share, transform=panel.get_yaxis_transform(), va="center",
                    fontsize=7, color=WARN if point.beyond > 0.05 else MUTED,
                )  # fmt: skip
        unit = "" if limit.unit in ("1", "dimensionless", "") else f" {limit.unit}"
        panel.set_title(
            f"{_fit(limit.title)}\n≤ {number(limit.bound.median)}{_pretty(unit)}", fontsize=7.6, pad=14
        )
        panel.text(1.03, 1.0, "beyond", transform=panel.transAxes, fontsize=6.6, color=MUTED, va="bottom")
        panel.set_xlabel("value / limit", fontsize=7.5, labelpad=2)
        panel.spines["left"].set_visible(False)
        panel.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(arms)), [_short(a.title) for a in arms])
    panels[0].set_ylim(len(arms) - 0.4, -0.6)
    for panel in panels:
        for label in panel.get_yticklabels():
            label.set_color(INK)
    return figure


def _short(text: str) -> str:
    return text if len(text) <= 31 else text[:30].rstrip() + "…"


def _fit(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 24)[:2])


def _pretty(unit: str) -> str:
    return unit.replace("um^2", "µm²").replace("um**2", "µm²").replace("**", "^")


def rows(data: ConstraintsData) -> list[Row]:
    """One line per limit and arm."""
    return [
        {
            "limit": limit.name,
            "unit": limit.unit,
            "arm": p.arm,
            "bound_median": limit.bound.median,
            "value_median": p.value.median,
            "value_q05": p.value.low,
            "value_q95": p.value.high,
            "ratio_median": p.ratio.median,
            "ratio_q05": p.ratio.low,
            "ratio_q95": p.ratio.high,
            "share_of_draws_beyond": p.beyond,
        }
        for limit in data.limits
        for p in limit.points
    ]
