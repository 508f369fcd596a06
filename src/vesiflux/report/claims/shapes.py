"""How kinds of things look: shape and colour say the same, for print without colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.report.claims.layout import Box
from vesiflux.report.style import MUTED

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = ["LOOKS", "Look", "inset", "look_of", "outline"]

_CUT = 6.0  # points that corners are cut by


@dataclass(frozen=True)
class Look:
    """Shape and colours of a kind of node; ``side``: room in points that the shape needs beside text."""

    words: str
    shape: str
    fill: str
    line: str
    side: float


LOOKS = (
    Look("cell, organ", "stadium", "#fdeccf", "#B26A00", 8.0),
    Look("vesicle", "membrane", "#d9eaf7", "#0072B2", 9.0),
    Look("cargo", "hexagon", "#d8f0e6", "#007a59", 9.0),
    Look("protein, gene", "rectangle", "#f0e6f4", "#8a5a9a", 6.0),
    Look("metabolite", "slanted", "#fdf6cf", "#8f7400", 9.0),
    Look("process, pathway", "rounded", "#eef1f4", MUTED, 6.0),
    Look("phenotype, state", "octagon", "#fbe3da", "#b8480b", 7.0),
    Look("drug, stimulus", "pointed", "#e4e7ea", "#1f2933", 9.0),
)


def look_of(kind: str) -> Look:
    """Look of a kind of node; a kind without its own looks like a process."""
    return next((look for look in LOOKS if kind in look.words.split(", ")), LOOKS[5])


def outline(shape: str, box: Box) -> Path:
    """Outline of a shape that fills ``box``."""
    from matplotlib.path import Path

    l, b, r, t = box.left, box.bottom, box.right, box.top
    middle, half = (b + t) / 2, (t - b) / 2
    if shape in ("stadium", "membrane", "rounded"):
        return _rounded(box, _radius(shape, box))
    cut = min(_CUT, half)
    points = {
        "rectangle": [(l, b), (r, b), (r, t), (l, t)],
        "hexagon": [(l + cut, b), (r - cut, b), (r, middle), (r - cut, t), (l + cut, t), (l, middle)],
        "slanted": [(l, b), (r - cut, b), (r, t), (l + cut, t)],
        "octagon": [
            (l + 4, b), (r - 4, b), (r, b + 4), (r, t - 4), (r - 4, t), (l + 4, t), (l, t - 4), (l, b + 4),
        ],
        "pointed": [(l, b), (r - cut, b), (r, middle), (r - cut, t), (l, t)],
    }[shape]  # fmt: skip
    return Path([*points, points[0]], closed=True)


def inset(shape: str, box: Box, y: float, right: bool) -> float:
    """How far the outline lies within the box's left or right side at height ``y``."""
    half = (box.top - box.bottom) / 2
    off = min(abs(y - (box.top + box.bottom) / 2) / half, 1.0)
    cut = min(_CUT, half)
    if shape == "hexagon" or (shape == "pointed" and right):
        return cut * off
    if shape == "slanted":
        share = (y - box.bottom) / (2 * half)
        return cut * (1 - share if right else share)
    if shape in ("stadium", "membrane", "rounded"):
        radius = _radius(shape, box)
        into = max(off * half - (half - radius), 0.0)
        return float(radius - (radius**2 - into**2) ** 0.5)
    return max(off * half - (half - 4.0), 0.0) if shape == "octagon" else 0.0


def _radius(shape: str, box: Box) -> float:
    half = (box.top - box.bottom) / 2
    return min(half, 5.0 if shape == "rounded" else 13.0)


def _rounded(box: Box, radius: float) -> Path:
    from matplotlib.path import Path

    l, b, r, t = box.left, box.bottom, box.right, box.top
    k = radius * 0.4477  # of a circle by cubic arcs
    points = [
        (l + radius, b), (r - radius, b), (r - k, b), (r, b + k), (r, b + radius), (r, t - radius),
        (r, t - k), (r - k, t), (r - radius, t), (l + radius, t), (l + k, t), (l, t - k), (l, t - radius),
        (l, b + radius), (l, b + k), (l + k, b), (l + radius, b), (l + radius, b),
    ]  # fmt: skip
    codes = [Path.MOVETO, *([Path.LINETO] + [Path.CURVE4] * 3) * 4, Path.CLOSEPOLY]
    return Path(points, codes)
