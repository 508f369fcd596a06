"""How well a score tells two groups apart: the ROC curve, its area and the interval of that area.

The area is the probability that a case's score lies above a control's, ties counting half. Its variance is
DeLong's (1988) by ranks, as Sun & Xu (2014); the interval is taken on the logit of the area, so that it stays
between 0 and 1. `bootstrap` draws patients instead, and needs no formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError

__all__ = ["Roc", "bootstrap", "difference", "roc"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
#: Standard normal quantile of a two-sided 95 % interval.
_Z = 1.959963984540054


@dataclass(frozen=True)
class Roc:
    """A ROC curve. ``false_positive`` and ``true_positive`` rise from 0 to 1, shape (n,).

    ``threshold``: scores at or above it are called cases, shape (n,), infinite at the first point.
    ``low`` and ``high``: 95 % interval of ``auc``. ``cut``: the threshold of the largest true less false
    positive share (Youden 1950).
    """

    auc: float
    low: float
    high: float
    cases: int
    controls: int
    false_positive: Floats
    true_positive: Floats
    threshold: Floats

    @property
    def cut(self) -> float:
        """Threshold that parts the groups best."""
        return float(self.threshold[self._best])

    @property
    def sensitivity(self) -> float:
        """Share of cases at or above `cut`."""
        return float(self.true_positive[self._best])

    @property
    def specificity(self) -> float:
        """Share of controls below `cut`."""
        return 1.0 - float(self.false_positive[self._best])

    @property
    def _best(self) -> int:
        # the first point calls nobody a case; it is no cut
        return 1 + int(np.argmax((self.true_positive - self.false_positive)[1:]))


def roc(score: Floats, case: Bools) -> Roc:
    """ROC curve of ``score`` for ``case``, both of shape (patients,).

    Raises `InputError` where one group has fewer than two members, or a score is no number.
    """
    cases, controls = _groups(score, case)
    auc, variance = _delong(cases, controls)
    low, high = _logit_interval(auc, variance, cases.size, controls.size)
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    last = np.append(np.flatnonzero(np.diff(sorted_score)), score.size - 1)  # one point per distinct score
    true = np.cumsum(case[order])[last] / cases.size
    false = np.cumsum(~case[order])[last] / controls.size
    return Roc(
        auc, low, high, int(cases.size), int(controls.size), np.append(0.0, false), np.append(0.0, true),
        np.append(np.inf, sorted_score[last]),
    )  # fmt: skip


def bootstrap(score: Floats, case: Bools, repeats: int = 2000, seed: int = 1) -> tuple[float, float]:
    """95 % interval of the area by drawing cases and controls again, each among themselves."""
    cases, controls = _groups(score, case)
    generator = np.random.Generator(np.random.Philox(seed))
    areas = np.empty(repeats)
    for i in range(repeats):
        drawn = (generator.choice(group, group.size) for group in (cases, controls))
        areas[i] = _delong(*drawn)[0]
    low, high = np.quantile(areas, (0.025, 0.975))
    return float(low), float(high)


def difference(one: Floats, other: Floats, case: Bools) -> tuple[float, float, float]:
    """Area of ``one`` less that of ``other`` in the same patients, with its 95 % interval (DeLong 1988)."""
    parts = [_parts(*_groups(score, case)) for score in (one, other)]
    above, below = (parts[0][i] - parts[1][i] for i in (0, 1))
    variance = np.var(above, ddof=1) / above.size + np.var(below, ddof=1) / below.size
    middle, half = float(np.mean(above)), float(_Z * np.sqrt(variance))
    return middle, max(-1.0, middle - half), min(1.0, middle + half)


def _groups(score: Floats, case: Bools) -> tuple[Floats, Floats]:
    if not np.isfinite(score).all():
        raise InputError("a score is no number; leave such patients out")
    cases, controls = score[case], score[~case]
    if min(cases.size, controls.size) < 2:
        raise InputError(
            f"{cases.size} patients have the outcome and {controls.size} have not; a ROC curve needs two or "
            "more of each: move the threshold of the outcome, or take more patients"
        )
    return cases, controls


def _parts(cases: Floats, controls: Floats) -> tuple[Floats, Floats]:
    """Share of controls below each case, and of cases above each control; ties count half."""
    from scipy.stats import rankdata

    m, n = cases.size, controls.size
    together = rankdata(np.concatenate((cases, controls)))
    above = (together[:m] - rankdata(cases)) / n
    below = 1.0 - (together[m:] - rankdata(controls)) / m
    return above, below


def _delong(cases: Floats, controls: Floats) -> tuple[float, float]:
    """Area and its variance."""
    m, n = cases.size, controls.size
    above, below = _parts(cases, controls)
    variance = np.var(above, ddof=1) / m + np.var(below, ddof=1) / n
    return float(np.mean(above)), float(variance)


def _logit_interval(auc: float, variance: float, cases: int, controls: int) -> tuple[float, float]:
    if variance == 0.0 and auc in (0.0, 1.0):
        # all apart: the formula knows no error; the rule of three does, by the smaller group
        least = 1.0 - 3.0 / min(cases, controls)
        bound = max(0.0, least)
        return (bound, 1.0) if auc == 1.0 else (0.0, 1.0 - bound)
    inside = min(max(auc, 1e-9), 1.0 - 1e-9)
    middle = np.log(inside / (1.0 - inside))
    half = _Z * np.sqrt(variance) / (inside * (1.0 - inside))
    return tuple(float(1.0 / (1.0 + np.exp(-x))) for x in (middle - half, middle + half))  # type: ignore[return-value]
