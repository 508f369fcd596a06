"""Solve a program for many parameter sets: the Python front of the compartments engine.

Record times that coincide with an event give the values *after* it, t = 0 included. Events at one time
are applied one after the other, in the order given. A lane's numbers depend on nothing but its own
parameters, inputs and settings: not on the other lanes, their order, or the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments.status import Status
from vesiflux.errors import InputError
from vesiflux.ir.program import Event, Program

if TYPE_CHECKING:
    from vesiflux.engines.compartments import kernels
    from vesiflux.engines.compartments.prepare import Prepared

__all__ = ["DOPRI5", "RODAS4", "Settings", "Solution", "solve"]

Floats = npt.NDArray[np.float64]
Lanes = npt.NDArray[np.int64]

DOPRI5, RODAS4 = 0, 1

# Explicit steps that stability would dictate from here to the end, above which RODAS4 is cheaper
# (a RODAS4 step costs about two of Dopri5, and a run at rtol 1e-6 takes one or two hundred of them).
STIFF_STEPS = 250.0
STABILITY_LIMIT = 3.3  # Dopri5 is stable for h * rate up to about this
STEADY_HORIZON_H = 1e7
STEADY_STEPS = 20_000  # growing steps reach rest within hundreds; a limit cycle would use up any number


@dataclass(frozen=True)
class Settings:
    """How to solve.

    ``rtol``; ``atol``: relative to each state's ``scale``. ``method``: "auto" starts each lane with
    Dopri5 unless it is plainly stiff, and moves it to RODAS4 when it turns out to be. ``max_steps``:
    steps tried per lane. ``equilibrate``: bring the intracellular states to rest under the inputs
    before t = 0. ``threads``: batches run at the same time.
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    method: Literal["auto", "dopri5", "rodas4"] = "auto"
    max_steps: int = 200_000
    equilibrate: bool = False
    threads: int = 1

    def __post_init__(self) -> None:
        if self.method not in ("auto", "dopri5", "rodas4"):
            raise InputError(f"method {self.method!r} is unknown: use 'auto', 'dopri5' or 'rodas4'")
        if not (0.0 < self.rtol < 1.0 and self.atol > 0.0):
            raise InputError(f"need 0 < rtol < 1 and atol > 0, got rtol {self.rtol}, atol {self.atol}")
        if self.max_steps < 1 or self.threads < 1:
            raise InputError(f"need max_steps and threads >= 1, got {self.max_steps} and {self.threads}")


@dataclass(frozen=True)
class Solution:
    """What came out. Lanes that failed hold NaN; ``status`` says why (`Status`, with a sentence).

    times: (T,). outputs_series: (n_series_outputs, lanes, T), a view with outputs innermost in memory.
    outputs_final: (n_outputs, lanes). states_final: (n_states, lanes). reached: (lanes,) time reached, h.
    steps, rejected: (lanes,), equilibration included. method: (lanes,) DOPRI5 or RODAS4 at the end.
    balance_error: (lanes,) largest drift of a linear invariant between events, relative to the sum of
    the magnitudes of its terms. residual: (lanes,) largest relative rate left by equilibration, per hour;
    NaN without.
    """

    times: Floats
    outputs_series: Floats
    outputs_final: Floats
    states_final: Floats
    reached: Floats
    status: Lanes
    steps: Lanes
    rejected: Lanes
    method: Lanes
    balance_error: Floats
    residual: Floats

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """Lanes that finished."""
        return np.equal(self.status, int(Status.OK))


