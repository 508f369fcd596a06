"""Who has an outcome, and whom a marker is asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.language.measures import By, Event, Measure
from vesiflux.study.measuring import cases
from vesiflux.study.patients import Patients

__all__ = ["Group", "Question", "Seen", "question", "seen"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """An outcome in an arm: in whom it is ``known``, who is a ``case``, (patients,) each; by ``time``."""

    known: Bools
    case: Bools
    time: float


def seen(patients: Patients, name: str, arm: str) -> Seen:
    """An outcome that every patient of an arm may have (an event or a measure)."""
    outcome = patients.spec.outcomes[name]
    deaths = patients.deaths(arm)
    if outcome.event is not None:
        by = By.read(outcome.event).time
        return Seen(patients.kept, patients.kept & (deaths <= by), by)
    assert outcome.measure is not None, "checked by the language"
    measure = Measure.read(outcome.measure)
    values = measured(patients, measure, arm)
    bound = (
        Event("above", outcome.above) if outcome.above is not None else Event("below", outcome.below or 0.0)
    )
    time = max(measure.times)
    known, case = patients.kept & np.isfinite(values), cases(bound, values)
    gone = deaths <= time
    if outcome.dead == "case":
        return Seen(known | (patients.kept & gone), patients.kept & (gone | (known & case)), time)
    if outcome.dead == "left out":
        known = known & ~gone
    return Seen(known, known & case, time)


def measured(patients: Patients, measure: Measure, arm: str) -> Floats:
    """A measure in every patient, without any instrument."""
    now = patients.level(measure, measure.time, arm)
    return compared(measure, now, patients.level(measure, measure.base, arm)) if measure.how else now


def compared(measure: Measure, now: Floats, base: Floats) -> Floats:
    """What a measure ``over`` or ``less`` another time is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return now / base if measure.how == "over" else now - base


@dataclass(frozen=True)
class Group:
    """Patients of one arm: those ``asked`` about, and which of them are a ``case``; (patients,) each."""

    arm: str
    asked: Bools
    case: Bools


@dataclass(frozen=True)
class Question:
    """An outcome that a marker may tell, in one group or two; ``time``: when it is settled, h."""

    name: str
    groups: tuple[Group, ...]
    time: float
    event: bool


def question(patients: Patients, name: str) -> Question:
    """In the reference arm; of an outcome between two arms, half of the draws in each."""
    outcome = patients.spec.outcomes[name]
    if not outcome.between:
        found = seen(patients, name, patients.reference)
        group = Group(patients.reference, found.known, found.case)
        return Question(name, (group,), found.time, outcome.event is not None)
    odd = np.arange(len(patients.kept)) % 2 == 1
    without, with_it = outcome.between
    groups = (
        Group(without, patients.kept & ~odd, np.zeros(len(odd), dtype=np.bool_)),
        Group(with_it, patients.kept & odd, np.ones(len(odd), dtype=np.bool_)),
    )
    return Question(name, groups, np.inf, False)
