"""Where a dose is: the level in blood over time, and what organs hold at the times that studies look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Band, Floats, Interval, Row
from vesiflux.report.style import FAINT, INK, MUTED, RULE, WIDTH, log_axis, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BodyArm", "BodyData", "draw", "rows"]

#: Time of a look -> colour and marker; shape tells them apart as well.
_LOOKS = (("#56B4E9", "o"), ("#0072B2", "s"), ("#1f2933", "D"))
_BLOOD = "#B3261E"
_LEFT, _CURVE, _GAP, _ORGANS = 1.85, 3.3, 0.65, 3.9  # inches, across
_HEAD, _ROW, _PITCH, _FOOT = 0.78, 1.35, 1.75, 0.75
_LEAST = 1e-3  # per cent of the dose, where the logarithm begins


@dataclass(frozen=True)
class BodyArm:
    """One arm: per cent of the dose in blood over time, and by organ and time of a look."""

    arm: str
    title: str
    blood: Band
    reference: Band | None
    organs: dict[str, dict[str, Interval]]
    half_life_min: Interval


@dataclass(frozen=True)
class BodyData:
    """Arms of one run. ``times`` in h; ``organs``: drawn, most first; ``looks``: times in words."""

    times: Floats
    organs: tuple[str, ...]
    looks: tuple[str, ...]
    arms: tuple[BodyArm, ...]


def draw(data: BodyData) -> Figure:
    """A row per arm: left the blood, both axes logarithmic; right organs, a symbol for each look."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    height = _HEAD + _PITCH * len(data.arms) - (_PITCH - _ROW) + _FOOT
    figure = Figure(figsize=(WIDTH, height))
    for place, arm in enumerate(data.arms):
        bottom = (height - _HEAD - _ROW - _PITCH * place) / height
        last = place == len(data.arms) - 1
        curve = figure.add_axes((_LEFT / WIDTH, bottom, _CURVE / WIDTH, _ROW / height))
        _curve(curve, data, arm, last)
        left = (_LEFT + _CURVE + _GAP) / WIDTH
        organs = figure.add_axes((left, bottom, _ORGANS / WIDTH, _ROW / height))
        _organs(organs, data, arm, last)
        if place == 0:
            for axes, head in ((curve, "% of the dose in blood"), (organs, "% of the dose in organs")):
                axes.set_title(head, pad=14)
        middle = bottom + _ROW / height / 2
        _names(figure, arm, middle)
    handles = [
        Line2D([], [], color=colour, marker=marker, ls="", ms=5, mec="white", label=f"after {look}")
        for (colour, marker), look in zip(_LOOKS, data.looks, strict=False)
    ]
    handles.insert(0, Line2D([], [], color=_BLOOD, lw=1.6, label="in blood, median, 50 % and 90 %"))
    if any(arm.reference is not None for arm in data.arms):
        reference = Line2D([], [], color=INK, lw=1.0, ls=(0, (3, 2)), label="of the reference arm")
        handles.insert(1, reference)
    figure.legend(handles=handles, loc="upper right", ncols=5, bbox_to_anchor=(0.99, 1 - 0.02 / height))
    return figure


def _names(figure: Figure, arm: BodyArm, middle: float) -> None:
    import textwrap

    lines = textwrap.wrap(arm.title, 19)[:3]
    for i, line in enumerate(lines):
        y = middle + 0.15 / figure.get_figheight() * ((len(lines) - 1) / 2 - i)
        figure.text(0.118, y, line, ha="right", va="center", weight="bold", fontsize=7.8)