def _lanes_first(values: npt.ArrayLike, n: int, lanes: int | None, what: str) -> Floats:
    """(n, lanes), or (n,) for all lanes alike, as a fresh (lanes, n) array."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 1 and lanes is not None:
        array = array[:, None]
    if array.ndim != 2 or array.shape[0] != n or (lanes is not None and array.shape[1] not in (1, lanes)):
        raise InputError(
            f"{what} must have shape ({n}, {'lanes' if lanes is None else lanes}), got {array.shape}"
        )
    if lanes is not None:
        array = np.broadcast_to(array, (n, lanes))
    return np.array(array.T, order="C")


def _check_times(times: npt.ArrayLike, events: Sequence[Event]) -> Floats:
    clock = np.array(times, dtype=np.float64).reshape(-1)
    if len(clock) == 0 or not np.all(np.isfinite(clock)) or clock[0] < 0.0 or np.any(np.diff(clock) <= 0.0):
        raise InputError("record times must be finite, at least one, not negative and strictly ascending (h)")
    for event in events:
        if not 0.0 <= event.time < np.inf:
            raise InputError(f"event {event.label or 'without label'} at {event.time} h: times start at 0")
        if len(event.states) != (0 if event.tape is None else len(event.tape.results)):
            raise InputError(
                f"event {event.label or 'without label'} needs one tape result per state it sets"
            )
    return clock


class _Run:
    """One call of `solve`: the jobs, and the ways to push them forward."""

    def __init__(
        self, program: Program, parameters: Floats, inputs: Floats, clock: Floats, settings: Settings
    ) -> None:
        from vesiflux.engines.compartments import kernels
        from vesiflux.engines.compartments.prepare import prepare

        self.kernels = kernels
        self.prepared: Prepared = prepare(program)
        self.settings = settings
        self.program = program
        self.model = self.prepared.model(settings.rtol, settings.atol)
        lanes, n = len(parameters), len(program.states)
        n_series = len(self.model.series)
        n_balance = len(program.invariants)
        self.jobs = kernels.Jobs(
            parameters=parameters,
            inputs=inputs,
            x=np.zeros((lanes, n)),
            t=np.zeros(lanes),
            h=np.zeros(lanes),
            segment=np.zeros(lanes, dtype=np.int64),
            fresh=np.ones(lanes, dtype=np.int64),
            record=np.zeros(lanes, dtype=np.int64),
            status=np.full(lanes, kernels.PENDING, dtype=np.int64),
            steps=np.zeros(lanes, dtype=np.int64),
            rejected=np.zeros(lanes, dtype=np.int64),
            balance=np.zeros((lanes, n_balance)),
            size=np.zeros((lanes, n_balance)),
            drift=np.zeros(lanes),
            residual=np.full(lanes, np.nan),
            series=np.empty((lanes, len(clock), n_series)),
            final=np.full((lanes, len(program.outputs)), np.nan),
        )

    def spread(self, queue: Lanes, implicit: bool, work_on: Callable[[Lanes, kernels.Work], Any]) -> None:
        """Run the queued lanes on all threads; each thread has its own scratch rows."""
        pieces = [q for q in np.array_split(queue, self.settings.threads) if len(q)]
        if len(pieces) < 2:
            for piece in pieces:
                work_on(piece, self.prepared.work(implicit))
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(pieces)) as pool:
            for done in [pool.submit(work_on, piece, self.prepared.work(implicit)) for piece in pieces]:
                done.result()

    def start(self, queue: Lanes) -> None:
        """Initial states from the program's tape."""
        k = self.kernels
        from vesiflux.engines.compartments.tapes import code_of, offsets_of

        code, at = code_of(self.program.initial), offsets_of(self.program.initial.results)
        self.spread(queue, False, lambda q, w: k.initial_states(self.model, code, at, self.jobs, q, w))

    def equilibrate(self, queue: Lanes) -> Lanes:
        """Bring intracellular states to rest; returns the lanes that did."""
        k = self.kernels
        active = np.array([s.intracellular for s in self.program.states], dtype=np.bool_)
        if not active.any():
            return queue
        factor = self.prepared.factor(active)
        schedule = self.prepared.schedule((), np.array([STEADY_HORIZON_H]))._replace(times=np.zeros(0))
        jobs, limit = self.jobs, min(self.settings.max_steps, STEADY_STEPS)
        self.spread(
            queue, True, lambda q, w: k.rodas4(self.model, schedule, factor, jobs, q, w, limit, True, active)
        )
        rested: Lanes = queue[jobs.status[queue] == k.DONE]
        failed = queue[(jobs.status[queue] != k.DONE) & (jobs.status[queue] != k.NOT_STEADY)]
        jobs.status[failed] = Status.EQUILIBRATION_FAILED
        jobs.status[rested] = k.PENDING
        for array, value in (
            (jobs.t, 0.0),
            (jobs.h, 0.0),
            (jobs.segment, 0),
            (jobs.fresh, 1),
            (jobs.drift, 0.0),
        ):
            array[rested] = value
        return rested

    def plainly_stiff(self, queue: Lanes, horizon: float) -> npt.NDArray[np.bool_]:
        """Lanes whose fastest own decay would force more than STIFF_STEPS explicit steps."""
        rate = np.zeros(len(self.jobs.t))
        decay = self.prepared.decay
        self.spread(
            queue, False, lambda q, w: self.kernels.fastest_decay(self.model, decay, self.jobs, q, w, rate)
        )
        return rate[queue] * horizon > STABILITY_LIMIT * STIFF_STEPS

    def integrate(self, queue: Lanes, schedule: kernels.Schedule) -> Lanes:
        """From t = 0 to the end; returns the method each lane ended with."""
        k, jobs, settings = self.kernels, self.jobs, self.settings
        method = np.full(len(jobs.t), DOPRI5, dtype=np.int64)
        if settings.method == "rodas4":
            explicit, implicit = queue[:0], queue
        elif settings.method == "dopri5":
            explicit, implicit = queue, queue[:0]
        else:
            stiff = self.plainly_stiff(queue, float(schedule.boundary[-1]))
            explicit, implicit = queue[~stiff], queue[stiff]
        leave = STIFF_STEPS if settings.method == "auto" else 0.0
        limit = settings.max_steps
        self.spread(explicit, False, lambda q, w: k.dopri5(self.model, schedule, jobs, q, w, limit, leave))
        implicit = np.concatenate([implicit, explicit[jobs.status[explicit] == k.STIFF]])
        if len(implicit):
            method[implicit] = RODAS4
            active = np.ones(len(self.program.states), dtype=np.bool_)
            factor = self.prepared.factor(active)
            self.spread(
                implicit,
                True,
                lambda q, w: k.rodas4(self.model, schedule, factor, jobs, q, w, limit, False, active),
            )
        return method


