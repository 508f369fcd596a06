"""Make ``sepsis.svg``, the picture of the sepsis model: who sends what to whom, and is it enough.

From the root of the repository, in an environment with vesiflux (a minute or two):

    .venv/bin/python docs/assets/sepsis.py

Every route of the review by which vesicles or their cargo act: the most that they bring within the run,
beyond the cell's own, over what acts half. Seed and draws are fixed: the same version gives the same picture.
Blocks go to ``vesiflux-runs`` and are not computed twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import vesiflux
from vesiflux.report.style import INK, MUTED, RULE, drawing, log_axis, to_svg

#: Kind of what acts -> (colour, what the legend says).
KINDS = {
    "vesicle": ("#0072B2", "vesicles held, by what they act is not told"),
    "RNA": ("#B3261E", "RNA of theirs in the cytosol"),
    "protein": ("#009E73", "protein or antigen of theirs"),
    "drug": ("#E69F00", "drug put into them"),
}
#: Group -> routes: (who sends, to whom, what, place, kind, arm in which it is there).
ROUTES: dict[str, tuple[tuple[str, str, str, str, str, str], ...]] = {
    "between immune cells": (
        ("M1 macrophages", "neutrophil", "m1_exosome", "held", "vesicle", "septic"),
        ("neutrophils, TNF", "macrophage", "tnf_exosome", "held", "vesicle", "septic"),
        ("neutrophils, TNF", "macrophage", "miR-30d-5p", "cytosol", "RNA", "septic"),
        ("M2 macrophages", "innate", "m2_exosome", "held", "vesicle", "septic"),
        ("gut", "macrophage", "gut_exosome", "held", "vesicle", "septic"),
        ("hepatitis B blood", "nk", "hbv_exosome", "held", "vesicle", "septic"),
        ("septic blood", "immune_cell", "septic_exosome", "held", "vesicle", "septic"),
    ),
    "to vessels and organs": (
        ("macrophages", "endothelium", "macrophage_exosome", "held", "vesicle", "septic"),
        ("macrophages, lactate", "endothelium", "HMGB1", "cytosol", "protein", "septic"),
        ("septic blood", "endothelium", "miR-1-3p", "cytosol", "RNA", "septic"),
        ("septic blood", "cardiomyocyte", "septic_exosome", "held", "vesicle", "septic"),
        ("septic blood", "cardiomyocyte", "miR-885-5p", "cytosol", "RNA", "septic"),
        ("LPS macrophages", "hepatocyte", "lps_exosome", "held", "vesicle", "septic"),
        ("M1 macrophages", "tubule", "miR-93-5p", "cytosol", "RNA", "septic"),
        ("NK cells", "brain", "nk_exosome", "held", "vesicle", "septic"),
        ("NK cells", "astrocyte", "miR-207", "cytosol", "RNA", "septic"),
    ),
    "treatments, 5e9 per mL": (
        ("linezolid in exosomes", "macrophage", "linezolid", "cytosol", "drug", "linezolid_exo"),
        ("mannose, vancomycin", "macrophage", "vancomycin", "cytosol", "drug", "mannose_vancomycin"),
        ("mannose, lysostaphin", "macrophage", "lysostaphin", "cytosol", "drug", "mannose_lysostaphin"),
        ("super-repressor IkB", "innate", "NFKBIA", "cytosol", "protein", "srikb_exo"),
        ("endothelium, HSPA12B", "macrophage", "HSPA12B", "cytosol", "protein", "hspa12b_exo"),
        ("MSC of fat", "macrophage", "adsc_exosome", "held", "vesicle", "adsc_exo"),
        ("MSC of fat", "lung", "adsc_exosome", "held", "vesicle", "adsc_exo"),
        ("MSC of marrow", "alveolar", "circ-Fryl", "cytosol", "RNA", "bm_msc_exo"),
        ("MSC of chorion", "liver", "let-7i-5p", "cytosol", "RNA", "chorion_exo"),
        ("endothelial progenitors", "endothelium", "epc_exosome", "held", "vesicle", "epc_exo"),
        ("endothelial progenitors", "endothelium", "miR-126-5p", "cytosol", "RNA", "epc_exo"),
    ),
}
CALLED = {
    "nk": "NK cells", "innate": "innate cells", "immune_cell": "immune cells", "neutrophil": "neutrophils",
    "cardiomyocyte": "heart muscle", "hepatocyte": "liver cells", "tubule": "kidney tubules",
    "alveolar": "alveoli", "macrophage": "macrophages", "astrocyte": "astrocytes",
}  # fmt: skip
#: Arm -> label, of the right-hand panel.
ENDS = {
    "health": "cleared", "aseptic": "cleared, damage stays", "septic": "grows too fast",
    "no_septic_exosomes": "blood sheds none", "free_vancomycin": "vancomycin, free",
    "linezolid_exo": "linezolid, carried", "mannose_vancomycin": "mannose, vancomycin",
    "mannose_lysostaphin": "mannose, lysostaphin", "adsc_exo": "MSC of fat", "bm_msc_exo": "MSC of marrow",
    "srikb_exo": "super-repressor IkB", "lactate_lowering": "lactate lowered",
}  # fmt: skip
FLOOR = 1e-7


def enough(run: Any, route: tuple[str, str, str, str, str, str]) -> np.ndarray[Any, Any]:
    """The most that vesicles bring, beyond the cell's own, over what acts half; one per draw."""
    _, cell, what, place, _, arm = route
    output = f"{cell}.held.{what}" if place == "held" else f"{cell}.copies.{what}.{place}"
    there = run.series(output, arm)
    brought = np.asarray((there - there.isel(time=0)).max("time"))
    half = run.parameters(arm)[f"{cell}.signals.{what} @{place}.half"]
    return np.maximum(brought / half, FLOOR)


