"""What doses and how many weeks of vesicles make a niche: a table and a picture of the model `organotropism`.

    python docs/assets/niche.py

Writes, beside itself, ``niche.tsv``, ``niche-rests.tsv`` and ``niche.svg``: every other day for six weeks, at
five doses, vesicles with integrins for the lung and for the liver; cells educated, the niche, how many more
tumour cells lodge, after one, two, three and six weeks. Medians of the draws with 5 and 95 %. And after three
weeks of 1e10, with one assumption at a time changed.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
DRAWS, SEED = 48, 1
WEEKS = (1, 2, 3, 6)
DOSES = (1e8, 1e9, 1e10, 1e11, 1e12)
#: Tumour cells lodged where there is no niche.
LODGED = 2000.0
#: Arm -> organ, cells that are educated, cells of the niche, tumour cells that lodge, colour.
ARMS = {
    "educated_a6": ("lung", "lung_fibroblast", "lung_fibroblast", "lung_seed", "#1f77b4"),
    "educated_avb5": ("liver", "kupffer", "stellate", "liver_seed", "#d62728"),
}
#: What a table's row and a panel's curve show.
SHOWN = {
    "educated": "share of fibroblasts (lung), Kupffer cells educated",
    "niche": "pre-metastatic niche (0 to 1)",
    "lodging": "tumour cells that lodge, times as many",
}
#: 5 and 10 ug at 3e9 vesicles per ug, as `vesiflux dose` has it.
PUBLISHED = (1.57e10, 3.14e10)


def model() -> Any:
    """`organotropism`, given every other day for six weeks in place of three."""
    from vesiflux.language import Model, load

    spec = load("organotropism").to_dict()
    spec["run"] |= {"for": "42 d", "record": "24 h"}
    for item in spec["schedule"]:
        if item.get("parameter") == "education_dose":
            item["times"] = 21
    return Model.from_dict(spec)


def scan() -> list[dict[str, Any]]:
    """One row per dose, organ, week and quantity."""
    import vesiflux

    made, rows = model(), []
    for dose in DOSES:
        with tempfile.TemporaryDirectory() as folder:
            run = vesiflux.run(
                made,
                arms=list(ARMS),
                draws=DRAWS,
                seed=SEED,
                set={"education_dose": dose},
                store=Path(folder),
            )
            for arm, (organ, cell, niche, seed, _) in ARMS.items():
                found = {
                    "educated": share(run, arm, cell),
                    "niche": mean(run, arm, niche),
                    "lodging": np.asarray(run.series(f"{seed}.count", arm)) / LODGED,
                }
                for what, series in found.items():
                    for week in WEEKS:
                        day = int(np.argmin(np.abs(np.asarray(run.times) - 168.0 * week)))
                        low, middle, high = np.quantile(series[:, day], (0.05, 0.5, 0.95))
                        rows.append(
                            {"dose": f"{dose:.0e}", "organ": organ, "weeks": week, "what": what}
                            | {"median": f"{middle:.3g}", "low": f"{low:.3g}", "high": f"{high:.3g}"}
                        )
    return rows


def rests() -> list[dict[str, Any]]:
    """What the niche of three weeks at 1e10 rests on: one row per changed assumption and organ."""
    import vesiflux

    cells = ("kupffer", "lung_fibroblast", "marrow_progenitor")
    changed: dict[str, dict[str, float]] = {
        "as it is": {},
        "no mark is kept": {f"{c}.behaviours.1.max": 0.0 for c in cells},
        "educated in hours (0.4 /h)": {f"{c}.behaviours.1.max": 0.4 for c in cells},
        "educated in ten days (0.004 /h)": {f"{c}.behaviours.1.max": 0.004 for c in cells},
        "lost in three days (0.01 /h)": {f"{c}.behaviours.2.max": 0.01 for c in cells},
        "never lost": {f"{c}.behaviours.2.max": 0.0 for c in cells},
        "half of the effect at 3 vesicles held": {f"{c}.signals.exosome @held.half": 3.0 for c in cells},
        "half of the effect at 300": {f"{c}.signals.exosome @held.half": 300.0 for c in cells},
    }
    rows = []
    for what, settings in changed.items():
        with tempfile.TemporaryDirectory() as folder:
            run = vesiflux.run(
                "organotropism", arms=list(ARMS), draws=DRAWS, seed=SEED, store=Path(folder), set=settings
            )
            for arm, (organ, cell, niche, seed, _) in ARMS.items():
                row: dict[str, Any] = {"assumption": what, "organ": organ}
                for name, series in (
                    ("educated", share(run, arm, cell)),
                    ("niche", mean(run, arm, niche)),
                    ("lodging", np.asarray(run.series(f"{seed}.count", arm)) / LODGED),
                ):
                    low, middle, high = np.quantile(series[:, -1], (0.05, 0.5, 0.95))
                    row |= {name: f"{middle:.3g}", f"{name}_low": f"{low:.3g}", f"{name}_high": f"{high:.3g}"}
                rows.append(row)
    return rows


def share(run: Any, arm: str, cell: str) -> np.ndarray:
    """Educated cells over all of the type, (draw, time)."""
    return np.asarray(run.series(f"{cell}.educated.count", arm)) / run.series(f"{cell}.count", arm)


def mean(run: Any, arm: str, cell: str) -> np.ndarray:
    """The niche in the mean of a cell type, (draw, time)."""
    node = "node.pre_metastatic_niche"
    if f"{cell}.{node}" in run.outputs(True):
        return np.asarray(run.series(f"{cell}.{node}", arm))
    states = ("resident", "educated")
    counts = [np.asarray(run.series(f"{cell}.{s}.count", arm)) for s in states]
    levels = [np.asarray(run.series(f"{cell}.{s}.{node}", arm)) for s in states]
    return np.asarray(sum(x * n for x, n in zip(levels, counts, strict=True)) / sum(counts))


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Educated cells, the niche and lodging against the dose, after one, three and six weeks."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "vesiflux"
    figure, axes = plt.subplots(1, 3, figsize=(11.5, 4.0), layout="constrained")
    for panel, (what, label) in zip(axes, SHOWN.items(), strict=True):
        for organ, *_, colour in ARMS.values():
            for week, style in ((1, ":"), (3, "-"), (6, "--")):
                here = [r for r in rows if (r["organ"], r["what"], r["weeks"]) == (organ, what, week)]
                x = [float(r["dose"]) for r in here]
                low, middle, high = (
                    np.array([float(r[key]) for r in here]) for key in ("low", "median", "high")
                )
                named = f"{organ}, {week} week{'s'[: week > 1]}"
                panel.plot(x, middle, style, color=colour, label=named, lw=1.6)
                if week == 3:
                    panel.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
        panel.axvspan(*PUBLISHED, color="0.88", zorder=0)
        panel.set_xscale("log")
        panel.set_xlabel("vesicles every other day")
        panel.set_title(label, fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(0, 1)
    axes[1].set_ylim(0, 1)
    told = "5 to 10 ug at 3e9\nvesicles per ug\n(1e8 to 1e11)"
    axes[1].text(0.9 * PUBLISHED[0], 0.98, told, ha="right", va="top", fontsize=7.5, color="0.35")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, frameon=False, loc="outside lower center", ncols=6)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def write(name: str, head: str, rows: list[dict[str, Any]]) -> None:
    """A tab-separated table beside this file, with a line that says what it is."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        file.write("".join(f"# {line}\n" for line in head.splitlines()))
        table = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main() -> None:
    """Write everything."""
    rows = scan()
    write(
        "niche.tsv",
        "Vesicles every other day into a mouse's vein: share of cells educated (lung fibroblasts, Kupffer\n"
        "cells), the niche (0 to 1), how many times as many tumour cells lodge; 48 draws.",
        rows,
    )
    write(
        "niche-rests.tsv",
        "The same after three weeks of 1e10 every other day, one assumption at a time changed in all cells.",
        rests(),
    )
    draw(rows, HERE / "niche.svg")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1] / "src"))
    main()
