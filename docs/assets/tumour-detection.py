"""From tumour volume to what an assay sees: ``tumour-detection.tsv`` and ``tumour-detection.svg``.

From the root of the repository, in an environment with vesiflux (about a minute of one core):

    .venv/bin/python docs/assets/tumour-detection.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import vesiflux
from vesiflux.library.tumours import People, assays, decides, markers, people, screening, smallest_volume

TABLE, FIGURE = (Path(__file__).with_suffix(end) for end in (".tsv", ".svg"))
DRAWS = 512
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
#: What is positive among other vesicles: name, share, colour.
BACKGROUNDS = (
    ("a thousandth of other vesicles positive", 1e-3, "#d55e00"),
    ("a millionth", 1e-6, "#0072b2"),
    ("none", 0.0, "#009e73"),
)
COUNTED = np.logspace(3, 8, 11)
PUBLISHED = 0.1  # mL, row V_lim
SYMPTOMS = 30.0  # mL, 39 mm across
TITLES = {
    "shed": "vesicles shed by a cell",
    "to_blood": "share that reaches the blood",
    "cells_per_volume": "tumour cells per volume",
    "background": "positive background",
    "other": "copies on other vesicles",
    "shown": "positive share of its own",
    "copies": "copies on its own",
    "clearance": "clearance",
    "release": "the body's own release",
    "sample": "sample",
    "recovery": "recovery",
    "limit": "limit of the assay",
}


def quantiles(values: np.ndarray) -> list[float]:
    """5, 25, 50, 75 and 95 % points; infinite values stay at the top."""
    return [float(x) for x in np.quantile(values, POINTS, method="inverted_cdf")]


def operation(species: str) -> tuple[np.ndarray, np.ndarray]:
    """Hours since an operation and the tumour's level over that before, shape (draw, time)."""
    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run(
            "tumour-detection", arms=["operated"], draws=128, set={"species": species}, store=Path(folder)
        )
        hours = np.asarray(run.times) - 24.0
        level = np.asarray(run.series("blood.small_ev.tumour", "operated"))
    start = int(np.argmin(np.abs(hours)))
    return hours[start:], level[:, start:] / level[:, start, None]


def rows(group: People) -> list[list[Any]]:
    """What the page shows: kind, name, further name, five numbers."""
    found: list[list[Any]] = []
    for counted in 10.0 ** np.arange(3, 9):
        for marker in markers():
            volume = smallest_volume(group, "single", marker, {"counted": counted})
            found.append(["counted", f"{counted:.0e}", marker, *quantiles(volume)])
    for assay, row in assays().items():
        for specificity in (0.95, 0.99):
            volume = smallest_volume(group, assay, specificity=specificity)
            found.append(["assay", assay, f"{row['marker']}, {specificity:g}", *quantiles(volume)])
    for sample in (0.1, 1.0, 10.0):
        volume = smallest_volume(group, "single", given={"counted": 1e12, "sample": sample})
        found.append(["sample", f"{sample:g}", "mutant, all counted", *quantiles(volume)])
    for counted in (1e6, 1e8):
        volume = smallest_volume(group, "single", given={"counted": counted})
        for days in (182.0, 365.0):
            seen = screening(group, volume, days, SYMPTOMS)
            early = np.isfinite(seen.detected) & np.isfinite(seen.lead)
            name = f"{counted:.0e}, every {days:.0f} days"
            found.append(["screening", name, f"{seen.found:.3f}", *quantiles(seen.lead[early] / 365.25)])
    for species in ("human", "mouse"):
        hours, level = operation(species)
        for share in (0.5, 0.1, 0.01):
            passed = level <= share
            at = np.where(passed.any(axis=1), hours[passed.argmax(axis=1)], np.inf)
            found.append(["operation", species, f"{share:g}", *quantiles(at)])
    return found


