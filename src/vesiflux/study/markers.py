"""Markers and panels of a cohort: how well they tell an outcome, read as they would be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.language.measures import Measure
from vesiflux.study.calibration import Calibration, judged
from vesiflux.study.outcomes import Question, compared
from vesiflux.study.panels import foretold, logistic, on_scale
from vesiflux.study.patients import Patients
from vesiflux.study.roc import Roc, difference, roc
from vesiflux.study.survival import finite, share

__all__ = ["SPECIFICITY", "Readings", "Told", "Untold", "ask", "ask_panel"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Reader = Callable[[Floats, np.random.Generator], Floats]
#: Share of patients without the outcome below the threshold at which sensitivities are compared.
SPECIFICITY = 0.95


@dataclass(frozen=True)
class Readings:
    """What instruments show of patients' levels. ``readers``: of markers that are read through something."""

    patients: Patients
    readers: Mapping[str, Reader]
    seed: int
    _known: dict[tuple[str, str, float], Floats] = field(default_factory=dict)

    def of(self, name: str, arm: str, hours: float | None = None) -> Floats:
        """Readings of a marker in an arm, (patients,); ``hours``: at another time than its own."""
        measure = Measure.read(self.patients.spec.markers[name].measure)
        now = self._read(name, measure, arm, measure.time if hours is None else hours)
        return compared(measure, now, self._read(name, measure, arm, measure.base)) if measure.how else now

    def _read(self, name: str, measure: Measure, arm: str, hours: float) -> Floats:
        key = (name, arm, hours)
        if key not in self._known:
            level = self.patients.level(measure, hours, arm)
            if name in self.readers:
                level = self._through(name, level, hours)
            self._known[key] = level
        return self._known[key]

    def _through(self, name: str, level: Floats, hours: float) -> Floats:
        """The same scatter for a patient in every arm: it belongs to seed, marker and time."""
        text = f"{self.seed}\0reading\0{name}\0{hours!r}"
        key = np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], dtype="<u8")
        known = np.isfinite(level)
        shown = np.full(level.shape, np.nan)
        generator = np.random.Generator(np.random.Philox(key=key))
        shown[known] = self.readers[name](np.maximum(level[known], 0.0), generator)
        return shown

    def alive(self, arm: str, hours: float) -> Bools:
        """Who can be read at a time."""
        return np.asarray(self.patients.deaths(arm) > hours)


@dataclass(frozen=True)
class Told:
    """How well a marker or panel tells an outcome.

    ``score`` (high speaks for it), ``case``, ``probability`` learned from other patients (or `None` where too
    few have the outcome): (patients,) each. ``left_out``: dead before, or without a reading.
    """

    name: str
    outcome: str
    score: Floats
    case: Bools
    probability: Floats | None
    left_out: int
    sign: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)
    best: tuple[str, tuple[float, float, float]] | None = None

    @cached_property
    def roc(self) -> Roc:
        """Its ROC curve."""
        return roc(self.score, self.case)

    @cached_property
    def calibration(self) -> Calibration | None:
        """Whether its probabilities come true."""
        if self.probability is None:
            return None
        return judged(self.probability, self.case, float(self.case.mean()))

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        curve = self.roc
        cut, at = float(curve.cut), float(np.quantile(self.score[~self.case], SPECIFICITY, method="higher"))
        found: dict[str, Any] = {
            "outcome": self.outcome, "patients": int(self.case.size), "cases": curve.cases,
            "left_out": self.left_out, "auc": [curve.auc, curve.low, curve.high],
            "cut": self.sign * cut,
            "sensitivity": _above(self.score[self.case], cut, True),
            "specificity": _above(self.score[~self.case], cut, False),
            "sensitivity_at_specificity_95": _above(self.score[self.case], np.nextafter(at, np.inf), True),
            "calibration": None,
        }  # fmt: skip
        fit = self.calibration
        if fit is not None:
            found["calibration"] = {
                "slope": [fit.slope, *map(finite, fit.slope_interval)], "intercept": fit.intercept,
                "brier": fit.brier, "brier_of_share": fit.brier_of_share, "bins": [vars(b) for b in fit.bins],
            }  # fmt: skip
        if self.weights:
            found["weights"] = dict(self.weights)
        if self.best is not None:
            found["over_best"] = {"marker": self.best[0], "auc_difference": list(self.best[1])}
        return found


@dataclass(frozen=True)
class Untold:
    """A marker or panel of which nothing can be said, and why."""

    name: str
    outcome: str
    reason: str

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {"outcome": self.outcome, "auc": None, "reason": self.reason}


def _above(scores: Floats, cut: float, above: bool) -> list[float | None]:
    hits = int((scores >= cut).sum())
    return share(hits if above else scores.size - hits, scores.size)


def ask(readings: Readings, name: str, about: Question) -> Told | Untold:
    """A marker about an outcome."""
    return _ask(readings, name, (name,), about)


def ask_panel(readings: Readings, name: str, about: Question) -> Told | Untold:
    """A panel about an outcome, in the patients in whom all of its markers can be read."""
    return _ask(readings, name, readings.patients.spec.panels[name], about)


def _ask(readings: Readings, name: str, members: tuple[str, ...], about: Question) -> Told | Untold:
    spec = readings.patients.spec
    measures = [Measure.read(spec.markers[m].measure) for m in members]
    last = max(time for measure in measures for time in measure.times)
    if last > about.time or (about.event and last >= about.time):
        return Untold(name, about.name, f"read at {last:g} h, not before the outcome at {about.time:g} h")
    columns, cases, left_out = [], [], 0
    for group in about.groups:
        read = np.column_stack([readings.of(m, group.arm) for m in members])
        there = group.asked & readings.alive(group.arm, last) & np.isfinite(read).all(axis=1)
        left_out += int(group.asked.sum() - there.sum())
        columns.append(read[there])
        cases.append(group.case[there])
    x, case = np.concatenate(columns), np.concatenate(cases)
    if len(about.groups) > 1:  # controls and cases by turns, so that folds hold both
        order = np.argsort(np.concatenate([np.linspace(0.0, 1.0, len(c)) for c in cases]), kind="stable")
        x, case = x[order], case[order]
    few = min(int(case.sum()), int((~case).sum()))
    scaled = np.column_stack([on_scale(x[:, i], spec.markers[m].scale) for i, m in enumerate(members)])
    probability = foretold(scaled, case) if few >= 2 else None
    if few < 2 or (len(members) > 1 and probability is None):
        reason = f"{int(case.sum())} of {case.size} patients have it: too few of one kind"
        return Untold(name, about.name, reason)
    signs = np.array([1.0 if spec.markers[m].speaks == "high" else -1.0 for m in members])
    if len(members) == 1:
        return Told(name, about.name, signs[0] * x[:, 0], case, probability, left_out, float(signs[0]))
    assert probability is not None
    areas = {m: roc(signs[i] * x[:, i], case).auc for i, m in enumerate(members)}
    best = max(areas, key=lambda m: areas[m])
    alone = signs[members.index(best)] * x[:, members.index(best)]
    spread = scaled.std(axis=0)
    fit = logistic((scaled - scaled.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0), case)
    return Told(
        name, about.name, probability, case, probability, left_out,
        weights=dict(zip(members, (float(b) for b in fit[1:]), strict=True)),
        best=(best, difference(probability, alone, case)),
    )  # fmt: skip
