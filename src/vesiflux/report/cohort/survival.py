"""Survival curves of all arms, and beside them whom each arm spares and harms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from vesiflux.report.cohort.colours import MOST, colour
from vesiflux.report.figures.common import Row
from vesiflux.report.style import FAINT, INK, MUTED, RULE, WARN, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vesiflux.study.cohort_study import ArmSeen, CohortStudy

__all__ = ["draw", "rows"]

_LEFT, _RIGHT, _TOP, _FOOT = 0.75, 0.35, 0.45, 0.55
_CURVES, _GAP = 5.35, 1.75


def draw(study: CohortStudy) -> Figure:
    """Curves with 95 % bands, named at their ends; bars per 100 patients against the reference."""
    from matplotlib.figure import Figure

    arms = [arm for arm in study.arms.values() if arm.curve is not None]
    height = max(4.2, 0.42 * len(arms) + 1.6)
    figure = Figure(figsize=(WIDTH, height))
    body = (height - _TOP - _FOOT) / height
    bars = study.against and any(a.outcomes for a in study.against.values())
    wide = _CURVES if bars else WIDTH - _LEFT - 1.6
    axes = figure.add_axes((_LEFT / WIDTH, _FOOT / height, wide / WIDTH, body))
    _curves(axes, arms)
    if bars:
        left = _LEFT + _CURVES + _GAP
        other = figure.add_axes((left / WIDTH, _FOOT / height, (WIDTH - left - _RIGHT) / WIDTH, body))
        _bars(other, study)
    return figure


def _curves(axes: Axes, arms: list[ArmSeen]) -> None:
    axes.set_title("alive")
    ends = []
    for position, arm in enumerate(arms):
        curve = arm.curve
        assert curve is not None
        days, tone = curve.times / 24.0, INK if position == 0 else colour((position - 1) % MOST)
        axes.fill_between(days, 100 * curve.low, 100 * curve.high, color=tone, alpha=0.14, lw=0)
        axes.plot(days, 100 * curve.share, color=tone, lw=1.8 if position == 0 else 1.4)
        ends.append((100 * float(curve.share[-1]), arm.name, tone, float(days[-1])))
    axes.set_ylim(0, 102)
    axes.set_xlim(0, ends[0][3])
    axes.set_ylabel("% of the patients")
    axes.set_xlabel("days")
    axes.grid(axis="y", color=FAINT, lw=0.8)
    for y, (_, name, tone, end) in zip(_apart([e[0] for e in ends], 4.6), ends, strict=True):
        axes.text(end * 1.012, y, _short(name), color=tone, va="center", fontsize=7.5, clip_on=False)


def _apart(places: list[float], least: float) -> list[float]:
    """Heights of labels near ``places``, none nearer to another than ``least``, none above 100 or below 0."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = list(places)
    for before, i in pairwise(order):
        found[i] = max(found[i], found[before] + least)
    over = max(0.0, found[order[-1]] - 100.0)
    if over:
        found[order[-1]] -= over
        for after, i in pairwise(reversed(order)):
            found[i] = min(found[i], found[after] - least)
    return found


def _short(name: str) -> str:
    return name if len(name) <= 24 else name[:23] + "…"


def _bars(axes: Axes, study: CohortStudy) -> None:
    outcome = next(iter(next(iter(study.against.values())).outcomes))
    axes.set_title(f"{outcome}: of 100 patients")
    names = [name for name, arm in study.against.items() if outcome in arm.outcomes]
    most = 1.0
    for place, name in enumerate(names):
        told = study.against[name].outcomes[outcome].summary()
        tone = colour(list(study.against).index(name) % MOST)
        for key, side, shade in (("spared", 1.0, tone), ("harmed", -1.0, WARN)):
            middle, low, high = (100.0 * float(v or 0.0) for v in told[key])
            axes.barh(place, side * middle, height=0.5, color=shade, alpha=0.85 if side > 0 else 0.6)
            axes.plot([side * low, side * high], [place, place], color=INK, lw=1.0)
            most = max(most, high)
    axes.axvline(0.0, color=MUTED, lw=0.8)
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(-1.12 * most, 1.12 * most)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"harmed   ←   against {_short(study.patients.reference)}   →   spared", color=MUTED)
    ticks = [t for t in axes.get_xticks() if abs(t) <= most * 1.12]
    axes.set_xticks(ticks, [f"{abs(t):g}" for t in ticks])
    axes.grid(axis="x", color=FAINT, lw=0.8)
    axes.spines["bottom"].set_color(RULE)


def rows(study: CohortStudy) -> Iterator[Row]:
    """Every point of every curve."""
    for arm in study.arms.values():
        if arm.curve is None:
            continue
        c = arm.curve
        for time, alive, low, high in zip(c.times, c.share, c.low, c.high, strict=True):
            yield {"arm": arm.name, "time_h": float(time), "alive": float(alive), "low": float(low),
                   "high": float(high)}  # fmt: skip