def _curve(axes: Axes, data: BodyData, arm: BodyArm, last: bool) -> None:
    times = data.times[1:]
    axes.set_xscale("log")
    axes.set_yscale("log")
    tops = [float(np.nanmax(b.high90)) for b in (arm.blood, arm.reference) if b is not None]
    high = max(100.0, *tops) * 1.3
    for band, alpha in (
        ((arm.blood.low90, arm.blood.high90), 0.16),
        ((arm.blood.low50, arm.blood.high50), 0.40),
    ):
        low, up = (np.maximum(edge[1:], _LEAST / 10) for edge in band)
        axes.fill_between(times, low, up, color=_BLOOD, alpha=alpha, lw=0)
    axes.plot(times, np.maximum(arm.blood.median[1:], _LEAST / 10), color=_BLOOD, lw=1.6)
    if arm.reference is not None:
        median = np.maximum(arm.reference.median[1:], _LEAST / 10)
        axes.plot(times, median, color=INK, lw=1.0, ls=(0, (3, 2)))
    axes.set_xlim(float(times[0]), float(times[-1]))
    axes.set_ylim(10 * _LEAST, high)
    log_axis(axes.yaxis, 10 * _LEAST, high, room=5)
    marks = [(t, name) for t, name in _MARKS if times[0] <= t <= times[-1]]
    axes.set_xticks([t for t, _ in marks], [name for _, name in marks] if last else [""] * len(marks))
    axes.set_xticks([], minor=True)
    axes.grid(color=FAINT, lw=0.8)
    half = arm.half_life_min
    if half.known:
        told = f"half-life {_minutes(half.median)} ({_minutes(half.low)} to {_minutes(half.high)})"
        axes.annotate(
            told, (1.0, 1.03), xycoords="axes fraction", ha="right", va="bottom", fontsize=7.2, color=MUTED
        )


#: Times that are written below the curves, h.
_MARKS = (
    (1 / 60, "1 min"), (5 / 60, "5 min"), (0.5, "30 min"), (2.0, "2 h"), (6.0, "6 h"), (24.0, "1 d"),
    (72.0, "3 d"), (168.0, "7 d"), (336.0, "14 d"),
)  # fmt: skip


def _minutes(value: float) -> str:
    if value < 120:
        return f"{number(value)} min"
    return f"{number(value / 60)} h" if value < 48 * 60 else f"{number(value / 1440)} d"


def _organs(axes: Axes, data: BodyData, arm: BodyArm, last: bool) -> None:
    axes.set_yscale("log")
    low, high = 0.1, 130.0
    axes.set_ylim(low, high)
    log_axis(axes.yaxis, low, high, room=4)
    axes.set_xlim(-0.6, len(data.organs) - 0.4)
    axes.grid(axis="y", color=FAINT, lw=0.8)
    for i, organ in enumerate(data.organs):
        for k, look in enumerate(data.looks):
            found = arm.organs.get(organ, {}).get(look)
            if found is None or not found.known or found.high < low:
                continue
            colour, marker = _LOOKS[k]
            x = i + 0.24 * (k - (len(data.looks) - 1) / 2)
            axes.plot([x, x], [max(found.low, low), found.high], color=colour, lw=1.3, alpha=0.8)
            if found.median >= low:
                axes.plot([x], [found.median], marker, color=colour, ms=4.6, mec="white", mew=0.6)
    axes.set_xticks(range(len(data.organs)), data.organs if last else [""] * len(data.organs))
    if last:
        for label in axes.get_xticklabels():
            label.set_rotation(28)
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_color(RULE)


def rows(data: BodyData) -> list[Row]:
    """Long form: arm, place, time in h or in words, median and 90 % interval in per cent of the dose."""
    table: list[Row] = []
    for arm in data.arms:
        for time, low, median, high in zip(
            data.times, arm.blood.low90, arm.blood.median, arm.blood.high90, strict=True
        ):
            table.append(
                _row(arm.arm, "blood", f"{float(time):.6g} h", (float(low), float(median), float(high)))
            )
        for organ, looks in arm.organs.items():
            for look, found in looks.items():
                table.append(_row(arm.arm, organ, look, (found.low, found.median, found.high)))
    return table


def _row(arm: str, place: str, time: str, values: tuple[float, float, float]) -> Row:
    low, median, high = values
    return {"arm": arm, "place": place, "time": time, "q05": low, "median": median, "q95": high}
