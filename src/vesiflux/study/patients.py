"""Virtual patients of a model's `cohort`: run in every arm, read at the times that the study looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.language.measures import Formula, Measure
from vesiflux.study.draws import uniforms
from vesiflux.study.measuring import evaluated
from vesiflux.study.narrow import narrow
from vesiflux.study.survival import death_times

if TYPE_CHECKING:
    from pathlib import Path

    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language import Model
    from vesiflux.language.schema import Cohort
    from vesiflux.store.run import Run

__all__ = ["Asked", "Patients", "Planned", "plan_patients"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
#: Most points of a curve where the model says nothing else, and round times (h) that may lie between them.
POINTS = 60
ROUND = (0.1, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168, 336, 672)
#: Name of the luck that decides when a patient dies; no parameter can have it.
LUCK = "luck of the patient"
#: Numbers of courses that are kept in memory at a time (256 MB); others are read again.
KEPT = 1 << 25
#: Patients whose deaths are drawn at a time.
CHUNK = 1 << 14


@dataclass(frozen=True)
class Patients:
    """A finished run of a cohort.

    Attributes
    ----------
    spec
        What the model says of its cohort.
    run
        The run, with no more outputs and times than needed.
    arms
        Those that are compared; the first is the reference.
    grid
        Times of curves, h, from 0 to the end.
    luck
        Uniform number that decides when each patient dies, (patients,).
    kept
        Patients whose run ended well in every arm, (patients,).
    """

    spec: Cohort
    run: Run
    arms: tuple[str, ...]
    grid: Floats
    luck: Floats
    kept: Bools
    _deaths: dict[str, Floats] = field(default_factory=dict)
    _courses: dict[tuple[str, str], Floats] = field(default_factory=dict)

    @property
    def end(self) -> float:
        """How long patients are followed, h."""
        return float(self.grid[-1])

    @property
    def reference(self) -> str:
        """The arm that others are compared with."""
        return self.arms[0]

    def chance(self, arm: str) -> Floats:
        """Chance to live to the end, (patients,)."""
        formula, last = Formula(self.spec.survival), _recorded(self.run, self.end)
        return evaluated(formula, lambda name: self._course(name, arm)[:, last], (self.run.draws,))

    def deaths(self, arm: str) -> Floats:
        """When each patient dies, h; infinite for who lives to the end, NaN where the run failed."""
        if arm not in self._deaths:
            found = np.full(self.run.draws, np.inf)
            for start in range(0, self.run.draws if self.spec.survival else 0, CHUNK):
                rows = slice(start, start + CHUNK)
                found[rows] = death_times(self.survival(arm, rows), self.grid, self.luck[rows])
            self._deaths[arm] = found
        return self._deaths[arm]

    def survival(self, arm: str, rows: slice = slice(None)) -> Floats:
        """Chance to live that long at the times of the grid, (patients, times)."""
        columns = [_recorded(self.run, t) for t in self.grid]
        formula = Formula(self.spec.survival)
        shape = (len(self.luck[rows]), len(columns))
        return evaluated(formula, lambda name: self._course(name, arm)[rows][:, columns], shape)

    def level(self, measure: Measure, hours: float, arm: str) -> Floats:
        """A measure's expression at a time in every patient of an arm, (patients,)."""
        column = _recorded(self.run, hours)
        return evaluated(measure.formula, lambda name: self._course(name, arm)[:, column], (self.run.draws,))

    def _course(self, name: str, arm: str) -> Floats:
        """An output at all recorded times, (patients, times)."""
        if (name, arm) not in self._courses:
            while self._courses and sum(c.size for c in self._courses.values()) > KEPT:
                del self._courses[next(iter(self._courses))]
            self._courses[name, arm] = self.run.course(name, arm)
        return self._courses[name, arm]


