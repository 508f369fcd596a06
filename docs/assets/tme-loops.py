"""Closes and opens every loop of the model tme-whole, doses every therapy, and writes what it finds.

From the root of the repository, in an environment with vesiflux (some minutes):

    .venv/bin/python docs/assets/tme-loops.py

Writes ``tme-loops.tsv``, ``tme-whole-therapies.tsv`` and ``tme-loops.svg`` beside it, and puts the tables
into the model's README between its marks. Seed and draws are fixed: the same version gives the same tables.
"""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vesiflux.store.run import Run

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "src/vesiflux/library/tme-whole/README.md"
DRAWS = 20
Folds = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Loop:
    """A loop, the arms that cut it, and what is read. ``closed``: the arm in which it runs.

    ``raised``: parameters that are set where the loop is looked at a second time, far above the native dose.
    """

    title: str
    cuts: tuple[str, ...]
    reads: tuple[str, ...]
    closed: str = "control"
    raised: dict[str, str] = field(default_factory=dict)


_COPIES = "10 copy/vesicle"
LOOPS = (
    Loop(
        "TAM exosomes: HISLA, HIF1A, glycolysis, lactate (named)",
        ("cut_hisla", "cut_lactate"),
        ("breast.node.aerobic_glycolysis", "tam.node.HISLA"),
        raised={"tam.secretes.tam_exosome.cargo.HISLA.copies": _COPIES},
    ),
    Loop(
        "tumour exosomes: CAF, growth (named)",
        ("cut_caf_uptake", "cut_caf_growth"),
        ("caf.count", "tumour.count"),
    ),
    Loop(
        "interferon gamma: PD-L1 on exosomes, CD8 (implied)",
        ("cut_pdl1", "cut_ifng"),
        ("cd8.node.cd8_cytotoxicity", "cd8.node.PDCD1"),
        raised={"melanoma.secretes.melanoma_exosome.cargo.PD-L1.copies": _COPIES},
    ),
    Loop("tumour exosomes: vessels, supply, growth (implied)", ("cut_vessels",), ("tumour.count",)),
    Loop("tumour exosomes: M2 macrophages, growth (implied)", ("cut_m2",), ("m2.count", "tumour.count")),
    Loop(
        "exhausted CD8: exosomes, CD8 (implied), under chronic antigen",
        ("cut_exhaustion",),
        ("exhausted.count", "cd8.node.cd8_cytotoxicity"),
        closed="chronic_antigen",
    ),
    Loop(
        "colorectal cancer: miR-10b, CAF, miR-92a-3p, Wnt (implied)",
        ("cut_mir10b", "cut_mir92a"),
        ("caf.count", "colorectal.node.emt"),
        raised={
            "colorectal.secretes.colorectal_cancer_exosome.cargo.miR-10b.copies": _COPIES,
            "caf.secretes.caf_exosome.cargo.miR-92a-3p.copies": _COPIES,
        },
    ),
    Loop(
        "fat: macrophages of fat, miR-155, insulin (implied)",
        ("cut_atm", "cut_mir155"),
        ("atm.count", "adipocyte.node.insulin_sensitivity"),
        raised={"atm.secretes.adipose_tissue_macrophage_exosome.cargo.miR-155.copies": _COPIES},
    ),
    Loop(
        "fat: CCL2, macrophages, tumour (implied)",
        ("cut_ccl2",),
        ("macrophage.count", "tumour.node.tumour_progression"),
    ),
    Loop(
        "liver and fat: miR-122, inflammation (homeostatic)",
        ("cut_mir122",),
        ("hepatocyte.node.liver_inflammation", "adipocyte.node.miR-122"),
        raised={"adipocyte.secretes.adipocyte_exosome.cargo.miR-122.copies": _COPIES},
    ),
)
LOOP_COLUMNS = (
    "loop",
    "dose",
    "read",
    "closed",
    "cut by",
    "cut",
    "closed over cut",
    "5-95 %",
    "draws that differ",
)

#: Arm -> what it should move, and the item of the schedule whose amount is its dose (0: a drug).
THERAPIES = {
    "nsmase_inhibitor": ("caf.count", 0),
    "rab27a_loss": ("caf.count", 0),
    "anti_pd1": ("cd8.node.cd8_cytotoxicity", 0),
    "anti_pdl1": ("cd8.node.cd8_cytotoxicity", 0),
    "sorafenib": ("tumour.count", 0),
    "m1nv": ("m2.count", 1),
    "car_exosome": ("tumour.count", 2),
    "smart_exosome": ("tumour.count", 3),
    "brain_endothelial_exosome": ("brain_tumour.count", 4),
    "adenocarcinoma_exosome": ("myeloid.node.inflammation", 5),
    "iexosome": ("pancreatic.count", 6),
    "kras_liposome": ("pancreatic.count", 7),
    "dendritic_cell_exosome": ("tumour.count", 8),
    "dc_exosome_anti_pd1": ("tumour.count", 8),
    "dc_exosome_anti_pd1_sorafenib": ("tumour.count", 8),
    "ptx_m1_exosome": ("tumour.count", 9),
    "hal_m2_exosome": ("site.node.inflammation", 10),
    "nk_exosome": ("tumour.count", 11),
    "msc_exosome": ("tumour.node.drug_resistance", 12),
}
#: Vesicles per mL of interstitium at each giving; the middle one is a mouse's usual dose.
DOSES = ("6.7e6", "6.7e8", "6.7e10", "6.7e12")
THERAPY_COLUMNS = ("therapy", "dose", "read", "fold", "5-95 %", "draws that differ")
#: A change of less than a tenth of a doubling is none.
LEAST = 0.1


