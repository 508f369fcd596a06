"""Make ``nk.svg``, the picture in the README of the nk model: what NK exosomes do at which dose.

From the root of the repository, in an environment with vesiflux (half a minute):

    .venv/bin/python docs/assets/nk.py

Seed and draws are fixed: the same version gives the same picture. Blocks go to ``vesiflux-runs`` and are not
computed twice.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import vesiflux
from vesiflux.report.style import SPARE_COLOURS, drawing, log_axis, to_svg

DOSES = (1e8, 1e9, 1e10, 1e11)
ARMS = tuple(f"nk_exo_{dose:.0e}".replace("e+", "e").replace("e0", "e") for dose in DOSES)
#: Output, label.
SHOWN = (
    ("tumour.node.tumour_cell_death", "tumour: death"),
    ("tumour.node.caspase_independent_death", "tumour: death without caspases"),
    ("glioblastoma.node.tumour_cell_death", "glioblastoma: death"),
    ("activated.node.activated_immune_cell_death", "activated immune cells: death"),
    ("immune.node.immune_cell_death", "resting immune cells: death"),
    ("macrophage.node.nlrp3_inflammasome", "macrophages: inflammasome"),
)


def picture() -> str:
    """Level of six outcomes against the dose, median and 5-95 % of the draws, as SVG text."""
    run = vesiflux.run("nk", arms=["control", "no_nk", *ARMS], draws=64, seed=1, store="vesiflux-runs")
    with drawing():
        figure = Figure(figsize=(9.6, 5.4), layout="constrained")
        for axes, (output, title), colour in zip(
            figure.subplots(2, 3, sharex=True, sharey=True).flat, SHOWN, SPARE_COLOURS, strict=False
        ):
            low, middle, high = np.array(
                [np.quantile(run.final(output, arm), (0.05, 0.5, 0.95)) for arm in ARMS]
            ).T
            axes.fill_between(DOSES, low, high, color=colour, alpha=0.2, lw=0)
            axes.plot(DOSES, middle, "o-", ms=4, color=colour)
            for arm, style in (("control", "-"), ("no_nk", ":")):
                axes.axhline(float(np.median(run.final(output, arm))), color=colour, lw=0.8, ls=style)
            axes.set(title=title, xscale="log", ylim=(0, 1))
            log_axis(axes.xaxis, DOSES[0], DOSES[-1])
        figure.supxlabel("NK exosomes in place of NK cells, per mL (line: NK cells, dotted: neither)")
        figure.supylabel("level after 48 h")
        return to_svg(figure, "Outcomes in six kinds of cells against the dose of NK exosomes")


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(picture(), encoding="utf-8")
