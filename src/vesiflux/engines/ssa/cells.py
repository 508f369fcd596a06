"""Single cells whose carriers are individuals: the Python front.

`solve_cells` is called as the compartments engine's `solve` is, so a study runs either. A lane is a cell;
its random numbers follow from its last parameter alone (`ir.stochastic_cells.SEED`), so its bits depend on
its own row and nothing else.

Counts are exact jumps of a process whose coefficients follow continuous states; since these are integrated
over finite steps, the whole is an approximation, second order in the step between jumps and continuous
states' feedback from counts first order. "Exact" is said of `simulate` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments.engine import Settings, solve
from vesiflux.engines.ssa.engine import spread
from vesiflux.engines.ssa.status import Status
from vesiflux.errors import InputError
from vesiflux.ir.program import Event
from vesiflux.ir.stochastic_cells import CellProgram, Channel, ChannelKind

__all__ = ["SETTLE_H", "STEP_H", "CellSolution", "solve_cells"]

Floats = npt.NDArray[np.float64]

#: How long cells live before t = 0, so that numbers and contents of their carriers spread as they do at
#: rest: several times the hour or so that a carrier lives.
SETTLE_H = 8.0
STEP_H = 0.02
MOST_CANDIDATES = 1_000_000_000


@dataclass(frozen=True)
class CellSolution:
    """What came out of every cell; fields as in `engines.compartments.Solution`.

    outputs_series: (n_series, lanes, T). outputs_final: (n_outputs, lanes). steps: events of each cell;
    rejected: candidates thinned out. balance_error: NaN, no total is kept. ``bursts``: one row per burst,
    in order of lane and time: lane, time (h), class, then what was set free of each content.
    """

    times: Floats
    outputs_series: Floats
    outputs_final: Floats
    status: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    rejected: npt.NDArray[np.int64]
    method: npt.NDArray[np.int64]
    balance_error: Floats
    bursts: Floats

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """Cells that finished."""
        return np.equal(self.status, int(Status.OK))


def solve_cells(
    program: CellProgram,
    parameters: npt.ArrayLike,
    *,
    times: npt.ArrayLike,
    inputs: npt.ArrayLike | None = None,
    inputs_before: npt.ArrayLike | None = None,
    events: Sequence[Event] = (),
    settings: Settings | None = None,
    settle_h: float = SETTLE_H,
    step_h: float = STEP_H,
) -> CellSolution:
    """Simulate single cells from t = 0 to the last record time.

    Parameters
    ----------
    parameters
        (n_parameters, lanes), inside units; the last row is the seed of each cell, in (0, 1).
    times, inputs, inputs_before, events
        As `engines.compartments.solve` takes them; inputs the same for all lanes. Events change inputs;
        what they do to states outside of the cell is left out.
    settings
        Tolerances and equilibration of the mean that cells start from; ``threads``.
    settle_h, step_h
        Hours lived before t = 0, longest step of the continuous states.

    Raises
    ------
    InputError
        Wrong shapes or times. A cell that fails raises nothing: see ``status``.
    """
    settings = settings or Settings()
    clock = np.array(times, dtype=np.float64).reshape(-1)
    if len(clock) == 0 or not np.isfinite(clock).all() or clock[0] < 0.0 or np.any(np.diff(clock) <= 0.0):
        raise InputError("record times must be finite, at least one, not negative and strictly ascending (h)")
    rows = np.array(parameters, dtype=np.float64)
    if rows.ndim != 2 or len(rows) != len(program.parameters):
        raise InputError(f"parameters must have shape ({len(program.parameters)}, lanes), got {rows.shape}")
    if settle_h < 0.0 or not step_h > 0.0:
        raise InputError(f"need settle_h of 0 or more and step_h above 0, got {settle_h} and {step_h}")
    run = _Cells(program, rows, inputs, inputs_before, events, clock, settings, settle_h, step_h)
    return run.solution()


class _Cells:
    """One call of `solve_cells`."""

    def __init__(
        self,
        program: CellProgram,
        rows: Floats,
        inputs: npt.ArrayLike | None,
        inputs_before: npt.ArrayLike | None,
        events: Sequence[Event],
        clock: Floats,
        settings: Settings,
        settle_h: float,
        step_h: float,
    ) -> None:
        from vesiflux.engines.ssa import individuals

        self.kernel: Any = individuals
        self.program, self.rows, self.clock, self.settings = program, rows, clock, settings
        self.settle_h, self.step_h = settle_h, step_h
        defaults = np.array([p.value for p in program.inputs])
        now = np.asarray(defaults if inputs is None else inputs, dtype=np.float64)
        before = np.asarray(now if inputs_before is None else inputs_before, dtype=np.float64)
        self.before = before
        starts, values = [-np.inf, 0.0], [before, now.copy()]
        for event in sorted(events, key=lambda e: e.time):
            changed = values[-1].copy()
            for index, value in event.inputs.items():
                changed[index] = value
            starts.append(event.time)
            values.append(changed)
        self.starts, self.values = np.array(starts), values
        self.cell = _prepare(individuals, program)
        lanes = rows.shape[1]
        kept = [o for o in program.outputs if o.series]
        self.series = np.full((lanes, len(kept), len(clock)), np.nan)
        self.final = np.full((lanes, len(program.outputs)), np.nan)
        self.status = np.zeros(lanes, dtype=np.int64)
        self.steps = np.zeros(lanes, dtype=np.int64)
        self.rejected = np.zeros(lanes, dtype=np.int64)
        self.bursts: list[Floats] = [np.zeros((0, 3 + len(program.content_names)))] * lanes

    def solution(self) -> CellSolution:
        """Means at rest, then every cell."""
        lanes = self.rows.shape[1]
        # cells of one parameter set begin from the same mean
        sets, which = np.unique(self.rows[:-1], axis=1, return_inverse=True)
        which = np.asarray(which).reshape(-1)
        rest = solve(
            self.program.mean, sets, times=[0.0], inputs=self.before, inputs_before=self.before,
            settings=self.settings,
        )  # fmt: skip
        prepared = [self._segments(sets[:, i]) for i in range(sets.shape[1])]

        def work(first: int, last: int) -> None:
            for lane in range(first, last):
                i = int(which[lane])
                if not rest.ok[i]:
                    self.status[lane] = Status.AT_REST
                    continue
                self._cell(lane, self._start(rest.states_final[:, i]), prepared[i])

        spread(lanes, self.settings.threads, work)
        failed = self.status != Status.OK
        self.series[failed] = np.nan
        self.final[failed] = np.nan
        return CellSolution(
            times=self.clock,
            outputs_series=self.series.transpose(1, 0, 2),
            outputs_final=self.final.T.copy(),
            status=self.status,
            steps=self.steps,
            rejected=self.rejected,
            method=np.full(lanes, 2, dtype=np.int64),
            balance_error=np.full(lanes, np.nan),
            bursts=np.concatenate([self.bursts[0][:0], *(self.bursts[i] for i in np.flatnonzero(~failed))]),
        )

    def _segments(self, values: Floats) -> Any:
        """Registers of one parameter set under each setting of the inputs."""
        from vesiflux.engines.ssa import tapes

        run: Any = tapes.run
        p = self.program
        table = np.zeros((len(self.starts), p.n_registers + 1))
        code = np.ascontiguousarray(p.prologue.code, dtype=np.int64)
        for row, inputs in zip(table, self.values, strict=True):
            row[: p.parameter_base] = p.constants
            row[p.parameter_base : p.input_base] = values
            row[p.input_base : p.state_base] = inputs
            run(code, 0, len(code), row)
        hoisted = p.hoisted_base
        return self.kernel.Segments(
            self.starts, table, p.input_base, p.state_base, hoisted, hoisted + len(p.prologue.results)
        )

    def _start(self, states: Floats) -> Floats:
        """Means of stages, contents by stage, and continuous states."""
        p = self.program
        held = np.where(p.contents >= 0, states[p.contents], 0.0)
        return np.concatenate([states[p.stages], held.ravel(), states[p.continuous]])

    def _cell(self, lane: int, start: Floats, segments: Any) -> None:
        registers = segments.values[0].copy()
        stream = int(self.rows[-1, lane] * 2.0**53)
        status, events, candidates, bursts = self.kernel.simulate(
            self.cell, registers, segments, self.clock, self.settle_h, self.step_h, 0, stream, start,
            self.series[lane], self.final[lane], MOST_CANDIDATES,
        )  # fmt: skip
        self.status[lane], self.steps[lane], self.rejected[lane] = status, events, candidates - events
        self.bursts[lane] = np.column_stack([np.full(len(bursts), float(lane)), bursts])


def _prepare(kernel: Any, p: CellProgram) -> Any:
    """The program's arrays for the kernel."""

    def changed(c: Channel) -> set[int]:
        stages = [s for s in (c.source, c.target) if s >= 0]
        if c.kind is ChannelKind.RELEASE:
            return set()
        contents = {int(x) for s in stages for x in p.contents[:, s]}
        return contents | ({int(p.stages[s]) for s in stages} if c.kind is ChannelKind.MOVE else set())

    touched = [[r for r, o in enumerate(p.channels) if changed(c) & set(o.reads)] for c in p.channels]
    code = [
        np.zeros((0, 6), dtype=np.int64) if c.weight is None else c.weight.code.astype(np.int64)
        for c in p.channels
    ]
    bursting = p.bursting
    names = ("kind", "source", "target", "content", "released")
    columns = {n: np.array([int(getattr(c, n)) for c in p.channels], dtype=np.int64) for n in names}
    return kernel.Cell(
        rhs=p.rhs.code.astype(np.int64),
        rhs_at=p.rhs.results.astype(np.int64),
        coefficients=p.coefficients.code.astype(np.int64),
        coefficients_at=p.coefficients.results.astype(np.int64),
        outputs=p.outputs_tape.code.astype(np.int64),
        outputs_at=p.outputs_tape.results.astype(np.int64),
        kept=np.array([i for i, o in enumerate(p.outputs) if o.series], dtype=np.int64),
        weights=np.concatenate(code),
        weight_from=np.cumsum([0, *map(len, code)]).astype(np.int64),
        weight_at=np.array([-1 if c.weight is None else c.weight.results[0] for c in p.channels], np.int64),
        touched_from=np.cumsum([0, *map(len, touched)]).astype(np.int64),
        touched=np.array([r for rs in touched for r in rs], dtype=np.int64),
        stage_at=p.state_base + p.stages,
        content_at=np.where(p.contents >= 0, p.state_base + p.contents, -1),
        continuous_at=p.state_base + p.continuous,
        scale=np.array([p.states[i].scale for i in p.continuous], dtype=np.float64),
        n_classes=len(p.classes),
        n_bursting=len(bursting),
        burst_number=np.array(
            [bursting.index(i) if i in bursting else -1 for i in range(len(p.channels))], dtype=np.int64
        ),
        **columns,
    )
