"""Many small panels on one canvas.

matplotlib's own panels cost 10 to 20 ms each, most of it for axes and ticks that are never shown; a page of
curves has hundreds. These are lines, areas and texts placed in inches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Band, Floats
from vesiflux.report.style import FAINT, INK, MUTED, RULE, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Canvas", "Panel", "clock", "legend"]

TICK_SIZE = 7.5


class Canvas:
    """A figure measured in inches from its lower left corner."""

    def __init__(self, height: float, width: float = WIDTH) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width, height))
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_autoscale_on(False)
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        self.axes.set_axis_off()
        self._strokes: dict[tuple[str, float], list[Floats]] = {}

    def stroke(self, x: Sequence[float], y: Sequence[float], colour: str, width: float = 0.8) -> None:
        """A thin line behind everything; drawn by `finish`."""
        self._strokes.setdefault((colour, width), []).append(np.column_stack([x, y]))

    def text(self, x: float, y: float, words: str, **how: object) -> None:
        """A text at a place."""
        self.axes.text(x, y, words, **how)  # type: ignore[arg-type]

    def label(self, x: float, y: float, words: str, size: float = 7.6) -> None:
        """Lines that end at x, their middle at y.

        Each is a text of its own: readers' fonts are narrower than the one measured with, and only the end
        of a single line stays where it was put.
        """
        lines, pitch = words.split("\n"), 1.25 * size / 72
        for i, line in enumerate(lines):
            place = y + pitch * ((len(lines) - 1) / 2 - i)
            self.text(x, place, line, ha="right", va="center", weight="bold", fontsize=size)

    def finish(self) -> Figure:
        """The figure with all its thin lines."""
        from matplotlib.collections import LineCollection

        for order, ((colour, width), lines) in enumerate(self._strokes.items()):
            zorder = 0.4 if colour == FAINT else 0.5 + 0.01 * order
            self.axes.add_collection(
                LineCollection(lines, colors=colour, linewidths=width, zorder=zorder), autolim=False
            )
        return self.figure


class Panel:
    """One panel: ``box`` is left, bottom, width and height in inches; ``log`` for its values."""

    def __init__(
        self,
        canvas: Canvas,
        box: tuple[float, float, float, float],
        times: tuple[float, float],
        values: tuple[float, float],
        log: bool,
    ) -> None:
        self.canvas, self.box, self.log = canvas, box, log
        self._times = times
        self._low, self._high = (float(np.log10(v)) for v in values) if log else values
        left, bottom, width, height = box
        canvas.stroke((left, left, left + width), (bottom + height, bottom, bottom), RULE)

    def x(self, times: Floats) -> Floats:
        """Times in inches."""
        first, last = self._times
        share = (np.asarray(times, dtype=float) - first) / (last - first)
        return np.asarray(self.box[0] + self.box[2] * share)

    def y(self, values: Floats | float) -> Floats:
        """Values in inches; what lies beyond the panel has its place beyond it."""
        array = np.asarray(values, dtype=float)
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                array = np.maximum(np.log10(array), self._low - 100)  # log of nothing: far below
        return np.asarray(self.box[1] + self.box[3] * (array - self._low) / (self._high - self._low))

    def band(self, times: Floats, band: Band, colour: str) -> None:
        """Median, 50 % and 90 % of draws."""
        self._area(times, band.low90, band.high90, colour, 0.16, 2)
        self._area(times, band.low50, band.high50, colour, 0.40, 3)
        self._line(times, band.median, color=colour, zorder=4)

    def reference(self, times: Floats, band: Band) -> None:
        """The same of the arm it is compared with, behind it: median and 90 %."""
        self._area(times, band.low90, band.high90, RULE, 0.55, 1)
        self._line(times, band.median, color=INK, lw=1.0, ls=(0, (3, 2)), zorder=5)

    def level(self, value: float) -> None:
        """A line across at a value."""
        left, _, width, _ = self.box
        self.canvas.stroke((left, left + width), (float(self.y(value)),) * 2, MUTED)

    def value_ticks(self, values: Sequence[float], labels: Sequence[str]) -> None:
        """Ticks and rules at values; no texts where ``labels`` is empty."""
        left, _, width, _ = self.box
        for value in values:
            y = float(self.y(value))
            self.canvas.stroke((left, left + width), (y, y), FAINT)
            self.canvas.stroke((left - 0.042, left), (y, y), MUTED)
        for value, label in zip(values, labels, strict=False):
            place = float(self.y(value))
            self.canvas.text(left - 0.09, place, label, ha="right", va="center_baseline", fontsize=TICK_SIZE)

    def time_ticks(self, times: Sequence[float]) -> None:
        """Ticks and texts below the panel."""
        bottom = self.box[1]
        for time, x in zip(times, self.x(np.asarray(times)), strict=True):
            self.canvas.stroke((x, x), (bottom - 0.042, bottom), MUTED)
            self.canvas.text(x, bottom - 0.09, f"{time:g}", ha="center", va="top", fontsize=TICK_SIZE)

    def _line(self, times: Floats, values: Floats, **how: object) -> None:
        from matplotlib.lines import Line2D

        y = self.y(values)
        _, bottom, _, height = self.box
        inside = (y >= bottom - 1e-6) & (y <= bottom + height + 1e-6)
        self.canvas.axes.add_artist(Line2D(self.x(times), np.where(inside, y, np.nan), **how))  # type: ignore[arg-type]

    def _area(self, times: Floats, low: Floats, high: Floats, colour: str, alpha: float, zorder: int) -> None:
        from matplotlib.patches import Polygon

        x = self.x(times)
        _, bottom, _, height = self.box
        y = np.clip(np.concatenate([self.y(low), self.y(high)[::-1]]), bottom, bottom + height)
        outline = np.column_stack([np.concatenate([x, x[::-1]]), y])
        if np.isfinite(outline).all():
            self.canvas.axes.add_artist(
                Polygon(outline, closed=True, color=colour, alpha=alpha, lw=0, zorder=zorder)
            )


def clock(end: float) -> list[float]:
    """Times to write under a panel that ends at ``end`` hours."""
    from matplotlib.ticker import MaxNLocator

    marks = MaxNLocator(5, steps=[1, 2, 3, 4, 6, 10]).tick_values(0, end)
    return [float(t) for t in marks if 0 <= t <= end]


def legend(canvas: Canvas, colour: str, reference: str) -> None:
    """What the bands mean, along the top of the figure."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color=colour, lw=1.6, label="median"),
        Patch(color=colour, alpha=0.40, lw=0, label="50 % of draws"),
        Patch(color=colour, alpha=0.16, lw=0, label="90 %"),
        Line2D([], [], color=INK, lw=1.0, ls=(0, (3, 2)), label=reference),
        Patch(color=RULE, alpha=0.55, lw=0, label="its 90 %"),
    ]
    top = 1 - 0.02 / canvas.height
    canvas.figure.legend(handles=handles, loc="upper right", ncols=5, bbox_to_anchor=(0.99, top))
