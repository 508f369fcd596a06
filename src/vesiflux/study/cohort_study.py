"""The whole study of a model's `cohort`: arms against a reference, markers, panels, detection, a trial."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.language.measures import By, Measure
from vesiflux.study.detection import Detected, detect
from vesiflux.study.markers import Readings, Told, Untold, ask, ask_panel
from vesiflux.study.outcomes import question, seen
from vesiflux.study.patients import Asked, Patients, plan_patients
from vesiflux.study.survival import (
    Curve,
    Hazards,
    Interval,
    Paired,
    finite,
    hazards,
    kaplan_meier,
    mean,
    restricted_mean,
    share,
)
from vesiflux.study.trial import Sizes, sizes

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import Marker

__all__ = ["HONEST", "Against", "ArmSeen", "CohortStudy", "cohort_study"]

Floats = npt.NDArray[np.float64]
Reader = Callable[[Floats, np.random.Generator], Floats]
#: What every report of a cohort says.
HONEST = (
    "Patients are draws of the model's priors. Intervals and p-values say how precisely this many draws show "
    "what the model foretells: more draws make them narrower and the model no truer. They are no evidence "
    "about real patients, and a trial's size is that for the effect the model foretells."
)


@dataclass(frozen=True)
class ArmSeen:
    """One arm.

    Attributes
    ----------
    curve
        Share alive, of the deaths drawn; `None` without survival.
    alive
        Mean of the patients' chances to live to the end, with its interval: nothing is drawn.
    time_alive
        Mean time alive up to the end, h.
    outcomes
        Outcome -> share of the patients in whom it is known.
    """

    name: str
    title: str
    patients: int
    deaths: int
    curve: Curve | None
    alive: Interval | None
    time_alive: Interval | None
    outcomes: Mapping[str, tuple[int, int]]

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        found: dict[str, Any] = {"title": self.title, "patients": self.patients}
        if self.curve is not None and self.alive is not None and self.time_alive is not None:
            c = self.curve
            found |= {
                "deaths": self.deaths,
                "alive": [float(c.share[-1]), float(c.low[-1]), float(c.high[-1])],
                "chance_to_live": list(self.alive), "restricted_mean_h": list(self.time_alive),
                "curve": {
                    "time_h": c.times.tolist(), "alive": c.share.tolist(), "low": c.low.tolist(),
                    "high": c.high.tolist(),
                },
            }  # fmt: skip
        found["outcomes"] = {
            name: {"cases": hits, "patients": of, "share": share(hits, of)}
            for name, (hits, of) in self.outcomes.items()
        }
        return found


@dataclass(frozen=True)
class Against:
    """An arm against the reference, patient by patient; ``gain``: in the chance to live to the end."""

    name: str
    outcomes: Mapping[str, Paired]
    hazards: Hazards | None
    gain: Interval | None
    time_gained: Interval | None
    trial: Sizes | None

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        found: dict[str, Any] = {"outcomes": {n: p.summary() for n, p in self.outcomes.items()}}
        if self.hazards is not None and self.gain is not None and self.time_gained is not None:
            ratio = self.hazards.ratio
            found |= {
                "hazard_ratio": None if ratio is None else [finite(v) for v in ratio],
                "log_rank_p": finite(self.hazards.log_rank_p),
                "chance_gained": list(self.gain), "restricted_mean_gained_h": list(self.time_gained),
            }  # fmt: skip
        if self.trial is not None:
            found["trial"] = self.trial.plain()
        return found


@dataclass(frozen=True)
class CohortStudy:
    """What came of a model's cohort.

    Attributes
    ----------
    patients
        The run, to read more from.
    arms, against
        Every arm; every arm but the reference.
    markers, panels
        Name -> what it tells of each outcome.
    detection
        Marker -> when it tells.
    seconds
        Of the run and of all that was made of it.
    """

    model: Model
    patients: Patients
    seed: int
    arms: Mapping[str, ArmSeen]
    against: Mapping[str, Against]
    markers: Mapping[str, tuple[Told | Untold, ...]]
    panels: Mapping[str, tuple[Told | Untold, ...]]
    detection: Mapping[str, Detected | Untold]
    readings: Readings
    seconds: Mapping[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """All of it as plain data."""
        patients, spec = self.patients, self.patients.spec
        found: dict[str, Any] = {
            "run": str(patients.run.path), "model": self.model.name, "patients": patients.run.draws,
            "left_out": int((~patients.kept).sum()), "seed": self.seed, "hours": patients.end,
            "reference": patients.reference, "note": HONEST, "seconds": dict(self.seconds),
            "balance_error": patients.run.record["balance_error"],
            "arms": {name: arm.plain() for name, arm in self.arms.items()},
            "against": {name: arm.plain() for name, arm in self.against.items()},
            "markers": {name: [told.plain() for told in tells] for name, tells in self.markers.items()},
            "panels": {
                name: {"markers": list(spec.panels[name]), "tells": [told.plain() for told in tells]}
                for name, tells in self.panels.items()
            },
            "detection": {name: told.plain() for name, told in self.detection.items()},
        }  # fmt: skip
        if spec.trial is not None:
            trial = spec.trial
            found["trial"] = {"outcome": trial.outcome, "power": trial.power, "alpha": trial.alpha}
        return found

    def table(self) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        """Columns and one row per patient: deaths (h), outcomes of every arm, readings in the reference."""
        patients = self.patients
        columns: dict[str, Floats] = {"patient": np.arange(patients.run.draws, dtype=np.float64)}
        for arm in patients.arms:
            if patients.spec.survival:
                columns[f"{arm}:dies_h"] = patients.deaths(arm)
            for name in self.arms[arm].outcomes:
                found = seen(patients, name, arm)
                columns[f"{arm}:{name}"] = np.where(found.known, found.case, np.nan)
        for name in patients.spec.markers:
            columns[name] = self.readings.of(name, patients.reference)
        rows = np.column_stack(list(columns.values()))[patients.kept]
        return tuple(columns), [tuple(row) for row in rows.tolist()]


def cohort_study(
    model: Model | str | Path,
    *,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    progress: Callable[[str, int, int], None] | None = None,
    bedside: Callable[[str, Marker, str | None], Reader] | None = None,
    **asked: Unpack[Asked],
) -> CohortStudy:
    """Run the cohort that a model says it has.

    Parameters
    ----------
    model
        A `Model`, a model file, or a library model's name.
    threads, store, progress
        As in `vesiflux.run`.
    bedside
        Makes the reader of a marker that has ``through``: called with its name, what the model says of it,
        and the unit of its levels (`None`: not one output). A reader is called with levels (patient,) and a
        generator and returns what the laboratory reports of each.
    **asked
        Instead of what the model says: see `study.patients.Asked`.

    Raises
    ------
    InputError
        A model without a cohort or of a tissue; unknown names; a survival that is no chance to live.
    RunError
        As in `vesiflux.run`.
    """
    from vesiflux.language import load

    clock = time.perf_counter()
    loaded = load(model) if isinstance(model, str | Path) else model
    planned, seed = plan_patients(loaded, **asked), asked.get("seed", 1)
    readers: dict[str, Reader] = {}
    for name, marker in planned.spec.markers.items():
        if marker.through is not None:
            if bedside is None:
                raise InputError(f"marker {name} is read through an instrument, and there is none here")
            readers[name] = bedside(name, marker, planned.unit(Measure.read(marker.measure)))
    ward = planned.run(threads, store, progress)
    ran = time.perf_counter()
    if not ward.kept.any():
        raise InputError(f"{loaded.name}: no patient's run ended well in every arm")
    readings = Readings(ward, readers, seed)
    own = [name for name, outcome in ward.spec.outcomes.items() if not outcome.between]
    seen_arms = {arm: _arm(loaded, ward, arm, own) for arm in ward.arms}
    questions = [question(ward, name) for name in ward.spec.outcomes]
    markers = {m: tuple(ask(readings, m, q) for q in questions) for m in ward.spec.markers}
    panels = {p: tuple(ask_panel(readings, p, q) for q in questions) for p in ward.spec.panels}
    found: dict[str, Detected | Untold] = {}
    how = ward.spec.detection
    if how is not None:
        about = next(q for q in questions if not how.outcome or q.name == how.outcome)
        found = {marker: detect(readings, marker, about, how) for marker in how.markers}
    against = {arm: _against(ward, arm, own, seed) for arm in ward.arms[1:]}
    seconds = {"run": ran - clock, "statistics": time.perf_counter() - ran}
    return CohortStudy(loaded, ward, seed, seen_arms, against, markers, panels, found, readings, seconds)


def _arm(model: Model, ward: Patients, arm: str, outcomes: Sequence[str]) -> ArmSeen:
    counts = {}
    for name in outcomes:
        found = seen(ward, name, arm)
        counts[name] = int(found.case.sum()), int(found.known.sum())
    written = model.spec.arms.get(arm)
    title = (written.title if written is not None else "") or arm
    size = int(ward.kept.sum())
    if not ward.spec.survival:
        return ArmSeen(arm, title, size, 0, None, None, None, counts)
    deaths = ward.deaths(arm)[ward.kept]
    return ArmSeen(
        arm, title, size, int((deaths <= ward.end).sum()), kaplan_meier(deaths, ward.grid),
        mean(ward.chance(arm)[ward.kept]), restricted_mean(deaths, ward.end), counts,
    )  # fmt: skip


def _against(ward: Patients, arm: str, outcomes: Sequence[str], seed: int) -> Against:
    """An arm against the reference, in the patients in whom an outcome is known in both."""
    paired = {}
    for name in outcomes:
        here, there = seen(ward, name, arm), seen(ward, name, ward.reference)
        both = here.known & there.known
        if both.any():
            paired[name] = Paired.of(here.case[both], there.case[both])
    found = gain = gained = None
    if ward.spec.survival:
        ours, theirs = (ward.deaths(a)[ward.kept] for a in (arm, ward.reference))
        found = hazards(ours, theirs, ward.end)
        gain = mean((ward.chance(arm) - ward.chance(ward.reference))[ward.kept])
        gained = mean(np.minimum(ours, ward.end) - np.minimum(theirs, ward.end))
    size = None
    trial = ward.spec.trial
    if trial is not None and trial.outcome in paired:
        event = ward.spec.outcomes[trial.outcome].event
        over_time = None
        if event is not None:
            ours, theirs = (ward.deaths(a)[ward.kept] for a in (arm, ward.reference))
            over_time = hazards(ours, theirs, By.read(event).time)
        size = sizes(paired[trial.outcome], over_time, trial.power, trial.alpha, seed=seed)
    return Against(arm, paired, found, gain, gained, size)
