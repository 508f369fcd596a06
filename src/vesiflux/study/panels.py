"""Several markers at once: probability of the outcome by logistic regression, cross-validated.

What is told of a patient was learned from others: patients are split into folds, and each fold is foretold by
what the rest taught. Markers are centred and scaled by those learned from. A slight ridge keeps the weights
finite where the groups are far apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError

__all__ = ["FOLDS", "foretold", "logistic", "on_scale"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FOLDS = 5
#: Penalty on the squared weights of markers scaled to 1, beside the log-likelihood of all patients.
RIDGE = 1e-2
#: Readings of which 90 % span more than this many fold are taken on a log scale.
WIDE = 10.0


def on_scale(readings: Floats, scale: str = "auto") -> Floats:
    """Readings as they enter a regression: ``linear``, ``log`` (natural), or by themselves (``auto``).

    Raises `InputError` for a log of what is not above 0.
    """
    positive = bool((readings > 0.0).all())
    if scale == "log" and not positive:
        raise InputError("a log scale needs readings above 0; take scale: linear")
    if scale == "auto" and positive:
        low, high = np.quantile(readings, (0.05, 0.95))
        scale = "log" if high > WIDE * low else "linear"
    return np.log(readings) if scale == "log" else readings


def logistic(x: Floats, case: Bools, ridge: float = RIDGE) -> Floats:
    """Intercept and weights of logit P(case) on ``x`` of shape (patients, markers), by Newton's steps."""
    design = np.column_stack((np.ones(len(x)), x))
    penalty = np.diag([0.0, *[ridge] * x.shape[1]])
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        p = expit(design @ beta)
        weight = np.maximum(p * (1.0 - p), 1e-12)
        step = np.linalg.solve(
            (design * weight[:, None]).T @ design + penalty, design.T @ (case - p) - penalty @ beta
        )
        length = float(np.max(np.abs(step)))
        beta += step * min(1.0, 5.0 / max(length, 1e-12))  # no leaps where the groups are far apart
        if length < 1e-9:
            break
    return beta


def foretold(x: Floats, case: Bools, folds: int = FOLDS) -> Floats | None:
    """Probability of the outcome in each patient, learned from the other folds; (patients,).

    ``x``: (patients, markers), in an order that says nothing about the patients. `None` where a fold leaves
    fewer than two patients of a kind to learn from.
    """
    fold = np.arange(len(case)) % folds
    told = np.empty(len(case))
    for k in range(folds):
        learn = fold != k
        if min(int(case[learn].sum()), int((~case[learn]).sum())) < 2:
            return None
        middle, spread = x[learn].mean(axis=0), x[learn].std(axis=0)
        scaled = (x - middle) / np.where(spread > 0.0, spread, 1.0)
        beta = logistic(scaled[learn], case[learn])
        told[~learn] = expit(beta[0] + scaled[~learn] @ beta[1:])
    return told


def expit(x: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -500.0, 500.0))))
