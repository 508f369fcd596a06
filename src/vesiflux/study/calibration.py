"""Whether foretold probabilities come true: learned in one half of a cohort, tested in the other.

The probability of the outcome is a logistic function of the score. Slope 1 and intercept 0 say that what is
foretold comes true; a slope below 1, that it is told too boldly (Cox 1958). The Brier score is the mean
squared error of the probabilities, beside that of telling everybody the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Bin", "Calibration", "calibration", "judged", "logistic", "wilson"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_Z = 1.959963984540054
#: A ridge keeps the slope finite where a score parts the groups entirely.
_RIDGE = 1e-3


@dataclass(frozen=True)
class Bin:
    """Patients of like probability: mean ``foretold``, share ``seen`` with its 95 % interval (Wilson)."""

    patients: int
    foretold: float
    seen: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """How foretold probabilities met the outcomes of patients they were not learned from.

    ``slope_interval``: 95 %, by the information in the patients it was fitted to.
    """

    slope: float
    intercept: float
    slope_interval: tuple[float, float]
    brier: float
    brier_of_share: float  # of telling everybody the share of the half learned from
    patients: int
    bins: tuple[Bin, ...]


def calibration(score: Floats, case: Bools, bins: int = 5) -> Calibration | None:
    """Learn the probability in every second patient and test it in the others.

    Parameters
    ----------
    score, case
        Shape (patients,), in an order that says nothing about them.
    bins
        Groups of equal size by foretold probability.

    Returns
    -------
    Calibration or None
        `None` where a half has not two patients of each kind.
    """
    learn = np.arange(score.size) % 2 == 0
    if any(min(case[half].sum(), (~case[half]).sum()) < 2 for half in (learn, ~learn)):
        return None
    middle, spread = float(np.mean(score[learn])), float(np.std(score[learn])) or 1.0
    x = (score - middle) / spread
    a, b = logistic(x[learn], case[learn])
    return judged(_expit(a + b * x[~learn]), case[~learn], float(np.mean(case[learn])), bins)


def judged(foretold: Floats, seen: Bools, share: float, bins: int = 5) -> Calibration:
    """How probabilities met the outcomes of patients they were not learned from.

    ``foretold``, ``seen``: (patients,); ``share``: of the outcome where they were learned.
    """
    boldness = _logit(foretold)
    intercept, slope = logistic(boldness, seen)
    half = _Z * _slope_error(boldness, intercept, slope)
    groups = np.array_split(np.argsort(foretold, kind="stable"), min(bins, seen.size))
    return Calibration(
        slope,
        intercept,
        (slope - half, slope + half),
        float(np.mean((foretold - seen) ** 2)),
        float(np.mean((share - seen) ** 2)),
        int(seen.size),
        tuple(_bin(foretold[g], seen[g]) for g in groups if g.size),
    )


def logistic(x: Floats, case: Bools) -> tuple[float, float]:
    """Intercept and slope of logit P(case) on ``x``, by Newton steps with a slight ridge on the slope."""
    beta = np.zeros(2)
    design = np.stack((np.ones_like(x), x))
    penalty = np.diag((0.0, _RIDGE))
    for _ in range(100):
        p = _expit(beta @ design)
        weight = np.maximum(p * (1.0 - p), 1e-12)
        step = np.linalg.solve((design * weight) @ design.T + penalty, design @ (case - p) - penalty @ beta)
        length = float(np.max(np.abs(step)))
        beta += step * min(1.0, 5.0 / max(length, 1e-12))  # no leaps where the groups are far apart
        if length < 1e-10:
            break
    return float(beta[0]), float(beta[1])


def _slope_error(x: Floats, intercept: float, slope: float) -> float:
    """Standard error of the slope of a logistic function."""
    p = _expit(intercept + slope * x)
    weight = p * (1.0 - p)
    total = float(weight.sum())
    if total <= 0.0:
        return float("inf")
    spread = float(np.sum(weight * (x - np.sum(weight * x) / total) ** 2))
    return spread**-0.5 if spread > 0.0 else float("inf")


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    share, z2 = hits / of, _Z**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * np.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _bin(foretold: Floats, seen: Bools) -> Bin:
    low, high = wilson(int(seen.sum()), seen.size)
    return Bin(int(seen.size), float(np.mean(foretold)), float(np.mean(seen)), low, high)


def _expit(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -500, 500))))


def _logit(p: Floats) -> Floats:
    inside = np.clip(p, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside / (1.0 - inside)))
