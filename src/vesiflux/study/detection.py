"""When a marker tells: for a group of patients, and in a single one.

A group: from the first time on at which the lower bound of the marker's area under the ROC curve, in those
alive, lies above a given area, until it no longer does. A patient: at the first time at which his
reading passes a threshold, the one that a given share of the patients without the outcome never pass, however
often they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.language.measures import Measure
from vesiflux.language.schema import Detection
from vesiflux.study.markers import Readings, Untold
from vesiflux.study.outcomes import Question
from vesiflux.study.roc import roc
from vesiflux.study.survival import finite, share

__all__ = ["Detected", "detect"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Detected:
    """A marker's readings over time about an outcome.

    Attributes
    ----------
    times
        h, (n,).
    areas
        Area under the ROC curve with its 95 % interval in those alive, (n, 3); NaN where too few are.
    told
        First of the times at which the lower bound lies above ``auc``, and last before it no longer does;
        `None`: never.
    threshold
        What ``specificity`` of the patients without the outcome never pass.
    first
        When each patient with the outcome passes it, h; infinite: never. (cases,).
    lead
        From then to the outcome in those who pass, h, (passing cases,).
    """

    name: str
    outcome: str
    times: Floats
    areas: Floats
    told: tuple[float, float] | None
    threshold: float
    specificity: float
    auc: float
    first: Floats
    lead: Floats

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        passed = self.first[np.isfinite(self.first)]
        return {
            "outcome": self.outcome,
            "told_from_h": self.told[0] if self.told else None,
            "told_until_h": self.told[1] if self.told else None, "auc_above": self.auc,
            "specificity": self.specificity, "threshold": self.threshold,
            "detected": share(passed.size, self.first.size),
            "time_h": _quartiles(passed), "lead_h": _quartiles(self.lead),
            "times_h": self.times.tolist(),
            "auc": [[finite(float(v)) for v in row] for row in self.areas],
        }  # fmt: skip


def _quartiles(values: Floats) -> list[float] | None:
    """[median, first quartile, third quartile]."""
    if not values.size:
        return None
    return [float(q) for q in np.quantile(values, (0.5, 0.25, 0.75))]


def detect(readings: Readings, name: str, about: Question, how: Detection) -> Detected | Untold:
    """Read a marker at every time of the grid before the outcome is settled."""
    patients = readings.patients
    sign = 1.0 if patients.spec.markers[name].speaks == "high" else -1.0
    measure = Measure.read(patients.spec.markers[name].measure)
    times = patients.grid[patients.grid < min(about.time, patients.end + 1.0)]
    times = times[times > measure.base] if measure.how else times
    case = np.concatenate([g.case[g.asked] for g in about.groups])
    if min(int(case.sum()), int((~case).sum())) < 2:
        reason = f"{int(case.sum())} of {case.size} patients have it: too few of one kind"
        return Untold(name, about.name, reason)
    scores = np.full((case.size, times.size), np.nan)
    for column, time in enumerate(times):
        at = [
            np.where(readings.alive(g.arm, time), sign * readings.of(name, g.arm, float(time)), np.nan)[
                g.asked
            ]
            for g in about.groups
        ]
        scores[:, column] = np.concatenate(at)
    areas = np.full((times.size, 3), np.nan)
    for column in range(times.size):
        there = np.isfinite(scores[:, column])
        if min(int(case[there].sum()), int((~case[there]).sum())) >= 2:
            curve = roc(scores[there, column], case[there])
            areas[column] = curve.auc, curve.low, curve.high
    highest = np.max(np.where(np.isfinite(scores), scores, -np.inf), axis=1)
    threshold = float(np.quantile(highest[~case], how.specificity, method="higher"))
    passes = scores[case] > threshold  # no number passes nothing
    first = np.where(passes.any(axis=1), times[passes.argmax(axis=1)], np.inf)
    return Detected(
        name, about.name, times, areas, _told(times, areas[:, 1], how.auc), sign * threshold,
        how.specificity, how.auc, first, _lead(readings, about, case, first),
    )  # fmt: skip


def _told(times: Floats, low: Floats, least: float) -> tuple[float, float] | None:
    """First and last time of the first stretch in which the lower bound lies above ``least``."""
    above = low > least  # no number lies above nothing
    if not above.any():
        return None
    first = int(above.argmax())
    ends = np.flatnonzero(~above[first:])
    return float(times[first]), float(times[first + ends[0] - 1 if ends.size else -1])


def _lead(readings: Readings, about: Question, case: npt.NDArray[np.bool_], first: Floats) -> Floats:
    """Time from passing the threshold to death, or to when a measured outcome is settled."""
    if about.event:
        when = np.concatenate([readings.patients.deaths(g.arm)[g.asked] for g in about.groups])[case]
    elif np.isfinite(about.time):
        when = np.full(first.shape, about.time)
    else:
        return np.zeros(0)
    return np.asarray((when - first)[np.isfinite(first)])