def detectable(axes: Axes, group: People) -> None:
    """Volume against vesicles counted."""
    given = {"sample": 10.0}  # so that no sample runs out
    for name, background, colour in BACKGROUNDS:
        bands = np.array(
            [
                quantiles(
                    smallest_volume(
                        group, "single", given=given | {"counted": float(n), "background": background}
                    )
                )
                for n in COUNTED
            ]
        )
        axes.fill_between(COUNTED, bands[:, 1], bands[:, 3], color=colour, alpha=0.2, lw=0)
        axes.plot(COUNTED, bands[:, 2], color=colour, label=name)
    axes.axhline(PUBLISHED, color="#222222", lw=1, ls=":")
    axes.annotate(
        "published, 0.1 mL", (1.2e3, PUBLISHED), xytext=(0, 3), textcoords="offset points", fontsize=8
    )
    axes.set(
        xscale="log", yscale="log", xlim=(1e3, 1e8), ylim=(3e-3, 3e4),
        xlabel="vesicles counted", ylabel="smallest tumour detected, mL",
    )  # fmt: skip
    axes.legend(
        frameon=False, fontsize=7, title="median, and half of all people", title_fontsize=7,
        loc="upper center", bbox_to_anchor=(0.5, -0.2),
    )  # fmt: skip


def decided(axes: Axes, shares: dict[str, dict[str, tuple[float, float]]]) -> None:
    """Share of the variance by assay."""
    shown = [n for n in TITLES if max(found.get(n, (0, 0))[1] for found in shares.values()) > 0.03]
    colours = [
        "#0072b2",
        "#56b4e9",
        "#009e73",
        "#d55e00",
        "#e69f00",
        "#cc79a7",
        "#999999",
        "#222222",
        "#f0e442",
    ]
    left = np.zeros(len(shares))
    for name, colour in zip(shown, colours, strict=False):
        width = np.array([found.get(name, (0.0, 0.0))[1] for found in shares.values()])
        axes.barh(range(len(shares)), width, left=left, color=colour, label=TITLES[name])
        left += width
    axes.set(yticks=range(len(shares)), xlabel="share of the variance (total)", xlim=(0, 1.15))
    axes.set_yticklabels(list(shares))
    axes.invert_yaxis()
    axes.legend(frameon=False, fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2))


def fallen(axes: Axes) -> None:
    """Level after an operation."""
    for species, colour in (("human", "#0072b2"), ("mouse", "#d55e00")):
        hours, level = operation(species)
        low, middle, high = np.quantile(level, [0.05, 0.5, 0.95], axis=0)
        axes.fill_between(hours, low, high, color=colour, alpha=0.2, lw=0)
        axes.plot(hours, middle, color=colour, label=species)
    axes.set(
        yscale="log", xlim=(0, 48), ylim=(1e-5, 1), xlabel="hours after the operation",
        ylabel="tumour's vesicles over before",
    )  # fmt: skip
    axes.legend(
        frameon=False, fontsize=7, title="median, 5 to 95 %", title_fontsize=7,
        loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2,
    )  # fmt: skip


if __name__ == "__main__":
    everybody = people(DRAWS)
    shares = {assay: decides(assay, group=everybody, points=512) for assay in assays()}
    with TABLE.open("w", encoding="utf-8") as file:
        file.write("kind\tname\twhat\tp5\tp25\tp50\tp75\tp95\n")
        for row in rows(everybody):
            file.write("\t".join(f"{x:.3g}" if isinstance(x, float) else str(x) for x in row) + "\n")
        for assay, found in shares.items():
            for name, (first, total) in found.items():
                file.write(f"decides\t{assay}\t{TITLES[name]}\t{first:.3f}\t\t{total:.3f}\t\t\n")
    figure = Figure(figsize=(10.5, 3.6), layout="constrained")
    panels = figure.subplots(1, 3, width_ratios=(1.15, 1, 0.9))
    detectable(panels[0], everybody)
    decided(panels[1], shares)
    fallen(panels[2])
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    with rc_context({"svg.hashsalt": "tumour-detection", "svg.fonttype": "none"}):
        figure.savefig(FIGURE, metadata={"Date": None})