@dataclass(frozen=True)
class Planned:
    """A cohort about to be run. ``compiled``: cut down to what is looked at; ``arms``: compared ones."""

    model: Model
    spec: Cohort
    compiled: CompiledModel
    call: Mapping[str, Any]
    arms: tuple[str, ...]
    grid: Floats

    def unit(self, measure: Measure) -> str | None:
        """Unit of a measure that is one output; else `None`."""
        units = {o.name: o.unit for o in self.compiled.program.outputs}
        return units.get(measure.formula.only or "")

    def run(
        self,
        threads: int | None = None,
        store: str | Path = "vesiflux-runs",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Patients:
        """Compute what the store does not hold. Raises `RunError` as `vesiflux.run` does."""
        from vesiflux.study.run import execute

        run = execute(
            self.compiled, self.call, model=self.model.to_dict(whole=True), threads=threads, store=store,
            progress=progress,
        )  # fmt: skip
        luck = uniforms(self.call["seed"], LUCK, 0, run.draws)
        return Patients(self.spec, run, self.arms, self.grid, luck, _kept(run, self.compiled))


#: Fewer patients are no cohort.
_FEWEST = 4


class Asked(TypedDict, total=False):
    """What may be asked of a cohort instead of what its model says; `vesiflux.cohort` says what each is."""

    patients: int | None
    arms: Sequence[str] | None
    correlated: Mapping[tuple[str, str], float] | None
    set: Mapping[str, Any] | None
    seed: int


def plan_patients(model: Model, **asked: Unpack[Asked]) -> Planned:
    """The model's cohort, and what is asked instead of what the model says.

    Raises `InputError` where the model has no cohort, or it cannot be run.
    """
    from vesiflux.ir.lowering import lower
    from vesiflux.study.settings import check_kinds, settled

    spec = model.spec.cohort
    if model.spec.space.kind == "tissue":
        raise InputError(f"{model.name} is a tissue; a cohort is of a model of a dish or a body")
    if spec is None:
        raise InputError(
            f"{model.name} has no cohort: write one into it (cohort: {{survival: OUTPUT, outcomes: ...}}), "
            "or give --score, --outcome and --event"
        )
    check_kinds(asked.get("arms"), asked.get("set"), patients=asked.get("patients"), seed=asked.get("seed"))
    if (patients := asked.get("patients")) is not None and patients < _FEWEST:
        raise InputError(f"patients: at least {_FEWEST}, not {patients}")
    fixed = dict(asked.get("set") or {})
    chosen = tuple(dict.fromkeys(asked.get("arms") or spec.arms or model.spec.run.arms or model.spec.arms))
    every = tuple(dict.fromkeys((*chosen, *(arm for o in spec.outcomes.values() for arm in o.between))))
    compiled = settled(model, fixed, every, lambda picked: lower(model, picked, arms=every))
    grid = _grid(model, spec)
    small = narrow(compiled, every, _outputs(spec), _times(spec, grid))
    pairs = {(p.between[0], p.between[1]): p.r for p in spec.correlated} | dict(asked.get("correlated") or {})
    call = {
        "arms": list(every), "draws": asked.get("patients") or spec.patients, "replicates": 1,
        "seed": asked.get("seed", 1), "set": fixed, "structures": "default", "alone": True, "cohort": True,
        "correlated": [[a, b, r] for (a, b), r in pairs.items()],
    }  # fmt: skip
    return Planned(model, spec, small, call, chosen, grid)


def _measures(spec: Cohort) -> list[Measure]:
    """Of outcomes and markers."""
    texts = [o.measure for o in spec.outcomes.values()] + [m.measure for m in spec.markers.values()]
    return [Measure.read(text) for text in texts if text is not None]


def _outputs(spec: Cohort) -> tuple[str, ...]:
    """Outputs that the study looks at."""
    formulae = [measure.formula for measure in _measures(spec)]
    formulae += [Formula(spec.survival)] if spec.survival else []
    found = dict.fromkeys(name for formula in formulae for name in formula.outputs)
    if not found:
        raise InputError("the cohort looks at nothing: give it a survival, or outcomes and markers")
    return tuple(found)


def _grid(model: Model, spec: Cohort) -> Floats:
    """Times of curves."""
    from vesiflux.ir.lowering.values import number

    duration = spec.duration if spec.duration is not None else model.spec.run.duration
    end = number(duration, "h", "cohort.for")
    if spec.record is not None:
        step = number(spec.record, "h", "cohort.record")
    else:
        step = next((r for r in ROUND if end / r <= POINTS), end / POINTS)
    grid = step * np.arange(round(np.ceil(end / step - 1e-9)) + 1)
    grid[-1] = end
    return grid


def _times(spec: Cohort, grid: Floats) -> list[float]:
    """Every time that is looked at, the grid's only where a curve is wanted."""
    found = {0.0, float(grid[-1])}
    if spec.survival or spec.detection is not None:
        found |= set(grid.tolist())
    for measure in _measures(spec):
        found |= set(measure.times)
    times: list[float] = []
    for time in sorted(found):  # what is the same but for round-off is looked at once
        if not times or time - times[-1] > 1e-6:
            times.append(time)
    return times


def _kept(run: Run, compiled: CompiledModel) -> Bools:
    """Patients whose run ended well in every arm."""
    kept = np.ones(run.draws, dtype=np.bool_)
    name = compiled.program.outputs[0].name
    for arm in compiled.arms:
        kept &= np.isfinite(run.final(name, arm))
    return kept


def _recorded(run: Run, hours: float) -> int:
    """Position of a time among those recorded; all that a cohort looks at are."""
    return int(np.argmin(np.abs(run.times - hours)))
