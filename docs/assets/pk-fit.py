"""Fits pk to the first half of the published studies; writes what it says of all of them to pk-fit.tsv.

    python docs/assets/pk-fit.py            # the table, with the model as it is written
    python docs/assets/pk-fit.py --fit      # five numbers and a bound, then written into the model by hand

Least squares on the logarithm of model over measured; nothing of the studies held out is looked at.
"""

from __future__ import annotations

import csv
import math
import sys
from itertools import groupby
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, least_squares

from vesiflux.library.pk_studies import AFTERWARDS, counted, fold_error, predicted, score, studies

#: Fitted number -> start, least, most.
FITTED = {
    "clearance.macrophage": (1e-8, 1e-10, 1e-6),
    "clearance.other": (1e-8, 1e-11, 1e-6),
    "match.platelets": (0.1, 1e-4, 10.0),
    "preparations.dose.label.half_life": (24.0, 6.0, 96.0),
    "preparations.dose.label.returns": (0.3, 0.01, 1.0),
}
#: What only a bound is known of -> its study, least, most: the least that meets it is taken.
BOUNDED = {"match.red blood cells": ("jy-2018", 0.1, 1000.0)}
#: A label that has no study in the first half is taken to be as the fluorophore's.
LABEL = "preparations.dose.label."


def by_study(half: str) -> list[list[dict[str, str]]]:
    """Rows of the studies of one half."""
    rows = [row for row in studies() if row["half"] == half]
    return [list(group) for _, group in groupby(rows, key=lambda row: row["study"])]


def residuals(logs: np.ndarray, names: tuple[str, ...] = tuple(FITTED)) -> np.ndarray:
    """Logarithms of model over measured in the first half, at these logarithms of the fitted numbers."""
    given = dict(zip(names, np.exp(logs), strict=True))
    found = []
    for rows in by_study("fit"):
        if rows[0]["study"] in {study for study, _, _ in BOUNDED.values()}:
            continue
        own = rows[0]["label"] in ("luciferase", "cytometry", "radioiodine")
        here = {k: v for k, v in given.items() if not (own and k.startswith(LABEL))}
        for row, value in zip(rows, predicted(rows, here), strict=True):
            if counted(row):
                fold = fold_error(row, value)
                found.append(math.log(fold) if fold > 0 else 3.0)
    return np.array(found)


def fit() -> None:
    """Fit, and say what was found and one standard deviation to either side."""
    start, least, most = (np.log([row[i] for row in FITTED.values()]) for i in range(3))
    found = least_squares(
        residuals,
        start,
        bounds=(least, most),
        diff_step=0.05,
        max_nfev=25,
        loss="soft_l1",
        xtol=1e-3,
        ftol=1e-3,
    )
    # uncertainty of one number by its curvature, errors as large as those of the fit but at least two-fold
    freedom = max(len(found.fun) - len(found.x), 1)
    error = max(float(np.sqrt(np.sum(found.fun**2) / freedom)), math.log(2.0))
    spread = error * np.sqrt(np.diag(np.linalg.pinv(found.jac.T @ found.jac)))
    for name, x, sd in zip(FITTED, found.x, spread, strict=True):
        sys.stdout.write(f"{name}\t{math.exp(x):.3g}\t{math.exp(x - sd):.3g}\t{math.exp(x + sd):.3g}\n")
    for name, (study, low, high) in BOUNDED.items():
        rows = [row for row in studies() if row["study"] == study]
        given = {k: math.exp(x) for k, x in zip(FITTED, found.x, strict=True) if not k.startswith(LABEL)}

        def beyond(log: float, name: str = name, rows: list = rows, given: dict = given) -> float:
            return predicted(rows, {**given, name: math.exp(log)})[0] - float(rows[0]["value"])

        least_that_meets = math.exp(brentq(beyond, math.log(low), math.log(high), xtol=0.01))
        sys.stdout.write(f"{name}\tat least {least_that_meets:.3g}\n")


def table() -> None:
    """Write what the model says of every study, and without what was changed afterwards."""
    made = [["study", "half", "quantity", "organ", "measured", "model", "unit", "fold", "counted"]]
    for half in ("fit", "held out", "not test data"):
        for rows in by_study(half):
            for row, value in zip(rows, predicted(rows), strict=True):
                fold = fold_error(row, value)
                tail = [row["unit"], f"{fold:.2g}", "yes" if counted(row) else "no"]
                head = [row["study"], half, row["quantity"], row["organ"], row["value"]]
                made.append([*head, f"{value:.3g}", *tail])
    with Path(__file__).with_name("pk-fit.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(made)
    changed = [["without", "numbers", "geometric mean fold error", "numbers into a vein", "fold into a vein"]]
    for name, undone in [("nothing", []), *((one, [one]) for one in AFTERWARDS), ("all of them", AFTERWARDS)]:
        every, veins = score(undone), score(undone, ["vein"])
        changed.append([name, str(every[0]), f"{every[1]:.2f}", str(veins[0]), f"{veins[1]:.2f}"])
    with Path(__file__).with_name("pk-changes.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(changed)


if __name__ == "__main__":
    fit() if "--fit" in sys.argv[1:] else table()
