"""What integrins on a vesicle foretell, and which cells take up what: tables and a picture.

    python docs/assets/tropism.py

Writes ``predictions.tsv`` and ``predictions-rna.tsv`` beside the model `organotropism`: the organ foretold
for vesicles with none, one or two of its integrins at the level of their studies, with ligands on the cells
that the study saw and by the RNA of organs. Beside itself, ``uptake-matrix.tsv`` and ``uptake-matrix.svg``:
vesicles that a cell of every kind holds an hour after 1e10, by what is on them; ``targeting-controls.tsv``:
no-change controls that fail, at lower doses.
"""

from __future__ import annotations

import csv
import itertools
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "src" / "vesiflux" / "library" / "organotropism"
DRAWS, SEED, DOSE = 64, 1, 1e10
#: Arms of the model, and what is on their vesicles.
SURFACES = {
    "plain": "nothing",
    "a6b4": "α6β4",
    "a6b1": "α6β1",
    "avb5": "αvβ5",
    "avb3": "αvβ3",
    "aMb2": "αMβ2",
    "mannose": "mannose",
    "cd47": "CD47",
    "stealth": "hidden",
    "targeting_peptide": "peptide",
}


def predictions(ligands: str) -> list[dict[str, Any]]:
    """By one map of ligands, a row per profile: the organ foretold, its odds, and how sure that is."""
    from vesiflux.library.tropism import integrins, predicted_organ

    profiles = [c for n in (0, 1, 2) for c in itertools.combinations(integrins(), n)]
    rows = []
    for profile in profiles:
        found = predicted_organ(dict.fromkeys(profile, 1.0), DOSE, draws=DRAWS, seed=SEED, ligands=ligands)
        best = max(found.odds, key=found.odds.__getitem__)
        rows.append(
            {
                "profile": "+".join(profile) or "none",
                "organ": found.organ or "none",
                "chance": f"{found.chance[found.organ]:.2f}",
                "most": best,
                "odds": f"{found.odds[best]:.3g}",
                "low": f"{found.low[best]:.3g}",
                "high": f"{found.high[best]:.3g}",
                "lung": f"{found.odds['lung']:.3g}",
                "liver": f"{found.odds['liver']:.3g}",
                "brain": f"{found.odds['brain']:.3g}",
                "tumour": f"{found.odds['tumour']:.3g}",
            }
        )
    return rows


def uptake() -> tuple[list[str], np.ndarray]:
    """Kinds of cells that take vesicles up, and what one holds after an hour, (cell, surface): medians."""
    import vesiflux

    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run("organotropism", arms=list(SURFACES), draws=DRAWS, seed=SEED, store=Path(folder))
        end = ".held.exosome"
        found = list(dict.fromkeys(n.partition(".")[0] for n in run.outputs(True) if n.endswith(end)))
        hour = int(np.argmin(np.abs(np.asarray(run.times) - 1.0)))
        held = [[float(np.median(_held(run, cell, arm)[:, hour])) for arm in SURFACES] for cell in found]
    return found, np.array(held)


def _held(run: Any, cell: str, arm: str) -> np.ndarray:
    """Vesicles that a cell holds in the mean of its states, (draw, time)."""
    from vesiflux.language import load

    paths = [f"{cell}.{state}" for state in load("organotropism").spec.cells[cell].states] or [cell]
    counts = [np.asarray(run.series(f"{path}.count", arm)) for path in paths]
    levels = [np.asarray(run.series(f"{path}.held.exosome", arm)) for path in paths]
    return np.asarray(sum(x * n for x, n in zip(levels, counts, strict=True)) / sum(counts))


