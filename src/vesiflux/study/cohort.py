"""A virtual cohort: patients drawn from a model's priors, a score seen early and an outcome seen late.

Measures are written as in `vesiflux.language.measures`. Whether a patient has the outcome is ``below NUMBER``
or ``above NUMBER``. A whole study, written into the model, is run by `vesiflux.study.cohort_study`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.language.measures import Event, Measure
from vesiflux.study.calibration import Calibration, calibration
from vesiflux.study.measuring import cases, evaluated
from vesiflux.study.roc import Roc, bootstrap, roc
from vesiflux.study.survival import finite

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.store.run import Run

__all__ = ["Cohort", "Event", "Measure", "cohort"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cohort:
    """What was seen in every patient. ``score`` and ``outcome``: shape (patients,).

    Patients in whom either is no number, or whose run failed, are ``left_out`` and not among them.
    """

    run: Path
    model: str
    arm: str
    score: Floats
    outcome: Floats
    event: Event
    left_out: int
    texts: Mapping[str, str]

    @property
    def case(self) -> Bools:
        """Who has the outcome."""
        return cases(self.event, self.outcome)

    @cached_property
    def roc(self) -> Roc:
        """How well the score tells who will have the outcome; a high score speaks for it."""
        return roc(self.score, self.case)

    @cached_property
    def calibration(self) -> Calibration | None:
        """Whether probabilities learned in half of the patients come true in the others."""
        return calibration(self.score, self.case)

    @cached_property
    def rank_correlation(self) -> float:
        """Spearman's of score and outcome, before any threshold."""
        from scipy.stats import spearmanr

        return float(spearmanr(self.score, self.outcome).statistic)

    def summary(self, repeats: int = 2000) -> dict[str, Any]:
        """All of it as plain data; ``repeats`` of the bootstrap."""
        curve, fit = self.roc, self.calibration
        low, high = bootstrap(self.score, self.case, repeats)
        found: dict[str, Any] = {
            "run": str(self.run), "model": self.model, "arm": self.arm, **self.texts,
            "event": str(self.event), "patients": int(self.score.size), "left_out": self.left_out,
            "cases": curve.cases,
            "auc": curve.auc, "auc_interval": [curve.low, curve.high], "auc_bootstrap": [low, high],
            "cut": curve.cut, "sensitivity": curve.sensitivity, "specificity": curve.specificity,
            "rank_correlation": self.rank_correlation, "calibration": None,
        }  # fmt: skip
        if fit is not None:
            found["calibration"] = {
                "slope": fit.slope, "slope_interval": [finite(v) for v in fit.slope_interval],
                "intercept": fit.intercept, "brier": fit.brier, "brier_of_share": fit.brier_of_share,
                "patients": fit.patients, "bins": [vars(b) for b in fit.bins],
            }  # fmt: skip
        return found


def cohort(
    model: Model | str | Path,
    score: str,
    outcome: str,
    event: str,
    *,
    arm: str | None = None,
    patients: int = 256,
    correlated: Mapping[tuple[str, str], float] | None = None,
    set: Mapping[str, Any] | None = None,
    seed: int = 1,
    threads: int | None = None,
    store: str | Path = "vesiflux-runs",
    progress: Callable[[str, int, int], None] | None = None,
) -> Cohort:
    """Run a cohort of a dish's model and see whether an early score foretells a later outcome.

    Parameters
    ----------
    model
        A `Model`, a model file, or a library model's name.
    score, outcome
        Measures, as `Measure` reads them; the score's times come before the outcome's.
    event
        Which outcomes count: ``below NUMBER`` or ``above NUMBER``.
    arm
        Arm all patients are in; default: the model's first.
    patients
        Parameter sets drawn from the priors.
    correlated
        (parameter, parameter) -> correlation of their normal scores; others are independent.
    set, seed, threads, store, progress
        As in `vesiflux.run`.

    Raises
    ------
    InputError
        Unknown names and times, impossible correlations, a score later than the outcome, and a cohort in
        which nearly everybody, or nearly nobody, has the outcome.
    RunError
        As in `vesiflux.run`.
    """
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load
    from vesiflux.language.timing import with_times
    from vesiflux.study.run import execute
    from vesiflux.study.settings import settled

    early, late, counted = Measure.read(score), Measure.read(outcome), Event.read(event)
    if max(early.time, early.base) > late.time:
        raise InputError(f"the score is seen at {early.time:g} h, after the outcome at {late.time:g} h")
    loaded, set = with_times(load(model) if isinstance(model, str | Path) else model, set or {})
    if loaded.spec.space.kind == "tissue":
        raise InputError(f"{loaded.name}: a cohort is of a model of a dish; this is a tissue")
    chosen = arm or next(iter(loaded.spec.arms), "control")
    compiled = settled(loaded, set, [chosen], lambda picked: lower(loaded, picked, arms=[arm] if arm else ()))
    call = {
        "arms": [chosen], "draws": patients, "replicates": 1, "seed": seed, "set": dict(set or {}),
        "structures": "default", "correlated": [[a, b, r] for (a, b), r in (correlated or {}).items()],
    }  # fmt: skip
    run = execute(
        compiled, call, model=loaded.to_dict(whole=True), threads=threads, store=store, progress=progress
    )
    seen, came = _measured(early, run, chosen), _measured(late, run, chosen)
    kept = np.isfinite(seen) & np.isfinite(came)
    texts = {"score": score, "outcome": outcome}
    return Cohort(
        run.path, loaded.name, chosen, seen[kept], came[kept], counted, int((~kept).sum()), texts
    )  # fmt: skip


def _measured(measure: Measure, run: Run, arm: str) -> Floats:
    """Its value in every patient of a run, shape (draw,); no number where it cannot be computed.

    Raises `InputError` for unknown outputs and for times that were not recorded.
    """

    def at(hours: float) -> Floats:
        column = _recorded(run, hours)
        return evaluated(measure.formula, lambda name: run.course(name, arm)[:, column], (run.draws,))

    now = at(measure.time)
    if not measure.how:
        return now
    then = at(measure.base)
    with np.errstate(divide="ignore", invalid="ignore"):
        return now / then if measure.how == "over" else now - then


def _recorded(run: Run, hours: float) -> int:
    """Position of a time among those recorded."""
    times = run.times
    nearest = int(np.argmin(np.abs(times - hours)))
    if abs(times[nearest] - hours) > 1e-6 * max(1.0, abs(hours)):
        raise InputError(
            f"{hours:g} h was not recorded; the model records every {times[1] - times[0]:g} h up to "
            f"{times[-1]:g} h: take {times[nearest]:g} h, or set run.record"
        )
    return nearest
