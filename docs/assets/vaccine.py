"""Antibody over time and protection against dose of the vesicle vaccines, with draws of what is uncertain.

    python docs/assets/vaccine.py

Writes ``vaccine.tsv`` and ``vaccine.svg`` beside it (some minutes). Runs the library's model `vaccine`: every
vaccine at doses from 1e7 to 1e12 vesicles, once and twice; arms that tell what a vesicle brings, at 1e10.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vesiflux import Run

    Floats = npt.NDArray[np.float64]

HERE = Path(__file__).resolve().parent
DRAWS = 128
DOSES = (1e7, 1e8, 1e9, 1e10, 1e11, 1e12)
#: Vaccine -> antigen whose antibody is shown, module of the challenge, how it is called.
VACCINES = {
    "sa_omv": ("Hla", "staphylococcus", "OMV, four antigens of S. aureus"),
    "toxoplasma": ("parasite", "toxoplasmosis", "exosomes of Toxoplasma"),
    "salmonella_omv": ("RBD", "virus", "OMV of Salmonella, RBD"),
    "rbd_exosome": ("RBD", "virus", "exosomes with RBD, inhaled"),
}
#: Arms at the usual dose that tell what the vesicle brings.
ARMS = (
    "no_vaccine", "empty", "prime", "boost_2w", "boost_3w", "boost_4w", "few_copies", "no_adjuvant",
    "soluble", "soluble_adjuvant", "Hla_alone", "SpA_alone", "LukE_alone", "ClfA_alone", "no_ClfA",
)  # fmt: skip
HELA = ("no_vaccine", "hela_empty", "hela_no_tlr3", "hela_no_icd", "hela_exos")
#: Days after the first dose: just before the challenge, and two weeks after it; treatment of a tumour.
BEFORE, AFTER, TUMOUR = 41.0, 56.0, 21.0
#: An outcome of half or more counts: alive, or less than half of the epithelium infected.
HALF = 0.5
COLUMNS = ("vaccine", "arm", "dose", "igg", "igg_low", "igg_high", "iga", "outcome", "outcome_low",
           "outcome_high", "protected")  # fmt: skip


def main() -> int:
    """Run everything, write the table and the picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "vaccine", "svg.fonttype": "none", "font.size": 8})
    import matplotlib.pyplot as plt

    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        rows = list(_doses(store))
        usual = _run(store, ARMS)
        rows += [_row(usual, "sa_omv", arm, 1e10) for arm in ARMS]
        rows += list(_tumours(store))
        with (HERE / "vaccine.tsv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), constrained_layout=True)
        _antibody(axes[0], usual)
        _protection(axes[1], rows)
        _brought(axes[2], rows)
        figure.savefig(HERE / "vaccine.svg", metadata={"Date": None})
    return 0


def _run(store: Path, arms: Sequence[str], **given: str) -> Run:
    import vesiflux

    return vesiflux.run("vaccine", arms=list(arms), draws=DRAWS, set=given, store=store, threads=2)


def _series(run: Run, output: str, arm: str) -> Floats:
    """Draws by times."""
    import numpy as np

    return np.asarray(run.series(output, arm).transpose("draw", "time"))


def _at(run: Run, output: str, arm: str, day: float) -> Floats:
    import numpy as np

    return _series(run, output, arm)[:, int(np.argmin(np.abs(run.times / 24 - day)))]


def _outcome(run: Run, challenge: str, arm: str) -> Floats:
    """Alive two weeks after the challenge; of a virus, the share of epithelium that stays free of it."""
    import numpy as np

    if challenge == "virus":
        return np.maximum(1.0 - _at(run, "host.virus.uptake", arm, AFTER), 0.0)
    return _at(run, f"host.{challenge}.survival", arm, AFTER)


def _row(run: Run, vaccine: str, arm: str, dose: float) -> dict[str, Any]:
    import numpy as np

    antigen, challenge, _ = VACCINES[vaccine]
    igg = np.percentile(_at(run, f"host.{antigen}.igg", arm, BEFORE), [50, 5, 95])
    outcome = _outcome(run, challenge, arm)
    shown = np.percentile(outcome, [50, 5, 95])
    return {
        "vaccine": vaccine, "arm": arm, "dose": f"{dose:g}",
        "igg": f"{igg[0]:.3g}", "igg_low": f"{igg[1]:.3g}", "igg_high": f"{igg[2]:.3g}",
        "iga": f"{np.median(_at(run, f'host.{antigen}.iga', arm, BEFORE)):.3g}",
        "outcome": f"{shown[0]:.3g}", "outcome_low": f"{shown[1]:.3g}", "outcome_high": f"{shown[2]:.3g}",
        "protected": f"{np.mean(outcome > HALF):.3g}",
    }  # fmt: skip


def _doses(store: Path) -> Iterator[dict[str, Any]]:
    for vaccine in VACCINES:
        for dose in DOSES:
            run = _run(store, ("no_vaccine", "prime", "boost_3w"), vaccine=vaccine, dose=f"{dose:g}")
            if dose == DOSES[0]:
                yield _row(run, vaccine, "no_vaccine", 0.0)
            for arm in ("prime", "boost_3w"):
                yield _row(run, vaccine, arm, dose)


def _tumours(store: Path) -> Iterator[dict[str, Any]]:
    """Volume of the tumour over that of the same mouse untreated."""
    import numpy as np

    for dose in DOSES[2:]:
        run = _run(store, HELA, tumour_dose=f"{dose:g}")
        plain = _at(run, "host.tumour.volume", "no_vaccine", TUMOUR)
        for arm in HELA[1:]:
            fold = _at(run, "host.tumour.volume", arm, TUMOUR) / plain
            shown = np.percentile(fold, [50, 5, 95])
            yield {
                "vaccine": "hela_exos", "arm": arm, "dose": f"{dose:g}", "igg": "", "igg_low": "",
                "igg_high": "", "iga": "", "outcome": f"{shown[0]:.3g}", "outcome_low": f"{shown[1]:.3g}",
                "outcome_high": f"{shown[2]:.3g}", "protected": f"{np.mean(fold < HALF):.3g}",
            }  # fmt: skip


def _antibody(axes: Any, run: Run) -> None:
    import numpy as np

    days = run.times / 24
    for arm, label in (("boost_3w", "two doses"), ("prime", "one dose"), ("no_adjuvant", "two, no adjuvant"),
                       ("soluble", "two, in solution")):  # fmt: skip
        curves = np.maximum(_series(run, "host.Hla.igg", arm), 1e-6)
        low, middle, high = np.percentile(curves, [25, 50, 75], axis=0)
        (line,) = axes.plot(days, middle, label=label)
        axes.fill_between(days, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.axvline(42, color="0.6", linewidth=0.8, linestyle=":")
    axes.set(yscale="log", ylim=(1e-4, 100), xlabel="day", ylabel="IgG against alpha toxin, ug/mL")
    axes.set_title("OMV, four antigens, 1e10: antibody", fontsize=8)
    axes.legend(frameon=False, fontsize=7)


def _protection(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    for vaccine, (_, _, label) in VACCINES.items():
        points = {float(r["dose"]): float(r["protected"]) for r in rows
                  if r["vaccine"] == vaccine and r["arm"] in ("no_vaccine", "boost_3w")}  # fmt: skip
        bare = points.pop(0.0)
        doses = sorted(points)
        (line,) = axes.plot(doses, [points[d] for d in doses], marker="o", markersize=3, label=label)
        axes.axhline(bare, color=line.get_color(), linewidth=0.7, linestyle=":")
    axes.set(xscale="log", ylim=(0, 1), xlabel="vesicles per dose, two doses", ylabel="share protected")
    axes.set_title("protection (dotted: no vaccine)", fontsize=8)
    axes.legend(frameon=False, fontsize=6.5, loc="upper left")


def _brought(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    names = ("few_copies", "soluble", "soluble_adjuvant", "no_adjuvant", "prime", "boost_3w")
    last = {r["arm"]: r for r in rows if r["vaccine"] == "sa_omv" and r["dose"] == "1e+10"}
    for place, arm in enumerate(names):
        row = last[arm]
        low, middle, high = (max(float(row[k]), 1e-7) for k in ("igg_low", "igg", "igg_high"))
        axes.plot([low, high], [place, place], color="0.6", linewidth=1)
        axes.plot(middle, place, marker="o", markersize=4, color="C0")
        axes.text(2e4, place, f"{float(row['protected']):.0%}", fontsize=7, va="center", ha="right")
    axes.set_yticks(range(len(names)), [n.replace("_", " ") for n in names])
    axes.set(xscale="log", xlim=(1e-6, 3e4), xlabel="IgG before the challenge, ug/mL")
    axes.set_title("what the vesicle brings, 1e10; protected", fontsize=8)


if __name__ == "__main__":
    sys.exit(main())
