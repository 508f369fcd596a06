"""Stimuli and losses: predicted folds of every arm and structure beside what was reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import FAINT, INK, MARKS, MUTED, WARN, WIDTH, fold_axis, number, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Fold", "FoldRow", "FoldsData", "ReportedRange", "draw", "rows"]


@dataclass(frozen=True)
class ReportedRange:
    """What a paper reported: a fold (low, high), one number (low = high) or a sign alone."""

    low: float | None = None
    high: float | None = None
    sign: str | None = None
    claim: str = ""

    @property
    def numbers(self) -> tuple[float, float] | None:
        """Low and high, one standing for both where only one is known; None without a number."""
        low = self.low if self.low is not None else self.high
        high = self.high if self.high is not None else self.low
        return None if low is None or high is None else (low, high)

    @property
    def text(self) -> str:
        """For the column beside the axis."""
        if self.numbers:
            low, high = self.numbers
            if self.high is None or self.low is None:
                return f"{'≥' if self.high is None else '≤'} {plain(low)}"
            return plain(low) if low == high else f"{plain(low)}–{plain(high)}"
        return {"+": "↑", "-": "↓", "0": "no change"}.get(self.sign or "", "–")


@dataclass(frozen=True)
class Fold:
    """Predicted fold under one structure ("" when there is but one)."""

    structure: str
    title: str
    value: Interval


@dataclass(frozen=True)
class FoldRow:
    """One arm in one panel."""

    arm: str
    title: str
    mark: str
    folds: tuple[Fold, ...]
    reported: tuple[ReportedRange, ...] = ()
    exceeds: bool = False  # reported beyond what the machinery can give


@dataclass(frozen=True)
class FoldsData:
    """One readout. ``ceiling``: 1/f over the draws of the reference arm, where the readout has one."""

    readout: str
    title: str
    rows: tuple[FoldRow, ...]
    ceiling: Interval | None = None


def draw(data: FoldsData) -> Figure:
    """Forest plot on a log axis: arms downwards, one line per structure, reported ranges behind."""
    from matplotlib.figure import Figure

    lines = sum(_depth(r) for r in data.rows)
    gaps = len(data.rows)
    height = 0.195 * lines + 0.10 * gaps + 1.35
    figure = Figure(figsize=(WIDTH, height))
    left, right = 0.335, 0.735
    panel = figure.add_axes((left, 0.62 / height, right - left, 1 - 1.17 / height))
    fold_axis(panel, *_span(data))
    panel.set_xlabel(f"{data.title}: fold of the reference arm", labelpad=3)
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)
    y = 0.0
    for i, row in enumerate(data.rows):
        depth = _depth(row)
        top, bottom = y - 0.75, y + depth - 0.25
        if i % 2 == 0:
            panel.axhspan(
                top, bottom, xmin=-0.84, xmax=1.67, color=FAINT, alpha=0.55, lw=0, zorder=0, clip_on=False
            )
        _reported(panel, row, top + 0.12, bottom - 0.12)
        _arm(panel, row, y)
        y += depth + 0.5
    panel.set_ylim(y - 0.65, -0.85)
    panel.set_yticks([])
    _ceiling(panel, data)
    transform = panel.get_yaxis_transform()
    for x, text in ((1.02, "predicted (90 %)"), (1.40, "reported")):
        panel.text(x, -1.05, text, transform=transform, ha="left", va="bottom", weight="bold", fontsize=7.5)
    panel.text(-0.83, -1.05, "arm", transform=transform, ha="left", va="bottom", weight="bold", fontsize=7.5)
    _legend(figure, data, height)
    return figure


def _depth(row: FoldRow) -> int:
    """Lines a row takes: one, or its title and one per structure; a second for "exceeds machinery"."""
    return max(1 + row.exceeds, len(row.folds) + (len(row.folds) > 1))


def _span(data: FoldsData) -> tuple[float, float]:
    seen = [1.0]
    for row in data.rows:
        for fold in row.folds:
            if fold.value.known:
                seen += [fold.value.low, fold.value.high]
        for reported in row.reported:
            seen += list(reported.numbers or ())
    if data.ceiling is not None and data.ceiling.known:
        seen += [data.ceiling.median]
    positive = [s for s in seen if s > 0]
    # a fold of nearly nothing would stretch the axis: it is drawn at the edge, its number stands beside it
    return max(min(positive), 0.01), min(max(positive), 1000.0)


def _reported(panel: Axes, row: FoldRow, top: float, bottom: float) -> None:
    middle = (top + bottom) / 2
    for reported in row.reported:
        if reported.numbers:
            low, high = reported.numbers
            if low == high:
                panel.plot(
                    [low, low],
                    [top, bottom],
                    color=INK,
                    lw=2.6,
                    alpha=0.55,
                    zorder=1.5,
                    solid_capstyle="butt",
                )
            else:
                panel.fill_betweenx([top, bottom], low, high, color="#9aa5b1", alpha=0.55, lw=0, zorder=1)
        elif reported.sign in ("+", "-"):
            step = 26 if reported.sign == "+" else -26
            _sign(panel, middle, step)
        elif reported.sign == "0":
            panel.plot(
                [1, 1], [top, bottom], color=INK, lw=2.6, alpha=0.55, zorder=1.5, solid_capstyle="butt"
            )


def _sign(panel: Axes, middle: float, step: float) -> None:
    panel.annotate(
        "", xy=(1, middle), xycoords="data", xytext=(step, 0), textcoords="offset points",
        arrowprops={"arrowstyle": "<|-", "color": "#7b8794", "lw": 1.6, "shrinkA": 0, "shrinkB": 0},
        zorder=1,
    )  # fmt: skip


def _arm(panel: Axes, row: FoldRow, y: float) -> None:
    marker, colour = MARKS.get(row.mark, MARKS["assumed"])
    transform = panel.get_yaxis_transform()
    several = len(row.folds) > 1
    usual: dict[str, Any] = {"transform": transform, "va": "center", "fontsize": 7.2}

    def write(x: float, at: float, text: str, **style: Any) -> None:
        panel.text(x, at, text, **{**usual, **style})

    write(-0.83, y, _short(row.title, 52), weight="bold", fontsize=7.6)
    for k, fold in enumerate(row.folds):
        at = y + k + several
        if several:
            write(-0.03, at, _short(fold.title or fold.structure, 58), ha="right", fontsize=6.8, color=MUTED)
        value = fold.value
        if not value.known:
            write(1.02, at, "no draw finished", color=WARN)
            continue
        panel.plot([value.low, value.high], [at, at], color=colour, lw=1.5, zorder=3, solid_capstyle="butt")
        panel.plot(
            [value.median], [at], marker=marker, color=colour, ms=5, mec="white", mew=0.6, zorder=4, ls=""
        )
        write(1.02, at, f"{number(value.median)} ({number(value.low)}–{number(value.high)})")
    write(1.40, y, " · ".join(r.text for r in row.reported) or "–", color=WARN if row.exceeds else INK)
    if row.exceeds:
        write(1.40, y + 1, "exceeds machinery", fontsize=6.8, color=WARN, weight="bold")


def _ceiling(panel: Axes, data: FoldsData) -> None:
    if data.ceiling is None or not data.ceiling.known:
        return
    c = data.ceiling
    panel.axvspan(c.low, c.high, color=WARN, alpha=0.06, lw=0, zorder=0.2)
    panel.axvline(c.median, color=WARN, lw=1.2, ls=(0, (4, 2)), zorder=2)
    panel.annotate(
        f"ceiling 1/f = {number(c.median)}", (c.median, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
        textcoords="offset points", ha="center", va="bottom", fontsize=7.2, color=WARN,
    )  # fmt: skip


def _legend(figure: Figure, data: FoldsData, height: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    used = [m for m in MARKS if any(r.mark == m for r in data.rows)]
    handles: list[Line2D | Patch] = [
        Line2D([], [], marker=MARKS[m][0], color=MARKS[m][1], ms=5, mec="white", lw=1.5, label=m)
        for m in used
    ]
    if any(x.numbers for r in data.rows for x in r.reported):
        handles.append(Patch(color="#9aa5b1", alpha=0.55, lw=0, label="reported range (bar: one number)"))
    if any(x.numbers is None and x.sign for r in data.rows for x in r.reported):
        handles.append(Line2D([], [], marker=">", color="#7b8794", ms=5, lw=1.6, label="reported sign only"))
    figure.legend(
        handles=handles,
        loc="lower left",
        ncols=6,
        bbox_to_anchor=(0.05, 0.0),
        handlelength=1.8,
        columnspacing=1.4,
    )


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def rows(data: FoldsData) -> list[Row]:
    """One line per arm and structure, with the reported ranges and the ceiling."""
    ceiling = data.ceiling.median if data.ceiling is not None else None
    return [
        {
            "readout": data.readout,
            "arm": row.arm,
            "structure": fold.structure,
            "mark": row.mark,
            "fold_median": fold.value.median,
            "fold_q05": fold.value.low,
            "fold_q95": fold.value.high,
            "draws": fold.value.n,
            "reported_low": min((r.numbers[0] for r in row.reported if r.numbers), default=None),
            "reported_high": max((r.numbers[1] for r in row.reported if r.numbers), default=None),
            "reported_sign": next((r.sign for r in row.reported if r.sign), None),
            "claims": ";".join(r.claim for r in row.reported if r.claim),
            "exceeds_machinery": int(row.exceeds),
            "ceiling_median": ceiling,
        }
        for row in data.rows
        for fold in row.folds
    ]
