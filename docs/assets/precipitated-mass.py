"""Draws the figure of the page on precipitated mass and writes the numbers of its text.

    python docs/assets/precipitated-mass.py [PNG]

Writes ``precipitated-mass.svg`` and ``precipitated-mass.tsv`` beside it (half a minute).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vesiflux.assay.bedside.precipitated import Budget, association, budget, given, moved, vesicle_mass
from vesiflux.report.style import INK, MUTED, SPARE_COLOURS, drawing, log_axis, to_svg

HERE = Path(__file__)
READ = 809.0  # ug per mL of plasma, the split of claim sepsis-072
DRAWS = 8000
# septic over other critically ill people (PMC7642222): ApoA-I, ApoB, triglycerides; thinned protein, assumed
SEPTIC = {"HDL": 60 / 103, "LDL": 67 / 66, "VLDL": 162 / 115, "large-VLDL": 162 / 115, "protein": 0.8}
LIPOPROTEINS = ("HDL", "LDL", "VLDL", "large-VLDL")
KINDS = ("protein", *LIPOPROTEINS, "vesicles", "all")
GREEN, BLUE, ORANGE = SPARE_COLOURS[2], SPARE_COLOURS[0], SPARE_COLOURS[1]


def part(found: Budget, kind: str) -> np.ndarray:
    """Mass of one of what the figure shows, ug per mL of plasma."""
    return {"vesicles": found.vesicles, "all": found.whole}.get(kind, found.mass.get(kind))


def of_whole(found: Budget, kinds: tuple[str, ...]) -> tuple[float, float, float]:
    """Share of some kinds in the whole, 5, 50 and 95 % points."""
    return found.interval(sum(found.mass[kind] for kind in kinds) / found.whole)


def numbers(before: Budget, after: Budget) -> dict[str, tuple[float, float, float]]:
    """All numbers of the page; where there is one alone, it stands thrice."""
    mass = vesicle_mass()
    found = {"ug in 1e10 vesicles": (mass.low, mass.typical, mass.high)}
    for name, one in (("tables", before), ("given", after)):
        found |= {f"{name}: {kind}, ug/mL": one.interval(part(one, kind)) for kind in KINDS}
        found[f"{name}: vesicles, share"] = one.interval(one.share)
        found[f"{name}: lipoproteins, share"] = of_whole(one, LIPOPROTEINS)
        found[f"{name}: protein, share"] = of_whole(one, ("protein",))
    found["tables: draws below the split, share"] = (float(np.mean(before.whole < READ)),) * 3
    found["given: worth draws"] = (after.size,) * 3
    for name, folds in (
        ("lipoproteins of sepsis", {k: v for k, v in SEPTIC.items() if k != "protein"}),
        ("plasma of sepsis", SEPTIC),
        ("plasma of sepsis and vesicles x 3", {**SEPTIC, "vesicles": 3.0}),
    ):
        found[f"given: {name}, fold"] = after.interval(moved(after, folds))
    found["vesicles per mL that weigh as much"] = tuple(1e10 * READ / m for m in found["ug in 1e10 vesicles"])
    vesicle = after.interval(after.vesicles)
    for fold in (3.0, 10.0):
        each = [association(mass, READ - mass, vesicle_fold=fold) for mass in vesicle]
        found[f"vesicles x {fold:g}: area"] = tuple(one.auc for one in each)
        found[f"vesicles x {fold:g}: odds ratio of the split"] = tuple(one.odds_ratio for one in each)
    for fold in (0.8, 1.2, 1.3, 1.5):
        one = association(vesicle[1], READ - vesicle[1], rest_fold=fold)
        found[f"the rest x {fold:g}: area"] = (one.auc,) * 3
        found[f"the rest x {fold:g}: odds ratio of the split"] = (one.odds_ratio,) * 3
    return found


def draw_budget(axes: Axes, before: Budget, after: Budget) -> None:
    """What the mass is made of."""
    for offset, found, colour, label in (
        (-0.14, before, MUTED, "tables alone"),
        (0.14, after, BLUE, f"given {READ:.0f} µg/mL"),
    ):
        for i, kind in enumerate(KINDS):
            low, mid, high = found.interval(part(found, kind))
            name = label if i == 0 else None
            axes.plot([low, high], [i + offset] * 2, color=colour, lw=3, solid_capstyle="round", label=name)
            axes.plot(mid, i + offset, "o", color="white", mec=colour, ms=5)
    axes.axvline(READ, color=INK, lw=1, ls=":")
    axes.set(xscale="log", xlim=(0.1, 5e4), xlabel="protein brought down, µg per mL of plasma")
    log_axis(axes.xaxis, 0.1, 5e4)
    axes.set_yticks(range(len(KINDS)), list(KINDS))
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower left")


def draw_response(axes: Axes, after: Budget) -> None:
    """What moves the reading."""
    folds, rest = np.geomspace(1.0, 100.0, 60), np.geomspace(1.0, 4.0, 20)
    for share, style in zip(after.interval(after.share), ("--", "-", "--"), strict=True):
        axes.plot(folds, 1.0 + share * (folds - 1.0), color=GREEN, ls=style, lw=1.8 if style == "-" else 1.0)
    for kinds, colour, name in (
        (LIPOPROTEINS, ORANGE, "lipoproteins"),
        (("protein",), BLUE, "other protein"),
    ):
        axes.plot(rest, 1.0 + of_whole(after, kinds)[1] * (rest - 1.0), color=colour, lw=1.8, label=name)
    axes.plot([], [], color=GREEN, lw=1.8, label="vesicles (5, 50, 95 %)")
    axes.set(xscale="log", yscale="log", xlim=(1, 100), ylim=(0.95, 8))
    axes.set(xlabel="fold of one part", ylabel="fold of the reading")
    log_axis(axes.xaxis, 1, 100)
    axes.set_yticks([1, 2, 4, 8], ["1", "2", "4", "8"])
    axes.set_yticks([], minor=True)
    axes.legend(frameon=False, loc="upper left")


def draw_association(axes: Axes, after: Budget) -> None:
    """How well the mass tells groups whose vesicles, or whose other protein, differ."""
    vesicle = after.interval(after.vesicles)
    folds, rest = np.geomspace(1.0, 100.0, 15), np.linspace(0.6, 1.8, 13)
    for mass, style in zip(vesicle, ("--", "-", "--"), strict=True):
        areas = [association(mass, READ - mass, vesicle_fold=f, patients=8000).auc for f in folds]
        axes.plot(folds, areas, color=GREEN, ls=style, lw=1.8 if style == "-" else 1.0)
    areas = [association(vesicle[1], READ - vesicle[1], rest_fold=f, patients=8000).auc for f in rest]
    axes.plot(rest, areas, color=INK, lw=1.8)
    axes.axhline(0.5, color=INK, lw=1, ls=":")
    axes.text(2.0, 0.88, "all the rest", color=INK, ha="left")
    axes.text(30, 0.62, "vesicles", color=GREEN)
    axes.set(xscale="log", xlim=(0.6, 100), ylim=(0.1, 1.0))
    axes.set(xlabel="fold, cases over controls", ylabel="area under the ROC curve")
    axes.set_xticks([1, 10, 100], ["1", "10", "100"])


if __name__ == "__main__":
    before = budget(DRAWS)
    after = given(before, READ)
    rows = [f"{name}\t{a:.4g}\t{b:.4g}\t{c:.4g}\n" for name, (a, b, c) in numbers(before, after).items()]
    HERE.with_suffix(".tsv").write_text("what\tlow\ttypical\thigh\n" + "".join(rows), encoding="utf-8")
    with drawing():
        figure = Figure(figsize=(10.0, 3.6), layout="constrained")
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.15, 1.0, 1.0))
        draw_budget(left, before, after)
        draw_response(middle, after)
        draw_association(right, after)
        title = f"What a precipitated mass of {READ:.0f} ug/mL is made of, and what moves it"
        HERE.with_suffix(".svg").write_text(to_svg(figure, title), encoding="utf-8")
        if len(sys.argv) > 1:
            figure.savefig(sys.argv[1], dpi=110)
