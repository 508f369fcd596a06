"""Draws which fold each marker of sepsis needs, and writes the numbers beside it.

    python docs/assets/marker-folds.py [PNG]

Writes ``marker-folds.svg`` and ``marker-folds.tsv`` (a minute; runs the model ``markers``).
"""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vesiflux.library.septic_markers import Levels, ideal, in_cells, levels, needed
from vesiflux.report.style import INK, MUTED, SPARE_COLOURS, drawing, log_axis, to_svg

HERE = Path(__file__)
TARGETS = (0.7, 0.8, 0.9)
PEOPLE = 4000
SHOWN = {
    "level": "vesicles, CD63", "level_counted": "particles, column", "level_mass": "mass, precipitate",
    "circ_104484": "circRNA-104484", "circ_104670": "circRNA-104670", "mir_199b_cells": "miR-199b, cells",
    "mir_199b": "miR-199b, vesicles", "mir_125b": "miR-125b", "mir_26b": "miR-26b, serum",
    "mir_34a": "miR-34a", "mir_34a_each": "miR-34a, each",
    "mir_15a": "miR-15a ↓", "mir_15a_each": "miR-15a ↓, each",
    "mir_27a": "miR-27a ↓", "mir_27a_each": "miR-27a ↓, each",
    "fetuin": "fetuin-A, urine", "atf3": "ATF3, urine", "sptlc3": "SPTLC3 ↓", "sptlc3_each": "SPTLC3 ↓, each",
}  # fmt: skip
SHARES = {"leukocytes": 0.23, "an organ's own RNA": 0.5, "an organ's vesicles": 0.01}
MOST = 40.0
SPREADS = (0.27 / 0.75, 1.35 / 0.75)  # of the sd of ln that was read, ends over middle


def row(marker: Levels) -> list[float]:
    """sd of ln, median level, least read, share that can be; folds for each target, ideal and read; a range.

    The range is of the fold for 0.8, over levels ten times lower and higher and over the spread read.
    """
    changed = [{"level": 0.1}, {"level": 10.0}, {"spread": SPREADS[0]}, {"spread": SPREADS[1]}]
    varied = [needed(marker.other(**what), 0.8) for what in changed]
    return [
        marker.sd, float(np.median(marker.values)), marker.least, marker.visible,
        *(ideal(marker.sd, target) for target in TARGETS), *(needed(marker, target) for target in TARGETS),
        *varied,
    ]  # fmt: skip


def draw_needed(axes: Axes, found: dict[str, list[float]]) -> None:
    """Folds that are needed, read and ideal."""
    for i, name in enumerate(SHOWN):
        at = found[name]
        span = [min(f, MOST) for f in (at[8], *at[10:])]
        axes.plot([min(span), max(span)], [i, i], color=SPARE_COLOURS[1], lw=0.8, zorder=1)
        for target, one, read, colour in zip(TARGETS, at[4:7], at[7:10], SPARE_COLOURS[:3], strict=True):
            label = f"area {target:g}" if i == 0 else None
            beyond = read > MOST
            axes.plot(
                min(read, MOST), i, ">" if beyond else "o", color=colour, ms=6 if beyond else 5, label=label
            )
            axes.plot(one, i - 0.28, "|", color=colour, ms=6, mew=1.5)
        if at[9] > MOST:
            text = ", ".join(
                "none" if math.isinf(f) else f"{float(f'{f:.2g}'):,.0f}" for f in at[7:10] if f > MOST
            )
            axes.text(MOST * 1.12, i, text, va="center", fontsize=7, color=MUTED)
    axes.set(xscale="log", xlim=(1, MOST * 1.05), xlabel="fold between the groups' medians, in the fluid")
    axes.set_xticks([1, 2, 3, 5, 10, 20, 40], ["1", "2", "3", "5", "10", "20", "40"])
    axes.set_xticks([], minor=True)
    axes.set_yticks(range(len(SHOWN)), list(SHOWN.values()))
    axes.invert_yaxis()
    axes.grid(axis="x", color="#e3e7eb", lw=0.6)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


def draw_map(axes: Axes, found: dict[str, list[float]]) -> None:
    """Fold in the cells that answer for an area of 0.8, by spread and share."""
    sds, shares = np.linspace(0.2, 1.6, 60), np.geomspace(1e-3, 1.0, 60)
    folds = [[in_cells(ideal(sd, 0.8), share) for sd in sds] for share in shares]
    lines = [1.5, 2, 3, 5, 10, 30, 100, 1000]
    drawn = axes.contour(sds, shares, folds, levels=lines, colors=INK, linewidths=0.8)
    axes.clabel(drawn, fmt=lambda fold: f"{fold:g}", fontsize=7)
    for (name, share), colour in zip(SHARES.items(), SPARE_COLOURS, strict=False):
        axes.axhline(share, color=colour, lw=1.2, ls="--")
        axes.text(1.58, share * 1.12, name, ha="right", fontsize=7, color=colour)
    for name, share, dx in (
        ("mir_199b", 0.23, 0),
        ("mir_125b", 0.5, 0),
        ("mir_199b_cells", 1.0, 0),
        ("atf3", 1.0, 0),
    ):
        axes.plot(found[name][0] + dx, share, "o", color=MUTED, ms=5)
        axes.text(
            found[name][0] + 0.03, share * 0.82, SHOWN[name].split(",")[0], fontsize=7, color=MUTED, va="top"
        )
    axes.set(
        yscale="log", xlabel="sd of ln between people", ylabel="share of the copies from cells that answer"
    )
    log_axis(axes.yaxis, 1e-3, 1.5)


def draw_levels(axes: Axes, known: dict[str, Levels], found: dict[str, list[float]]) -> None:
    """Levels of healthy people against what can be read."""
    for i, name in enumerate(SHOWN):
        low, high = np.quantile(known[name].values, (0.05, 0.95))
        least = found[name][2]
        clear = least < low
        colour = SPARE_COLOURS[0] if clear else SPARE_COLOURS[1]
        axes.plot([low, high], [i, i], color=colour, lw=4, solid_capstyle="round")
        axes.plot(least, i, "|", color=INK, ms=9, mew=1.8)
    axes.set(xscale="log", xlim=(1e3, 1e13), xlabel="level in health; least read, per mL")
    axes.set_xticks([1e3, 1e6, 1e9, 1e12], ["10³", "10⁶", "10⁹", "10¹²"])
    axes.set_xticks([], minor=True)
    axes.set_yticks(range(len(SHOWN)), [""] * len(SHOWN))
    axes.invert_yaxis()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as store:
        known = levels(PEOPLE, store=store)
    found = {name: row(known[name]) for name in SHOWN}
    head = ["sd", "median", "least", "visible"]
    head += [f"{how}_{target:g}" for how in ("ideal", "read") for target in TARGETS]
    head += ["tenth", "tenfold", "narrow", "wide"]
    rows = ["\t".join([name, *(f"{x:.3g}" for x in values)]) for name, values in found.items()]
    HERE.with_suffix(".tsv").write_text(
        "\n".join(["\t".join(["marker", *head]), *rows, ""]), encoding="utf-8"
    )
    with drawing():
        figure = Figure(figsize=(10.0, 5.2), layout="constrained")
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 0.7, 1.0))
        draw_needed(left, found)
        draw_levels(middle, known, found)
        draw_map(right, found)
        HERE.with_suffix(".svg").write_text(
            to_svg(figure, "The fold each marker of sepsis needs"), encoding="utf-8"
        )
        if len(sys.argv) > 1:
            figure.savefig(sys.argv[1], dpi=110)