def solve(
    program: Program,
    parameters: npt.ArrayLike,
    *,
    times: npt.ArrayLike,
    inputs: npt.ArrayLike | None = None,
    inputs_before: npt.ArrayLike | None = None,
    events: Sequence[Event] = (),
    settings: Settings | None = None,
) -> Solution:
    """Integrate every lane from t = 0 to the last record time.

    Parameters
    ----------
    parameters
        (n_parameters, lanes), inside units.
    times
        Record times, h, strictly ascending, >= 0.
    inputs, inputs_before
        Inputs from t = 0 and before it, (n_inputs, lanes) or (n_inputs,) for all lanes alike. Defaults:
        the program's own values; ``inputs_before`` defaults to ``inputs``. The initial tape and the
        equilibration see ``inputs_before``.
    events
        At t = 0 they come before the first record; those after the last record time are left out.

    Raises
    ------
    InputError
        Wrong shapes, times or settings. A lane that cannot be integrated raises nothing: see `Solution`.
    """
    settings = settings or Settings()
    clock = _check_times(times, events)
    per_lane = _lanes_first(parameters, len(program.parameters), None, "parameters")
    lanes = len(per_lane)
    defaults = np.array([p.value for p in program.inputs], dtype=np.float64)
    now = _lanes_first(defaults if inputs is None else inputs, len(defaults), lanes, "inputs")
    before = (
        now.copy()
        if inputs_before is None
        else _lanes_first(inputs_before, len(defaults), lanes, "inputs_before")
    )
    run = _Run(program, per_lane, before, clock, settings)
    jobs = run.jobs
    queue = np.arange(lanes, dtype=np.int64)
    run.start(queue)
    if settings.equilibrate:
        queue = run.equilibrate(queue)
    jobs.inputs[:] = now
    method = run.integrate(queue, run.prepared.schedule(events, clock))
    failed = jobs.status != run.kernels.DONE
    for array in (jobs.series, jobs.final, jobs.x, jobs.drift):
        array[failed] = np.nan
    return Solution(
        times=clock,
        outputs_series=jobs.series.transpose(2, 0, 1),
        outputs_final=jobs.final.T.copy(),
        states_final=jobs.x.T.copy(),
        reached=jobs.t,
        status=jobs.status,
        steps=jobs.steps,
        rejected=jobs.rejected,
        method=method,
        balance_error=jobs.drift,
        residual=jobs.residual,
    )