def controls() -> list[dict[str, Any]]:
    """Quotients that a tenth of the dose should leave as they are, at lower and lower doses."""
    import vesiflux

    quotients = {
        "targeting-control-021": ("organs.lung.dose.label", "organs.liver.dose.label", 24.0),
        "targeting-control-022": ("lung_fibroblast", "lung_epithelium", 1.0),
        "targeting-control-023": ("organs.spleen.dose.label", "organs.liver.dose.label", 24.0),
    }
    doses = [10.0**n for n in (10, 9, 8, 7, 6)]
    seen: dict[float, dict[str, np.ndarray]] = {}
    for dose in doses:
        with tempfile.TemporaryDirectory() as folder:
            run = vesiflux.run(
                "organotropism",
                arms=["plain"],
                draws=DRAWS,
                seed=SEED,
                set={"dose": dose},
                store=Path(folder),
            )
            seen[dose] = {}
            for control, (one, other, hours) in quotients.items():
                at = int(np.argmin(np.abs(np.asarray(run.times) - hours)))
                parts = [
                    np.asarray(run.series(n, "plain")) if "." in n else _held(run, n, "plain")
                    for n in (one, other)
                ]
                seen[dose][control] = parts[0][:, at] / parts[1][:, at]
    rows = []
    for control in quotients:
        for dose, tenth in itertools.pairwise(doses):
            fold = np.log2(seen[tenth][control] / seen[dose][control])
            rows.append(
                {"control": control, "dose": f"{dose:.0e}", "tenth": f"{tenth:.0e}"}
                | {"fold": f"{2 ** np.median(fold):.3f}", "right": f"{np.mean(np.abs(fold) < 0.1):.2f}"}
            )
    return rows


def write(path: Path, head: str, rows: list[Mapping[str, Any]]) -> None:
    """A tab-separated table with a line that says what it is."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("".join(f"# {line}\n" for line in head.splitlines()))
        table = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def draw(cells: list[str], held: np.ndarray, path: Path) -> None:
    """A heat map: colour is the fold against vesicles with nothing, the number what a cell holds."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from vesiflux.language import load

    mpl.rcParams["svg.hashsalt"] = "vesiflux"
    spec = load("organotropism").spec
    order = sorted(range(len(cells)), key=lambda i: (spec.cells[cells[i]].within, cells[i]))
    fold = np.log2(held / held[:, :1])[order]
    figure, axes = plt.subplots(figsize=(8.6, 7.0), layout="constrained")
    image = axes.imshow(fold, cmap="RdBu_r", vmin=-3.5, vmax=3.5, aspect="auto")
    axes.set_xticks(range(len(SURFACES)), list(SURFACES.values()), rotation=30, ha="left")
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(order)), [spec.cells[cells[i]].title for i in order])
    axes.tick_params(length=0)
    for y, i in enumerate(order):
        for x in range(len(SURFACES)):
            dark = abs(fold[y, x]) > 2.2
            told = f"{held[i, x]:.0f}" if held[i, x] >= 10 else f"{held[i, x]:.2g}"
            axes.text(x, y, told, ha="center", va="center", fontsize=7.5, color="w" if dark else "k")
    bar = figure.colorbar(image, ax=axes, shrink=0.6, ticks=[-3, -2, -1, 0, 1, 2, 3])
    bar.ax.set_yticklabels(["1/8", "1/4", "1/2", "1", "2", "4", "8"])
    bar.set_label("times what it holds of vesicles with nothing on them")
    figure.suptitle("Vesicles that one cell holds an hour after 1e10 into a mouse's vein", fontsize=11)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Write everything."""
    for ligands, name in (("study", "predictions.tsv"), ("rna", "predictions-rna.tsv")):
        told = "on the cells that the study saw" if ligands == "study" else "by the RNA of organs"
        write(
            MODEL / name,
            f"Organ foretold by the integrins on a vesicle, ligands {told}: median over 64 draws of the\n"
            "odds of its label to be there after 24 h over those of a vesicle without, 5 to 95 % in low and\n"
            "high; none where no odds are 1.2 or more; chance: share of the draws that foretell the same.",
            predictions(ligands),
        )
    write(
        HERE / "targeting-controls.tsv",
        "No-change controls that say that shares of a dose do not depend on it: what a tenth of a dose\n"
        "does to the quotient, median fold, and the share of 64 draws that it leaves as it is (log2 < 0.1).",
        controls(),
    )
    cells, held = uptake()
    write(
        HERE / "uptake-matrix.tsv",
        "Vesicles that one cell holds an hour after 1e10 vesicles into a vein, by what is on them;\n"
        "medians of 64 draws.",
        [
            {"cell": c} | {s: f"{x:.3g}" for s, x in zip(SURFACES, row, strict=True)}
            for c, row in zip(cells, held, strict=True)
        ],
    )
    draw(cells, held, HERE / "uptake-matrix.svg")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1] / "src"))
    main()
