"""The exosome-microvesicle plane: what an arm does to one class beside what it does to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import INK, MARKS, MUTED, WIDTH, fold_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["PlaneData", "PlanePoint", "draw", "rows"]


@dataclass(frozen=True)
class PlanePoint:
    """One arm under one structure: folds of the two classes."""

    arm: str
    title: str
    structure: str
    mark: str
    x: Interval
    y: Interval


@dataclass(frozen=True)
class PlaneData:
    """Points, and what the axes are ("exosomes", "microvesicles")."""

    x_title: str
    y_title: str
    points: tuple[PlanePoint, ...]


def draw(data: PlaneData) -> Figure:
    """Numbered points with 90 % crosses; the list of names stands beside the plane."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    points = [p for p in data.points if p.x.known and p.y.known and p.x.median > 0 and p.y.median > 0]
    height = max(6.2, 0.165 * len(points) + 0.6)
    side = min(height - 1.0, 7.0)
    figure = Figure(figsize=(WIDTH, height))
    panel = figure.add_axes((0.06, (height - 0.4 - side) / height, 0.6, side / height))
    for pick in ("x", "y"):
        low = min((max(getattr(p, pick).low, 0.01) for p in points), default=1.0)
        high = max((min(getattr(p, pick).high, 300.0) for p in points), default=1.0)
        fold_axis(panel, min(low, 0.5), max(high, 2.0), pick)
    panel.set_xlabel(f"{data.x_title}: fold of the reference arm")
    panel.set_ylabel(f"{data.y_title}: fold of the reference arm")
    for ha, va, text in (
        ("right", "top", f"more {data.x_title},\nmore {data.y_title}"),
        ("left", "top", f"fewer {data.x_title},\nmore {data.y_title}"),
        ("right", "bottom", f"more {data.x_title},\nfewer {data.y_title}"),
        ("left", "bottom", f"fewer {data.x_title},\nfewer {data.y_title}"),
    ):
        x, y = (0.99 if ha == "right" else 0.01), (0.985 if va == "top" else 0.015)
        panel.text(
            x, y, text, transform=panel.transAxes, ha=ha, va=va, color=MUTED, fontsize=7.5, style="italic"
        )
    for point in points:
        marker, colour = MARKS.get(point.mark, MARKS["assumed"])
        panel.plot(
            [point.x.low, point.x.high], [point.y.median] * 2, color=colour, lw=0.8, alpha=0.45, zorder=2
        )
        panel.plot(
            [point.x.median] * 2, [point.y.low, point.y.high], color=colour, lw=0.8, alpha=0.45, zorder=2
        )
        panel.plot(
            [point.x.median],
            [point.y.median],
            marker=marker,
            ms=5.5,
            color=colour,
            mec="white",
            mew=0.6,
            ls="",
            zorder=4,
        )
    _labels(figure, panel, points)
    top = 1 - 0.2 / height
    figure.text(0.705, top, "arms", weight="bold", fontsize=8, va="top")
    for i, point in enumerate(points):
        _, colour = MARKS.get(point.mark, MARKS["assumed"])
        at = top - (0.2 + 0.165 * i) / height
        figure.text(0.722, at, str(i + 1), fontsize=7.2, weight="bold", color=colour, va="top", ha="right")
        figure.text(0.730, at, _name(point), fontsize=7.2, va="top")
    used = [m for m in MARKS if any(p.mark == m for p in points)]
    handles = [
        Line2D([], [], marker=MARKS[m][0], color=MARKS[m][1], ms=5.5, mec="white", lw=0.8, label=m)
        for m in used
    ]
    panel.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, borderaxespad=0.2)
    return figure


def _name(point: PlanePoint) -> str:
    text = point.title + (f" · {point.structure}" if point.structure else "")
    return text if len(text) <= 45 else text[:44] + "…"


def _labels(figure: Figure, panel: Axes, points: list[PlanePoint]) -> None:
    """Put each number where it covers no marker and no other number (pixels; nearest place first)."""
    from math import cos, pi, sin

    figure.draw_without_rendering()
    scale = figure.dpi / 72
    leader = {"arrowstyle": "-", "color": MUTED, "lw": 0.5, "shrinkA": 3, "shrinkB": 3}
    centres = [panel.transData.transform((p.x.median, p.y.median)) for p in points]
    taken = [(x - 4 * scale, y - 4 * scale, x + 4 * scale, y + 4 * scale) for x, y in centres]
    for i, (x, y) in enumerate(centres):
        width, height = (4.6 * len(str(i + 1)) + 2) * scale, 8 * scale
        places = [
            (x + r * scale * cos(a), y + r * scale * sin(a), r)
            for r in (9, 13, 18, 24, 31, 39, 48)
            for a in (pi * (0.25 + k / 8) for k in range(16))
        ]
        best = places[0]
        for px, py, r in places:
            box = (px - width / 2, py - height / 2, px + width / 2, py + height / 2)
            if not any(_overlap(box, other) for other in taken):
                best = (px, py, r)
                break
        px, py, r = best
        taken.append((px - width / 2, py - height / 2, px + width / 2, py + height / 2))
        offset = ((px - x) / scale, (py - y) / scale)
        panel.annotate(
            str(i + 1),
            (points[i].x.median, points[i].y.median),
            xytext=offset,
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7.2,
            weight="bold",
            color=INK,
            zorder=6,
            arrowprops=leader if r > 13 else None,
        )


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def rows(data: PlaneData) -> list[Row]:
    """One line per point, numbered as drawn."""
    known = [p for p in data.points if p.x.known and p.y.known and p.x.median > 0 and p.y.median > 0]
    return [
        {
            "number": i + 1,
            "arm": p.arm,
            "structure": p.structure,
            "mark": p.mark,
            f"{data.x_title}_fold_median": p.x.median,
            f"{data.x_title}_fold_q05": p.x.low,
            f"{data.x_title}_fold_q95": p.x.high,
            f"{data.y_title}_fold_median": p.y.median,
            f"{data.y_title}_fold_q05": p.y.low,
            f"{data.y_title}_fold_q95": p.y.high,
        }
        for i, p in enumerate(known)
    ]
