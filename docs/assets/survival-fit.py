"""Fits the ward's hazard to mortality by SOFA score; every other source is held out, and how far off it is.

    python docs/assets/survival-fit.py

Mortality is 1 - exp(-exp(a + b (score - 9))): a hazard that grows e^b-fold with each point, over one stay.
Least squares on mortality, rows of ``sofa-mortality.tsv`` marked ``fit`` alone; a and b then are written into
``sofa_ward`` by hand.
Writes ``survival-fit.tsv`` beside it.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

HERE = Path(__file__).resolve().parent
#: Score at which a is read: there it says nothing about b.
MIDDLE = 9.0
Row = dict[str, str]


def rows() -> list[Row]:
    """Rows of ``sofa-mortality.tsv``."""
    with (HERE / "sofa-mortality.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader((x for x in file if x[0] != "#"), delimiter="\t"))


def mortality(a: float, b: float, row: Row) -> float:
    """Share that dies, the mean over a row's scores: evenly from low to high, or normal with its spread."""
    low, high = float(row["low"]), float(row["high"])
    scores = np.arange(low, high + 1.0)
    weights = np.ones_like(scores)
    if row["spread"]:
        weights = np.exp(-0.5 * ((scores - float(row["score"])) / float(row["spread"])) ** 2)
    dies = 1.0 - np.exp(-np.exp(a + b * (scores - MIDDLE)))
    return float(np.average(dies, weights=weights))


def fit(chosen: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """a and b, and one standard deviation of each by the curvature of the fit."""

    def off(x: np.ndarray) -> np.ndarray:
        return np.array([mortality(*x, row) - float(row["mortality"]) for row in chosen])

    found = least_squares(off, [-1.0, 0.2])
    error = np.sum(found.fun**2) / max(len(chosen) - 2, 1)
    covariance = error * np.linalg.inv(found.jac.T @ found.jac)
    return found.x, np.sqrt(np.diag(covariance))


def main() -> None:
    """Fit, write the table and print what came out."""
    known = rows()
    (a, b), (sa, sb) = fit([row for row in known if row["half"] == "fit"])
    say = sys.stdout.write
    say(f"a {a:.3f} +- {sa:.3f}, b {b:.3f} +- {sb:.3f}\n")
    table, errors = [], dict[str, list[float]]()
    for row in known:
        model, read = mortality(a, b, row), float(row["mortality"])
        fold = f"{max(model, read) / min(model, read):.2f}" if min(model, read) > 0 else ""
        table.append([row["source"], row["half"], row["score"], row["mortality"], f"{model:.3f}", fold])
        errors.setdefault(f"{row['half']}: {row['source']}", []).append(model - read)
        if row["half"] != "fit":
            errors.setdefault("held out: all", []).append(model - read)
    with (HERE / "survival-fit.tsv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(["source", "half", "score", "read", "model", "fold"])
        out.writerows(table)
    for name, found in errors.items():
        off = np.array(found)
        size, sign = np.abs(off).mean(), off.mean()
        say(f"{name}: n {len(off)}, mean absolute error {size:.3f}, mean error {sign:+.3f}\n")


if __name__ == "__main__":
    main()