def picture() -> str:
    """What arrives over what acts by route, and what patients come to, as SVG text."""
    arms = sorted({route[-1] for routes in ROUTES.values() for route in routes} | set(ENDS))
    run = vesiflux.run("sepsis", arms=arms, draws=64, seed=1, store="vesiflux-runs")
    with drawing():
        figure = Figure(figsize=(10.0, 7.2), layout="constrained")
        routes, ends = figure.subplots(1, 2, width_ratios=(2.1, 1))
        y, ticks = 0, []
        for group, listed in ROUTES.items():
            routes.text(FLOOR, y, group, fontweight="bold", color=INK, va="center")
            y += 1
            for route in listed:
                low, middle, high = np.quantile(enough(run, route), (0.05, 0.5, 0.95))
                colour = KINDS[route[4]][0]
                routes.plot([low, high], [y, y], color=colour, lw=2.2, alpha=0.4, solid_capstyle="butt")
                routes.plot(middle, y, "o", ms=4, color=colour)
                label = "" if route[3] == "held" else f": {route[2]}"
                ticks.append((y, f"{route[0]} → {CALLED.get(route[1], route[1])}{label}"))
                y += 1
        routes.axvspan(FLOOR, 1, color=RULE, alpha=0.15, lw=0)
        routes.axvline(1, color=MUTED, lw=0.8)
        routes.set(xscale="log", xlim=(FLOOR, 1e5), ylim=(y, -1), title="What arrives over what acts half")
        log_axis(routes.xaxis, FLOOR, 1e5)
        routes.set_yticks([at for at, _ in ticks], [text for _, text in ticks], fontsize=7)
        keys = [Line2D([], [], color=c, marker="o", ms=4, lw=2.2, label=text) for c, text in KINDS.values()]
        routes.legend(handles=keys, loc="upper center", bbox_to_anchor=(0.35, -0.06), ncols=2, frameon=False)

        for i, arm in enumerate(ENDS):
            for output, colour, gap in (
                ("patient.acute_inflammation.pathogen", "#B3261E", -0.16),
                ("patient.acute_inflammation.damage", "#5f6b7a", 0.16),
            ):
                low, middle, high = np.quantile(run.final(output, arm), (0.05, 0.5, 0.95))
                ends.plot([low, high], [i + gap] * 2, color=colour, lw=2.2, alpha=0.4, solid_capstyle="butt")
                ends.plot(middle, i + gap, "o", ms=4, color=colour)
            alive = np.median(run.final("patient.ward.survival", arm))
            ends.text(17.6, i, f"{100 * alive:.0f} %", va="center", ha="right", color=INK, fontsize=7.5)
        ends.text(17.6, -0.75, "alive", va="center", ha="right", color=INK, fontsize=7.5)
        ends.axhline(2.5, color=RULE, lw=0.8)
        ends.set_yticks(range(len(ENDS)), list(ENDS.values()), fontsize=7)
        ends.set(
            xlim=(0, 17.8),
            ylim=(len(ENDS) - 0.4, -1.1),
            title="The patient after 48 h",
            xlabel="without unit",
        )
        keys = [
            Line2D([], [], color="#B3261E", marker="o", ms=4, lw=2.2, label="pathogen"),
            Line2D([], [], color="#5f6b7a", marker="o", ms=4, lw=2.2, label="damage"),
        ]
        ends.legend(handles=keys, loc="upper center", bbox_to_anchor=(0.4, -0.06), ncols=2, frameon=False)
        return to_svg(figure, "Who sends what to whom in sepsis, and is it enough")


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(picture(), encoding="utf-8")
