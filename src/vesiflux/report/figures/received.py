"""What a recipient cell has of what vesicles brought, against the level that acts and its own copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import FAINT, INK, MUTED, WIDTH, log_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ReceivedData", "ReceivedPanel", "ReceivedPoint", "draw", "rows"]

_DELIVERED, _HALF, _OWN = "#0072B2", "#D55E00", "#009E73"
_ACROSS = 3  # panels beside each other
_LINE, _HEAD, _FOOT = 0.27, 0.45, 0.55  # inches


@dataclass(frozen=True)
class ReceivedPoint:
    """One arm: copies delivered per cell at the end, over those at half effect, and over the reference's."""

    arm: str
    title: str
    reference: str
    delivered: Interval
    share_of_half: Interval | None
    fold: Interval | None


@dataclass(frozen=True)
class ReceivedPanel:
    """One cargo in one place of one cell type. ``half``, ``own``: copies per cell, None for none."""

    key: str
    title: str
    half: Interval | None
    own: Interval | None
    points: tuple[ReceivedPoint, ...]


@dataclass(frozen=True)
class ReceivedData:
    """Panels of one model, each with the same arms."""

    panels: tuple[ReceivedPanel, ...]


def draw(data: ReceivedData) -> Figure:
    """Dots on log axes, arms as rows; vertical bands: the level at half effect and the cell's own copies."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    arms = len(data.panels[0].points)
    blocks = [data.panels[i : i + _ACROSS] for i in range(0, len(data.panels), _ACROSS)]
    block = _HEAD + _LINE * arms + _FOOT
    height = block * len(blocks) + 0.35
    figure = Figure(figsize=(WIDTH, height))
    left, right, gap = 2.3, 0.2, 0.3
    for i, panels in enumerate(blocks):
        width = (WIDTH - left - right - gap * (len(panels) - 1)) / len(panels)
        bottom = height - 0.35 - block * (i + 1) + _FOOT
        for k, panel in enumerate(panels):
            x = left + k * (width + gap)
            box = (x / WIDTH, bottom / height, width / WIDTH, _LINE * arms / height)
            _panel(figure.add_axes(box), panel, names=k == 0, width=width)
    handles = [
        Line2D([], [], marker="o", color=_DELIVERED, ms=5, mec="white", label="delivered, median and 90 %"),
        Patch(facecolor=_HALF, alpha=0.22, lw=0, label="level at half effect, median and 90 %"),
    ]
    if any(p.own is not None for p in data.panels):
        handles.append(Patch(facecolor=_OWN, alpha=0.22, lw=0, label="the cell's own copies"))
    figure.legend(handles=handles, loc="upper right", ncols=3, bbox_to_anchor=(0.99, 1 - 0.02 / height))
    return figure


def _panel(axes: Axes, panel: ReceivedPanel, names: bool, width: float) -> None:
    import textwrap

    low, high = _span(panel)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    log_axis(axes.xaxis, low, high, room=max(3, int(width * 1.6)))
    axes.grid(axis="x", color=FAINT, lw=0.8)
    for level, colour in ((panel.half, _HALF), (panel.own, _OWN)):
        if level is not None and level.known and level.high > 0:
            axes.axvspan(max(level.low, low), level.high, color=colour, alpha=0.13, lw=0, zorder=0.3)
            axes.axvline(level.median, color=colour, lw=1.4, zorder=0.6)
    for i, point in enumerate(panel.points):
        found = point.delivered
        if found.known and found.high > 0:
            axes.plot([max(found.low, low), found.high], [i, i], color=_DELIVERED, lw=1.5, alpha=0.8)
            axes.plot([max(found.median, low)], [i], "o", color=_DELIVERED, ms=5, mec="white", mew=0.6)
        else:
            axes.annotate(
                "none", (0.02, i), xycoords=axes.get_yaxis_transform(), va="center", fontsize=7, color=MUTED
            )
        if names:
            lines = textwrap.wrap(point.title, 26, break_on_hyphens=False)[:2]
            for k, line in enumerate(lines):  # lines of their own end where they should in any font
                y = i + 0.38 * (k - (len(lines) - 1) / 2)
                axes.annotate(
                    line, (-0.03, y), xycoords=axes.get_yaxis_transform(), ha="right", va="center", color=INK,
                    weight="bold", fontsize=7.2,
                )  # fmt: skip
    axes.set_ylim(len(panel.points) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("copies per cell")
    head = "\n".join(textwrap.wrap(panel.title, int(width * 15))[:2])
    if panel.half is None:
        head += " (nothing senses it)" if len(head) < width * 6 else ""
    axes.set_title(head, fontsize=8.5, pad=6)


def _span(panel: ReceivedPanel) -> tuple[float, float]:
    """Limits that show every band, over at most ten decades."""
    known = [p.delivered for p in panel.points if p.delivered.known]
    known += [level for level in (panel.half, panel.own) if level is not None and level.known]
    seen = [v for x in known for v in (x.low, x.median, x.high) if v > 0]
    if not seen:
        return 0.1, 10.0
    high = max(seen) * 2
    return max(min(seen) / 2, high * 1e-10), high


def rows(data: ReceivedData) -> list[Row]:
    """One line per cargo, place and arm."""
    return [
        {
            "quantity": panel.key,
            "arm": p.arm,
            "reference": p.reference,
            **_columns("delivered_copies_per_cell", p.delivered),
            **_columns("half_effect_copies_per_cell", panel.half),
            **_columns("own_copies_per_cell", panel.own),
            **_columns("share_of_half_effect", p.share_of_half),
            **_columns("fold_of_reference", p.fold),
        }
        for panel in data.panels
        for p in panel.points
    ]


def _columns(name: str, value: Interval | None) -> dict[str, float | None]:
    return {
        f"{name}_median": None if value is None else value.median,
        f"{name}_q05": None if value is None else value.low,
        f"{name}_q95": None if value is None else value.high,
    }