def loops(draws: int = DRAWS, chosen: Sequence[Loop] = LOOPS) -> list[dict[str, str]]:
    """One row per loop, dose, reading and cut."""
    rows = []
    with tempfile.TemporaryDirectory() as store:
        for loop in chosen:
            for dose, extra in (("native", {}), ("raised", loop.raised)):
                if dose == "raised" and not extra:
                    continue
                run = _run([loop.closed, *loop.cuts], draws, store, extra)
                rows += [_loop_row(run, loop, dose, read, cut) for read in loop.reads for cut in loop.cuts]
    return rows


def _loop_row(run: Run, loop: Loop, dose: str, read: str, cut: str) -> dict[str, str]:
    closed, opened = (np.asarray(run.final(read, arm), dtype=float) for arm in (loop.closed, cut))
    folds = _folds(closed, opened)
    return {
        "loop": loop.title,
        "dose": dose,
        "read": read,
        "closed": f"{np.median(closed):.3g}",
        "cut by": cut,
        "cut": f"{np.median(opened):.3g}",
        "closed over cut": f"{np.median(folds):.3g}",
        "5-95 %": _band(folds),
        "draws that differ": _differ(folds),
    }


def therapies(draws: int = DRAWS, arms: Iterable[str] = tuple(THERAPIES)) -> list[dict[str, str]]:
    """One row per therapy and dose; drugs have one."""
    rows = []
    given = list(arms)
    with tempfile.TemporaryDirectory() as store:
        for dose in ("", *DOSES):
            wanted = [a for a in given if bool(THERAPIES[a][1]) == bool(dose)]
            if not wanted:
                continue
            amounts = {f"schedule.{THERAPIES[a][1]}.amount": f"{dose} vesicle/mL" for a in wanted if dose}
            run = _run(wanted, draws, store, amounts)
            rows += [_therapy_row(run, arm, dose) for arm in wanted]
    return sorted(rows, key=lambda r: given.index(r["therapy"]))


def _therapy_row(run: Run, arm: str, dose: str) -> dict[str, str]:
    read = THERAPIES[arm][0]
    folds = _folds(*(np.asarray(run.final(read, a), dtype=float) for a in (arm, "control")))
    return {
        "therapy": arm,
        "dose": f"{dose} vesicle/mL" if dose else "as stated",
        "read": read,
        "fold": f"{np.median(folds):.3g}",
        "5-95 %": _band(folds),
        "draws that differ": _differ(folds),
    }


def _run(arms: Sequence[str], draws: int, store: str, given: dict[str, str]) -> Run:
    from vesiflux.study.run import run

    names = list(dict.fromkeys(["control", *arms]))
    return run("tme-whole", arms=names, draws=draws, seed=1, set=given, store=store)


def _folds(one: Folds, other: Folds) -> Folds:
    """Ratios; of two nothings 1."""
    return np.where((one == 0) & (other == 0), 1.0, (one + 1e-12) / (other + 1e-12))


def _band(folds: Folds) -> str:
    low, high = np.quantile(folds, [0.05, 0.95])
    return f"{low:.3g} to {high:.3g}"


def _differ(folds: Folds) -> str:
    return f"{np.mean(np.abs(np.log2(np.maximum(folds, 1e-12))) >= LEAST):.0%}"


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _table(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join(lines + [f"| {' | '.join(row[c] for c in columns)} |" for row in rows])


def _put(name: str, text: str) -> None:
    """Replace what stands between the marks of ``name`` in the README."""
    readme = README.read_text(encoding="utf-8")
    start, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    README.write_text(pattern.sub(lambda _: f"{start}\n\n{text}\n\n{end}", readme), encoding="utf-8")


def picture(rows: Sequence[dict[str, str]], path: Path) -> None:
    """Closed over cut of every loop, with its 5-95 % band, at the native dose and where copies are raised."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "tme-loops"
    from matplotlib import pyplot as plt

    shown = [r for r in rows if r["cut by"] == next(x["cut by"] for x in rows if x["loop"] == r["loop"])]
    figure, axes = plt.subplots(figsize=(9, 0.28 * len(shown) + 1.2))
    for at, row in enumerate(reversed(shown)):
        low, high = (float(x) for x in row["5-95 %"].split(" to "))
        middle = float(row["closed over cut"])
        colour = "tab:blue" if row["dose"] == "native" else "tab:orange"
        axes.plot([max(low, 1e-3), min(high, 1e3)], [at, at], color=colour, lw=2)
        axes.plot(min(max(middle, 1e-3), 1e3), at, "o", color=colour)
    labels = [f"{r['loop'].split(':')[0]}: {r['read']}" for r in reversed(shown)]
    axes.set_yticks(range(len(shown)), labels, fontsize=7)
    axes.axvline(1.0, color="0.5", lw=1)
    axes.set_xscale("log")
    axes.set_xlabel("loop closed over loop cut (blue: native dose, orange: ten copies a vesicle)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Write tables and picture."""
    found = loops()
    _write(HERE / "tme-loops.tsv", LOOP_COLUMNS, found)
    _put("loops", _table(LOOP_COLUMNS, found))
    picture(found, HERE / "tme-loops.svg")
    doses = therapies()
    _write(HERE / "tme-whole-therapies.tsv", THERAPY_COLUMNS, doses)
    _put("therapies", _table(THERAPY_COLUMNS, doses))


if __name__ == "__main__":
    sys.exit(main())
