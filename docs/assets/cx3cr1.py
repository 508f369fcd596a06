"""Make ``cx3cr1.svg``, the picture of the cx3cr1 model: subsets after priming, tumours after transfers, and
the blood score of patients on anti-PD-1.

From the root of the repository, in an environment with vesiflux (half a minute):

    .venv/bin/python docs/assets/cx3cr1.py

Seed and draws are fixed: the same version gives the same picture.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

import vesiflux
from vesiflux.study.cohort import cohort

SUBSETS = {
    "naive": "naive", "teff_neg": "CX3CR1 negative", "teff_int": "intermediate", "teff_hi": "high",
    "pos": "positive in blood", "til": "positive in the tumour",
}  # fmt: skip
TRANSFERS = {
    "control": "untreated", "negative_transferred": "negative cells", "no_conversion": "no conversion",
    "positive_transferred": "high cells", "anti_pd1": "anti-PD-1",
}  # fmt: skip
SHARE = "pos.count / (pos.count + teff_neg.count + teff_int.count + teff_hi.count)"

if __name__ == "__main__":
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "cx3cr1", "font.size": 8})
    import matplotlib.pyplot as plt

    run = vesiflux.run("cx3cr1", draws=64, seed=1, store="vesiflux-runs")
    days = run.times / 24
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.5, 3.0), layout="constrained")
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(SUBSETS)))
    for (cell, label), colour in zip(SUBSETS.items(), colours, strict=True):
        curve = run.series(f"{cell}.count", "viral_infection").median("draw")
        left.plot(days, np.maximum(curve, 1), color=colour, label=label)
    left.set(yscale="log", xlabel="days", ylabel="cells, median", title="After a virus", ylim=(1e3, 5e5))
    left.legend(fontsize=6)
    for (arm, label), colour in zip(TRANSFERS.items(), ["k", "C0", "C9", "C3", "C2"], strict=True):
        tumour = run.series("melanoma.count", arm)
        middle.plot(days, (tumour / tumour.isel(time=0)).median("draw"), color=colour, label=label)
    middle.set(xlabel="days", ylabel="tumour, fold of its start", title="The tumour", ylim=(0, 1.2))
    middle.legend(fontsize=6)
    for score, label in ((f"{SHARE} @ 5 d", "day 5"), (f"{SHARE} @ 5 d less 0 h", "change to day 5")):
        seen = cohort("cx3cr1", score, "melanoma.count @ 10 d over 0 h", "below 0.7", arm="anti_pd1").roc
        label = f"{label}: {seen.auc:.2f} ({seen.low:.2f} to {seen.high:.2f})"
        right.plot(seen.false_positive, seen.true_positive, label=label)
    right.plot([0, 1], [0, 1], color="0.7", lw=0.8)
    right.set(xlabel="false positive share", ylabel="true positive share", aspect="equal")
    right.set_title("Positive share in blood, on anti-PD-1")
    right.legend(fontsize=6, loc="lower right")
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})
