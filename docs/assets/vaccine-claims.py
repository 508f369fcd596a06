"""Which claims about vaccines come out of the model `vaccine`, in which share of the draws, at which dose.

    python docs/assets/vaccine-claims.py

Writes ``vaccine-claims.tsv`` beside it (some minutes): the share of 128 draws in which what a claim says is
seen, at three doses given twice. ``encoded``: the arrow is
put in; ``chain``: every arrow on the way is put in, what comes out at the end is not.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from vesiflux import Run

    Floats = npt.NDArray[np.float64]
    #: (series of an output in an arm) -> in which draws it is so
    Seen = Callable[[Callable[..., Floats]], npt.NDArray[np.bool_]]

HERE = Path(__file__).resolve().parent
DRAWS = 128
DOSES = ("1e8", "1e10", "1e12")
#: |log2 fold| from which something changed, as in verification.
LEAST = 0.1
BEFORE, AFTER, TUMOUR = 41, 56, 21
#: Antibody that an assay sees, ug/mL.
SEEN_IGG = 0.01


def changes(
    output: str, day: int | None, sign: int, against: str = "no_vaccine", arm: str = "boost_3w"
) -> Seen:
    """An output rises or falls against another arm, on a day or at its highest."""

    def seen(read: Callable[..., Floats]) -> npt.NDArray[np.bool_]:
        here, there = (np.maximum(read(output, a, day), 1e-30) for a in (arm, against))
        found: npt.NDArray[np.bool_] = sign * np.log2(here / there) >= LEAST
        return found

    return seen


def reaches(output: str, level: float, day: int | None = BEFORE) -> Seen:
    """An output is at a level or above it."""
    return lambda read: read(output, "boost_3w", day) >= level


def recall(read: Callable[..., Floats]) -> npt.NDArray[np.bool_]:
    """A week after the second dose more antibody has come than a week after the first."""
    first, before, after = (read("host.parasite.igg", "boost_3w", day) for day in (7, 21, 28))
    found: npt.NDArray[np.bool_] = after - before > 2**LEAST * first
    return found


#: Claim, what is looked at, encoded or a chain, vaccine, how it is seen.
CLAIMS: tuple[tuple[str, str, str, str, Seen], ...] = (
    (
        "sepsis-131",
        "immunogenic death of tumour cells rises",
        "encoded",
        "hela_exos",
        changes("breast_cancer.node.immunogenic_cell_death", None, 1, arm="hela_exos"),
    ),
    (
        "sepsis-132",
        "mature dendritic cells of the tumour rise",
        "encoded",
        "hela_exos",
        changes("tumour_dc.node.mature", None, 1, arm="hela_exos"),
    ),
    (
        "sepsis-133, sepsis-157",
        "the tumour is smaller at three weeks",
        "chain",
        "hela_exos",
        changes("host.tumour.volume", TUMOUR, -1, arm="hela_exos"),
    ),
    (
        "sepsis-137",
        "antibody that an assay sees",
        "chain",
        "toxoplasma",
        reaches("host.parasite.igg", SEEN_IGG),
    ),
    (
        "sepsis-137",
        "a hundred follicular helpers",
        "chain",
        "toxoplasma",
        reaches("host.parasite.helpers", 100, None),
    ),
    ("sepsis-138", "fewer parasites", "chain", "toxoplasma", changes("host.toxoplasmosis.load", None, -1)),
    (
        "sepsis-138",
        "survival of half",
        "chain",
        "toxoplasma",
        reaches("host.toxoplasmosis.survival", 0.5, AFTER),
    ),
    ("sepsis-152", "the second response is faster and larger", "chain", "toxoplasma", recall),
    (
        "sepsis-140",
        "alpha toxin neutralised",
        "chain",
        "sa_omv",
        changes("host.staphylococcus.haemolysis", BEFORE, -1),
    ),
    (
        "sepsis-141",
        "leukotoxin neutralised",
        "chain",
        "sa_omv",
        changes("host.staphylococcus.leukocyte_killing", BEFORE, -1),
    ),
    (
        "sepsis-142",
        "clumping factor neutralised",
        "chain",
        "sa_omv",
        changes("host.staphylococcus.fibrinogen_binding", BEFORE, -1),
    ),
    ("sepsis-143", "fewer bacteria", "chain", "sa_omv", changes("host.staphylococcus.load", None, -1)),
    (
        "sepsis-143",
        "survival of half",
        "chain",
        "sa_omv",
        reaches("host.staphylococcus.survival", 0.5, AFTER),
    ),
    (
        "sepsis-145",
        "antibody that an assay sees",
        "chain",
        "salmonella_omv",
        reaches("host.RBD.igg", SEEN_IGG),
    ),
    (
        "sepsis-145",
        "half of the virus neutralised in the airways",
        "chain",
        "salmonella_omv",
        reaches("host.virus.neutralised", 0.5),
    ),
    ("sepsis-147", "antibody that an assay sees", "chain", "rbd_exosome", reaches("host.RBD.igg", SEEN_IGG)),
    (
        "sepsis-147",
        "half of the virus neutralised in the airways",
        "chain",
        "rbd_exosome",
        reaches("host.virus.neutralised", 0.5),
    ),
    (
        "sepsis-148",
        "IgA that an assay sees in the airways",
        "encoded",
        "rbd_exosome",
        reaches("host.RBD.iga", SEEN_IGG),
    ),
    (
        "sepsis-149",
        "less virus taken up by epithelium",
        "chain",
        "rbd_exosome",
        changes("host.virus.uptake", AFTER, -1),
    ),
    (
        "sepsis-150",
        "less inflammation of the lung",
        "chain",
        "rbd_exosome",
        changes("host.virus.inflammation", None, -1),
    ),
)


def main() -> int:
    """Run three doses of every vaccine and write the shares."""
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_rows(Path(folder)))
    with (HERE / "vaccine-claims.tsv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("claims", "seen", "basis", "vaccine", *(f"share_{dose}" for dose in DOSES)))
        writer.writerows(rows)
    return 0


def _rows(store: Path) -> Iterator[tuple[str, ...]]:
    runs = {(v, d): _run(store, v, d) for v in dict.fromkeys(row[3] for row in CLAIMS) for d in DOSES}
    for claims, what, basis, vaccine, seen in CLAIMS:
        shares = (f"{np.mean(seen(_reader(runs[vaccine, dose]))):.2f}" for dose in DOSES)
        yield (claims, what, basis, vaccine, *shares)


def _run(store: Path, vaccine: str, dose: str) -> Run:
    import vesiflux

    tumour = vaccine == "hela_exos"
    given = {"tumour_dose": dose} if tumour else {"vaccine": vaccine, "dose": dose}
    arms = ["no_vaccine", "hela_exos" if tumour else "boost_3w"]
    return vesiflux.run("vaccine", arms=arms, draws=DRAWS, set=given, store=store, threads=2)


def _reader(run: Run) -> Callable[..., Floats]:
    def read(output: str, arm: str, day: int | None) -> Floats:
        curves = np.asarray(run.series(output, arm).transpose("draw", "time"))
        found: Floats = (
            curves.max(axis=1) if day is None else curves[:, int(np.argmin(abs(run.times / 24 - day)))]
        )
        return found

    return read


if __name__ == "__main__":
    sys.exit(main())
